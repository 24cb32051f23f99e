"""A metric at training: on the rows that were held out, with its standard error and the spec's margin."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from mlops.evaluation.bootstrap import apply, draw_weights
from mlops.evaluation.metrics.answers import Answers, ClassAnswers
from mlops.evaluation.metrics.catalog import CLASS_METRICS, RELATIVE, SIGNS, VALUE_METRICS
from mlops.evaluation.metrics.metric import Statistic

RESAMPLES = 400
TEST_ALPHA = 0.025
"""The chance of a false alarm that each of a version's two tests may use."""


@dataclass(frozen=True)
class Trained:
    """The value of a metric on the held-out rows, its standard error, and the spec's margin.

    Of errors in the target's unit, such as rmse, the margin is a share of their value.
    """

    metric: str
    value: float
    error: float
    margin: float

    @classmethod
    def measure(cls, metric: str, held_out: Answers, margin: float, rng: np.random.Generator) -> Self | None:
        """From the held-out rows, the standard error by bootstrap; None where the metric isn't defined for them.

        The error is at least a row's share, since a metric that is the same in all resamples isn't certain.
        """
        statistic = prepare_metric(metric, held_out)
        value = float(statistic(np.ones((1, len(held_out))))[0])
        if not math.isfinite(value):
            return None
        error = standard_error(statistic, len(held_out), rng)
        return cls(metric, value, max(error, max(abs(value), margin) / len(held_out)), margin)

    @property
    def sign(self) -> int:
        """+1 where greater is better, -1 where smaller is."""
        return SIGNS[self.metric]

    @property
    def absolute_margin(self) -> float:
        """The margin in the metric's own unit."""
        return self.margin * abs(self.value) if self.metric in RELATIVE else self.margin


def prepare_metric(metric: str, answers: Answers) -> Statistic:
    """The metric of this name as a function of the rows' weights. Raises KeyError for one that the task lacks."""
    if isinstance(answers, ClassAnswers):
        return {each.name: each for each in CLASS_METRICS}[metric].prepare(answers)
    return {each.name: each for each in VALUE_METRICS}[metric].prepare(answers)


def standard_error(statistic: Statistic, rows: int, rng: np.random.Generator) -> float:
    """The deviation of the statistic over resamples of its rows in which it's defined."""
    replicates = apply([statistic], draw_weights(rows, RESAMPLES, rng))[0]
    defined = replicates[np.isfinite(replicates)]
    return float(defined.std(ddof=1)) if len(defined) > 1 else 0.0
