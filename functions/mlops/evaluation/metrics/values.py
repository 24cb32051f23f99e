"""Metrics of predicted values, in the target's unit where they have one."""

import numpy as np

from mlops.evaluation.metrics.answers import Floats, ValueAnswers
from mlops.evaluation.metrics.metric import Metric, Statistic, divide, mean_of


def _root_mean_square(answers: ValueAnswers) -> Statistic:
    mean_square = mean_of(answers.residuals**2)
    return lambda weights: np.sqrt(mean_square(weights))


def _explained(answers: ValueAnswers) -> Statistic:
    """One minus the squared error over that of the mean; NaN where the truth doesn't vary."""
    centred = answers.truth - answers.truth.mean()
    columns = np.column_stack([answers.residuals**2, centred, centred**2])
    floor = np.finfo(np.float64).eps * float((centred**2).sum())

    def statistic(weights: Floats) -> Floats:
        error, total, squares = (weights @ columns).T
        spread = squares - total**2 / weights.sum(axis=1)
        return 1 - divide(error, np.where(spread > floor, spread, 0.0), np.nan)

    return statistic


def pinball(quantile: float) -> Metric[ValueAnswers]:
    """The pinball loss of predictions meant as a quantile of the truth (Koenker & Bassett, 1978).

    At 0.5 it is half the mean absolute error; at 0.9 a prediction too low costs nine times one too high.
    """
    if not 0 < quantile < 1:
        raise ValueError(f"a quantile is between 0 and 1, and this is {quantile}")

    def prepare(answers: ValueAnswers) -> Statistic:
        residuals = answers.residuals
        return mean_of(np.maximum(quantile * residuals, (quantile - 1) * residuals))

    name = "pinball" if quantile == 0.5 else f"pinball_{quantile:g}"
    return Metric(name, f"Pinball loss at {quantile:g}", "lower", prepare)


MAE = Metric[ValueAnswers]("mae", "Mean absolute error", "lower", lambda answers: mean_of(np.abs(answers.residuals)))
RMSE = Metric("rmse", "Root mean squared error", "lower", _root_mean_square)
R2 = Metric("r2", "R²", "higher", _explained)
PINBALL = pinball(0.5)
