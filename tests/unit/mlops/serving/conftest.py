from collections.abc import Callable
from functools import partial

import pytest
from obstore.store import MemoryStore

from mlops.registry.store import Store
from tests.unit.mlops.serving.artifacts import promote, put_version
from tests.unit.mlops.serving.harness import Api


@pytest.fixture
def store() -> Store:
    return MemoryStore()


@pytest.fixture
def open_api(store: Store, open_api_on: Callable[..., Api]) -> Callable[..., Api]:
    """Starts the API on the test's store as it is then, with settings."""
    return partial(open_api_on, store)


@pytest.fixture
def api(store: Store, open_api: Callable[..., Api]) -> Api:
    """The API on version 1 of diagnosis, its start already printed."""
    put_version(store, 1)
    promote(store, 1)
    started = open_api(follow_seconds=0)
    started.printed()
    return started
