"""The values of metric math: numbers, time series and arrays of time series."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from localaws.metrics.math.parser import Malformed


@dataclass(frozen=True)
class Grid:
    """The times of a request: from `start` to `end` (exclusive), in steps of `period` seconds."""

    start: float
    end: float
    period: int

    def __iter__(self) -> Iterator[float]:
        moment = self.start
        while moment < self.end:
            yield moment
            moment += self.period


@dataclass(frozen=True)
class Series:
    """Time → value, in order. `period` is that of a metric, None for a computed series."""

    points: dict[float, float] = field(default_factory=dict)
    label: str = ""
    period: int | None = None

    def mapped(self, function: Callable[[float], float | None]) -> Series:
        """Apply a function to each value; results that are None or not finite are dropped."""
        return self.with_points({moment: function(value) for moment, value in self.points.items()})

    def with_points(self, points: dict[float, float | None]) -> Series:
        """The same series with other points."""
        kept = {moment: value for moment, value in points.items() if value is not None and math.isfinite(value)}
        return replace(self, points=dict(sorted(kept.items())), period=None)


Value = float | Series | list[Series]


def combine(left: Value, right: Value, operate: Callable[[float, float], float | None]) -> Value:
    """Combine two values point by point: a missing value is 0 if the other series has one."""
    if isinstance(left, list) or isinstance(right, list):
        return _combine_arrays(left, right, operate)
    if isinstance(left, Series) and isinstance(right, Series):
        moments = {**left.points, **right.points}
        return left.with_points(
            {moment: operate(left.points.get(moment, 0.0), right.points.get(moment, 0.0)) for moment in moments}
        )
    if isinstance(left, Series):
        number = _number(right)
        return left.mapped(lambda value: operate(value, number))
    if isinstance(right, Series):
        number = _number(left)
        return right.mapped(lambda value: operate(number, value))
    result = operate(_number(left), _number(right))
    if result is None:
        raise Malformed("Division by zero.")
    return result


def _combine_arrays(left: Value, right: Value, operate: Callable[[float, float], float | None]) -> list[Series]:
    if isinstance(left, list) and isinstance(right, list):
        if len(left) != len(right):
            raise Malformed(f"Arrays of {len(left)} and {len(right)} time series can't be combined.")
        pairs: list[tuple[Value, Value]] = list(zip(left, right, strict=True))
    elif isinstance(left, list):
        pairs = [(item, right) for item in left]
    else:
        pairs = [(left, item) for item in right] if isinstance(right, list) else []
    found = [combine(first, second, operate) for first, second in pairs]
    return [item for item in found if isinstance(item, Series)]


def _number(value: Value) -> float:
    if isinstance(value, Series | list):
        raise Malformed("A number is required, not a time series.")
    return value
