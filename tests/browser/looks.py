"""What is looked for on every page of the console: accessibility, width, and that hostile texts do nothing."""

from collections.abc import Callable, Mapping
from importlib.resources import files

from playwright.sync_api import Page

from tests.browser.conftest import Site

SCHEMES = ("light", "dark")
"""Colour schemes."""
WIDTHS = (390, 1280, 1920)
"""Pixels of a telephone, a laptop and a large screen."""
_AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
_RUN = """async () => (await axe.run(document)).violations.map(
    (each) => `${each.id}: ${each.nodes.map((node) => node.html).join(" ")}`
)"""


def find_faults(page: Page) -> list[str]:
    """The faults of accessibility that axe finds, on a page of a context with `bypass_csp`."""
    page.evaluate(_AXE)
    found: list[str] = page.evaluate(_RUN)
    return found


def pixels_beyond(page: Page) -> int:
    """By how many pixels the page is wider than its screen."""
    beyond: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return max(0, beyond)


def unfold_all(page: Page) -> None:
    """Open whatever is folded."""
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")


def open_harmless(page: Page, path: str) -> None:
    """Open a page that has hostile texts; they do nothing."""
    answer = page.goto(path)
    assert answer
    assert answer.status == 200
    unfold_all(page)
    for control in page.locator("main a").all()[:3]:
        control.hover()
    assert page.title() != "broken in"
    assert page.locator("script").count() == 2
    assert page.locator("main").locator("img, iframe, object, embed, [onerror], [onload]").count() == 0
    assert page.evaluate("[...document.links].every((each) => each.protocol === 'http:')")


def faults_of_pages(
    site: Site, pages: Mapping[str, str], scheme: str, wait: Callable[[Page], None] | None = None
) -> dict[str, list[str]]:
    """A page's name → its faults, for pages that have some, by their names and paths; `wait` waits for the content."""

    def look(page: Page) -> list[str]:
        unfold_all(page)
        return find_faults(page)

    return _look_at(site.sign_in(color_scheme=scheme, bypass_csp=True), pages, look, wait)


def pages_too_wide(
    site: Site, pages: Mapping[str, str], width: int, wait: Callable[[Page], None] | None = None
) -> dict[str, int]:
    """A page's name → by how many pixels it's wider than a screen of this width, for pages that are."""
    return _look_at(site.sign_in(viewport={"width": width, "height": 900}), pages, pixels_beyond, wait)


def _look_at[T](
    page: Page, pages: Mapping[str, str], look: Callable[[Page], T], wait: Callable[[Page], None] | None
) -> dict[str, T]:
    found = {}
    for name, path in pages.items():
        page.goto(path)
        if wait:
            wait(page)
        if seen := look(page):
            found[name] = seen
    return found
