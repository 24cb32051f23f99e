"""What a metric is: a name, a direction, and how it follows from weighted rows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mlops.evaluation.metrics.answers import Answers, Floats

Statistic = Callable[[Floats], Floats]
"""From weights [b, n], a row of them a resample, to the metric of each resample [b]; NaN where it isn't defined."""


@dataclass(frozen=True)
class Metric[A: Answers]:
    """A measure of answers.

    `prepare` does once what no weight changes, sorting above all. `trials` counts the tries where the metric is a
    share of successes; 0 where it is none.
    """

    name: str
    title: str
    better: Literal["higher", "lower"]
    prepare: Callable[[A], Statistic]
    trials: Callable[[A], int] | None = None

    @property
    def sign(self) -> int:
        """+1 where greater is better, -1 where smaller is."""
        return 1 if self.better == "higher" else -1

    def value(self, answers: A) -> float:
        """The metric of all rows, each counting once; NaN if it isn't defined for them."""
        return float(self.prepare(answers)(np.ones((1, len(answers))))[0])


def mean_of(rows: Floats) -> Statistic:
    """The weighted mean of a quantity that each row has [n]."""

    def statistic(weights: Floats) -> Floats:
        means: Floats = weights @ rows / weights.sum(axis=1)
        return means

    return statistic


def divide(numerator: Floats, denominator: Floats, otherwise: float) -> Floats:
    """Numerator over denominator, and `otherwise` where that is zero."""
    quotient = np.full(np.broadcast_shapes(numerator.shape, denominator.shape), otherwise)
    np.divide(numerator, denominator, out=quotient, where=denominator != 0)
    return quotient
