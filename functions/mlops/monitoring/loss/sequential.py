"""A test for loss beyond a margin whose false-alarm rate holds however often one looks, and at whatever time.

The hypothesis is that at every look the expected loss is at most a limit: the loss at training plus the margin. Half of
the error rate pays for the loss at training being known by test rows only: the limit begins at its 97.5 % upper
confidence bound. The other half pays for the looks, by an e-process (Ramdas, Grünwald, Vovk & Shafer, "Game-theoretic
statistics and safe anytime-valid inference", Statistical Science 38, 2023), whose chance of ever reaching 1/p is at
most p (Ville's inequality):

- Rows are bet on: the wealth is the product of 1 + λ(x - limit) with 0 ≤ λ < 1/limit (Waudby-Smith & Ramdas,
  "Estimating means of bounded random variables by betting", JRSS B 86, 2024). For a loss that is at least 0 this holds
  exactly, in finite samples, without any upper bound on the loss, and though past rows decide when to look.
- Windows of which only a value and its standard error are known are bet on by the normal likelihood ratio, which holds
  asymptotically in the rows of a window.
- The loss may begin at any time and have any size: the wealth is a mixture over the look at which it began and over
  sizes (as the e-detectors of Shin, Ramdas & Rinaldo, New England Journal of Statistics in Data Science, 2023, but with
  weights that add up to one, which bounds the chance of ever alarming falsely).
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import numpy as np
from scipy.stats import beta, norm

from mlops.evaluation.metrics.answers import Floats

ALPHA = 0.05
SIZES = (1.0, 2.0, 4.0, 8.0)
"""The sizes of loss beyond the limit that are bet on, in margins."""
AT_ONCE = 0.5
"""The weight of a loss that was there from the first look; the rest is spread over later looks."""
SPREAD = 30.0
"""Half of the remaining weight lies on the first 30 looks."""
BOLDEST = 0.9
ROWS_AT_ONCE = 2**20


@dataclass(frozen=True)
class Baseline:
    """The mean loss at training, its upper confidence bound, and the deviation of a single row's loss."""

    mean: float
    upper: float
    deviation: float

    @classmethod
    def from_losses(cls, losses: Floats, *, share: bool, alpha: float = ALPHA) -> Self:
        """From the losses of the test rows [n].

        For a `share` of misses (losses of 0 and 1) the bound is exact (Clopper & Pearson, Biometrika 26, 1934), and the
        deviation counts one more row of each kind; otherwise the bound is asymptotic in n. Raises ValueError for
        fewer than two rows.
        """
        rows, mean = len(losses), float(losses.mean()) if len(losses) else math.nan
        if rows < 2:
            raise ValueError(f"{rows} test rows are too few to know the loss at training")
        if share:
            misses = round(float(losses.sum()))
            upper = 1.0 if misses == rows else float(beta.ppf(1 - alpha / 2, misses + 1, rows - misses))
            chance = (misses + 1) / (rows + 2)
            return cls(mean, upper, math.sqrt(chance * (1 - chance)))
        deviation = float(losses.std(ddof=1))
        return cls(mean, mean + float(norm.ppf(1 - alpha / 2)) * deviation / math.sqrt(rows), deviation)


@dataclass(frozen=True)
class Margin:
    """How much loss doesn't matter: the limit is `factor` times the loss at training, plus `addend`."""

    factor: float = 1.0
    addend: float = 0.0

    def limit(self, loss: float) -> float:
        """The largest loss that doesn't matter beside this one at training."""
        return self.factor * loss + self.addend


