"""The functions of metric math.

For arrays, AVG and SUM count a missing value as 0, as documented; MIN, MAX and STDDEV ignore it.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from localaws.metrics.math.filling import fill
from localaws.metrics.math.parser import Malformed
from localaws.metrics.math.values import Grid, Series, Value

WORDS = frozenset({"ASC", "DESC", "REPEAT", "LINEAR", "AVG", "MIN", "MAX", "SUM"})


@dataclass(frozen=True)
class Function:
    """A function and its number of arguments."""

    compute: Callable[..., Value]
    least: int = 1
    most: int = 1


def _each(change: Callable[[Series], Series]) -> Function:
    """A function that's applied to a series, or to each series of an array."""

    def compute(_grid: Grid, value: Any) -> Value:
        if isinstance(value, list):
            return [change(series) for series in value]
        return change(_series(value))

    return Function(compute)


def _point(change: Callable[[float], float | None]) -> Function:
    return _each(lambda series: series.mapped(change))


def _aggregate(measure: Callable[[list[float]], float], *, missing_is_zero: bool) -> Function:
    """An aggregate: a number for one series, a series for an array, point by point."""

    def compute(_grid: Grid, value: Any) -> Value:
        if not isinstance(value, list):
            values = list(_series(value).points.values())
            return measure(values) if values else 0.0
        moments = sorted({moment for series in value for moment in series.points})
        points: dict[float, float] = {}
        for moment in moments:
            present = [series.points[moment] for series in value if moment in series.points]
            absent = [0.0] * (len(value) - len(present)) if missing_is_zero else []
            points[moment] = measure(present + absent)
        return Series(points)

    return Function(compute)


def _stepwise(step: Callable[[tuple[float, float], tuple[float, float]], float]) -> Function:
    """A function of each point and the one before it, given as (moment, value); the first point is dropped."""

    def change(series: Series) -> Series:
        points = list(series.points.items())
        return series.with_points({after[0]: step(before, after) for before, after in itertools.pairwise(points)})

    return _each(change)


def _running_sum(series: Series) -> Series:
    total = 0.0
    sums: dict[float, float | None] = {}
    for moment, value in series.points.items():
        total += value
        sums[moment] = total
    return series.with_points(sums)


def _calendar(part: Callable[[datetime], float]) -> Function:
    def compute(grid: Grid, value: Any) -> Value:
        _series(value)
        return Series({moment: part(datetime.fromtimestamp(moment, UTC)) for moment in grid})

    return Function(compute)


def _if(_grid: Grid, condition: Any, then: Any, otherwise: Any = None) -> Value:
    if isinstance(condition, float):
        chosen = then if condition else otherwise
        return Series() if chosen is None else chosen
    points: dict[float, float | None] = {}
    for moment, holds in _series(condition).points.items():
        chosen = then if holds else otherwise
        # A missing value is 0 where the condition is true, and no point where it's false.
        points[moment] = chosen.points.get(moment, 0.0 if holds else None) if isinstance(chosen, Series) else chosen
    return Series().with_points(points)


def _period(_grid: Grid, value: Any) -> float:
    period = _series(value).period
    if period is None:
        raise Malformed("PERIOD takes a metric, not the result of an expression.")
    return float(period)


def _sort(_grid: Grid, value: Any, by: Any, order: Any, limit: Any = None) -> list[Series]:
    if by not in _SORTED_BY or order not in ("ASC", "DESC"):
        raise Malformed("SORT takes an array, one of AVG, MIN, MAX, SUM, then ASC or DESC.")
    measure = _SORTED_BY[by]
    found = [series for series in _array(value) if series.points]
    found.sort(key=lambda series: measure(list(series.points.values())), reverse=order == "DESC")
    return found if limit is None else found[: int(limit)]


def _slice(_grid: Grid, value: Any, first: Any, end: Any = None) -> list[Series]:
    return _array(value)[int(first) : None if end is None else int(end)]


def _nth(position: int) -> Function:
    def compute(_grid: Grid, value: Any) -> Value:
        array = _array(value)
        return array[position] if array else Series()

    return Function(compute)


def _series(value: Any) -> Series:
    if not isinstance(value, Series):
        raise Malformed("A time series is required.")
    return value


def _array(value: Any) -> list[Series]:
    if not isinstance(value, list):
        raise Malformed("An array of time series is required.")
    return value


def _log(base_function: Callable[[float], float]) -> Function:
    return _point(lambda value: base_function(value) if value > 0 else None)


_SORTED_BY: dict[str, Callable[[list[float]], float]] = {
    "AVG": statistics.fmean,
    "MIN": min,
    "MAX": max,
    "SUM": math.fsum,
}

FUNCTIONS: dict[str, Function] = {
    "ABS": _point(abs),
    "AVG": _aggregate(statistics.fmean, missing_is_zero=True),
    "CEIL": _point(math.ceil),
    "DATAPOINT_COUNT": _aggregate(lambda values: float(len(values)), missing_is_zero=False),
    "DATE": _calendar(lambda moment: float(moment.day)),
    "DAY": _calendar(lambda moment: float(moment.isoweekday())),
    "DIFF": _stepwise(lambda before, after: after[1] - before[1]),
    "DIFF_TIME": _stepwise(lambda before, after: after[0] - before[0]),
    "EPOCH": _calendar(lambda moment: moment.timestamp()),
    "FILL": Function(fill, 2, 2),
    "FIRST": _nth(0),
    "FLOOR": _point(math.floor),
    "HOUR": _calendar(lambda moment: float(moment.hour)),
    "IF": Function(_if, 2, 3),
    "LAST": _nth(-1),
    "LOG": _log(math.log),
    "LOG10": _log(math.log10),
    "MAX": _aggregate(max, missing_is_zero=False),
    "METRIC_COUNT": Function(lambda _grid, value: float(len(_array(value)))),
    "MIN": _aggregate(min, missing_is_zero=False),
    "MINUTE": _calendar(lambda moment: float(moment.minute)),
    "MONTH": _calendar(lambda moment: float(moment.month)),
    "PERIOD": Function(_period),
    "RATE": _stepwise(lambda before, after: (after[1] - before[1]) / (after[0] - before[0])),
    "REMOVE_EMPTY": Function(lambda _grid, value: [series for series in _array(value) if series.points]),
    "RUNNING_SUM": _each(_running_sum),
    "SLICE": Function(_slice, 2, 3),
    "SORT": Function(_sort, 3, 4),
    "STDDEV": _aggregate(statistics.pstdev, missing_is_zero=False),
    "SUM": _aggregate(math.fsum, missing_is_zero=True),
    "TIME_SERIES": Function(lambda grid, value: Series(dict.fromkeys(grid, float(value)))),
    "YEAR": _calendar(lambda moment: float(moment.year)),
}
