"""Every page, by everybody: no accessibility fault, nothing wider than its screen, nothing from another host."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Site
from tests.browser.looks import SCHEMES, WIDTHS, faults_of_pages, find_faults, pages_too_wide

PAGES = {
    "overview": "/console",
    "model in an incident": "/console/models/diagnosis",
    "model that drifted": "/console/models/drifted",
    "model that nobody watched": "/console/models/churn",
    "model that doesn't serve": "/console/models/leaves",
    "versions": "/console/models/churn/versions",
    "no versions found": "/console/models/churn/versions?q=nothing",
    "version that serves": "/console/models/churn/versions/4",
    "version that was refused": "/console/models/churn/versions/2",
    "version that is held": "/console/models/churn/versions/3",
    "comparison": "/console/models/churn/compare",
    "comparison with changed rows": "/console/models/churn/compare?v=2&v=4",
    "changed rows": "/console/models/churn/compare/rows?v=2&v=4",
    "rows that can't be compared": "/console/models/churn/compare/rows?v=3&v=4",
    "rows that are being compared": "/console/models/churn/compare/rows?v=1&v=2",
    "no rows to compare": "/console/models/leaves/compare/rows",
    "data": "/console/models/diagnosis/data",
    "data with uploads": "/console/models/returns/data",
    "two datasets": "/console/models/returns/data/difference",
    "rejected rows": "/console/models/returns/data/rejected?file=c.csv",
    "nothing to differ": "/console/models/leaves/data/difference",
    "versions in an incident": "/console/models/diagnosis/versions",
    "data of what doesn't serve": "/console/models/leaves/data",
    "nothing to compare": "/console/models/leaves/compare",
    "no such page": "/console/models/none",
}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_no_fault_on_any_page(gallery: Site, scheme: str) -> None:
    assert faults_of_pages(gallery, PAGES, scheme) == {}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_no_fault_on_the_pages_of_sign_in(gallery: Site, scheme: str) -> None:
    page = gallery.open(color_scheme=scheme, bypass_csp=True)
    for path in ("/console/sign-in", gallery.world.make_link()):
        page.goto(path)
        assert find_faults(page) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_its_screen(gallery: Site, width: int) -> None:
    assert pages_too_wide(gallery, PAGES, width) == {}


def test_times_are_the_viewers_and_utc_stays_readable(gallery: Site) -> None:
    page = gallery.sign_in(path="/console/models/churn", timezone_id="Asia/Tokyo")
    # The champion was promoted at 12:00 UTC, three days before the world's noon.
    time = page.locator("time").first
    assert "26 Nov 2026, 21:00" in time.inner_text()
    assert time.get_attribute("title") == "2026-11-26 12:00 UTC"


def test_without_javascript_each_page_shows_the_same(gallery: Site) -> None:
    page = gallery.sign_in(java_script_enabled=False)
    for path in PAGES.values():
        answer = page.goto(path)
        assert answer
        assert page.locator("h1").count() == 1
    page.goto(PAGES["versions"])
    assert "2026-11-26 12:00 UTC" in page.content()
    page.get_by_label("Result").select_option("refused")
    page.get_by_role("button", name="Show").click()
    assert page.locator("tbody input[name=v]").count() == 1


def test_the_overview_renews_itself_and_its_times_stay_the_viewers(gallery: Site) -> None:
    page = gallery.sign_in(timezone_id="Asia/Tokyo")
    page.evaluate("""() => htmx.ajax(
        "GET", "/console", {source: "#overview", target: "#overview", select: "#overview", swap: "outerHTML"}
    )""")
    expect(page.locator("time:not([title$='UTC'])")).to_have_count(0)
    assert page.locator("#overview .card").count() == 5


def test_charts_are_there_for_those_who_hear_them(gallery: Site) -> None:
    page = gallery.sign_in(path=PAGES["model in an incident"])
    drawings = page.locator("main svg[role=img]")
    assert drawings.count() > 10
    words = "(all) => all.every((each) => each.querySelector('title') && each.querySelector('desc'))"
    assert drawings.evaluate_all(words)
