"""Slices: the users and the items that a recommender must do well on, each by itself."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from mlops.recommend.evaluation.lists import Answers, judge
from mlops.recommend.split import Task

MINIMUM_USERS = 30
TAIL = 0.2
"""The tail are the least popular items that together have so large a share of all interactions."""


@dataclass(frozen=True, eq=False)
class Slice:
    """Some of a task's users [S], and which of the items [I] count as relevant, if not all."""

    where: str
    users: NDArray[np.int64]
    items: NDArray[np.bool_] | None = None

    def of(self, answers: Answers) -> Answers:
        """The part of the answers that this slice is about: the lists stay as they are."""
        part = answers.take(self.users)
        return part if self.items is None else judge(part.lists, _only(part.relevant, self.items))


def cut_slices(task: Task) -> tuple[tuple[Slice, ...], tuple[Slice, ...]]:
    """The slices that have at least MINIMUM_USERS test users, and those that have less.

    New users have no history; of the others the lighter half is light and the rest heavy. In the slice of the tail only
    its items count as relevant, for the users who took some.
    """
    found = list(_slices(task))
    judged = tuple(part for part in found if len(part.users) >= MINIMUM_USERS)
    return judged, tuple(part for part in found if len(part.users) < MINIMUM_USERS)


def tail_items(counts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which items [I] are the tail, by how many users have each [I]; of equals the later ones come first."""
    order = np.lexsort((-np.arange(len(counts)), counts))
    tail = np.zeros(len(counts), dtype=np.bool_)
    tail[order[np.cumsum(counts[order]) <= TAIL * counts.sum()]] = True
    return tail


def _slices(task: Task) -> Iterator[Slice]:
    liked = (task.histories.matrix > 0).indptr
    counts = np.diff(liked)
    yield Slice("users = new (no history)", np.flatnonzero(counts == 0))
    some = counts[counts > 0]
    if len(some):
        middle = int(np.quantile(some, 0.5, method="lower"))
        yield Slice(f"users = light (1 to {middle} items)", np.flatnonzero((counts > 0) & (counts <= middle)))
        yield Slice(f"users = heavy (more than {middle} items)", np.flatnonzero(counts > middle))
    tail = tail_items(item_counts(task))
    taken = np.diff(_only(task.relevant, tail).indptr)
    yield Slice(f"items = tail ({int(tail.sum())} of {len(tail)})", np.flatnonzero(taken), tail)


def item_counts(task: Task) -> NDArray[np.int64]:
    """How many users like each item [I] in what's learnt from."""
    liked = task.known.histories().matrix > 0
    return np.bincount(liked.indices, minlength=liked.shape[1])


def item_shares(task: Task) -> NDArray[np.float64]:
    """The share of the users learnt from who like each item [I]."""
    return item_counts(task) / max(1, len(np.unique(task.known.user)))


def _only(relevant: csr_array, items: NDArray[np.bool_]) -> csr_array:
    """The relevant pairs of some items."""
    row = np.repeat(np.arange(relevant.shape[0]), np.diff(relevant.indptr))
    kept = items[relevant.indices]
    return csr_array((relevant.data[kept], (row[kept], relevant.indices[kept])), relevant.shape)
