"""Estimated metrics of a classifier's answers: CBPE, by the probabilities and, where they are known, by the inputs.

A calibrated probability says how often a label is true, so every metric of unseen truth has an expected value (Białek
et al., "Estimating model performance under covariate shift without labels", 2024, the method of NannyML; Guillory et
al., "Predicting with confidence on unseen distributions", ICCV 2021). Each row is taken once for each label, with the
label's calibrated probability as its weight: the project's own metrics of weighted rows then are the estimates.

Where the inputs shift, rows of one probability need not be right as often as before. A second opinion learns the truth
from probabilities and inputs together. The estimate is the mean of the two, and their disagreement is part of its
uncertainty.

The calibration error can't be estimated so, for the method takes calibration for granted.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from mlops.evaluation.answered_rows import AnsweredRows
from mlops.evaluation.metrics.answers import ClassAnswers, Floats
from mlops.evaluation.metrics.catalog import CLASS_METRICS
from mlops.evaluation.metrics.metric import Metric, Statistic
from mlops.monitoring.estimate.calibrator import Calibrator, choose_form, fit
from mlops.monitoring.estimate.outcomes import CURVES, Outcome, resamples, spread
from mlops.monitoring.estimate.truth_forest import TruthForest, fit_truth_forest

METRICS: tuple[Metric[ClassAnswers], ...] = tuple(each for each in CLASS_METRICS if each.name != "calibration_error")


@dataclass(frozen=True, eq=False)
class ClassEstimator:
    """Calibrators of the reference, and of its bootstrap samples; `realised` [metrics, curves] are those samples' own.

    `forest` is the second opinion, None without inputs.
    """

    metrics: tuple[Metric[ClassAnswers], ...]
    calibrator: Calibrator
    resampled: tuple[Calibrator, ...]
    realised: Floats
    forest: TruthForest | None

    @property
    def names(self) -> tuple[str, ...]:
        """The metrics that are estimated."""
        return tuple(metric.name for metric in self.metrics)

    def outcomes(self, window: AnsweredRows, rng: np.random.Generator) -> dict[str, Outcome]:
        """The metrics of a window's answers, whose `truth` isn't looked at, by name."""
        answers = window.answers
        assert isinstance(answers, ClassAnswers)
        by_score = self.calibrator.apply(answers.probabilities)
        by_inputs = by_score if self.forest is None else self.forest.chances(answers, window.inputs)
        chances = (by_score + by_inputs) / 2
        statistics = [metric.prepare(expand_labels(answers)) for metric in self.metrics]
        both = _apply(statistics, np.stack([by_score.ravel(), by_inputs.ravel()]))
        values = _apply(statistics, chances.reshape(1, -1))[:, 0]
        noise = _apply(statistics, _draw_truth(chances, resamples(chances.size), rng))
        again = _apply(statistics, _redraw_rows(chances, CURVES, rng))
        curves = [curve.apply(answers.probabilities).ravel() for curve in self.resampled]
        refitted = _apply(statistics, np.stack(curves))
        return {
            metric.name: Outcome(
                value=float(values[place]),
                noise=noise[place][np.isfinite(noise[place])],
                reference_error=spread(refitted[place]),
                change_error=spread(refitted[place] - self.realised[place]),
                window_error=spread(again[place]),
                disagreement=float(both[place, 1] - both[place, 0]),
            )
            for place, metric in enumerate(self.metrics)
        }


def prepare_classes(reference: AnsweredRows, rng: np.random.Generator, names: Collection[str] = ()) -> ClassEstimator:
    """The estimator that the held-out rows of a classifier make, of the metrics of these names (none: of all)."""
    answers = reference.answers
    assert isinstance(answers, ClassAnswers)
    form = choose_form(answers, rng)
    rows = len(answers)
    counts = rng.multinomial(rows, np.full(rows, 1 / rows), size=CURVES).astype(np.float64)
    metrics = tuple(metric for metric in METRICS if not names or metric.name in names)
    return ClassEstimator(
        metrics=metrics,
        calibrator=fit(answers, form),
        resampled=tuple(fit(answers, form, count) for count in counts),
        realised=_apply([metric.prepare(answers) for metric in metrics], counts),
        forest=None
        if reference.inputs is None
        else fit_truth_forest(answers, reference.inputs, int(rng.integers(2**31))),
    )


def expand_labels(window: ClassAnswers) -> ClassAnswers:
    """Every row once for each label, as if that were its truth: rows times labels, a row's side by side."""
    count = len(window.labels)
    truth = np.tile(np.arange(count), len(window))
    probabilities = np.repeat(window.probabilities, count, axis=0)
    return ClassAnswers(truth, probabilities, window.labels, window.positive, window.threshold)


def expected_metrics(window: ClassAnswers, chances: Floats) -> dict[str, float]:
    """The metrics of a window's answers if label k of row i is true with probability chances[i, k]."""
    every = expand_labels(window)
    return {metric.name: float(metric.prepare(every)(chances.reshape(1, -1))[0]) for metric in METRICS}


def _draw_truth(chances: Floats, draws: int, rng: np.random.Generator) -> Floats:
    """One label a row, drawn from its chances, as weights of 0 and 1 [draws, rows * labels]."""
    rows, labels = chances.shape
    edges = np.cumsum(chances, axis=1)[:, :-1]
    drawn = (rng.random((draws, rows, 1)) >= edges).sum(axis=2)
    weights: Floats = (drawn[:, :, np.newaxis] == np.arange(labels)).astype(np.float64).reshape(draws, rows * labels)
    return weights


def _redraw_rows(chances: Floats, draws: int, rng: np.random.Generator) -> Floats:
    """The chances of rows drawn with replacement, as weights [draws, rows * labels]."""
    rows, labels = chances.shape
    counts = rng.multinomial(rows, np.full(rows, 1 / rows), size=draws).astype(np.float64)
    weights: Floats = (counts[:, :, np.newaxis] * chances).reshape(draws, rows * labels)
    return weights


def _apply(statistics: list[Statistic], weights: Floats) -> Floats:
    return np.stack([statistic(weights) for statistic in statistics])
