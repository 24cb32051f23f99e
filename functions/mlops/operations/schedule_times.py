"""When a schedule of EventBridge Scheduler runs next: the Scheduler itself doesn't tell.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

import calendar
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

YEARS = 10
"""How far ahead is looked."""
_EXPRESSION = re.compile(r"\s*(rate|cron|at)\((.*)\)\s*")
_RATE = re.compile(r"\s*([1-9]\d*)\s+(minute|hour|day)s?\s*")
_MONTHS = {name.upper(): place for place, name in enumerate(calendar.month_abbr) if name}
# From 1, Sunday, to 7.
_WEEKDAYS = {name.upper(): (place + 1) % 7 + 1 for place, name in enumerate(calendar.day_abbr)}
_SUNDAY, _SATURDAY = 1, 7


class ExpressionInvalid(ValueError):
    """An expression, or a time zone, that can't be read here."""


def next_run(expression: str, zone: str, after: datetime, since: datetime) -> datetime | None:
    """The first time after a moment at which a schedule runs; None if there's none within YEARS.

    `zone` is the time zone of the expression. A rate counts from `since`: when the schedule was made, was changed, or
    starts. Raises ExpressionInvalid.
    """
    found = _EXPRESSION.fullmatch(expression)
    if found is None:
        raise ExpressionInvalid(f"{expression} is no schedule expression")
    kind, body = found.groups()
    if kind == "rate":
        return _next_of_rate(body, after, since)
    try:
        local = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ExpressionInvalid(f"the time zone {zone} isn't known") from error
    if kind == "cron":
        return next((moment for moment in _moments(body, local, after) if moment > after), None)
    try:
        moment = datetime.fromisoformat(body.strip()).replace(tzinfo=local).astimezone(UTC)
    except ValueError as error:
        raise ExpressionInvalid(f"{body} is no time") from error
    return moment if moment > after else None


def _next_of_rate(body: str, after: datetime, since: datetime) -> datetime:
    found = _RATE.fullmatch(body)
    if found is None:
        raise ExpressionInvalid(f"{body} is no rate")
    period = timedelta(**{f"{found[2]}s": int(found[1])})
    return since if since > after else since + ((after - since) // period + 1) * period


def _moments(body: str, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    """The times of a cron expression from the day of a moment on, in UTC."""
    fields = body.upper().split()
    if len(fields) != 6 or (fields[2] == "?") == (fields[4] == "?"):
        raise ExpressionInvalid(f"{body} has no six fields of which one of the days is ?")
    minutes, hours = _numbers(fields[0], 0, 59), _numbers(fields[1], 0, 23)
    months, years = _numbers(fields[3], 1, 12, _MONTHS), _numbers(fields[5], 1970, 2199)
    falls = _match_weekdays(fields[4]) if fields[2] == "?" else _match_days(fields[2])
    first = after.astimezone(zone).date()
    for day in (first + timedelta(days=place) for place in range(YEARS * 366)):
        if day.year not in years or day.month not in months or not falls(day):
            continue
        for hour in sorted(hours):
            for minute in sorted(minutes):
                moment = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).astimezone(UTC)
                # An hour that clocks leave out has no run.
                if moment.astimezone(zone).hour == hour:
                    yield moment


def _numbers(field: str, low: int, high: int, names: dict[str, int] | None = None) -> frozenset[int]:
    """The numbers of a list of values, ranges and steps; a range may go over the end."""
    found: set[int] = set()
    for part in field.split(","):
        span, slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        start = low if span == "*" else _number(first, low, high, names)
        end = _number(last, low, high, names) if dash else high if slash or span == "*" else start
        numbers = [*range(start, end + 1)] if start <= end else [*range(start, high + 1), *range(low, end + 1)]
        found |= {*numbers[:: _number(step, 1, high, None) if slash else 1]}
    return frozenset(found)


def _number(text: str, low: int, high: int, names: dict[str, int] | None) -> int:
    number = (names or {}).get(text, int(text) if text.isascii() and text.isdigit() else low - 1)
    if not low <= number <= high:
        raise ExpressionInvalid(f"{text or 'nothing'} is no number from {low} to {high}")
    return number


def _match_days(field: str) -> Callable[[date], bool]:
    """Days of the month: also L, the last, and 15W, the weekday that's nearest to the 15th in its month."""
    if field.endswith("W"):
        wanted = None if field == "LW" else _number(field[:-1], 1, 31, None)
        return lambda day: day == _nearest_weekday(day, wanted)
    if field == "L":
        return lambda day: day.day == _length(day)
    numbers = _numbers(field, 1, 31)
    return lambda day: day.day in numbers


def _nearest_weekday(month: date, wanted: int | None) -> date | None:
    """None for a day that the month doesn't have; no day is wanted: the last."""
    last = _length(month)
    if wanted is not None and wanted > last:
        return None
    day = month.replace(day=wanted or last)
    if _weekday(day) == _SATURDAY:
        return day + timedelta(days=-1 if day.day > 1 else 2)
    if _weekday(day) == _SUNDAY:
        return day + timedelta(days=1 if day.day < last else -2)
    return day


def _match_weekdays(field: str) -> Callable[[date], bool]:
    """Days of the week: also 6L, the month's last Friday, and 6#3, its third."""
    name, number, place = field.partition("#")
    if number:
        wanted, nth = _number(name, 1, 7, _WEEKDAYS), _number(place, 1, 5, None)
        return lambda day: _weekday(day) == wanted and (day.day + 6) // 7 == nth
    if field == "L":
        return lambda day: _weekday(day) == _SATURDAY
    if field.endswith("L"):
        last = _number(field[:-1], 1, 7, _WEEKDAYS)
        return lambda day: _weekday(day) == last and day.day > _length(day) - 7
    numbers = _numbers(field, 1, 7, _WEEKDAYS)
    return lambda day: _weekday(day) in numbers


def _weekday(day: date) -> int:
    """From 1, Sunday, to 7."""
    return day.isoweekday() % 7 + 1


def _length(month: date) -> int:
    return calendar.monthrange(month.year, month.month)[1]
