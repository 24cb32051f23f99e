"""Recommendations for a user, in a real browser."""

import re
import time
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from mlops.artifact.recommender.histories import hash_user
from mlops.recommend.compile.package import Catalogue, make_files
from mlops.serving.recommend.recent import UserEvent
from tests.browser.conftest import Site, serve
from tests.browser.looks import SCHEMES, WIDTHS, find_faults, open_harmless, pixels_beyond
from tests.console_world import HOSTILE, World
from tests.unit.mlops.serving.recommend.shop import IDS, ITEMS, SHOP, make_contract, make_model, put_shop, trained_pairs

PAGE = f"/console/models/{SHOP}/recommend"


@pytest.fixture(scope="module")
def shop(browser: Browser) -> Iterator[Site]:
    """A shop in which Ann bought Item 0, which speaks for the next two; and looked at others since."""
    world = World()
    put_shop(world.models, privacy="keep", key="")
    add_events(world, "ann", ("i7", "purchase", 5), ("i4", "view", 50), ("gone", "view", 90))
    with serve(world, browser) as found:
        yield found


def add_events(world: World, user: str, *events: tuple[str, str, int]) -> None:
    """What a user did: item, kind, and minutes ago by the machine's clock, by which the table forgets."""
    now, hashed = time.time(), hash_user(make_contract().user, user, b"")
    rows = [
        UserEvent(f"e{place}", item, name, round((now - 60 * minutes) * 1000))
        for place, (item, name, minutes) in enumerate(events)
    ]
    world.functions.open_events().write(SHOP, [(hashed, each) for each in rows])


def ask(page: Page, user: str) -> None:
    page.get_by_label("User's id").fill(user)
    page.get_by_role("button", name="Recommend").click()
    expect(page.get_by_role("heading", name=f"For {user[:10]}")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_user_gets_items_and_the_reasons(shop: Site, scripts: bool) -> None:
    page = shop.sign_in(path=f"/console/models/{SHOP}", java_script_enabled=scripts)
    page.get_by_role("link", name="Recommend", exact=True).click()
    expect(page.get_by_role("heading", name="Trending, for users of whom nothing is known")).to_be_visible()
    ask(page, "ann")
    expect(page.locator("tbody tr").first).to_contain_text("purchase of Item 0 (3.00)")
    history = page.get_by_role("group", name="What the user did of late").locator("tbody tr")
    expect(history).to_have_count(3)
    for row, words in zip(history.all(), ("Item 7", "Item 4", "unknown to this version"), strict=True):
        expect(row).to_contain_text(words)
    if scripts:
        expect(history.first.locator("time")).to_have_attribute("title", re.compile("UTC$"))
    expect(page.get_by_role("heading", name="What of the history counts")).to_be_visible()
    assert "ann" not in page.url
    ask(page, "somebody")
    expect(page.get_by_text("What is trending: nothing is known of what this user prefers.")).to_be_visible()


def test_the_reasons_are_downloaded(shop: Site) -> None:
    page = shop.sign_in(path=PAGE)
    ask(page, "ann")
    with page.expect_download() as found:
        page.get_by_role("button", name="As CSV", exact=True).click()
    assert found.value.suggested_filename == f"{SHOP}-recommendations.csv"
    assert "purchase,i0,Item 0,3" in found.value.path().read_text()


def test_the_history_is_downloaded(shop: Site) -> None:
    page = shop.sign_in(path=PAGE)
    ask(page, "ann")
    with page.expect_download() as found:
        page.get_by_role("button", name="History as CSV").click()
    assert found.value.suggested_filename == f"{SHOP}-history.csv"
    assert "purchase,i7,Item 7" in found.value.path().read_text()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_no_fault(shop: Site, scheme: str) -> None:
    page = shop.sign_in(path=PAGE, color_scheme=scheme, bypass_csp=True)
    for user in (None, "ann", "nobody"):
        if user:
            ask(page, user)
        assert find_faults(page) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_its_screen(shop: Site, width: int) -> None:
    page = shop.sign_in(path=PAGE, viewport={"width": width, "height": 900})
    for user in (None, "ann"):
        if user:
            ask(page, user)
        assert pixels_beyond(page) == 0


@pytest.mark.parametrize("place", range(len(HOSTILE)))
def test_hostile_titles_and_users_do_nothing(browser: Browser, place: int) -> None:
    text, world = HOSTILE[place], World()
    catalogue = Catalogue(IDS, [text] * ITEMS, np.full(ITEMS, fill_value=True), np.arange(ITEMS))
    files = make_files(make_model(), catalogue, ["ann", "bob"], trained_pairs(), 10, "customer", b"")
    put_shop(world.models, privacy="keep", key="", changes=files)
    add_events(world, "ann", ("i7", "view", 5), (text, "view", 9))
    with serve(world, browser) as site:
        page = site.sign_in(path=PAGE)
        open_harmless(page, PAGE)
        for user in ("ann", text[:200]):
            page.get_by_label("User's id").fill(user)
            page.get_by_role("button", name="Recommend").click()
            expect(page.locator("#items")).to_be_visible()
            assert page.title() != "broken in"
            assert page.locator("main").locator("img, iframe, object, embed, [onerror], [onload]").count() == 0
            assert text[:12] in page.locator("main").inner_text()
            assert pixels_beyond(page) == 0
