"""A world for each test."""

import pytest

from tests.unit.mlops.batch.world import World


@pytest.fixture
def world() -> World:
    return World.with_champion()
