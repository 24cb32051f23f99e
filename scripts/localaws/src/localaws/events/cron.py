"""EventBridge's cron expressions: six fields, with ?, L, W and #.

https://docs.aws.amazon.com/events/latest/userguide/eb-scheduled-rule-pattern.html
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
# 1 is Sunday, which is last in calendar.
_DAYS = {name.upper(): (number + 1) % 7 + 1 for number, name in enumerate(calendar.day_abbr)}
_FIRST_YEAR, _LAST_YEAR = 1970, 2199
Matches = Callable[[date], bool]


class CronError(ValueError):
    """An invalid cron expression."""


@dataclass(frozen=True)
class Cron:
    """A cron expression: its minutes, hours and days."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    is_day: Matches
    months: frozenset[int]
    years: frozenset[int]

    def days(self, start: date) -> Iterator[date]:
        """The days from `start` on at which it's due."""
        day = start
        while day.year <= max(self.years):
            if day.year not in self.years or day.month not in self.months:
                # The day before the next month's first.
                day = day.replace(day=calendar.monthrange(day.year, day.month)[1])
            elif self.is_day(day):
                yield day
            day += timedelta(days=1)


def parse(text: str) -> Cron:
    """Parse the text between the parentheses of cron(…); raises CronError."""
    fields = text.split()
    if len(fields) != 6:
        raise CronError(f"cron({text}) has {len(fields)} fields instead of six")
    minute, hour, day, month, weekday, year = (field.upper() for field in fields)
    if (day == "?") == (weekday == "?"):
        raise CronError(f"cron({text}): exactly one of day-of-month and day-of-week must be ?")
    return Cron(
        tuple(sorted(_numbers(minute, 0, 59))),
        tuple(sorted(_numbers(hour, 0, 23))),
        _weekdays(weekday) if day == "?" else _month_days(day),
        _numbers(month, 1, 12, _MONTHS),
        _numbers(year, _FIRST_YEAR, _LAST_YEAR),
    )


def _numbers(field: str, low: int, high: int, names: dict[str, int] | None = None) -> frozenset[int]:
    """A list of values, ranges and steps."""
    found: set[int] = set()
    for part in field.split(","):
        body, slash, step_text = part.partition("/")
        step = _number(step_text, 1, high, {}) if slash else 1
        if body == "*":
            start, end = low, high
        elif "-" in body:
            first, _, last = body.partition("-")
            start, end = _number(first, low, high, names or {}), _number(last, low, high, names or {})
            if end < start:  # FRI-MON wraps around
                found.update(range(start, high + 1, step))
                start = low
        else:
            start = _number(body, low, high, names or {})
            end = high if slash else start
        found.update(range(start, end + 1, step))
    return frozenset(found)


def _number(text: str, low: int, high: int, names: dict[str, int]) -> int:
    number = names.get(text, int(text) if text.isdigit() else -1)
    if not low <= number <= high:
        raise CronError(f"{text or 'nothing'} isn't a value from {low} to {high}")
    return number


def _month_days(field: str) -> Matches:
    if field == "L":
        return lambda day: day.day == _last_day(day)
    if field == "LW":
        return lambda day: day == _nearest_weekday(day, _last_day(day))
    if match := re.fullmatch(r"(\d{1,2})W", field):
        wanted = _number(match[1], 1, 31, {})
        return lambda day: wanted <= _last_day(day) and day == _nearest_weekday(day, wanted)
    numbers = _numbers(field, 1, 31)
    return lambda day: day.day in numbers


def _weekdays(field: str) -> Matches:
    if field == "L":
        return lambda day: _weekday(day) == 7
    if match := re.fullmatch(r"(\w+)L", field):
        wanted = _number(match[1], 1, 7, _DAYS)
        return lambda day: _weekday(day) == wanted and day.day + 7 > _last_day(day)
    if match := re.fullmatch(r"(\w+)#([1-5])", field):
        wanted, nth = _number(match[1], 1, 7, _DAYS), int(match[2])
        return lambda day: _weekday(day) == wanted and (day.day - 1) // 7 + 1 == nth
    numbers = _numbers(field, 1, 7, _DAYS)
    return lambda day: _weekday(day) in numbers


def _weekday(day: date) -> int:
    """1 is Sunday."""
    return day.isoweekday() % 7 + 1


def _last_day(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _nearest_weekday(month: date, wanted: int) -> date:
    """The weekday, Monday to Friday, that's nearest to a day of the month, without leaving the month."""
    day = month.replace(day=wanted)
    if day.isoweekday() == 6:
        return day + timedelta(days=2) if wanted == 1 else day - timedelta(days=1)
    if day.isoweekday() == 7:
        return day - timedelta(days=2) if wanted == _last_day(day) else day + timedelta(days=1)
    return day
