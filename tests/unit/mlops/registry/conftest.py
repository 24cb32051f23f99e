"""A registry in memory, at noon."""

import pytest
from obstore.store import MemoryStore

from mlops.registry.aliases import Aliases
from tests.unit.mlops.registry.samples import NOON


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def aliases(store: MemoryStore) -> Aliases:
    return Aliases(store, "leaves", now=lambda: NOON)
