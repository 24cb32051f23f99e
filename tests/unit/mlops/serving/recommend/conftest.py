from collections.abc import Callable

import pytest
from obstore.store import MemoryStore

from mlops.registry.store import Store
from mlops.serving.recommend.recent import RecentEvents
from tests.unit.mlops.serving.harness import Api
from tests.unit.mlops.serving.recommend.shop import KEY, SHOP, Table, put_shop


@pytest.fixture
def records() -> Store:
    return MemoryStore()


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
def recent(table: Table) -> RecentEvents:
    return RecentEvents("histories", table, days=30)  # type: ignore[arg-type]


@pytest.fixture
def open_shop(store: Store, records: Store, recent: RecentEvents, open_api: Callable[..., Api]) -> Callable[..., Api]:
    """Starts the API on the test's store, with the table of recent events."""

    def start(**settings: object) -> Api:
        given = {"records_bucket": "records", "follow_seconds": 0, "privacy_key": KEY, "default_model": SHOP} | settings
        api = open_api(records=records, recent=recent, **given)
        api.printed()
        return api

    return start


@pytest.fixture
def shop(store: Store, open_shop: Callable[..., Api]) -> Api:
    """The API on version 1 of the recommender."""
    put_shop(store)
    return open_shop()
