"""What each row lost, for the metrics that are means of a quantity of single rows.

A sequential test on such rows needs no large windows and no normal approximation. Accuracy, precision, recall and
the Brier score lie between 0 and 1 (with many labels the Brier score up to 2); log loss, absolute, squared and pinball
errors are at least 0, which is all that a test for an increase needs.
"""

import numpy as np

from mlops.evaluation.metrics.answers import Answers, ClassAnswers, Floats, ValueAnswers

_FLOOR = np.finfo(np.float64).eps


def row_losses(metric: str, answers: Answers) -> Floats | None:
    """The loss of each row that the metric counts [m], or None where the metric isn't a mean over single rows.

    The mean is 1 - metric for accuracy, precision and recall, the square for rmse, and the metric itself otherwise.
    Precision counts only rows answered positive, recall only rows that are positive; both only with two labels.
    """
    if isinstance(answers, ValueAnswers):
        return _value_losses(metric, answers)
    return _class_losses(metric, answers)


def _value_losses(metric: str, answers: ValueAnswers) -> Floats | None:
    absolute: Floats = np.abs(answers.residuals)
    losses: dict[str, Floats] = {"mae": absolute, "pinball": absolute * 0.5, "rmse": absolute * absolute}
    return losses.get(metric)


def _class_losses(metric: str, answers: ClassAnswers) -> Floats | None:
    misses: Floats = (~answers.hits).astype(np.float64)
    match metric:
        case "accuracy":
            return misses
        case "precision" if answers.binary:
            return np.compress(answers.decided == answers.positive, misses)
        case "recall" if answers.binary:
            return np.compress(answers.truth == answers.positive, misses)
        case "brier":
            distance = ((answers.probabilities - np.eye(len(answers.labels))[answers.truth]) ** 2).sum(axis=1)
            halved: Floats = distance / 2 if answers.binary else distance
            return halved
        case "log_loss":
            given = answers.probabilities[np.arange(len(answers)), answers.truth]
            surprise: Floats = -np.log(np.clip(given, _FLOOR, 1.0))
            return surprise
        case _:
            return None
