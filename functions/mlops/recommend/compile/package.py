"""The files of a recommender's version that serving reads, by name."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlops.artifact.history import History, Pairs
from mlops.artifact.names import GOLDEN, HISTORIES, HISTORY_INDEX, ITEMS, MODEL
from mlops.artifact.recommender.golden import GoldenAnswer, write_golden
from mlops.artifact.recommender.histories import write_histories
from mlops.artifact.recommender.items import MAX_TRENDING, Items
from mlops.recommend.compile.compiler import compile_model
from mlops.recommend.compile.parity import rank_by_model
from mlops.recommend.models import ItemModel

GOLDEN_HISTORIES = 20


@dataclass(frozen=True)
class Catalogue:
    """The items by index: `ids` [I], `titles` [I] or None without a catalogue, and whether each is `available` [I].

    `trending` int64 are indices of items, the most popular of late first.
    """

    ids: Sequence[str]
    titles: Sequence[str | None] | None
    available: NDArray[np.bool_]
    trending: NDArray[np.int64]

    @property
    def unavailable(self) -> NDArray[np.int64]:
        """The indices of the items that aren't recommended."""
        return np.flatnonzero(~self.available)


def make_files(
    model: ItemModel, catalogue: Catalogue, users: Sequence[str], pairs: Pairs, k: int, column: str, key: bytes
) -> dict[str, bytes]:
    """The compiled model, its items, the users' histories and golden answers.

    `pairs` are those of all users and have the key (index in `users`) * I + item; users' ids are hashed
    as values of the contract's `column`, keyed by the privacy `key`. Raises CompilationFailed.
    """
    trending = catalogue.trending[catalogue.available[catalogue.trending]][:MAX_TRENDING]
    histories = write_histories(users, pairs, model.count, column, key)
    golden = [
        GoldenAnswer(each, k, rank_by_model(model, each, k, catalogue.unavailable))
        for each in choose_golden(pairs, model.count)
    ]
    return {
        MODEL: compile_model(model, catalogue.unavailable),
        GOLDEN: write_golden(golden),
        ITEMS: Items(catalogue.ids, catalogue.titles, trending).to_json(),
        HISTORY_INDEX: histories.index,
        HISTORIES: histories.shards,
    }


def choose_golden(pairs: Pairs, count: int) -> list[History]:
    """Users' histories to be golden: from the shortest to the longest, evenly; the same each time."""
    owners, starts, sizes = np.unique(pairs.keys // count, return_index=True, return_counts=True)
    if not len(owners):
        return []
    by_size = np.argsort(sizes, kind="stable")
    chosen = np.unique(np.linspace(0, len(owners) - 1, GOLDEN_HISTORIES).round().astype(np.int64))
    histories = []
    for place in by_size[chosen].tolist():
        own = slice(starts[place], starts[place] + sizes[place])
        of_user = Pairs(pairs.keys[own] % count, pairs.weights[own], pairs.times[own], pairs.disliked[own])
        histories.append(History.of(of_user))
    return histories
