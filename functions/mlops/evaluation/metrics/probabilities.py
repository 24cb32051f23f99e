"""Metrics of the probabilities themselves: log loss, Brier score, calibration error."""

import numpy as np

from mlops.evaluation.metrics.answers import ClassAnswers, Floats, Integers
from mlops.evaluation.metrics.metric import Metric, Statistic, mean_of

BINS = 15
ROWS_PER_BIN = 20


def _log_loss(answers: ClassAnswers) -> Statistic:
    given = answers.probabilities[np.arange(len(answers)), answers.truth]
    return mean_of(-np.log(np.clip(given, np.finfo(np.float64).eps, 1.0)))


def _brier(answers: ClassAnswers) -> Statistic:
    """The mean squared distance to the truth (Brier, 1950); halved for two labels, as is the custom."""
    truth = np.eye(len(answers.labels))[answers.truth]
    distance = ((answers.probabilities - truth) ** 2).sum(axis=1)
    return mean_of(distance / 2 if answers.binary else distance)


def predicted_and_observed(answers: ClassAnswers) -> tuple[Floats, Floats]:
    """Predicted probability and outcome, 0 or 1, of each row [n], [n].

    For two labels it's the probability of the positive one; for more, that of the most probable label
    (top-label confidence; Guo et al., 2017).
    """
    if answers.binary:
        return answers.probabilities[:, answers.positive], (answers.truth == answers.positive).astype(np.float64)
    top = np.argmax(answers.probabilities, axis=1)
    return answers.probabilities.max(axis=1), (top == answers.truth).astype(np.float64)


def equal_mass_bins(predicted: Floats, most: int = BINS) -> Integers:
    """The bin of each row [n]: quantiles of the predicted probabilities, equal ones together.

    At most `most` bins, fewer where a bin would hold under 20 rows; ties can leave a bin number unused.
    """
    count = int(np.clip(len(predicted) // ROWS_PER_BIN, 1, most))
    edges = np.quantile(predicted, np.linspace(0, 1, count + 1)[1:-1])
    return np.searchsorted(edges, predicted, side="right")


def _calibration_error(answers: ClassAnswers) -> Statistic:
    """Expected calibration error: the mean gap between probability and frequency over equal-mass bins.

    Naeini et al. (2015) with the bins of Nguyen & O'Connor (2015), which Roelofs et al. (2022) found less biased
    than bins of equal width. The bins are those of the rows themselves, and stay while the rows are resampled.
    """
    predicted, observed = predicted_and_observed(answers)
    bins = equal_mass_bins(predicted)
    gaps = np.eye(bins.max() + 1)[bins] * (predicted - observed)[:, np.newaxis]

    def statistic(weights: Floats) -> Floats:
        errors: Floats = np.abs(weights @ gaps).sum(axis=1) / weights.sum(axis=1)
        return errors

    return statistic


LOG_LOSS = Metric("log_loss", "Log loss", "lower", _log_loss)
BRIER = Metric("brier", "Brier score", "lower", _brier)
CALIBRATION_ERROR = Metric("calibration_error", "Calibration error", "lower", _calibration_error)
