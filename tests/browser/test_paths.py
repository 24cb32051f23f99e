"""Somebody new finds four things, from the overview, in three clicks at most; docs/console.md has the same paths."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site

MOST_CLICKS = 3
DOCS = Path(__file__).parents[2] / "docs" / "console.md"


class Finder:
    """Clicks, and counts how often."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks = page, 0

    def follow(self, name: str) -> None:
        self._click(self.page.locator("main").get_by_role("link", name=name, exact=True).first)

    def unfold(self, name: str) -> None:
        self._click(self.page.locator("summary", has_text=name))

    def _click(self, place: object) -> None:
        place.click()  # type: ignore[attr-defined]
        self.clicks += 1


def find_why_version_2_was_refused(finder: Finder) -> None:
    finder.follow("churn")
    finder.follow("Versions")
    expect(finder.page.get_by_role("row", name="2 ✗ refused")).to_contain_text(
        "roc_auc is worse than version 1's by 0.031"
    )


def find_what_drifted_last_week(finder: Finder) -> None:
    finder.follow("drifted")
    expect(finder.page.get_by_role("heading", name="Drift: 2 of 13 columns")).to_be_visible()
    expect(finder.page.locator("figure.drifted")).to_have_count(2)
    expect(finder.page.locator("figure.drifted").first).to_contain_text("the median rose from 13.4 to 15.27 px")


def find_how_to_go_back(finder: Finder) -> None:
    finder.follow("churn")
    finder.unfold("Go back to version 1")
    finder.page.get_by_label("Reason").fill("worse since Monday")
    finder._click(finder.page.get_by_role("button", name="Go back to version 1"))
    expect(finder.page.get_by_role("status")).to_contain_text("Version 1 is the champion now")


def find_which_dataset_version_3_learned_from(finder: Finder) -> None:
    finder.follow("churn")
    expect(finder.page.get_by_role("row", name="3 ◆ held")).to_contain_text("2026-04.csv")
    finder.follow("3")
    expect(finder.page.locator(".lineage li").first).to_contain_text("s3://data/datasets/churn/2026-04.csv")


PATHS = {
    "Why version 2 was refused": (find_why_version_2_was_refused, 2),
    "What drifted last week": (find_what_drifted_last_week, 1),
    "How to go back": (find_how_to_go_back, 3),
    "Which dataset version 3 learned from": (find_which_dataset_version_3_learned_from, 2),
}


@pytest.mark.parametrize("name", PATHS)
def test_a_path_takes_as_many_clicks_as_its_documented_to(site: Site, name: str) -> None:
    from tests.unit.mlops.monitoring.report import histories

    find, clicks = PATHS[name]
    site.world.add_watched("drifted", histories.drifted_only())
    finder = Finder(site.sign_in())
    finder.page.reload()
    find(finder)
    assert finder.clicks == clicks <= MOST_CLICKS
    assert f"| {name} |" in DOCS.read_text(encoding="utf-8")
    assert f"| {clicks} |" in next(
        line for line in DOCS.read_text(encoding="utf-8").splitlines() if f"| {name} |" in line
    )
