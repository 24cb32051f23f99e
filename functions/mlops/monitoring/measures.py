"""The metrics that models are judged by and their intervals: the one place where monitoring imports them from."""

import numpy as np

from mlops.training.evaluation.bootstrap import affordable
from mlops.training.evaluation.intervals import Estimate, Interval, estimate, wilson
from mlops.training.evaluation.metrics.answers import Answers, ClassAnswers, Floats, Integers, ValueAnswers
from mlops.training.evaluation.metrics.catalog import CLASS_METRICS, VALUE_METRICS, measure
from mlops.training.evaluation.metrics.metric import Metric, Statistic
from mlops.training.evaluation.slices import MINIMUM_ROWS, Slice

__all__ = [
    "CLASS_METRICS",
    "MINIMUM_ROWS",
    "SIGNS",
    "VALUE_METRICS",
    "Answers",
    "ClassAnswers",
    "Estimate",
    "Floats",
    "Integers",
    "Interval",
    "Metric",
    "Slice",
    "Statistic",
    "ValueAnswers",
    "affordable",
    "estimate",
    "measure",
    "measure_all",
    "wilson",
]

SIGNS = {each.name: each.sign for each in CLASS_METRICS} | {each.name: each.sign for each in VALUE_METRICS}
"""+1 for a metric of which greater is better, -1 for one of which smaller is."""


def measure_all(answers: Answers, rng: np.random.Generator) -> dict[str, Estimate]:
    """Every metric of the task with its interval, by name; fewer resamples where there are many rows."""
    resamples = affordable(len(answers))
    if isinstance(answers, ClassAnswers):
        return estimate(answers, CLASS_METRICS, rng, resamples)
    return estimate(answers, VALUE_METRICS, rng, resamples)
