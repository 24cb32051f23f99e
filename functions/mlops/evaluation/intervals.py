"""Metrics with their uncertainty: a confidence interval for each that covers, or the reason why there is none."""

import math
from collections.abc import Sequence
from typing import Any

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
from mlops.evaluation.heavy_tails import interval_of_mean
from mlops.evaluation.metrics.answers import Answers, ClassAnswers, Floats, ValueAnswers
from mlops.evaluation.metrics.catalog import CLASS_METRICS, VALUE_METRICS
from mlops.evaluation.metrics.metric import Metric
from mlops.registry.manifest.evidence import Estimate, Interval

LEVEL = 0.95
MOST_UNDEFINED = 0.05
"""The share of resamples in which a metric may be undefined (a rare label wasn't drawn) and still have an interval."""
FEWEST_OF_TWO, FEWEST_FOR_AREAS, FEWEST_OF_MANY = 7, 5, 10
"""How many rows each label needs for an interval: of two labels, for the areas under their curves, and of more labels
for a metric by label."""
_AREAS = ("roc_auc", "pr_auc")
_BY_LABEL = ("precision", "recall", "f1", *_AREAS)
_OF_TWO = (*_BY_LABEL, "log_loss", "brier")

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

    Shares have Wilson's interval, areas under curves Newcombe's and Boyd's, mean errors that of heavy_tails.py, and
    others a BCa bootstrap's, which for R squared is widened by what the errors' tail allows. Rows that belong to units,
    such as patients, are resampled by unit, by BCa. docs/model-factory.md has how often each holds the truth; where it
    would be less than promised there's a reason in place of an interval: for the calibration error, errors with a heavy
    tail, and labels with few rows.
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
    special = _of_values(metric.name, answers, level, rng) if isinstance(answers, ValueAnswers) else None
    if isinstance(answers, ClassAnswers):
        special = _of_classes(metric, answers, value, level)
    if isinstance(special, str):
        return None, special
    if special is not None and answers.units is None and metric.name != "r2":
        return special, None
    replicates, left_out = (sample[np.isfinite(sample)] for sample in samples)
    undefined = 1 - len(replicates) / len(samples[0])
    if undefined > MOST_UNDEFINED:
        return None, f"not defined in {undefined:.0%} of the resamples: too few rows of a label"
    distribution = Distribution(value, count_units(answers), replicates)
    if not distribution.spread:
        return None, "the same in every resample: these rows don't show how much it varies"
    low, high = distribution.bca_interval(left_out, level)
    ends = [low, high, value, *([special.low, special.high] if special else [])]
    method = "BCa, widened for the errors' tail" if special else "BCa"
    return Interval(low=min(ends), high=max(ends), level=level, method=method), None


def _of_classes(metric: Metric[Any], answers: ClassAnswers, value: float, level: float) -> Found:
    """What a metric's own method finds for labels."""
    trials = metric.trials(answers) if metric.trials else 0
    if trials and answers.units is None:
        return wilson(value, trials, level)
    return _of_labels(metric.name, answers, value, level)


def _of_labels(name: str, answers: ClassAnswers, value: float, level: float) -> Found:
    if name == "calibration_error":
        return "a sample makes it look larger than it is, so no interval would hold; the gate `calibration` tests it"
    counts = np.bincount(answers.truth, minlength=len(answers.labels))
    few = FEWEST_OF_MANY if not answers.binary else FEWEST_FOR_AREAS if name in _AREAS else FEWEST_OF_TWO
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
    """What the errors' tail allows; of R squared, if larger errors than those seen make the truth vary more, too."""
    errors = np.abs(answers.residuals)
    if len(errors) < 2 or not errors.any():
        return None
    found = interval_of_mean(errors, level, rng, power=2 if name in ("rmse", "r2") else 1)
    if isinstance(found, str) or name in ("mae", "rmse"):
        return found
    low, high = found.low / 2, found.high / 2
    if name == "r2":
        square, spread = float((errors**2).mean()), float(answers.truth.var())
        added = found.high**2 - square if square < spread else 0.0
        low, high = 1 - found.high**2 / (spread + added), 1 - found.low**2 / spread
    return Interval(low=low, high=high, level=level, method=found.method)
