"""Metrics with their uncertainty: a confidence interval for each that covers, or the reason why there is none."""

import math
from collections.abc import Sequence

import numpy as np

from mlops.evaluation.bootstrap import (
    RESAMPLES,
    Distribution,
    affordable_resamples,
    apply,
    count_units,
    draw_weights,
    leave_out_weights,
)
from mlops.evaluation.closed_form import boyd, newcombe, wilson
from mlops.evaluation.heavy_tails import (
    LEAST_ABSOLUTE,
    LEAST_SQUARED,
    describe_tail,
    interval_of_mean,
    tail_index,
)
from mlops.evaluation.metrics.answers import Answers, ClassAnswers, Floats, ValueAnswers
from mlops.evaluation.metrics.catalog import CLASS_METRICS, VALUE_METRICS
from mlops.evaluation.metrics.metric import Metric
from mlops.registry.manifest.evidence import Estimate, Interval

LEVEL = 0.95
MOST_UNDEFINED = 0.05
"""The share of resamples in which a metric may be undefined (a rare label wasn't drawn) and still have an interval."""
FEWEST_OF_TWO, FEWEST_OF_MANY = 5, 10
"""How many rows each label needs for an interval of a metric by label: of two labels, and of more."""
_BY_LABEL = ("precision", "recall", "f1", "roc_auc", "pr_auc")
_OF_TWO = (*_BY_LABEL, "log_loss", "brier")

MOST_CELLS = 10**7

type Found = Interval | str | None
"""An interval, the reason why there is none, or None where the bootstrap's is as good."""


def estimate[A: Answers](
    answers: A,
    metrics: Sequence[Metric[A]],
    rng: np.random.Generator,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
) -> dict[str, Estimate]:
    """Every metric of the answers with its confidence interval, by name.

    Shares have Wilson's interval, areas under curves Newcombe's and Boyd's, mean errors the studentised bootstrap's on
    the logarithmic scale, and others a BCa bootstrap's. Rows that belong to units, such as patients, are resampled by
    unit, by BCa. docs/model-factory.md has how often each holds the truth; where it would be less than promised there's
    a reason in place of an interval: for the calibration error, errors with a heavy tail, and labels with few rows.
    Where every resample gives one value there's none either.
    """
    statistics = [metric.prepare(answers) for metric in metrics]
    rows = len(answers)
    replicates = apply(statistics, draw_weights(rows, resamples, rng, answers.units))
    several = count_units(answers) > 1
    left_out = apply(statistics, leave_out_weights(rows, answers.units)) if several else replicates[:, :1]
    found = {}
    for metric, replicate, without in zip(metrics, replicates, left_out, strict=True):
        value = metric.value(answers)
        interval, reason = _interval(metric, answers, value, (replicate, without), level, rng)
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
    metric: Metric[A],
    answers: A,
    value: float,
    samples: tuple[Floats, Floats],
    level: float,
    rng: np.random.Generator,
) -> tuple[Interval | None, str | None]:
    if math.isnan(value):
        return None, "not defined for these rows"
    special = _specially(metric, answers, value, level, rng)
    if isinstance(special, str):
        return None, special
    if special is not None:
        return special, None
    replicates, left_out = (sample[np.isfinite(sample)] for sample in samples)
    undefined = 1 - len(replicates) / len(samples[0])
    if undefined > MOST_UNDEFINED:
        return None, f"not defined in {undefined:.0%} of the resamples: too few rows of a label"
    distribution = Distribution(value, count_units(answers), replicates)
    if distribution.spread:
        low, high = distribution.bca_interval(left_out, level)
        return Interval(low=min(low, value), high=max(high, value), level=level, method="BCa"), None
    return None, "the same in every resample: these rows don't show how much it varies"


def _specially[A: Answers](
    metric: Metric[A], answers: A, value: float, level: float, rng: np.random.Generator
) -> Found:
    """What a metric's own method finds."""
    if isinstance(answers, ValueAnswers):
        return _of_values(metric.name, answers, level, rng)
    assert isinstance(answers, ClassAnswers)
    trials = metric.trials(answers) if metric.trials else 0
    if trials and answers.units is None:
        return wilson(value, trials, level)
    return _of_labels(metric.name, answers, value, level)


def _of_labels(name: str, answers: ClassAnswers, value: float, level: float) -> Found:
    if name == "calibration_error":
        return "a sample makes it look larger than it is, so no interval would hold; the gate `calibration` tests it"
    counts = np.bincount(answers.truth, minlength=len(answers.labels))
    few = FEWEST_OF_TWO if answers.binary else FEWEST_OF_MANY
    if name in (_OF_TWO if answers.binary else _BY_LABEL) and counts.min() < few:
        label = answers.labels[int(counts.argmin())]
        return f"too few rows of a label: {int(counts.min())} of {label}, where {few} are needed"
    if not answers.binary or answers.units is not None:
        return None
    positives = int(counts[answers.positive])
    if name == "roc_auc":
        return newcombe(value, positives, len(answers) - positives, level)
    return boyd(value, positives, level) if name == "pr_auc" else None


def _of_values(name: str, answers: ValueAnswers, level: float, rng: np.random.Generator) -> Found:
    residuals = answers.residuals
    squared = name in ("rmse", "r2")
    least = LEAST_SQUARED if squared else LEAST_ABSOLUTE
    if len(residuals) < 2 or not residuals.any():
        return None
    if tail_index(residuals) < least:
        return describe_tail(residuals)
    if answers.units is not None or name == "r2":
        return None
    resamples = draw_weights(len(residuals), int(np.clip(MOST_CELLS // len(residuals), 200, 1000)), rng)
    if name == "rmse":
        return interval_of_mean(residuals**2, resamples, level, power=0.5)
    losses = np.abs(residuals) * (0.5 if name == "pinball" else 1.0)
    return interval_of_mean(losses, resamples, level)
