"""Confidence intervals by formulas that hold for few rows: of shares, and of the areas under curves."""

import math
from collections.abc import Callable
from statistics import NormalDist

from scipy.special import stdtrit

from mlops.registry.manifest.evidence import Interval

_STEPS = 60


def wilson(share: float, trials: int, level: float = 0.95) -> Interval:
    """The score interval of a share of successes among `trials` tries (E. Wilson, JASA 22, 1927)."""
    z = _quantile(level)
    centre = (share + z**2 / (2 * trials)) / (1 + z**2 / trials)
    half = z / (1 + z**2 / trials) * math.sqrt(share * (1 - share) / trials + z**2 / (4 * trials**2))
    low, high = max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))
    return Interval(low=low, high=high, level=level, method="Wilson")


def newcombe(area: float, positives: int, others: int, level: float) -> Interval:
    """The score interval of the area under the ROC curve, by Hanley and McNeil's variance at the limit itself.

    Method 5 of R. Newcombe, "Confidence intervals for an effect size measure based on the Mann-Whitney statistic. Part
    2", Statistics in Medicine 25 (2006). With 5 to 35 positives it held the truth in 95 to 98 % of our simulations,
    where BCa's did in 86 to 93 % and DeLong's on the logit scale in 87 to 93 %.
    """
    z, mean = _quantile(level), (positives + others) / 2

    def distance(limit: float) -> float:
        variance = limit * (1 - limit) * (1 + (mean - 1) * ((1 - limit) / (2 - limit) + limit / (1 + limit)))
        return (area - limit) ** 2 - z**2 * variance / (positives * others)

    return Interval(low=_root(distance, area, 0.0), high=_root(distance, area, 1.0), level=level, method="Newcombe")


def boyd(area: float, positives: int, level: float) -> Interval | None:
    """The logit interval of the area under the precision-recall curve; None at 0 and 1, and for a single positive.

    K. Boyd, K. Eng and C. Page, "Area under the precision-recall curve: point estimates and confidence intervals", ECML
    PKDD 2013, with Student's quantile in place of the normal one, as the variance is that of so many positives: with 5
    to 20 of them it held the truth in 93 to 96 % of our simulations, where the normal one's did in 68 to 92 %.
    """
    if not 0 < area < 1 or positives < 2:
        return None
    reach = float(stdtrit(positives - 1, (1 + level) / 2)) / math.sqrt(positives * area * (1 - area))
    logit = math.log(area / (1 - area))
    low, high = (1 / (1 + math.exp(-end)) for end in (logit - reach, logit + reach))
    return Interval(low=low, high=high, level=level, method="Boyd's logit")


def _quantile(level: float) -> float:
    return NormalDist().inv_cdf((1 + level) / 2)


def _root(distance: Callable[[float], float], inside: float, end: float) -> float:
    """The limit between `inside`, where the distance is negative or zero, and an end, by bisection."""
    outside = end
    if distance(end) <= 0:
        return end
    for _ in range(_STEPS):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if distance(middle) <= 0 else (inside, middle)
    return inside
