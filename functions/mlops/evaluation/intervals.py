"""Metrics with their uncertainty: a confidence interval for each, from one set of resamples."""

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from mlops.evaluation.bootstrap import (
    RESAMPLES,
    Distribution,
    affordable_resamples,
    apply,
    draw_weights,
    leave_out_weights,
)
from mlops.evaluation.metrics.answers import Answers, ClassAnswers, Floats
from mlops.evaluation.metrics.catalog import CLASS_METRICS, VALUE_METRICS
from mlops.evaluation.metrics.metric import Metric
from mlops.registry.manifest.evidence import Estimate, Interval

LEVEL = 0.95
MOST_UNDEFINED = 0.05
"""The share of resamples in which a metric may be undefined (a rare label wasn't drawn) and still have an interval."""


def estimate[A: Answers](
    answers: A,
    metrics: Sequence[Metric[A]],
    rng: np.random.Generator,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
) -> dict[str, Estimate]:
    """Every metric of the answers with its confidence interval, by name.

    BCa bootstrap over rows. In simulations on 60 to 500 rows the intervals held the truth 93 to 97 % of the time, but
    for the calibration error 85 to 88 %: any finite sample makes it look larger than it is. Where every resample gives
    one value, which is a perfect score more often than a certain one, a share gets Wilson's interval (JASA 22, 1927)
    rather than one without width, and other metrics none.
    """
    statistics = [metric.prepare(answers) for metric in metrics]
    rows = len(answers)
    replicates = apply(statistics, draw_weights(rows, resamples, rng))
    left_out = apply(statistics, leave_out_weights(rows)) if rows > 1 else replicates[:, :1]
    found = {}
    for metric, replicate, without in zip(metrics, replicates, left_out, strict=True):
        value = metric.value(answers)
        interval, reason = _interval(metric, answers, value, (replicate, without), level)
        defined = value if math.isfinite(value) else None
        found[metric.name] = Estimate(value=defined, rows=rows, interval=interval, reason=reason)
    return found


def estimate_all(answers: Answers, rng: np.random.Generator) -> dict[str, Estimate]:
    """Every metric of the answers' task with its interval, by name; fewer resamples where there are many rows."""
    resamples = affordable_resamples(len(answers))
    if isinstance(answers, ClassAnswers):
        return estimate(answers, CLASS_METRICS, rng, resamples)
    return estimate(answers, VALUE_METRICS, rng, resamples)


def _interval[A: Answers](
    metric: Metric[A], answers: A, value: float, samples: tuple[Floats, Floats], level: float
) -> tuple[Interval | None, str | None]:
    if math.isnan(value):
        return None, "not defined for these rows"
    replicates, left_out = (sample[np.isfinite(sample)] for sample in samples)
    undefined = 1 - len(replicates) / len(samples[0])
    if undefined > MOST_UNDEFINED:
        return None, f"not defined in {undefined:.0%} of the resamples: too few rows of a label"
    distribution = Distribution(value, len(answers), replicates)
    if distribution.spread:
        low, high = distribution.bca_interval(left_out, level)
        return Interval(low=min(low, value), high=max(high, value), level=level, method="BCa"), None
    trials = metric.trials(answers) if metric.trials else 0
    if trials:
        return wilson(value, trials, level), None
    return None, "the same in every resample: these rows don't show how much it varies"


def wilson(share: float, trials: int, level: float = LEVEL) -> Interval:
    """The score interval of a share of successes among `trials` tries."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    centre = (share + z**2 / (2 * trials)) / (1 + z**2 / trials)
    half = z / (1 + z**2 / trials) * math.sqrt(share * (1 - share) / trials + z**2 / (4 * trials**2))
    low, high = max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))
    return Interval(low=low, high=high, level=level, method="Wilson")
