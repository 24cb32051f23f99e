"""Metrics of the order in which probabilities put the rows: the areas under the ROC and precision-recall curves.

With more than two labels they are means over each label against the rest (one-vs-rest, macro). A sample that
lacks a label has no such area: NaN.
"""

from collections.abc import Callable

import numpy as np

from mlops.evaluation.metrics.answers import ClassAnswers, Floats, Integers
from mlops.evaluation.metrics.metric import Metric, Statistic, divide


def _by_label(rank: Callable[[Floats, Floats], Statistic]) -> Callable[[ClassAnswers], Statistic]:
    def prepare(answers: ClassAnswers) -> Statistic:
        labels = [answers.positive] if answers.binary else range(len(answers.labels))
        areas = [rank(answers.probabilities[:, label], (answers.truth == label).astype(float)) for label in labels]
        return lambda weights: np.mean([area(weights) for area in areas], axis=0)

    return prepare


def _ties(ordered: Floats) -> Integers | None:
    """The start of each run of equal scores, or None if all differ."""
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    return None if len(starts) == len(ordered) else starts


def _gathered(weights: Floats, starts: Integers | None) -> Floats:
    return weights if starts is None else np.add.reduceat(weights, starts, axis=1)


def _roc_area(scores: Floats, truth: Floats) -> Statistic:
    """The share of (positive, other) pairs in the right order, ties counting half (Hanley & McNeil, 1982)."""
    order = np.argsort(scores, kind="stable")
    starts = _ties(scores[order])
    positive = truth[order]

    def statistic(weights: Floats) -> Floats:
        ordered = np.take(weights, order, axis=1)
        hits = ordered * positive
        positives, others = _gathered(hits, starts), _gathered(ordered - hits, starts)
        below = np.cumsum(others, axis=1)
        pairs = positives.sum(axis=1) * below[:, -1]
        return divide(np.einsum("bn,bn->b", positives, below - others / 2), pairs, np.nan)

    return statistic


def _precision_recall_area(scores: Floats, truth: Floats) -> Statistic:
    """Average precision: precision at each score, weighted by the recall gained there (no interpolation)."""
    order = np.argsort(-scores, kind="stable")
    starts = _ties(scores[order])
    positive = truth[order]

    def statistic(weights: Floats) -> Floats:
        ordered = np.take(weights, order, axis=1)
        hits, all_rows = _gathered(ordered * positive, starts), _gathered(ordered, starts)
        precision = divide(np.cumsum(hits, axis=1), np.cumsum(all_rows, axis=1), 0.0)
        return divide(np.einsum("bn,bn->b", precision, hits), hits.sum(axis=1), np.nan)

    return statistic


ROC_AUC = Metric("roc_auc", "ROC AUC", "higher", _by_label(_roc_area))
PR_AUC = Metric("pr_auc", "PR AUC", "higher", _by_label(_precision_recall_area))
