"""FILL: fills the gaps of a time series."""

from __future__ import annotations

from typing import Any

from localaws.metrics.math.parser import Malformed
from localaws.metrics.math.values import Grid, Series, Value


def fill(grid: Grid, value: Any, filler: Any) -> Value:
    """`value`, a series or an array, with the gaps on the grid filled.

    `filler` is a number, a series whose values are used, REPEAT for the value before the gap, or LINEAR for
    interpolation between the values at both ends of the gap.
    """
    if isinstance(value, list):
        return [_filled(grid, series, filler) for series in value]
    if not isinstance(value, Series):
        raise Malformed("FILL takes a time series or an array of them.")
    return _filled(grid, value, filler)


def _filled(grid: Grid, series: Series, filler: Any) -> Series:
    moments = sorted({*grid, *series.points})
    points: dict[float, float | None] = {}
    for moment in moments:
        points[moment] = series.points.get(moment, _missing(series, moment, filler))
    return series.with_points(points)


def _missing(series: Series, moment: float, filler: Any) -> float | None:
    if isinstance(filler, float):
        return filler
    if isinstance(filler, Series):
        return filler.points.get(moment)
    before = max((known for known in series.points if known < moment), default=None)
    if filler == "REPEAT":
        return None if before is None else series.points[before]
    if filler != "LINEAR":
        raise Malformed("FILL takes a number, a time series, REPEAT or LINEAR to fill with.")
    after = min((known for known in series.points if known > moment), default=None)
    if before is None or after is None:
        return None
    share = (moment - before) / (after - before)
    return series.points[before] + share * (series.points[after] - series.points[before])
