"""A real browser, headless, and consoles for it to look at."""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import obstore
import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pydantic_core import to_json

from localaws_testing.ports import free_port
from mlops.artifact.names import changes_key
from mlops.monitoring.state import MonitoringState, NextTraining, States
from tests.console_changes import CANT_BE_COMPARED, make_changes
from tests.console_data import add_returns
from tests.console_world import HELD, PASSED, REFUSED, World, make_manifest
from tests.unit.mlops.monitoring.report import histories

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
NO_BROWSER = "NO CHROMIUM HERE, SO NO PAGE WAS LOOKED AT: apt-get install chromium"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's Chromium. Where there is none, tests are skipped, loudly; in CI they fail.

    It ends with its file: while Playwright runs, no other event loop does in this process, and other tests need one.
    """
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(NO_BROWSER)
    # The machine may be busy with other tests.
    expect.set_options(timeout=20_000)
    with sync_playwright() as playwright:
        # Chromium's own sandbox needs a user other than root.
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        chromium = playwright.chromium.launch(executable_path=path, args=options)
        yield chromium
        chromium.close()


@dataclass
class Site:
    """A console that is served: its world, its address, and what its visitors' browsers complained of."""

    world: World
    address: str
    browser: Browser
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def open(self, **options: Any) -> Page:
        """A page of somebody's own browser, who isn't signed in."""
        context = self.browser.new_context(
            base_url=self.address, **{"timezone_id": "UTC", "locale": "en-GB", **options}
        )
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))
        page.on("console", self._hear)
        page.on("request", self._see)
        return page

    def sign_in(self, name: str = "ann", path: str = "/console", **options: Any) -> Page:
        """A page of somebody who is signed in, and may act."""
        page = self.open(**options)
        page.goto(self.world.make_link(name))
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/console")
        if path != "/console":
            page.goto(path)
        return page

    def _hear(self, message: Any) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def _see(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:")):
            self.complaints.append(f"request: {request.url}")


@contextmanager
def listen(app: Any) -> Iterator[str]:
    """Serve an ASGI application on a port of this machine; returns its address."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + 30
        while not server.started:
            assert thread.is_alive() and time.monotonic() < deadline, "the server doesn't start"
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(20)


@contextmanager
def serve(world: World, browser: Browser) -> Iterator[Site]:
    """The console of a world on a port of this machine; no browser may have complained at the end."""
    with listen(world.open_app()) as address:
        site = Site(world, address, browser)
        try:
            yield site
            assert site.complaints == []
        finally:
            for context in site.contexts:
                context.close()


def fill(world: World) -> World:
    """Churn, of four versions, each of another kind; diagnosis, in an incident; and leaves, of which nothing serves."""
    gates = {1: (PASSED,), 2: (PASSED, REFUSED), 3: (PASSED, HELD), 4: (PASSED,)}
    world.add_versions("churn", *(make_manifest("churn", number, gates=each) for number, each in gates.items()))
    world.move("churn", 1, days=30)
    world.move("churn", 4, days=3)
    world.add_versions("leaves", make_manifest("leaves", 1, gates=(REFUSED,)))
    for first, changes in ((2, make_changes(2, 4)), (3, CANT_BE_COMPARED)):
        obstore.put(world.records, changes_key("churn", first, 4), to_json(changes))
    world.scheduler.add("nightly", "cron(0 3 * * ? *)", model="churn")
    training = NextTraining(due=world.now + timedelta(days=2), source="events", waits="12 of 1,000 events since Monday")
    States(world.records).update("churn", lambda _: MonitoringState(model="churn", next_training=training))
    return world


@pytest.fixture
def site(browser: Browser) -> Iterator[Site]:
    """A console of a test's own."""
    with serve(fill(World()), browser) as found:
        yield found


@pytest.fixture(scope="module")
def gallery(browser: Browser) -> Iterator[Site]:
    """A console that tests only look at, with a model in an incident and an empty one."""
    world = fill(World())
    world.add_watched("diagnosis", histories.in_incident())
    world.add_watched("drifted", histories.drifted_only())
    add_returns(world)
    with serve(world, browser) as found:
        yield found
