"""Interactions of a simulated shop: each user has a taste, a group of items that they mostly take."""

from typing import Any

import numpy as np
from scipy.sparse import csr_array

from mlops.recommend.interactions import Histories, Interactions
from mlops.spec.recommender import RecommenderSpec

DAY = 86_400_000
START = 1_700_000_000_000


def draw_shop(users: int = 300, items: int = 60, groups: int = 5, events: int = 20, seed: int = 0) -> Interactions:
    """About `events` events a user over a year, nine tenths within the user's group; some are dislikes or views."""
    rng = np.random.default_rng(seed)
    count = users * events
    user = rng.integers(0, users, count)
    popularity = np.tile(1 / np.arange(1, items // groups + 1), groups)
    within = popularity[: items // groups] / popularity[: items // groups].sum()
    own = rng.choice(items // groups, count, p=within) * groups + user % groups
    item = np.where(rng.random(count) < 0.9, own, rng.integers(0, items, count))
    return Interactions(
        users=np.array([f"user {place}" for place in range(users)], dtype=object),
        items=np.array([f"item {place}" for place in range(items)], dtype=object),
        user=user.astype(np.int32),
        item=item.astype(np.int32),
        weight=np.array([1.0, 3.0, 0.0, -1.0])[rng.choice(4, count, p=[0.6, 0.3, 0.05, 0.05])],
        time=START + rng.integers(0, 365 * DAY, count),
        event=np.zeros(count, dtype=np.int8),
    )


def make_interactions(*events: tuple[int, int, float, int], users: int = 2, items: int = 4) -> Interactions:
    """Events of (user, item, weight, time)."""
    user, item, weight, time = zip(*events, strict=True) if events else ((), (), (), ())
    return Interactions(
        users=np.array([f"u{place}" for place in range(users)], dtype=object),
        items=np.array([f"i{place}" for place in range(items)], dtype=object),
        user=np.array(user, dtype=np.int32),
        item=np.array(item, dtype=np.int32),
        weight=np.array(weight, dtype=np.float64),
        time=np.array(time, dtype=np.int64),
        event=np.zeros(len(user), dtype=np.int8),
    )


def make_spec(**settings: Any) -> RecommenderSpec:
    """The spec of a shop that holds out users, unless it's told otherwise."""
    given = {"events": {"buy": 1.0}, "floors": {}, "k": 5, "split": "users", "min_items": 10, **settings}
    return RecommenderSpec(name="shop", **given)


def make_histories(rows: list[dict[int, float]], disliked: list[list[int]], items: int) -> Histories:
    """Histories of {item: weight} and of lists of disliked items."""
    return Histories(_matrix(rows, items), _matrix([dict.fromkeys(row, 1.0) for row in disliked], items).astype(bool))


def make_relevant(rows: list[list[int]], items: int) -> csr_array:
    """The relevant items of each user, as a matrix."""
    return _matrix([dict.fromkeys(row, 1.0) for row in rows], items).astype(bool)


def _matrix(rows: list[dict[int, float]], items: int) -> csr_array:
    pairs = [(row, item, weight) for row, each in enumerate(rows) for item, weight in sorted(each.items())]
    row, item, weight = (np.array(part) for part in zip(*pairs, strict=True)) if pairs else ([], [], [])
    return csr_array((np.asarray(weight, dtype=float), (row, item)), shape=(len(rows), items))
