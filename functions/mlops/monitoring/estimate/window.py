"""The metrics of a window without truth: estimates with intervals, corrected by how far earlier ones were off."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from mlops.evaluation.answered_rows import AnsweredRows
from mlops.evaluation.metrics.answers import Answers, ClassAnswers, Floats, ValueAnswers
from mlops.evaluation.metrics.catalog import measure
from mlops.monitoring.estimate.classes import ClassEstimator, prepare_classes
from mlops.monitoring.estimate.instability import Difference, predict_difference
from mlops.monitoring.estimate.outcomes import Outcome
from mlops.monitoring.estimate.values import ValueEstimator, prepare_values

LEVEL = 0.95
MOST_ROWS = 20_000
FEWEST_ROWS = 30
DIFFERENCES = 10
"""Draws of the predicted difference for each draw of the noise."""
BLOCKS = 10
FEWEST_BLOCK_ROWS = 100

Estimator = ClassEstimator | ValueEstimator

UNBOUNDED = ("log_loss", "brier", "mae", "rmse", "pinball")

History = Mapping[str, Sequence[Difference]]
"""Realised minus estimated of earlier windows, by metric."""


@dataclass(frozen=True)
class Estimated:
    """A metric of a window as estimated: `value` within `low` to `high`, where the realised one is expected.

    `uncorrected` is the estimate as the held-out rows alone have it; differences are kept against that one. `noise` is
    the deviation that drawing the truth explains. `window_error` and `change_error` are the standard errors of
    `uncorrected` for all rows like these, and of its difference from the metric at training. `rows` were looked at.
    """

    metric: str
    rows: int
    value: float
    low: float
    high: float
    level: float
    uncorrected: float
    noise: float
    window_error: float
    change_error: float
    disagreement: float

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        return asdict(self)


def prepare(reference: AnsweredRows, rng: np.random.Generator, names: Collection[str] = ()) -> Estimator:
    """What estimates the windows of a version, made once from its held-out rows, for these metrics (none: for all)."""
    if isinstance(reference.answers, ClassAnswers):
        return prepare_classes(reference, rng, names)
    return prepare_values(reference, rng, names)


def without_truth(answers: Answers) -> Answers:
    """The answers with a truth that says nothing: what an estimate is made of."""
    if isinstance(answers, ClassAnswers):
        nothing = np.zeros(len(answers), dtype=np.intp)
        return ClassAnswers(nothing, answers.probabilities, answers.labels, answers.positive, answers.threshold)
    return ValueAnswers(answers.predictions, answers.predictions)


def estimate_window(
    estimator: Estimator,
    window: AnsweredRows,
    place: int,
    history: History,
    rng: np.random.Generator,
    level: float = LEVEL,
) -> dict[str, Estimated]:
    """Every metric that can be estimated, by name; none for a window of fewer than 30 rows.

    `window` has the rows' answers (their truth isn't looked at) and, where the reference has inputs, theirs. `place`
    numbers the windows in time, `history` holds what is known of earlier ones. Of more than 20,000 rows a sample is
    looked at.
    """
    if len(window) < FEWEST_ROWS:
        return {}
    window = window.sample(MOST_ROWS, rng)
    return {
        name: correct(name, outcome, len(window), place, history.get(name, ()), rng, level)
        for name, outcome in estimator.outcomes(window, rng).items()
        if np.isfinite(outcome.value) and len(outcome.noise)
    }


def correct(
    metric: str,
    outcome: Outcome,
    rows: int,
    place: int,
    past: Sequence[Difference],
    rng: np.random.Generator,
    level: float = LEVEL,
) -> Estimated:
    """A metric as the method has it for window `place` of `rows` rows, corrected by the past, with its interval."""
    noise = float(outcome.noise.std())
    predicted = predict_difference(past, place, noise, outcome.reference_error, outcome.disagreement)
    noises = np.tile(outcome.noise, DIFFERENCES)
    draws = _bounded(metric, noises + predicted.draw(len(noises), rng))
    # Of few draws the outermost lie further in than the distribution does: Weibull's quantiles make up for that.
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], method="weibull")
    value = float(_bounded(metric, np.array([outcome.value + predicted.mean]))[0])
    return Estimated(
        metric=metric,
        rows=rows,
        value=value,
        low=min(float(low), value),
        high=max(float(high), value),
        level=level,
        uncorrected=outcome.value,
        noise=noise,
        window_error=outcome.window_error,
        change_error=outcome.change_error,
        disagreement=outcome.disagreement,
    )


def backtest(reference: AnsweredRows, rng: np.random.Generator) -> dict[str, list[Difference]]:
    """The history that the reference itself has: each stretch of it estimated from the others, by metric.

    Empty unless its rows are in the order of time and make at least two stretches of 100 rows. The stretches' places
    are negative: they lie before the first window, whose place is 0.
    """
    blocks = min(BLOCKS, len(reference) // FEWEST_BLOCK_ROWS)
    history: dict[str, list[Difference]] = {}
    if not reference.ordered or blocks < 2:
        return history
    edges = np.linspace(0, len(reference), blocks + 1).astype(np.intp)
    rows = np.arange(len(reference))
    for place, (start, end) in enumerate(pairwise(edges), -blocks):
        inside = (rows >= start) & (rows < end)
        stretch, rest = reference.take(rows[inside]), reference.take(rows[~inside])
        for name, outcome in prepare(rest, rng).outcomes(stretch, rng).items():
            value = realised_value(name, stretch.answers) - outcome.value
            if np.isfinite(value) and len(outcome.noise):
                history.setdefault(name, []).append(
                    Difference(place, value, float(outcome.noise.std()), outcome.disagreement)
                )
    return history


def realised_value(metric: str, answers: Answers) -> float:
    """One metric of answers with truth."""
    return measure(answers)[metric]


def _bounded(metric: str, values: Floats) -> Floats:
    """The values within what the metric can be."""
    low = -np.inf if metric == "r2" else 0.0
    high = np.inf if metric in UNBOUNDED else 1.0
    return np.clip(values, low, high)
