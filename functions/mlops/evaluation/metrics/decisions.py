"""Metrics of the predicted labels: accuracy, precision, recall, F1.

Binary precision, recall and F1 refer to the positive label; with more labels they are macro averages over the
labels that occur in truth or answers. As in scikit-learn, precision is 0 where nothing was predicted, and an average
counts 0 for a label that was predicted and isn't there. But rows without any positive have no recall: NaN, not 0.
"""

from collections.abc import Callable

import numpy as np

from mlops.evaluation.metrics.answers import ClassAnswers, Floats
from mlops.evaluation.metrics.metric import Metric, Statistic, divide, mean_of

_Score = Callable[[Floats, Floats, Floats], Floats]
"""From hits, answers and truths of each label [b, k] to its score [b, k]."""


def _by_label(score: _Score) -> Callable[[ClassAnswers], Statistic]:
    def prepare(answers: ClassAnswers) -> Statistic:
        one_hot = np.eye(len(answers.labels))
        truth, decided = one_hot[answers.truth], one_hot[answers.decided]
        if answers.binary:
            truth, decided = truth[:, [answers.positive]], decided[:, [answers.positive]]
        both = truth * decided

        def statistic(weights: Floats) -> Floats:
            found, actual = weights @ decided, weights @ truth
            scores = score(weights @ both, found, actual)
            occurs = (found + actual) > 0
            if answers.binary:
                return np.where(occurs, scores, np.nan)[:, 0]
            scores = np.nan_to_num(scores)
            means: Floats = (scores * occurs).sum(axis=1) / occurs.sum(axis=1)
            return means

        return statistic

    return prepare


def _positives_found(answers: ClassAnswers) -> int:
    return int((answers.decided == answers.positive).sum()) if answers.binary else 0


def _positives(answers: ClassAnswers) -> int:
    return int((answers.truth == answers.positive).sum()) if answers.binary else 0


ACCURACY = Metric[ClassAnswers](
    "accuracy", "Accuracy", "higher", lambda answers: mean_of(answers.hits.astype(float)), trials=len
)
PRECISION = Metric(
    "precision",
    "Precision",
    "higher",
    _by_label(lambda hits, found, _: divide(hits, found, 0.0)),
    trials=_positives_found,
)
RECALL = Metric(
    "recall", "Recall", "higher", _by_label(lambda hits, _, actual: divide(hits, actual, np.nan)), trials=_positives
)
F1 = Metric("f1", "F1", "higher", _by_label(lambda hits, found, actual: divide(2 * hits, found + actual, 0.0)))
