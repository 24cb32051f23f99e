"""`mlops recommend` shows what the API recommends, and on what basis."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from obstore.store import MemoryStore
from typer.testing import CliRunner, Result

from cli.__main__ import app
from mlops.registry.store import Store
from tests.integration.serving.server import serve
from tests.unit.mlops.serving.artifacts import promote, put_version
from tests.unit.mlops.serving.recommend.shop import put_shop


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """host:port of an API that serves a recommender and a model of a table."""
    store: Store = MemoryStore()
    put_shop(store, key="")
    put_shop(store, model="other", key="")
    put_version(store, 1)
    promote(store, 1)
    with serve(store, default_model="diagnosis") as found:
        yield found


@pytest.fixture
def run(address: str, s3: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs the command against the API."""
    client = httpx.Client

    def to_the_api(base_url: str, timeout: float) -> httpx.Client:
        assert base_url == "http://127.0.0.1:9"
        return client(base_url=f"http://{address}", timeout=timeout)

    monkeypatch.setattr(httpx, "Client", to_the_api)
    return lambda *words: CliRunner().invoke(app, ["recommend", *words])


def shown(done: Result) -> str:
    """What the command printed: the API prints its metrics in the same process."""
    assert done.exit_code == 0, done.output
    return "".join(line for line in done.stdout.splitlines(keepends=True) if not line.startswith('{"_aws"'))


def lines(done: Result) -> list[list[str]]:
    return [line.split() for line in shown(done).splitlines() if line.strip()]


def test_items_are_listed_with_title_and_score(run: Callable[..., Result]) -> None:
    title, heads, first, second, third, note = lines(run("ann"))
    assert " ".join(title) == "recommender version 1, for the user's history"
    assert heads == ["item", "title", "score"]
    assert first == ["1", "i1", "Item", "1", "3.000"]
    assert [second[1], third[1]] == ["i3", "i4"]
    assert " ".join(note[:4]) == "history: 2 of training;"


def test_what_speaks_for_an_item_is_shown_where_asked_for(run: Callable[..., Result]) -> None:
    found = lines(run("ann", "--event", "view:i4", "--event", "purchase:i3", "--explain", "-k", "2"))
    assert " ".join(found[2]) == "1 i1 Item 1 3.000 purchase of Item 0 (3.00)"
    assert " ".join(found[3]) == "2 i5 Item 5 2.500 purchase of Item 3 (1.50), view of Item 4 (1.00)"


def test_somebody_unknown_gets_what_is_trending_without_scores(run: Callable[..., Result]) -> None:
    found = lines(run("somebody", "--exclude", "i5"))
    assert " ".join(found[0]).endswith("what is trending: nothing is known of what the user prefers")
    assert found[2] == ["1", "i3", "Item", "3"]
    assert " ".join(found[-1][:2]) == "history: none;"


def test_nobody_may_be_named(run: Callable[..., Result]) -> None:
    assert lines(run("--event", "view:i4"))[2][1] == "i5"


def test_events_of_unknown_items_are_counted(run: Callable[..., Result]) -> None:
    assert lines(run("ann", "--event", "view:new"))[-1][-1] == "1"


def test_a_program_gets_the_answer(run: Callable[..., Result]) -> None:
    found = json.loads(shown(run("ann", "--model", "other", "--json")))
    assert (found["model"], found["basis"], found["items"][0]["item"]) == ("other", "history", "i1")


def test_mistakes_are_named(run: Callable[..., Result]) -> None:
    assert "is EVENT:ITEM" in str(run("ann", "--event", "i4").exception)
    assert "404 The model is of another kind" in str(run("ann", "--model", "diagnosis").exception)
    assert "404 No such model" in str(run("ann", "--model", "nothing").exception)
    assert "one of view, purchase" in str(run("ann", "--event", "stare:i4").exception)
