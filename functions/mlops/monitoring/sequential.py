"""A test for loss beyond a margin whose false-alarm rate holds however often one looks, and at whatever time.

The hypothesis is that at every look the expected loss is at most `limit(g)`, where g is the loss at training and the
limit is g plus the margin. Three e-processes are combined (Ramdas, Grünwald, Vovk & Shafer, "Game-theoretic statistics
and safe anytime-valid inference", Statistical Science 38, 2023):

- Against a known limit c, rows x bet: the wealth is the product of 1 + λ(x - c), λ ≤ 1/c (Waudby-Smith & Ramdas,
  "Estimating means of bounded random variables by betting", JRSS B 86, 2024). For an increase of a loss that is at
  least 0 this holds exactly, in finite samples, without any upper bound, and though the rows of the past decide when
  to look. Windows of which only a value and its standard error are known bet by the normal likelihood ratio, which
  holds asymptotically in the rows of a window.
- The change may come at any time: the wealth is a mixture over the look at which betting began, and over sizes of loss
  (Shin, Ramdas & Rinaldo, "E-detectors", New England Journal of Statistics in Data Science, 2023; there for the average
  run length, here with weights that add up to one, which bounds the chance of ever alarming falsely).
- g is only known by the test rows at training. Each possible g is weighed by the evidence against it (a normal
  likelihood ratio, asymptotic in the test rows), and the least product over all g is the e-value: for the true g it is
  an e-process, so the least one is, too.

By Ville's inequality the chance that the e-value ever reaches 1/α is at most α.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np

from mlops.monitoring.measures import Floats

ALPHA = 0.05
SIZES = (1.0, 2.0, 4.0, 8.0)
"""The sizes of loss beyond the limit that are bet on, in margins."""
CELLS = 80
REACH = 8.0
"""The grid of losses at training goes so many standard errors to both sides."""
AT_ONCE = 0.5
"""The weight of a loss that was there from the first look; the rest is spread over later looks."""
SPREAD = 30.0
"""Half of the remaining weight lies on the first 30 looks."""
REFERENCE_BET = 2.0
BOLDEST = 0.9
ROWS_AT_ONCE = 4096


@dataclass(frozen=True)
class Limit:
    """The largest loss that doesn't matter: `factor` times the loss at training plus `addend`."""

    factor: float = 1.0
    addend: float = 0.0

    def of(self, loss: Floats) -> Floats:
        """The limit for each loss at training."""
        return self.factor * loss + self.addend


@dataclass(frozen=True)
class Baseline:
    """The mean loss at training, its standard error, and the deviation of a single row's loss (or of a window's)."""

    mean: float
    error: float
    deviation: float

    @classmethod
    def from_losses(cls, losses: Floats, *, share: bool) -> Self:
        """From the losses of the test rows [n]; of shares of misses one of each kind is added (Laplace).

        Without that a model that made no mistake on its test rows would be held to perfection.
        """
        rows = np.append(losses, [0.0, 1.0]) if share else losses
        deviation = float(rows.std(ddof=1))
        return cls(float(losses.mean()), deviation / math.sqrt(len(rows)), deviation)


