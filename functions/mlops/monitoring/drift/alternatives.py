"""Alternatives: the ways in which a column may drift, each as factors on the cells' chances."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from mlops.monitoring.drift.cells import Cells, Floats

# Nearly all of the weight is on the least shift: it needs every row, while a weight of 0.005 delays the alarm of
# 2 standard deviations by 5 / 2 rows. (standard deviations, weight)
SHIFTS = ((0.25, 0.7), (0.5, 0.06), (1.0, 0.015), (2.0, 0.005))
# (ratio of standard deviations, weight)
SPREADS = ((0.67, 0.01), (0.8, 0.04), (1.25, 0.04), (1.5, 0.01), (2.5, 0.002))
# Rows beyond the least or the greatest reference value, and rows of a category: (log of the factor, weight)
BEYOND = ((3.0, 0.01), (6.0, 0.01))
SHARES = ((-1.5, 0.15), (-0.5, 0.2), (0.5, 0.2), (1.5, 0.2))
NOVELTY = ((3.0, 0.08), (6.0, 0.02))
ADAPTIVE = (50.0, 500.0)
"""Strengths, in rows, of the prior of the two alternatives that learn the cells' chances from recent rows."""

_NORMAL = NormalDist()


@dataclass(frozen=True)
class Alternatives:
    """J ways to drift over K cells: `tilts` [J, K] multiply the cells' chances (up to a constant a row).

    `weights` [J + len(ADAPTIVE)] sum to 1; the last ones are those of the adaptive alternatives.
    """

    tilts: Floats
    weights: Floats

    @property
    def logs(self) -> Floats:
        """The tilts' logarithms [J, K]."""
        logs: Floats = np.log(self.tilts)
        return logs


def value_alternatives(cells: Cells) -> Alternatives:
    """Shifts, other spreads, rows beyond the reference's range, and any other change, of a column's known values.

    A shift of d standard deviations is that of a normal distribution, on the scale on which the reference is normal.
    """
    return _make(_value_tilts(cells))


def share_alternatives(cells: Cells) -> Alternatives:
    """Each cell's share rising or falling, new categories in the last cell, and any other change of the shares."""
    return _make(_share_tilts(len(cells.gaps)))


def _make(weighted: Iterator[tuple[Floats, float]]) -> Alternatives:
    tilts, given = zip(*weighted, strict=True)
    weights = np.array(given)
    rest = 1 - weights.sum()
    return Alternatives(np.array(tilts), np.append(weights, np.full(len(ADAPTIVE), rest / len(ADAPTIVE))))


def _value_tilts(cells: Cells) -> Iterator[tuple[Floats, float]]:
    shares = cells.gaps / cells.gaps.sum()
    bounds = [-np.inf, *map(_NORMAL.inv_cdf, np.cumsum(shares)[:-1]), np.inf]
    for shift, weight in SHIFTS:
        for signed in (-shift, shift):
            yield _normal_shares(bounds, signed, 1) / shares, weight / 2
    for spread, weight in SPREADS:
        yield _normal_shares(bounds, 0, spread) / shares, weight
    for log, weight in BEYOND:
        for end in (0, -1):
            yield _raise_one(len(shares), end, log), weight / 2


def _share_tilts(count: int) -> Iterator[tuple[Floats, float]]:
    for log, weight in SHARES:
        for cell in range(count):
            yield _raise_one(count, cell, log), weight / count
    for log, weight in NOVELTY:
        yield _raise_one(count, -1, log), weight


def _normal_shares(bounds: list[float], mean: float, deviation: float) -> Floats:
    shifted = NormalDist(mean, deviation)
    shares: Floats = np.diff([0.0, *map(shifted.cdf, bounds[1:-1]), 1.0])
    return np.maximum(shares, 1e-12)


def _raise_one(count: int, cell: int, log: float) -> Floats:
    tilt = np.ones(count)
    tilt[cell] = np.exp(log)
    return tilt
