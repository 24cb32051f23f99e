"""A console with two models: `churn`, of four versions, and `diagnosis`, in an incident."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.console_operations import fill_operations
from tests.console_world import HELD, PASSED, REFUSED, Visitor, World, make_manifest
from tests.unit.mlops.monitoring.report import histories


@pytest.fixture
def world() -> World:
    """Version 2 of churn was refused, 3 is held, 4 serves, 1 is tried on a tenth of the requests."""
    world = World()
    gates = {1: (PASSED,), 2: (PASSED, REFUSED), 3: (PASSED, HELD), 4: (PASSED,)}
    world.add_versions("churn", *(make_manifest("churn", number, gates=each) for number, each in gates.items()))
    world.move("churn", 1, days=30)
    world.move("churn", 4, days=3)
    world.move("churn", 1, "to see", alias="challenger", share=0.1, by="ann")
    return world


@pytest.fixture
def watched(world: World) -> World:
    """The same, and diagnosis, which was watched for 75 days and is in an incident."""
    world.add_watched("diagnosis", histories.in_incident())
    return world


@pytest.fixture
def ann(world: World) -> Visitor:
    """Somebody who may look and act, signed in by a link."""
    visitor = Visitor(world.open_app())
    assert visitor.follow(world.make_link()).status_code == 200
    # What was read for the first page is read anew for the next.
    world.now += timedelta(minutes=2)
    return visitor


@pytest.fixture
def busy(world: World) -> World:
    """The same, with trainings, batches and dead letters of each kind."""
    world.now = datetime.now(UTC)  # a store in memory dates its objects by the machine's clock
    fill_operations(world.operations, world.now)
    return world
