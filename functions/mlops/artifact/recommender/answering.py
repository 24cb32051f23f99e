"""From a user's events to what is ranked: the rules of serving, which who judges a version off-line must follow too."""

from collections.abc import Iterable, Mapping
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from mlops.artifact.history import History, Pairs
from mlops.interactions import InteractionContract

MAX_RANKED = 1_000
"""Items of a history that are ranked by, the latest ones: a longer one would take longer than it helps."""
POOL = 3
"""An answer of k items that explores is drawn from the best POOL * k."""

type EventTuple = tuple[str, str, int, float | None]
"""Item id, event name, time in ms since 1970, and rating if it has one."""
type Weighed = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]


def weigh_events(
    contract: InteractionContract, places: Mapping[str, int], events: Iterable[EventTuple]
) -> tuple[Weighed, int]:
    """The events' items, weights and times, [N] each, and how many are of items that aren't in `places`.

    What says nothing of taste is left out, as is what only an earlier version's contract had.
    """
    known = contract.events
    items, names, moments, ratings = [*zip(*events, strict=True)] or [()] * 4
    weights: list[float | None]
    if ratings.count(None) == len(ratings):
        weights = [*map(known.get, names)]
    else:
        weights = [
            contract.weigh(name, rating) if name in known else None for name, rating in zip(names, ratings, strict=True)
        ]
    keys, times, unknown = [*map(places.get, items)], [*moments], 0
    if None in weights or None in keys:
        unknown = sum(key is None and weight is not None for key, weight in zip(keys, weights, strict=True))
        kept = [key is not None and weight is not None for key, weight in zip(keys, weights, strict=True)]
        keys, weights, times = [*compress(keys, kept)], [*compress(weights, kept)], [*compress(times, kept)]
    columns = np.array(keys, dtype=np.int64), np.array(weights, dtype=np.float64), np.array(times, dtype=np.int64)
    return columns, unknown


def limit_history(pairs: Pairs) -> tuple[History, NDArray[np.int64] | None]:
    """The history of pairs, at most MAX_RANKED items long, and the items that are too old for it."""
    history = History.of(pairs)
    if len(history.items) <= MAX_RANKED:
        return history, None
    times = pairs.times[~pairs.disliked]
    latest = np.sort(np.lexsort((history.items, -times))[:MAX_RANKED])
    older = np.delete(history.items, latest)
    return History(history.items[latest], history.weights[latest], history.disliked), older


def is_telling(history: History) -> bool:
    """Whether anything in it is preferred, so that it can be ranked by."""
    return bool(np.count_nonzero(history.weights))


def pick_trending(
    trending: NDArray[np.int64], history: History, excluded: NDArray[np.int64] | None, depth: int
) -> list[int]:
    """The first `depth` trending items, without what the user has seen or dislikes, and without the excluded ones."""
    left_out: set[int] = {
        *history.items.tolist(),
        *history.disliked.tolist(),
        *(() if excluded is None else excluded.tolist()),
    }
    # So many can't all be left out; there may be a thousand more.
    enough = trending[: depth + len(left_out)]
    return [item for item in enough.tolist() if item not in left_out][:depth]