@dataclass(frozen=True)
class LossTest:
    """The state of the test after `looks` looks; each look makes a new state.

    `sizes` are the losses beyond the limit that are bet on. `wealth` has the logarithm of what each has won (None: it
    hasn't bet yet), and `began` the window from which most of that comes. `highest` is the greatest e-value so far:
    reaching `alarm_at` raises the alarm for good.
    """

    sizes: tuple[float, ...]
    wealth: tuple[float | None, ...]
    began: tuple[str | None, ...]
    looks: int = 0
    highest: float = 1.0
    alpha: float = ALPHA / 2

    @classmethod
    def start(cls, unit: float, alpha: float = ALPHA) -> Self:
        """A test that hasn't looked yet; `unit` is the loss beyond the limit worth finding, best the margin itself.

        Raises ValueError for one that isn't positive.
        """
        if not unit > 0:
            raise ValueError(f"the loss worth finding must be positive, and is {unit}")
        none = len(SIZES)
        return cls(tuple(unit * size for size in SIZES), (None,) * none, (None,) * none, alpha=alpha / 2)

    @property
    def alarm_at(self) -> float:
        """The e-value that raises the alarm."""
        return 1 / self.alpha

    @property
    def alarm(self) -> bool:
        """Whether the loss is beyond the limit, at the promised error rate."""
        return self.highest >= self.alarm_at

    @property
    def since(self) -> str | None:
        """The window in which the loss most likely began; None without an alarm."""
        if not self.alarm:
            return None
        known = [-math.inf if each is None else each for each in self.wealth]
        return self.began[int(np.argmax(known))]

    @property
    def e_value(self) -> float:
        """The evidence now: what a wealth of one has become, with what hasn't been bet yet."""
        known = [each for each in self.wealth if each is not None]
        mixed = np.logaddexp.reduce(known) - math.log(len(self.sizes)) if known else -math.inf
        return math.exp(min(700.0, float(np.logaddexp(mixed, math.log(_unspent(self.looks))))))

    def observe_rows(self, losses: Floats, limit: float, deviation: float, window: str) -> Self:
        """The state after a look at a window's losses [n], each at least 0, in any order; no rows are no look.

        `deviation` is that of a row's loss at training, and only decides how boldly to bet. Raises ValueError for a
        negative loss, or a limit that isn't positive.
        """
        if len(losses) == 0:
            return self
        if losses.min() < 0 or not limit > 0:
            raise ValueError(f"losses are at least 0 (the least is {losses.min()}), and a limit above (it is {limit})")
        factors = []
        for size in self.sizes:
            bet = min(size / (deviation**2 + size**2), BOLDEST / limit)
            blocks = (losses[start : start + ROWS_AT_ONCE] for start in range(0, len(losses), ROWS_AT_ONCE))
            factors.append(sum(float(np.log1p(bet * (block - limit)).sum()) for block in blocks))
        return self._bet(factors, window)

    def observe_window(self, loss: float, error: float, limit: float, window: str) -> Self:
        """The state after a look at a window of which a loss and its standard error are known.

        Raises ValueError without a positive standard error.
        """
        if not error > 0:
            raise ValueError(f"a window's standard error is positive, and this is {error}")
        return self._bet([(size * (loss - limit) - size**2 / 2) / error**2 for size in self.sizes], window)

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> Self:
        """The state that `to_dict` wrote."""
        lists = {name: tuple(state[name]) for name in ("sizes", "wealth", "began")}
        return cls(**{**state, **lists})

    def to_dict(self) -> dict[str, Any]:
        """The state, ready for JSON; nothing is lost."""
        return {**asdict(self), "sizes": list(self.sizes), "wealth": list(self.wealth), "began": list(self.began)}

    def _bet(self, factors: list[float], window: str) -> Self:
        """Add the weight of a loss that begins in this window, and multiply by its factors (logarithms)."""
        fresh = math.log(_unspent(self.looks) - _unspent(self.looks + 1))
        began = tuple(
            window if before is None or fresh > before else start
            for before, start in zip(self.wealth, self.began, strict=True)
        )
        wealth = tuple(
            (fresh if before is None else float(np.logaddexp(before, fresh))) + factor
            for before, factor in zip(self.wealth, factors, strict=True)
        )
        after = replace(self, wealth=wealth, began=began, looks=self.looks + 1)
        return replace(after, highest=max(self.highest, after.e_value))


def _unspent(looks: int) -> float:
    """The weight of a loss that begins after so many looks."""
    return 1.0 if looks == 0 else (1 - AT_ONCE) * SPREAD / (looks - 1 + SPREAD)
