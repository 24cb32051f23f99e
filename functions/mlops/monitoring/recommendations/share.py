"""Shares of answers, of which a user has several: answers of one user are alike, so there's less in them than in as
many answers of different users."""

import math
from dataclasses import dataclass

from mlops.evaluation.closed_form import wilson
from mlops.monitoring.figure import Figure


@dataclass(frozen=True)
class Sums:
    """Sums over users, of whom each has n answers, y of which count: `n`, `y`, `nn` (of n * n), `yy` and `ny`."""

    users: int
    n: float
    y: float
    nn: float
    yy: float
    ny: float


@dataclass(frozen=True)
class Share:
    """A share of `rows` answers of `users` users, with its standard error."""

    value: float
    error: float
    rows: int
    users: int

    @classmethod
    def of(cls, sums: Sums) -> "Share":
        """The ratio of the sums, and its linearised variance by users (W. Cochran, Sampling Techniques, 3rd ed., 1977,
        section 9.7): users are drawn, with all their answers. Without a second user it has no finite error."""
        value = sums.y / sums.n
        if sums.users < 2:
            return cls(value, math.inf, round(sums.n), sums.users)
        squares = max(0.0, sums.yy - 2 * value * sums.ny + value**2 * sums.nn)
        error = math.sqrt(sums.users / (sums.users - 1) * squares) / sums.n
        return cls(value, error, round(sums.n), sums.users)

    @property
    def design_effect(self) -> float:
        """How many times the variance of as many independent answers this one is; at least 1, as at 0 and 1."""
        binomial = self.value * (1 - self.value) / self.rows
        return max(1.0, self.error**2 / binomial) if binomial else 1.0

    def figure(self) -> Figure:
        """The share with Wilson's interval for the effective number of answers.

        C. Franco et al., "Comparative Study of Confidence Intervals for Proportions in Complex Sample Surveys", Journal
        of Survey Statistics and Methodology 7 (2019). No more answers count than there are users where none or all have
        a click: nothing is known then of how alike the answers of a user are.
        """
        if not math.isfinite(self.error):
            return Figure(value=self.value, rows=self.rows)
        extreme = self.value in (0.0, 1.0)
        effective = self.users if extreme else max(1, round(self.rows / self.design_effect))
        interval = wilson(self.value, effective)
        return Figure(value=self.value, low=interval.low, high=interval.high, level=interval.level, rows=self.rows)
