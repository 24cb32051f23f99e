"""Events that CloudWatch Logs rejects."""

from __future__ import annotations

import pytest

from localaws.logs.acceptance import rejected

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
