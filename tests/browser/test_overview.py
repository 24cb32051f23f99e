"""The first page with more models than fit: found by name, state and page, with scripts and without."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Site, fill, serve
from tests.browser.looks import SCHEMES, WIDTHS, faults_of_pages, pages_too_wide
from tests.console_crowd import add_demanding, name_of
from tests.console_world import World, make_manifest
from tests.unit.mlops.monitoring.report import histories

QUIET, DEMANDING = 40, 3
PAGES = {
    "many models": "/console",
    "the last models": "/console?first=36",
    "models in a state": "/console?state=unwell",
    "no such model": "/console?q=nobody",
}


@pytest.fixture(scope="module")
def crowd(browser: Browser) -> Iterator[Site]:
    world = fill(World())
    for place in range(DEMANDING):
        add_demanding(world, name_of(place), histories.in_incident(), text="12 of 1,000 events ")
    for place in range(QUIET):
        world.add_versions(f"quiet-{place:02}", make_manifest(f"quiet-{place:02}", 1))
    with serve(world, browser) as found:
        yield found


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_no_fault(crowd: Site, scheme: str) -> None:
    assert faults_of_pages(crowd, PAGES, scheme) == {}


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_its_screen(crowd: Site, width: int) -> None:
    assert pages_too_wide(crowd, PAGES, width) == {}


@pytest.mark.parametrize("scripts", [True, False])
def test_models_are_found_by_name_and_state_and_the_rest_by_a_link(crowd: Site, scripts: bool) -> None:
    page = crowd.sign_in(java_script_enabled=scripts)
    cards = page.locator("#overview .card")
    expect(cards).to_have_count(36)
    expect(cards.first).to_contain_text(name_of(0))
    page.get_by_role("link", name="9 more").click()
    expect(cards).to_have_count(QUIET + DEMANDING + 2 - 36)
    page.get_by_role("link", name="More urgent ones").click()
    expect(cards).to_have_count(36)
    page.get_by_label("State").select_option("unwell")
    page.get_by_role("button", name="Show").click()
    expect(cards).to_have_count(DEMANDING)
    page.get_by_label("Name").fill("-02")
    page.get_by_role("button", name="Show").click()
    expect(cards).to_have_count(1)
    expect(cards).to_contain_text(name_of(2))
    page.get_by_label("Name").fill("nobody")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="Show all").click()
    expect(cards).to_have_count(36)


def test_a_page_that_renews_itself_keeps_what_was_asked_for(crowd: Site) -> None:
    page = crowd.sign_in(path="/console?q=quiet&first=36")
    expect(page.locator("#overview .card")).to_have_count(QUIET - 36)
    page.get_by_label("Name").fill("qui")
    page.evaluate("""() => htmx.ajax("GET", document.querySelector("#overview").getAttribute("hx-get"), {
        source: "#overview", target: "#overview", select: "#overview", swap: "outerHTML"
    })""")
    expect(page.locator("#overview .card")).to_have_count(QUIET - 36)
    expect(page.get_by_label("Name")).to_have_value("qui")
