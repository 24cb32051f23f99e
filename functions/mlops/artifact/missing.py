"""Which cells mean a missing value: the usual words, and what the contract names, in whatever spelling or type."""

import re
from collections.abc import Callable, Collection
from datetime import date
from typing import Any, Protocol

from mlops.artifact.inputs import days_since_epoch, hours_since_midnight, number_of
from mlops.artifact.spelling import (
    DATETIME,
    MISSING_NUMBERS,
    MISSING_TEXTS,
    PLAIN_NUMBER,
    TIME,
    read_datetime,
    read_time,
    strip,
)

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(DATETIME)
_CLOCK = re.compile(TIME)


class Spelt(Protocol):
    """What decides on a column's missing values: the contract's Column, in whatever class it was read."""

    @property
    def kind(self) -> str: ...
    @property
    def categories(self) -> Collection[str]: ...
    @property
    def missing_values(self) -> Collection[str]: ...


def own_words(column: Spelt) -> frozenset[str]:
    """The texts, in lower case, that the contract names for a column's missing values."""
    return frozenset(strip(word).lower() for word in column.missing_values)


def missing_words(column: Spelt) -> frozenset[str]:
    """The texts, in lower case, that mean a missing value in a file's column: its own, and the usual ones.

    In a column of text these are missing values only where it lists its categories, and none is called so.
    """
    own = own_words(column)
    if column.kind != "category":
        return own | MISSING_NUMBERS
    if not column.categories:
        return own
    return own | (MISSING_TEXTS - {value.lower() for value in column.categories})


def missing_marks(column: Spelt) -> tuple[float, ...]:
    """The contract's missing values as the numbers that the column's kind has: -999 is meant by -999.0 too.

    Dates and times are days since 1970-01-01 UTC, times of day are hours. A text has none.
    """
    numbers = (_number_in(column.kind, strip(word)) for word in column.missing_values)
    return tuple(number for number in numbers if number is not None)


def make_absence(column: Spelt) -> Callable[[Any], bool]:
    """A function that tells whether a request's cell, which isn't null, is a missing value by the contract's words."""
    words, marks = own_words(column), frozenset(missing_marks(column))

    def is_absent(cell: Any) -> bool:
        if type(cell) is str:
            text = strip(cell)
            return text.lower() in words or (bool(marks) and _number_in(column.kind, text) in marks)
        return type(cell) in (int, float) and cell in marks

    return is_absent


def _number_in(kind: str, text: str) -> float | None:
    """The number that a text is in a column of a kind; None if it's none."""
    try:
        match kind:
            case "number" | "integer" | "boolean":
                return float(text) if PLAIN_NUMBER.fullmatch(text) else None
            case "date":
                return float(days_since_epoch(date.fromisoformat(text))) if _DATE.fullmatch(text) else None
            case "datetime":
                return number_of(read_datetime(text)) if _MOMENT.fullmatch(text) else None
            case "time":
                return hours_since_midnight(read_time(text)) if _CLOCK.fullmatch(text) else None
    except (ValueError, OverflowError):  # written like a date, and none that exists
        return None
    return None
