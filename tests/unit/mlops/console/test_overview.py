"""Of many models the first page has what needs a person first; the others are found by name, state and page."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from mlops.console.pages.overview import CARDS, FILTERED_FROM
from tests.console_crowd import LONGEST, add_demanding, name_of
from tests.console_world import HELD, PASSED, Visitor, World, make_manifest
from tests.unit.mlops.monitoring.report import histories

MOST_BYTES = 100_000
MODELS = 50


def cards(visitor: Visitor, query: str = "") -> list[str]:
    return re.findall(r'<h2><a href="[^"]+">([^<]+)</a>', visitor.get(f"/console{query}").text)


@pytest.fixture
def crowd(world: World) -> World:
    """Many models that nobody watched."""
    for place in range(MODELS):
        world.add_versions(f"quiet-{place:02}", make_manifest(f"quiet-{place:02}", 1))
    return world


@pytest.mark.parametrize("text", ["'", "é", "<"])
def test_the_page_is_bounded_whatever_there_is(text: str) -> None:
    world = World()
    report = histories.in_incident()
    for place in range(MODELS):
        add_demanding(world, name_of(place), report, text=text)
    visitor = Visitor(world.open_app())
    page = visitor.follow(world.make_link())
    shown = page.text.count('<li class="card')
    assert CARDS // 2 < shown < CARDS
    for part in ("Incident</strong>", "a canary until", "Next batch at", "Trained again"):
        assert page.text.count(part) == shown, part
    assert len(page.content) <= MOST_BYTES
    query = "l " * (LONGEST // 2)
    assert len(visitor.get("/console", params={"q": query, "state": "unwell", "first": 10}).content) <= MOST_BYTES
    assert f">{MODELS - shown} more</a>" in page.text
    assert cards(visitor, f"?first={shown}") == [name_of(place) for place in range(shown, MODELS)]


@pytest.mark.usefixtures("crowd")
def test_each_model_is_on_one_page(ann: Visitor) -> None:
    pages = [cards(ann, f"?first={first}") for first in (0, CARDS)]
    assert [len(each) for each in pages] == [CARDS, MODELS + 1 - CARDS]
    assert sorted(pages[0] + pages[1]) == ["churn", *(f"quiet-{place:02}" for place in range(MODELS))]
    assert cards(ann, "?first=99") == pages[0]
    assert f">{MODELS + 1 - CARDS} more</a>" in ann.get("/console").text
    assert ">More urgent ones</a>" in ann.get(f"/console?first={CARDS}").text


def test_what_needs_a_person_comes_first(crowd: World) -> None:
    add_demanding(crowd, "zz-incident", histories.in_incident())
    add_demanding(crowd, "zz-drifted", histories.drifted_only())
    crowd.add_versions("zz-held", make_manifest("zz-held", 1), make_manifest("zz-held", 2, gates=(PASSED, HELD)))
    crowd.move("zz-held", 1)
    visitor = Visitor(crowd.open_app())
    visitor.follow(crowd.make_link())
    # Churn has a held version, but a newer one serves.
    assert cards(visitor)[:5] == ["zz-incident", "zz-drifted", "zz-held", "churn", "quiet-00"]
    assert cards(visitor, "?state=held") == ["zz-held"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?q=QUIET+07", ["quiet-07"]),
        ("?q=churn", ["churn"]),
        ("?q=nobody", []),
        ("?state=unwell", []),
        ("?state=odd&q=quiet-07", ["quiet-07"]),
    ],
)
@pytest.mark.usefixtures("crowd")
def test_models_are_found_by_name_and_state(ann: Visitor, query: str, names: list[str]) -> None:
    assert cards(ann, query) == names
    page = ann.get(f"/console{query}").text
    assert (names == []) == ("No model is like that" in page)
    assert f"{MODELS + 1} models" in page


@pytest.mark.usefixtures("crowd")
def test_a_state_is_kept_from_page_to_page_and_when_the_page_renews_itself(ann: Visitor) -> None:
    page = ann.get("/console?q=quiet&state=unknown").text
    assert 'hx-get="/console?q=quiet&state=unknown&first=0"' in page
    assert 'href="/console?q=quiet&state=unknown&first=36"' in page
    assert '<option value="unknown" selected>' in page


def test_a_filter_is_offered_where_there_is_something_to_filter(world: World, ann: Visitor) -> None:
    assert 'name="state"' not in ann.get().text
    for place in range(FILTERED_FROM):
        world.add_versions(f"quiet-{place}", make_manifest(f"quiet-{place}", 1))
    world.now += timedelta(minutes=2)
    assert 'name="state"' in ann.get().text


@pytest.mark.usefixtures("crowd")
def test_only_models_that_are_shown_are_asked_for_at_cloudwatch(
    world: World, ann: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    paginate = world.metrics.paginate

    def note(**options: Any) -> Iterator[dict[str, Any]]:
        queries = options["MetricDataQueries"]
        asked.extend(each["MetricStat"]["Metric"]["Dimensions"][1]["Value"] for each in queries)
        return paginate(**options)

    monkeypatch.setattr(world.metrics, "paginate", note)
    ann.get("/console?q=quiet-01")
    assert set(asked) == {"quiet-01"}
