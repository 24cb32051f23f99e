"""Rows → the compiled model's inputs."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mlops.artifact.matrix import Matrix, is_numeric

if TYPE_CHECKING:
    from mlops.contract import Contract

NUMBERS = "numbers"
CATEGORIES = "categories"
MISSING_TEXT = ""
# Dates are counted in days from here, in contracts, profiles and compiled models alike.
EPOCH = date(1970, 1, 1)
_EPOCH_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_MICROSECONDS_AN_HOUR = 3_600_000_000


def days_since_epoch(value: date) -> int:
    """Days from 1970-01-01 to the date."""
    return (value - EPOCH).days


def date_from_days(days: float) -> date:
    """The date so many days after 1970-01-01. Raises OverflowError beyond the years 1 to 9999."""
    return EPOCH + timedelta(days=int(days))


def datetime_from_days(days: float) -> datetime:
    """The time so many days after 1970-01-01 UTC. Raises OverflowError beyond the years 1 to 9999."""
    return _EPOCH_TIME + timedelta(days=days)


def hours_since_midnight(value: time) -> float:
    """Hours from midnight to a time of day."""
    seconds = 3600 * value.hour + 60 * value.minute + value.second
    return (1_000_000 * seconds + value.microsecond) / _MICROSECONDS_AN_HOUR


def time_from_hours(hours: float) -> time:
    """The time of day so many hours after midnight, to the microsecond; the last one for 24 hours."""
    microseconds = min(round(hours * _MICROSECONDS_AN_HOUR), 24 * _MICROSECONDS_AN_HOUR - 1)
    return (_EPOCH_TIME + timedelta(microseconds=microseconds)).time()


def input_columns(contract: "Contract") -> dict[str, tuple[str, ...]]:
    """The columns of each of the compiled model's inputs, in order; an input without columns doesn't exist."""
    inputs = {
        NUMBERS: tuple(column.name for column in contract.columns if column.kind != "category"),
        CATEGORIES: tuple(column.name for column in contract.columns if column.kind == "category"),
    }
    return {name: columns for name, columns in inputs.items() if columns}


class Inputs:
    """Rows → the compiled model's inputs.

    `numbers` is float64 [N, columns that aren't categories] (booleans 0 or 1, dates and times in days since 1970-01-01
    UTC, times of day in hours, NaN where missing); `categories` is text [N, category columns], "" where missing.
    """

    def __init__(self, contract: "Contract") -> None:
        columns = input_columns(contract)
        self._numbers = columns.get(NUMBERS, ())
        self._categories = columns.get(CATEGORIES, ())
        self._matrix_names = contract.names if is_numeric(contract.columns) else ()
        has_dates = any(column.kind in ("date", "datetime", "time") for column in contract.columns)
        whole = all(column.required for column in contract.columns)
        self._pick = itemgetter(*self._numbers) if whole and len(self._numbers) > 1 and not has_dates else None

    def __call__(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, NDArray[Any]]:
        """The inputs of the compiled model, by name."""
        if isinstance(rows, Matrix) and rows.names == self._matrix_names:
            return {NUMBERS: rows.numbers}
        inputs: dict[str, NDArray[Any]] = {}
        if self._pick:
            inputs[NUMBERS] = np.array([self._pick(row) for row in rows], dtype=np.float64)
        elif self._numbers:
            cells = [[number_of(row.get(name)) for name in self._numbers] for row in rows]
            inputs[NUMBERS] = np.array(cells, dtype=np.float64)
        if self._categories:
            texts = [[row.get(name) or MISSING_TEXT for name in self._categories] for row in rows]
            inputs[CATEGORIES] = np.array(texts, dtype=object)
        return inputs

    def signature(self) -> dict[str, Any]:
        """Type and shape, without the rows, of each input."""
        inputs = {
            NUMBERS: ("tensor(double)", [len(self._numbers)]),
            CATEGORIES: ("tensor(string)", [len(self._categories)]),
        }
        return {name: described for name, described in inputs.items() if described[1] != [0]}


def number_of(value: Any) -> float:
    """A cell as the compiled model has it: a date in days since 1970-01-01 UTC, a time in hours, NaN if missing."""
    if value is None:
        return float("nan")
    if isinstance(value, datetime):
        return ((value if value.tzinfo else value.replace(tzinfo=UTC)) - _EPOCH_TIME) / _DAY
    if isinstance(value, date):
        return float(days_since_epoch(value))
    if isinstance(value, time):
        return hours_since_midnight(value)
    return float(value)
