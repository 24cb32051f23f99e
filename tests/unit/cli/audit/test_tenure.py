"""The move that held at a moment: from its own time on, up to that of the next."""

from datetime import UTC, datetime, timedelta

import pytest

from cli.audit.tenure import find_tenure
from mlops.registry.aliases import Alias, Move

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def history(*hours: float) -> Alias:
    """An alias that was moved to versions 1, 2, 3 … at these hours after noon."""
    moves = [
        Move(version=number, previous=number - 1 or None, at=NOON + timedelta(hours=hour), by="ada", why="better")
        for number, hour in enumerate(hours, 1)
    ]
    return Alias(history=tuple(moves))


@pytest.mark.parametrize(
    ("moment", "version"),
    [
        (NOON, 1),
        (NOON + timedelta(hours=1) - TICK, 1),
        (NOON + timedelta(hours=1), 2),
        (NOON + timedelta(hours=1) + TICK, 2),
        (NOON + timedelta(days=400), 3),
    ],
)
def test_a_move_holds_from_its_own_moment_until_just_before_the_next(moment: datetime, version: int) -> None:
    tenure = find_tenure(history(0, 1, 2), moment)
    assert tenure
    assert tenure.move.version == version
    assert tenure.start <= moment
    assert tenure.end is None or moment < tenure.end
    assert (tenure.end is None) == (tenure.successor is None) == (version == 3)


def test_nothing_held_before_the_first_move() -> None:
    assert find_tenure(history(0), NOON - TICK) is None


def test_of_two_moves_at_one_moment_the_later_in_the_history_holds() -> None:
    tenure = find_tenure(history(0, 0), NOON)
    assert tenure
    assert tenure.move.version == 2


def test_a_move_by_a_slow_clock_takes_effect_no_earlier_than_the_one_before() -> None:
    alias = history(0, 2, 1)
    before = find_tenure(alias, NOON + timedelta(hours=1.5))
    after = find_tenure(alias, NOON + timedelta(hours=2))
    assert before
    assert after
    assert (before.move.version, before.end) == (1, NOON + timedelta(hours=2))
    assert (after.move.version, after.start) == (3, NOON + timedelta(hours=2))
