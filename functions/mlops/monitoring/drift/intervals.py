"""Sizes of changes between training rows and new rows, each with its interval at LEVEL."""

import math
from statistics import NormalDist

import numpy as np

from mlops.monitoring.drift.cells import Floats

type Estimate = tuple[float, float, float]
"""A size with the low and the high end of its interval."""

LEVEL = 0.9
"""The level of the two-sided intervals."""
RESAMPLES = 400
_NORMAL = NormalDist()
_Z = _NORMAL.inv_cdf((1 + LEVEL) / 2)
_KOLMOGOROV = 1.224
"""The 0.9 quantile of Kolmogorov's distribution."""


def wilson(count: int, rows: int, comparisons: int = 1) -> Estimate:
    """A share with Wilson's interval (JASA 22, 1927), all of so many at once (Bonferroni)."""
    z = _NORMAL.inv_cdf(1 - (1 - LEVEL) / 2 / comparisons)
    share = count / rows
    centre = (share + z**2 / (2 * rows)) / (1 + z**2 / rows)
    half = z / (1 + z**2 / rows) * math.sqrt(share * (1 - share) / rows + z**2 / (4 * rows**2))
    return share, max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))


def difference_of_shares(before: tuple[int, int], now: tuple[int, int], comparisons: int = 1) -> Estimate:
    """How much a share has grown from one count of rows to another.

    With Newcombe's interval (Statistics in Medicine 17, 1998, method 10).
    """
    old, old_low, old_high = wilson(*before, comparisons)
    new, new_low, new_high = wilson(*now, comparisons)
    low = math.hypot(new - new_low, old_high - old)
    high = math.hypot(new_high - new, old - old_low)
    return new - old, new - old - low, new - old + high


def shift_of(expected: Floats, found: Floats, rows: int, trained: int) -> Estimate:
    """The shift of a normal distribution that makes a new value exceed a training value as often, with its interval.

    In standard deviations. `expected` and `found` [K] are the shares of training rows and of `rows` new ones by cell.
    The chance that a new value exceeds a training value is Mann's and Whitney's; it needs no normal distribution.
    """
    ranks = np.cumsum(expected) - expected / 2
    above = float(found @ ranks)
    error = math.sqrt((float(found @ ranks**2) - above**2) / rows + 1 / 12 / trained)
    chances = np.clip([above, above - _Z * error, above + _Z * error], 1e-6, 1 - 1e-6)
    shift, low, high = (math.sqrt(2) * _NORMAL.inv_cdf(chance) for chance in chances.tolist())
    return shift, low, high


def spread_of(expected: Floats, found: Floats, rows: int, trained: int) -> Estimate:
    """The relative change of the standard deviation on the scale on which training rows are normal."""
    bounds = [_NORMAL.inv_cdf(share) for share in np.cumsum(expected)[:-1].tolist()]
    densities = np.array([0.0, *map(_NORMAL.pdf, bounds), 0.0])
    slopes = np.array([0.0, *(bound * _NORMAL.pdf(bound) for bound in bounds), 0.0])
    means, squares = -np.diff(densities) / expected, 1 - np.diff(slopes) / expected
    ratio = math.sqrt(max(float(found @ squares) - float(found @ means) ** 2, 1e-12))
    factor = math.exp(_Z * math.sqrt(0.5 / rows + 0.5 / trained))
    return ratio - 1, ratio / factor - 1, ratio * factor - 1


def distance_of(expected: Floats, found: Floats, rows: int, trained: int) -> Estimate:
    """The greatest difference of the distribution functions (Kolmogorov, Smirnov), with the interval of a band."""
    distance = float(np.abs(np.cumsum(found - expected)).max())
    half = _KOLMOGOROV * math.sqrt(1 / rows + 1 / trained)
    return distance, max(0.0, distance - half), min(1.0, distance + half)


def resample_quartiles(known: Floats, rng: np.random.Generator) -> Floats:
    """The quartiles [3, RESAMPLES] of bootstrap resamples of N sorted values.

    A resample's rows are at N times uniform numbers, so its quartiles are at N times theirs: the spacings of these are
    Dirichlet.
    """
    spacings = rng.dirichlet(np.full(4, (len(known) + 1) / 4), RESAMPLES)
    places = np.cumsum(spacings, axis=1)[:, :3] * len(known)
    quartiles: Floats = known[np.minimum(places.astype(np.int64), len(known) - 1)].T
    return quartiles


def ends(resampled: Floats) -> tuple[float, float]:
    """The interval of what was resampled."""
    low, high = np.quantile(resampled, ((1 - LEVEL) / 2, (1 + LEVEL) / 2)).tolist()
    return low, high
