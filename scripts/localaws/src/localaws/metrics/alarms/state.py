"""Evaluates the data points of an alarm to a state.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html (evaluating an alarm,
missing data, avoiding premature transitions).
"""

from __future__ import annotations

from collections.abc import Sequence

OK, ALARM, INSUFFICIENT_DATA = "OK", "ALARM", "INSUFFICIENT_DATA"
STATES = (OK, ALARM, INSUFFICIENT_DATA)
# The number of data points beyond the evaluation periods that AWS retrieves, to find enough that aren't missing.
EXTRA_POINTS = 2
TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")


def evaluate(points: Sequence[bool | None], periods: int, needed: int, missing: str) -> str | None:
    """The alarm's state, or None to keep the current one.

    `points` are the data points of the evaluation range, oldest first: whether each breaches the threshold, None if
    it's missing. `needed` of `periods` must breach. `missing` is one of TREATMENTS.
    """
    real = [point for point in points if point is not None]
    if len(real) >= periods:
        return _reached(sum(real[-periods:]), needed)
    if missing == "breaching":
        return _reached(sum(real) + periods - len(real), needed)
    if missing == "notBreaching" or sum(real) >= needed or (real and not all(real)):
        return _reached(sum(real), needed)
    if missing == "ignore":
        return None
    # There are only breaching points, but too few. They count once the oldest is old enough.
    oldest = next((len(points) - position for position, point in enumerate(points) if point), 0)
    return ALARM if oldest >= needed else INSUFFICIENT_DATA


def _reached(breaching: int, needed: int) -> str:
    return ALARM if breaching >= needed else OK
