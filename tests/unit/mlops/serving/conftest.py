import asyncio
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from obstore.store import MemoryStore

from mlops.registry.store import Store
from tests.unit.mlops.serving.artifacts import promote, put_version
from tests.unit.mlops.serving.harness import Api

_numbers = count()


@pytest.fixture
def store() -> Store:
    return MemoryStore()


@pytest.fixture
def open_api(
    store: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Api]]:
    """Starts the API on the store as it is then, with settings."""
    # Powertools keeps one logger a service, bound to the standard output of the test that made it.
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", f"api-{next(_numbers)}")
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)

    def start(**settings: Any) -> Api:
        return Api(store, capsys, **settings)

    yield start
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
    asyncio.set_event_loop(None)


@pytest.fixture
def api(store: Store, open_api: Callable[..., Api]) -> Api:
    """The API on version 1 of diagnosis, its start already printed."""
    put_version(store, 1)
    promote(store, 1)
    started = open_api(follow_seconds=0)
    started.printed()
    return started
