"""Which window is to be looked at next. Missed ones are caught up with, the oldest first."""

from datetime import UTC, datetime, timedelta

from mlops.monitoring.state import MonitoringState
from mlops.records.window import Window

GRACE = timedelta(minutes=10)
"""Time for records that Firehose delivers late, on top of the time for which it gathers them."""
MAX_DAYS = 35
MAX_HOURS = 48
"""How far back missed windows are caught up with: what every deployment still has the records of, and what is news."""
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


def next_window(state: MonitoringState, first: datetime, now: datetime, delay: timedelta) -> Window | None:
    """The window to look at next, or None. A window is due when its records are there: `delay` and GRACE after its end.

    `first` is when the model began to serve: nothing is due from before.
    """
    settled = now - delay - GRACE
    found = [
        Window.of_hour(_next_start(state.hourly, Window.of_hour(first).start, settled - MAX_HOURS * _HOUR, _HOUR)),
        Window.of_day(
            _next_start(
                state.daily, Window.of_day(first.astimezone(UTC).date()).start, settled - MAX_DAYS * _DAY, _DAY
            ).date()
        ),
    ]
    # The last hour of a day comes before the day.
    due = [window for window in found if window.end <= settled]
    return min(due, key=lambda window: (window.end, window.end - window.start), default=None)


def next_day(state: MonitoringState, first: datetime, now: datetime, delay: timedelta) -> Window | None:
    """The day to look at next, or None, by the same rules; of a model whose hours aren't looked at."""
    settled = now - delay - GRACE
    start = _next_start(state.daily, Window.of_day(first.astimezone(UTC).date()).start, settled - MAX_DAYS * _DAY, _DAY)
    day = Window.of_day(start.date())
    return day if day.end <= settled else None


def _next_start(last: str | None, first: datetime, oldest: datetime, length: timedelta) -> datetime:
    """The start of the window after the last one, or of the oldest that is still caught up with."""
    following = Window.parse(last).end if last else first
    if following >= oldest:
        return following
    return following + -(-(oldest - following) // length) * length
