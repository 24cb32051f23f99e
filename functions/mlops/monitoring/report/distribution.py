"""Distributions from shares of cells: bins of equal width, and quantiles."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mlops.monitoring.drift.cells import Cells

type Floats = NDArray[np.float64]

BINS = 20
_TAIL = 0.011
"""The share of training rows at either end that may be far out."""
_REACH = 0.5
"""How far bins reach beyond the other training rows at most, as a share of their range."""


def bins_of(cells: Cells) -> Floats | None:
    """The edges of bins over nearly all training values; None if there were none.

    The first and the last bin take the training values beyond them too.
    """
    if not len(cells.edges):
        return None
    below = np.cumsum(cells.gaps)[:-1] / cells.gaps.sum()
    low = float(cells.edges[np.searchsorted(below, _TAIL)])
    high = float(cells.edges[np.searchsorted(below, 1 - _TAIL, side="right") - 1])
    low, high = (
        max(float(cells.edges[0]), low - _REACH * (high - low)),
        min(float(cells.edges[-1]), high + _REACH * (high - low)),
    )
    if high <= low:
        low, high = float(cells.edges[0]), float(cells.edges[-1])
    if high <= low:
        low, high = low - 0.5, high + 0.5
    return np.linspace(low, high, BINS + 1)


def spread_over(bins: Floats, cells: Cells, shares: Sequence[float] | Floats) -> Floats:
    """Shares [K] of cells as shares of: values below all training values, each bin, values above them, float64.

    Within a cell, values count as evenly spread.
    """
    found = np.zeros(len(bins) + 1)
    found[0], found[-1] = shares[0], shares[-1]
    last = len(bins) - 2
    for low, high, share in zip(cells.edges[:-1], cells.edges[1:], shares[1:-1], strict=True):
        if high > low:
            inner = np.clip(bins, low, high)
            inner[0], inner[-1] = low, high
            found[1:-1] += share * np.diff(np.maximum.accumulate(inner)) / (high - low)
        else:
            place = int(np.searchsorted(bins, low, side="right")) - 1
            found[1 + min(max(place, 0), last)] += share
    return found


def quantile(cells: Cells, shares: Sequence[float], level: float) -> float:
    """The quantile of values whose cells have these shares [K].

    Values beyond the training values count as the outermost of those.
    """
    total = float(sum(shares))
    above = level * total
    for place, share in enumerate(shares):
        if above <= share and share > 0:
            if place in (0, len(shares) - 1):
                break
            low, high = float(cells.edges[place - 1]), float(cells.edges[place])
            return low + (high - low) * above / share
        above -= share
    else:
        place = len(shares) - 1
    return float(cells.edges[0 if place == 0 else -1])
