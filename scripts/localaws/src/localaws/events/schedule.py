"""Schedule expressions: rate(…), cron(…) and at(…).

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from localaws.events.cron import Cron, CronError, parse

# (after, since) → the next time after `after` at which a schedule is due, or None; `since` is its creation time.
Next = Callable[[float, float], float | None]
_EXPRESSION = re.compile(r"(rate|cron|at)\((.*)\)")
_RATE = re.compile(r"(\d+) (minute|hour|day)(s?)")
_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}


class ScheduleError(ValueError):
    """An invalid schedule expression or time zone."""


@lru_cache(maxsize=256)
def compile_schedule(expression: str, zone: str = "UTC", *, scheduler: bool = False) -> Next:
    """A function for the next time of `expression` in time zone `zone`; raises ScheduleError.

    `scheduler` is for a schedule of EventBridge Scheduler, which may be at(…), and whose rate begins at once. A rule's
    rate begins after one period.
    """
    found = _EXPRESSION.fullmatch(expression.strip())
    if not found or (found[1] == "at" and not scheduler):
        raise ScheduleError(f"Parameter ScheduleExpression is not valid: {expression}.")
    try:
        timezone = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ScheduleError(f"The time zone {zone} is unknown.") from None
    kind, body = found.groups()
    if kind == "rate":
        return _rate(body, first=0 if scheduler else 1)
    if kind == "at":
        return _at(body, timezone)
    try:
        cron = parse(body)
    except CronError as error:
        raise ScheduleError(f"Parameter ScheduleExpression is not valid: {error}.") from None
    # Cached: it's called for the same time again and again while nothing is due.
    return lru_cache(maxsize=4)(lambda after, _: _next_cron(cron, timezone, after))


def _rate(body: str, first: int) -> Next:
    found = _RATE.fullmatch(body.strip())
    if not found or int(found[1]) < 1 or (found[1] == "1") == bool(found[3]):
        raise ScheduleError(f"Parameter ScheduleExpression is not valid: rate({body}).")
    period = int(found[1]) * _SECONDS[found[2]]

    def following(after: float, since: float) -> float:
        return since + max(first, int((after - since) // period) + 1) * period

    return following


def _at(body: str, zone: ZoneInfo) -> Next:
    try:
        moment = datetime.strptime(body.strip(), "%Y-%m-%dT%H:%M:%S").replace(tzinfo=zone).timestamp()
    except ValueError:
        raise ScheduleError(f"Parameter ScheduleExpression is not valid: at({body}).") from None
    return lambda after, _: moment if moment > after else None


def _next_cron(cron: Cron, zone: ZoneInfo, after: float) -> float | None:
    start = datetime.fromtimestamp(after, zone)
    for day in cron.days(start.date()):
        for hour in cron.hours:
            for minute in cron.minutes:
                moment = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
                # When clocks go forward, the skipped hour is omitted.
                if moment.astimezone(UTC).astimezone(zone).hour == hour and moment.timestamp() > after:
                    return moment.timestamp()
    return None
