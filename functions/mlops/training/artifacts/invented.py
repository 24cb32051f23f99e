"""Invented cells: values that keep a column's contract and come from no data, in place of private ones."""

import math
from datetime import date
from hashlib import blake2b

import numpy as np

from mlops.artifact.inputs import days_since_epoch
from mlops.contract import Column

type Cells = list[float | str | None]

_DECADES = 6  # from a bound, or from 0, invented numbers reach out to ten to this power
_DAYS = 20_000  # from a bound, or from 1970-01-01, invented dates reach out so far
_LAST_HOUR = 23.99
_MISSING = 4  # one in so many cells is missing, where cells may be


def invent_cells(column: Column, count: int) -> Cells:
    """`count` cells of a column as a table has them, spread over what its contract allows; always the same.

    Numbers, true and false as 1.0 and 0.0, dates in days since 1970-01-01, times of day in hours, text, and None where
    missing. The contract's categories are used where it lists them; any other text is one that no data has.
    """
    seed = int.from_bytes(blake2b(column.name.encode(), digest_size=8).digest())
    # Each column has an order of its own: together they make rows that are combined in many ways.
    places = np.random.default_rng(seed).permutation(count).tolist()
    cells: Cells = [_invent(column, place, (place + 0.5) / count) for place in places]
    if column.required:
        return cells
    return [None if place % _MISSING == 0 else cell for place, cell in zip(places, cells, strict=True)]


def _invent(column: Column, place: int, share: float) -> float | str:
    """The cell at a place in the column's order, at a share (0 to 1) of its range."""
    match column.kind:
        case "category":
            return column.categories[place % len(column.categories)] if column.categories else f"invented {place}"
        case "boolean":
            return float(place % 2)
        case "date":
            return _invent_date(column, share)
        case "datetime":
            return _invent_time(column, share)
        case "time":
            return _invent_clock(column, share)
        case "integer":
            return _whole(column, _invent_number(column, share))
        case "number":
            return _invent_number(column, share)


def _invent_number(column: Column, share: float) -> float:
    low, high = column.minimum, column.maximum
    if low is not None and high is not None:
        return min(max(low * (1 - share) + high * share, low), high)  # rounding may lead beyond
    if low is not None:
        return low + _reach(share)
    if high is not None:
        return high - _reach(share)
    return math.copysign(_reach(abs(2 * share - 1)), 2 * share - 1)


def _reach(share: float) -> float:
    """From 0 to a million, as many in each power of ten."""
    return float(10 ** (_DECADES * share)) - 1


def _whole(column: Column, number: float) -> float:
    low = -math.inf if column.minimum is None else math.ceil(column.minimum)
    high = math.inf if column.maximum is None else math.floor(column.maximum)
    return float(min(max(math.floor(number), low), high))


def _invent_time(column: Column, share: float) -> float:
    """A time between whole days that its contract allows."""
    low, high = column.minimum, column.maximum
    if low is None:
        low = 0.0 if high is None else high - _DAYS
    if high is None:
        high = low + _DAYS
    return min(max(low * (1 - share) + high * share, low), high)


def _invent_clock(column: Column, share: float) -> float:
    """A time of day, in hours."""
    low = 0.0 if column.minimum is None else column.minimum
    high = _LAST_HOUR if column.maximum is None else column.maximum
    return min(max(low * (1 - share) + high * share, low), high)


def _invent_date(column: Column, share: float) -> float:
    low, high = column.minimum, column.maximum
    if low is None:
        low = 0 if high is None else high - _DAYS
    if high is None:
        high = low + _DAYS
    first, last = days_since_epoch(date.min), days_since_epoch(date.max)
    low, high = max(math.ceil(low), first), min(math.floor(high), last)
    return float(min(low + math.floor((high - low + 1) * share), high))
