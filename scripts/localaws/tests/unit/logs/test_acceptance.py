"""Events that CloudWatch Logs rejects."""

from __future__ import annotations

import pytest
from moto.logs.exceptions import InvalidParameterException

from localaws.logs.acceptance import check_batch, rejected

DAY = 86_400_000
HOUR = 3_600_000
NOW = 100 * DAY


@pytest.mark.parametrize(
    ("ages", "retention", "info"),
    [
        ([0], None, {}),
        ([15 * DAY, 0], None, {"tooOldLogEventEndIndex": 1}),
        ([16 * DAY, 15 * DAY, 14 * DAY], None, {"tooOldLogEventEndIndex": 2}),
        ([0, -2 * HOUR, -3 * HOUR, -4 * HOUR], None, {"tooNewLogEventStartIndex": 2}),
        ([15 * DAY, 0, -3 * HOUR], None, {"tooOldLogEventEndIndex": 1, "tooNewLogEventStartIndex": 2}),
        ([3 * DAY, 2 * DAY, 0], 1, {"expiredLogEventEndIndex": 2}),
        ([15 * DAY, 3 * DAY, 0], 1, {"tooOldLogEventEndIndex": 1, "expiredLogEventEndIndex": 2}),
    ],
)
def test_rejected_events_are_named_by_their_places(
    ages: list[int], retention: int | None, info: dict[str, int]
) -> None:
    assert rejected([NOW - age for age in ages], NOW, retention) == info


@pytest.mark.parametrize(
    "messages",
    [[], ["a"] * 10_001, [""], ["a" * 1_048_576], ["ä" * 524_276], ["a" * 100_000] * 11],
    ids=["none", "too many", "an empty one", "too large", "too large in bytes", "too large together"],
)
def test_a_batch_outside_of_the_limits_is_refused(messages: list[str]) -> None:
    with pytest.raises(InvalidParameterException):
        check_batch([{"message": message} for message in messages])


@pytest.mark.parametrize("messages", [["a"] * 10_000, ["a" * 1_048_550], ["ä" * 524_275]])
def test_a_batch_within_the_limits_is_taken(messages: list[str]) -> None:
    check_batch([{"message": message} for message in messages])
