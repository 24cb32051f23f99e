"""Whether a compiled graph ranks as its item model does."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from mlops.artifact.history import History
from mlops.artifact.recommender.ranking import Ranked, Ranking
from mlops.errors.training import CompilationFailed
from mlops.recommend.models import ItemModel

TOLERANCE = 1e-6


def rank_by_model(model: ItemModel, history: History, k: int, unavailable: NDArray[np.int64]) -> Ranked:
    """The best k items by the item model itself: of equal scores the lower index first."""
    scores = model.scores(history.items, history.weights)
    for masked in (history.items, history.disliked, unavailable):
        scores[masked] = -np.inf
    best = np.lexsort((np.arange(len(scores)), -scores))[:k]
    best = best[scores[best] > -np.inf]
    return Ranked(best, scores[best])


def largest_deviation(
    ranking: Ranking, model: ItemModel, histories: Iterable[History], k: int, unavailable: NDArray[np.int64]
) -> float:
    """How far the graph's scores are from the item model's for the same ranks and for the same items, at most.

    Raises CompilationFailed if it answers another number of items, or one that it has to leave out.
    """
    off = 0.0
    for history in histories:
        expected, found = rank_by_model(model, history, k, unavailable), ranking.rank(history, k)
        if len(found.items) != len(expected.items):
            reason = f"it answers {len(found.items)} items where the model has {len(expected.items)}"
            raise CompilationFailed(type(model).__name__, reason)
        masked = np.concatenate((history.items, history.disliked, unavailable))
        if np.isin(found.items, masked).any() or len(np.unique(found.items)) < len(found.items):
            raise CompilationFailed(type(model).__name__, "it answers an item twice, or one that is to be left out")
        own = model.scores(history.items, history.weights)[found.items]
        for other in (expected.scores, own):
            off = max(off, float(np.max(np.abs(found.scores - other), initial=0.0)))
    return off
