"""Registries that are trained once for all tests of looks."""

import pytest

from tests.unit.mlops.monitoring.windows.world import RENT, World
from tests.unit.mlops.training.fakes import Bench


@pytest.fixture(scope="session")
def churn_registry() -> Bench:
    """Two versions of a classifier."""
    world = World()
    assert [world.train(seed=seed) for seed in (0, 1)] == [1, 2]
    return world.bench


@pytest.fixture(scope="session")
def rent_registry() -> Bench:
    """A version of a regressor."""
    world = World(RENT)
    assert world.train() == 1
    return world.bench


@pytest.fixture
def world(churn_registry: Bench) -> World:
    """The classifier, with no records yet."""
    return World(bench=churn_registry)


@pytest.fixture
def rents(rent_registry: Bench) -> World:
    """The regressor, with no records yet."""
    return World(RENT, bench=rent_registry)
