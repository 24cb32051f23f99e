"""The bootstrap: resamples of rows as weights, and the intervals and p-values that follow from them.

B. Efron, "Better bootstrap confidence intervals", JASA 82 (1987); T. DiCiccio and B. Efron, "Bootstrap confidence
intervals", Statistical Science 11 (1996); T. Hesterberg, "What teachers should know about the bootstrap", The
American Statistician 69 (2015).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from scipy.special import stdtr, stdtrit

from mlops.evaluation.metrics.answers import Answers, Floats, Integers
from mlops.evaluation.metrics.metric import Statistic

RESAMPLES = 2000
CELLS_AT_ONCE = 2**18
"""Weights worked on at once: 2 MB, which stay in a processor's cache."""
CELLS_IN_ALL = 4 * 10**7
FEWEST_RESAMPLES = 200
JACKKNIFE_GROUPS = 400
ROUNDING = 1e-12
"""Metrics that differ by less are equal: a mean of hits is the same however it was summed."""

_NORMAL = NormalDist()


def affordable_resamples(rows: int) -> int:
    """How many resamples of so many rows to draw: RESAMPLES where rows are few, fewer where that would take long."""
    return int(np.clip(CELLS_IN_ALL // rows, FEWEST_RESAMPLES, RESAMPLES))


def draw_weights(
    rows: int, resamples: int, rng: np.random.Generator, units: Integers | None = None
) -> Iterator[Floats]:
    """How often each row was drawn in each resample with replacement, in blocks [b, rows].

    With `units` [rows] whole units are drawn, since rows of one unit don't vary independently (cluster bootstrap; A.
    Davison and D. Hinkley, *Bootstrap Methods and their Application*, 1997, 3.8).
    """
    if units is not None:
        codes = number_units(units)
        for weights in draw_weights(int(codes.max()) + 1, resamples, rng):
            yield weights[:, codes]
        return
    block = max(1, CELLS_AT_ONCE // rows)
    for start in range(0, resamples, block):
        size = min(block, resamples - start)
        drawn = rng.integers(0, rows, size=(size, rows)) + rows * np.arange(size)[:, np.newaxis]
        yield np.bincount(drawn.ravel(), minlength=size * rows).reshape(size, rows).astype(np.float64)


def number_units(units: Integers) -> Integers:
    """The units [rows] numbered from 0 without gaps."""
    return np.unique(units, return_inverse=True)[1]


def count_units(answers: Answers) -> int:
    """How many independent units the answers are of."""
    return len(answers) if answers.units is None else len(np.unique(answers.units))


def leave_out_weights(rows: int, units: Integers | None = None) -> Iterator[Floats]:
    """Weights that leave out each row or unit in turn, or each of 400 groups if there are more, in blocks [b, rows]."""
    codes = np.arange(rows) if units is None else number_units(units)
    groups = min(int(codes.max()) + 1, JACKKNIFE_GROUPS)
    group = codes % groups
    block = max(1, CELLS_AT_ONCE // rows)
    for start in range(0, groups, block):
        left_out = np.arange(start, min(start + block, groups))
        yield (group[np.newaxis, :] != left_out[:, np.newaxis]).astype(np.float64)


def apply(statistics: Sequence[Statistic], weights: Iterator[Floats]) -> Floats:
    """Each statistic of each resample [statistics, resamples]; all share the resamples, so differences are paired."""
    blocks = [np.stack([statistic(block) for statistic in statistics]) for block in weights]
    return np.concatenate(blocks, axis=1)


@dataclass(frozen=True, eq=False)
class Distribution:
    """A statistic's value on `rows` independent rows or units and its bootstrap replicates [b]."""

    value: float
    rows: int
    replicates: Floats

    @property
    def spread(self) -> bool:
        """Whether the replicates differ at all."""
        return float(np.ptp(self.replicates)) > ROUNDING

    @property
    def error(self) -> float:
        """The standard error; a bootstrap's is too small by the square root of (n - 1) / n."""
        return float(self.replicates.std(ddof=1)) * math.sqrt(self.rows / max(1, self.rows - 1))

    def bca_interval(self, left_out: Floats, level: float) -> tuple[float, float]:
        """The bias-corrected, accelerated interval; `left_out` [g] are the values with rows left out.

        Few rows show less than the spread that there is: Hesterberg (2015) expands the interval as Student's t does.
        """
        bias, acceleration = self._bias, _acceleration(left_out)
        rows = max(2, self.rows)
        reach = float(stdtrit(rows - 1, (1 + level) / 2)) * math.sqrt(rows / (rows - 1))
        shares = []
        for quantile in (-reach, reach):
            shifted = bias + quantile
            shares.append(_NORMAL.cdf(bias + shifted / (1 - acceleration * shifted)))
        low, high = np.quantile(self.replicates, shares)
        return float(low), float(high)

    def student_interval(self, level: float) -> tuple[float, float]:
        """The value give or take Student's t times the standard error: symmetric, right for differences."""
        reach = float(stdtrit(self.rows - 1, (1 + level) / 2)) * self.error if self.spread else 0.0
        return self.value - reach, self.value + reach

    def p_above(self, bound: float) -> float:
        """The p-value against "the statistic is `bound` or less": small means it is above."""
        return self._p_value(self.value - bound)

    def p_below(self, bound: float) -> float:
        """The p-value against "the statistic is `bound` or more": small means it is below."""
        return self._p_value(bound - self.value)

    def _p_value(self, distance: float) -> float:
        """Student's t test; a statistic that is the same in every row is tested by its sign alone."""
        if self.spread:
            return float(stdtr(self.rows - 1, -distance / self.error))
        return 0.5**self.rows if distance > ROUNDING else 1.0

    @property
    def _bias(self) -> float:
        """BCa's z0: the normal quantile of the share of replicates below the value, ties counting half."""
        below = (self.replicates < self.value - ROUNDING).mean()
        equal = (np.abs(self.replicates - self.value) <= ROUNDING).mean()
        half = 0.5 / len(self.replicates)
        return _NORMAL.inv_cdf(float(np.clip(below + equal / 2, half, 1 - half)))


def _acceleration(left_out: Floats) -> float:
    """BCa's a: a sixth of the skewness of the jackknife's influences."""
    influence = left_out.mean() - left_out
    scale = float((influence**2).sum()) ** 1.5
    return float((influence**3).sum()) / (6 * scale) if scale > 0 else 0.0
