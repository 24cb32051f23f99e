"""The API's docs page, closed by keys: its button "Authorize" takes one, with which "Execute" asks."""

from collections.abc import Iterator

import pytest
from obstore.store import MemoryStore
from playwright.sync_api import Browser, Page

from mlops.authorization.check import Checker
from mlops.authorization.grants import Grant
from mlops.authorization.keys import digest, new_key
from tests.browser.conftest import listen
from tests.unit.mlops.serving.artifacts import promote, put_version
from tests.unit.mlops.serving.harness import Api

# Keys of two people: the browser's own dialog has taken the first one's, as the password.
READER, STRANGER = new_key(), new_key()


@pytest.fixture
def page(browser: Browser, capsys: pytest.CaptureFixture[str]) -> Iterator[Page]:
    """The docs page, to somebody who has given the browser a key."""
    store = MemoryStore()
    put_version(store, 1)
    promote(store, 1)
    grant = Grant(digest(READER), "reader", frozenset({"read"}), 1)
    checker = Checker({grant.digest: grant}.get, lambda *_: None)
    app = Api(store, capsys, checker=checker, authorization="keys").app
    with listen(app) as address:
        context = browser.new_context(base_url=address, http_credentials={"username": "any", "password": READER})
        opened = context.new_page()
        opened.set_default_timeout(60_000)
        opened.goto("/docs")
        yield opened
        context.close()


def authorize(page: Page, key: str) -> None:
    page.locator(".btn.authorize").click()
    dialog = page.locator(".dialog-ux")
    if (leave := dialog.get_by_role("button", name="Remove authorization")).count():
        leave.click()
    dialog.locator("input").fill(key)
    dialog.get_by_role("button", name="Apply credentials").click()
    dialog.get_by_role("button", name="Close").first.click()


def execute(page: Page) -> int:
    """The status of GET /models, asked by the page."""
    with page.expect_response(lambda response: response.url.endswith("/models")) as asked:
        page.locator(".opblock.is-open .execute").click()
    return int(asked.value.status)


def test_the_button_authorize_takes_a_key(page: Page) -> None:
    page.locator("a.nostyle", has_text="/models").filter(has=page.get_by_text("/models", exact=True)).click()
    authorize(page, STRANGER)
    assert execute(page) == 401
    authorize(page, READER)
    assert execute(page) == 200
