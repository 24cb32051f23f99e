"""Evidence about the mean of bounded observations, which holds at every look and at whatever time one stops.

Against "the mean is at most m" one bets on each observation: the wealth, which begins at 1, is multiplied by
1 + λ(x - m). If the mean is at most m, it ever reaches 1/p with a chance of at most p (Ville's inequality), in finite
samples and whatever the distribution; all means that aren't refuted so are a confidence sequence (Waudby-Smith &
Ramdas, "Estimating means of bounded random variables by betting", JRSS B 86, 2024). How boldly to bet isn't known
beforehand, so the wealth is the mean of several bets.
"""

import numpy as np

from mlops.evaluation.metrics.answers import Floats

BOLDNESS = tuple(0.9 / 2**power for power in range(7))
"""Bets as shares of the boldest, by which one observation could lose everything."""
_STEPS = 30  # halvings of an interval


def evidence_above(values: Floats, mean: float, least: float, *, ever: bool = True) -> float:
    """The logarithm of the largest wealth so far of bets that the mean is above `mean`; `values` [n] are in order.

    Each is at least `least`, which is below `mean`. Not `ever`: the wealth now, which what came since may have lowered.
    Without values it's 0. Raises ValueError for smaller values.
    """
    if len(values) == 0:
        return 0.0
    if not (values.min() >= least and mean > least):
        raise ValueError(f"observations and mean must be above {least}: they are {values.min()} and {mean}")
    bets = np.array(BOLDNESS)[:, None] / (mean - least)
    wealth = np.cumsum(np.log1p(bets * (values - mean)), axis=1)
    wealth = wealth if ever else wealth[:, -1:]
    best = wealth.max(axis=0)
    mixed = best + np.log(np.exp(wealth - best).mean(axis=0))
    return max(0.0, float(mixed.max()))


def evidence_below(values: Floats, mean: float, most: float) -> float:
    """The same of bets that the mean is below `mean`; each value is at most `most`."""
    return evidence_above(-values, -mean, -most)


def mean_interval(values: Floats, least: float, most: float, alpha: float) -> tuple[float, float]:
    """Bounds of the mean that hold at all looks together with a chance of 1 - alpha, half of it for each side."""
    needed = np.log(2 / alpha)
    lower, upper = (least, most), (least, most)
    for _ in range(_STEPS):
        middle = sum(lower) / 2
        lower = (middle, lower[1]) if evidence_above(values, middle, least) >= needed else (lower[0], middle)
        middle = sum(upper) / 2
        upper = (upper[0], middle) if evidence_below(values, middle, most) >= needed else (middle, upper[1])
    return lower[0], upper[1]
