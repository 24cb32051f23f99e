"""The links between pages."""

import re

from mlops.console.navigation import Entry, Tab, list_tabs
from mlops.registry.manifest.manifest import RECOMMENDER, TABLE
from tests.console_world import Visitor

LINK = re.compile(r'<li><a href="([^"]+)"( aria-current="(?:page|true)")?>')
PAGES = (Entry("Now"), Entry("Versions", "versions"), Entry("Users", "users", (RECOMMENDER,)))


def test_the_page_that_is_shown_is_the_current_one() -> None:
    assert list(list_tabs(PAGES, "/m/a", "/m/a/versions", TABLE)) == [
        Tab("Now", "/m/a", ""),
        Tab("Versions", "/m/a/versions", "page"),
    ]


def test_a_page_below_another_belongs_to_its_tab_but_not_to_the_first() -> None:
    assert [tab.current for tab in list_tabs(PAGES, "/m/a", "/m/a/versions/3", TABLE)] == ["", "true"]


def test_a_page_of_one_kind_of_models_is_shown_for_those_and_where_the_kind_isnt_known() -> None:
    assert [
        [tab.name for tab in list_tabs(PAGES, "/m/a", "/m/a", kind)][2:] for kind in (TABLE, RECOMMENDER, None)
    ] == [
        [],
        ["Users"],
        ["Users"],
    ]


def test_each_page_of_a_model_links_to_all_others(ann: Visitor) -> None:
    def tabs(address: str) -> list[tuple[str, str]]:
        _, _, text = ann.get(address).text.partition('<ul class="tabs">')
        return LINK.findall(text.partition("</ul>")[0])

    addresses = [address for address, _ in tabs("/console/models/churn")]
    assert addresses[:2] == ["/console/models/churn", "/console/models/churn/versions"]
    for address in addresses:
        found = tabs(address)
        assert [each for each, _ in found] == addresses
        assert [each for each, current in found if current] == [address]
