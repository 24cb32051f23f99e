"""The best items for each history as they are served: without what was seen or disliked, trending without a history."""

import numpy as np
from numpy.typing import NDArray

from mlops.recommend.interactions import Histories
from mlops.recommend.models import ItemModel

NOTHING = -1
"""Stands in a list where no item is left to recommend."""
_ROWS = 256


def rank(model: ItemModel, trending: NDArray[np.int64], histories: Histories, k: int) -> NDArray[np.int64]:
    """The best k items [T, k] of each history, the lower index first among equals.

    A history without any weight is answered with the `trending` items, in their order. Lists that end early are filled
    with NOTHING.
    """
    by_trend = np.full(model.count, -np.inf)
    by_trend[trending] = -np.arange(len(trending))
    lists = np.empty((histories.matrix.shape[0], k), dtype=np.int64)
    for start in range(0, len(lists), _ROWS):
        rows = slice(start, start + _ROWS)
        matrix, disliked = histories.matrix[rows], histories.disliked[rows]
        scores = model.score_all(matrix)
        scores[np.asarray(matrix.sum(axis=1)).ravel() == 0] = by_trend
        for left_out in (matrix, disliked):
            scores[np.repeat(np.arange(len(scores)), np.diff(left_out.indptr)), left_out.indices] = -np.inf
        lists[rows] = top(scores, k)
    return lists


def top(scores: NDArray[np.float64], k: int) -> NDArray[np.int64]:
    """The k best of each row [B, k], the lower index first among equals; NOTHING for scores of minus infinity."""
    rows, items = scores.shape
    best = np.full((rows, k), NOTHING)
    size = min(k, items)
    worst = np.partition(scores, items - size, axis=1)[:, items - size]
    for row in range(rows):
        candidates = np.flatnonzero((scores[row] >= worst[row]) & (scores[row] > -np.inf))
        order = np.argsort(-scores[row, candidates], kind="stable")[:size]
        best[row, : len(order)] = candidates[order]
    return best
