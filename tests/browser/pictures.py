"""Takes the pictures of the console for the README and docs/console.md: `python -m tests.browser.pictures [FOLDER]`."""

import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import NAMES, serve
from tests.console_world import HELD, PASSED, REFUSED, World, make_manifest
from tests.unit.mlops.monitoring.report import histories

FOLDER = Path(__file__).parents[2] / "docs"
WIDTH = 1280
# A picture's name → the page, and the picture's height.
PICTURES = {"console-overview.png": ("/console", 760), "console-model.png": ("/console/models/diagnosis", 1120)}


def take_pictures(folder: Path) -> None:
    """Write the pictures. Needs a Chromium on PATH."""
    world = World()
    world.add_watched("diagnosis", histories.in_incident())
    for number, gates, day in ((8, (PASSED, REFUSED), 20), (9, (PASSED, HELD), 12)):
        made = make_manifest("diagnosis", number, gates=gates)
        made = made.model_copy(update={"created_at": datetime(2026, 1 + number, day, 9, tzinfo=UTC)})
        world.add_versions("diagnosis", made)
    world.add_watched("churn", histories.drifted_only())
    world.add_watched("returns", histories.recovered())
    world.add_watched("demand", histories.healthy())
    world.add_watched("triage", histories.no_truth())
    world.add_versions(
        "leads",
        make_manifest("leads", 1),
        make_manifest("leads", 2),
        make_manifest("leads", 3, gates=(PASSED, REFUSED)),
    )
    world.move("leads", 1, days=9)
    world.move("leads", 2, "to see", alias="challenger", share=0.1, by="ann", days=1)
    path = next(filter(None, map(shutil.which, NAMES)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        with serve(world, browser) as site:
            page = site.sign_in(color_scheme="light")
            for name, (address, height) in PICTURES.items():
                page.set_viewport_size({"width": WIDTH, "height": height})
                page.goto(address)
                page.screenshot(path=folder / name)
        browser.close()


if __name__ == "__main__":
    take_pictures(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