@dataclass(frozen=True)
class Evidence:
    """The e-value after a look; `alarm` stays once it was reached, `since` is the look at which the loss likely began."""

    e_value: float
    alarm: bool
    since: int | None
    looks: int

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class LossTest:
    """The state of the test after `looks` looks. `grid` [c] are losses at training, `wealth` [sizes, c] logarithms.

    `began` is, for each size, the look from which most of its wealth comes. A state is never changed: each look makes
    a new one. `to_dict` and `from_dict` carry it through JSON without loss.
    """

    limit: Limit
    baseline: Baseline
    grid: tuple[float, ...]
    wealth: tuple[tuple[float, ...], ...]
    began: tuple[int, ...]
    looks: int = 0
    highest: float = 0.0
    alarmed: bool = False
    alpha: float = ALPHA

    @classmethod
    def start(cls, baseline: Baseline, limit: Limit, alpha: float = ALPHA) -> Self:
        """A test that hasn't looked yet. Raises ValueError for a baseline without a spread."""
        if not baseline.error > 0:
            raise ValueError("the loss at training has no standard error, so nothing can be compared with it")
        reach = REACH * baseline.error
        grid = np.linspace(baseline.mean - reach, baseline.mean + reach, CELLS)
        nothing = tuple(-math.inf for _ in grid)
        return cls(limit, baseline, tuple(grid.tolist()), (nothing,) * len(SIZES), (0,) * len(SIZES), alpha=alpha)

    def look_at_rows(self, losses: Floats) -> Self:
        """The state after a look at new rows' losses [n], each at least 0; the order of the rows doesn't matter.

        No rows are no look. Raises ValueError for a negative loss.
        """
        if len(losses) == 0:
            return self
        if losses.min() < 0:
            raise ValueError(f"a row's loss is at least 0, and one is {losses.min()}")
        limits = np.maximum(self._limits, _tiny(self.baseline))
        bets = np.minimum(self._sizes / (self.baseline.deviation**2 + self._sizes**2), BOLDEST / limits.max())
        factors = np.zeros((len(SIZES), len(limits)))
        for start in range(0, len(losses), ROWS_AT_ONCE):
            block = losses[start : start + ROWS_AT_ONCE]
            for place, bet in enumerate(bets):
                factors[place] += np.log1p(bet * (block[:, np.newaxis] - limits)).sum(axis=0)
        return self._bet(factors)

    def look_at_window(self, loss: float, error: float) -> Self:
        """The state after a look at a window of which a loss and its standard error are known."""
        if not error > 0:
            raise ValueError("a window without a standard error is no evidence")
        beyond = loss - self._limits
        sizes = self._sizes[:, np.newaxis]
        return self._bet((sizes * beyond - sizes**2 / 2) / error**2)

    def evidence(self, baseline: Baseline | None = None) -> Evidence:
        """The e-value now. Another `baseline` replaces what is known of the loss at training, not what was seen since."""
        value = self._e_value(baseline or self.baseline)
        alarm = self.alarmed or value >= 1 / self.alpha
        middle = int(np.argmin(np.abs(np.array(self.grid) - self.baseline.mean)))
        strongest = int(np.argmax([row[middle] for row in self.wealth]))
        return Evidence(value, alarm, self.began[strongest] if alarm else None, self.looks)

    def latch(self, baseline: Baseline | None = None) -> Self:
        """The state that remembers whether the alarm was reached, and the highest e-value."""
        found = self.evidence(baseline)
        fields = {**self.__dict__, "alarmed": found.alarm, "highest": max(self.highest, found.e_value)}
        return type(self)(**fields)

    def to_dict(self) -> dict[str, Any]:
        """The state, ready for JSON; a logarithm of nothing is None."""
        wealth = [[None if math.isinf(cell) else cell for cell in row] for row in self.wealth]
        return {**asdict(self), "grid": list(self.grid), "wealth": wealth, "began": list(self.began)}

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> Self:
        """The state that `to_dict` wrote."""
        return cls(
            limit=Limit(**state["limit"]),
            baseline=Baseline(**state["baseline"]),
            grid=tuple(state["grid"]),
            wealth=tuple(tuple(-math.inf if cell is None else cell for cell in row) for row in state["wealth"]),
            began=tuple(state["began"]),
            **{name: state[name] for name in ("looks", "highest", "alarmed", "alpha")},
        )

    @property
    def _limits(self) -> Floats:
        return self.limit.of(np.array(self.grid))

    @property
    def _sizes(self) -> Floats:
        margin = float(self.limit.of(np.array([self.baseline.mean]))[0]) - self.baseline.mean
        return np.array(SIZES) * (margin if margin > 0 else self.baseline.deviation / 20)

    def _bet(self, factors: Floats) -> Self:
        """Multiply the wealth, with the weight of a loss that begins now, by this look's factors [sizes, c]."""
        fresh = math.log(_weight(self.looks))
        before = np.array(self.wealth)
        middle = before.shape[1] // 2
        began = tuple(
            self.looks if fresh > row[middle] else start for row, start in zip(self.wealth, self.began, strict=True)
        )
        wealth = np.logaddexp(before, fresh) + factors
        fields = {**self.__dict__, "wealth": tuple(map(tuple, wealth.tolist())), "began": began, "looks": self.looks + 1}
        return type(self)(**fields)

    def _e_value(self, baseline: Baseline) -> float:
        """The least product of the evidence against a loss at training and that of the looks, over all such losses.

        Within a cell of the grid the former grows and the latter falls, so the cell's product is at least that of its
        lower and its upper end. Below the grid the former is at least a half, above it the latter at least what hasn't
        been bet.
        """
        unspent = _unspent(self.looks)
        mixed = np.logaddexp.reduce(np.array(self.wealth), axis=0) - math.log(len(SIZES))
        seen = np.logaddexp(mixed, math.log(unspent))
        lower = np.concatenate([[-math.inf], self.grid])
        against = REFERENCE_BET * (lower - baseline.mean) / baseline.error - REFERENCE_BET**2 / 2
        reference = np.logaddexp(0.0, against) - math.log(2)
        least = float((reference + np.append(seen, math.log(unspent))).min())
        return math.exp(min(least, 700.0))


def _tiny(baseline: Baseline) -> float:
    """The least limit that is bet against; candidates of a negative loss at training aren't possible ones."""
    return 1e-9 * max(baseline.mean, baseline.deviation)


def _unspent(looks: int) -> float:
    """The weight of a loss that begins after so many looks."""
    return 1.0 if looks == 0 else (1 - AT_ONCE) * SPREAD / (looks - 1 + SPREAD)


def _weight(look: int) -> float:
    """The weight of a loss that begins at a look, counted from 0: what later looks leave unspent."""
    return _unspent(look) - _unspent(look + 1)
