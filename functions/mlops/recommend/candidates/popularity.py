"""Popularity: what most people take, the newer the more it counts."""

import math

import numpy as np
from numpy.typing import NDArray

from mlops.recommend.interactions import Interactions
from mlops.recommend.models import Popularity

MS_PER_DAY = 86_400_000


def fit_popularity(interactions: Interactions, half_life_days: float) -> Popularity:
    """The sum of each item's positive weights, which halve every `half_life_days` before the latest event.

    One event a user and item counts, the latest, so that nobody makes an item popular alone. Without decay
    (`math.inf`) all count the same.
    """
    liked = interactions.take(interactions.weight > 0)
    pair = liked.user.astype(np.int64) * len(liked.items) + liked.item
    order = np.lexsort((liked.weight, liked.time, pair))
    last = order[np.flatnonzero(np.diff(pair[order], append=-1))]
    age = (interactions.time.max(initial=0) - liked.time[last]) / MS_PER_DAY
    decay = np.exp2(-age / half_life_days) if math.isfinite(half_life_days) else 1.0
    weights = np.bincount(liked.item[last], liked.weight[last] * decay, minlength=len(liked.items))
    return Popularity(weights.astype(np.float64, copy=False))


def trending(interactions: Interactions, half_life_days: float) -> NDArray[np.int64]:
    """All items, the most popular first; of equals the lower index."""
    return np.argsort(-fit_popularity(interactions, half_life_days).popularity, kind="stable")
