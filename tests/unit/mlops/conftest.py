import asyncio
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

from mlops.registry.store import Store
from tests.unit.mlops.serving.harness import Api

_numbers = count()


@pytest.fixture
def open_api_on(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Api]]:
    """Starts the API on a store as it is then, with settings."""
    # Powertools keeps one logger a service, bound to the standard output of the test that made it.
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", f"api-{next(_numbers)}")
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)

    def start(store: Store, **settings: Any) -> Api:
        return Api(store, capsys, **settings)

    yield start
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
    asyncio.set_event_loop(None)
