"""What is held out: a task is what to learn from, what is shown of each test user, and what they took besides."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from mlops.recommend.interactions import Histories, Interactions, Places

HIDDEN = 0.2
"""The share of a held-out user's items that the model must find; the others are the history that it's given."""


@dataclass(frozen=True, eq=False)
class Task:
    """`known` is learnt from; each of T test users has a row of `histories` [T, I] and of `relevant` (bool) [T, I].

    Relevant is what a user liked among what's held out, except what the history has or what they disliked before, as
    nobody would be recommended that. `users` [T] are places in `known.users`. `unreachable` is the share of relevant
    items, already left out, that nobody had before, so that no model could know them. `since` is the time (ms) from
    which on all is held out, None where users are.
    """

    known: Interactions
    users: Places
    histories: Histories
    relevant: csr_array
    unreachable: float
    since: int | None = None

    def take(self, rows: NDArray[Any]) -> "Task":
        """The task with some of its test users, by place or by mask."""
        places = np.arange(len(self.users))[rows]
        return replace(
            self,
            users=self.users[places],
            histories=self.histories.take(places),
            relevant=self.relevant[places],
        )


def head_of(task: Task, most: int) -> Task:
    """The task as if only the `most` popular items were in the catalogue, in the order of their places."""
    counts = np.bincount(task.known.item, minlength=len(task.known.items))
    head = np.sort(np.argsort(-counts, kind="stable")[:most])
    place = np.full(len(counts), -1, dtype=np.int32)
    place[head] = np.arange(len(head))
    known = task.known.take(place[task.known.item] >= 0)
    known = replace(known, items=known.items[head], item=place[known.item])
    histories = Histories(task.histories.matrix[:, head], task.histories.disliked[:, head])
    part = replace(task, known=known, histories=histories, relevant=task.relevant[:, head])
    return part.take(np.diff(part.relevant.indptr) > 0)


def split_by_time(interactions: Interactions, cut: int, most_users: int, rng: np.random.Generator) -> Task:
    """Learn from what was before the time `cut` (ms), and test on what came then.

    A user's history is what they did before; users who weren't there before have none. Of more than `most_users` some
    are drawn.
    """
    known, later = interactions.take(interactions.time < cut), interactions.take(interactions.time >= cut)
    before, after = known.histories(), later.histories()
    return replace(_task(known, before, _liked(after.matrix), most_users, rng), since=cut)


def cut_time(interactions: Interactions, share: float) -> int:
    """The time (ms) from which on the latest `share` of the interactions happened."""
    return int(np.quantile(interactions.time, 1 - share, method="lower"))


def split_by_users(
    interactions: Interactions, held_out: NDArray[np.bool_], most_users: int, rng: np.random.Generator
) -> Task:
    """Learn from some users, and test on the others, `held_out` [U], none of whose events is learnt from.

    Of what a test user liked, a fifth is hidden, drawn at random, at least one item; the rest is the history (D. Liang,
    R. Krishnan, M. Hoffman and T. Jebara, "Variational autoencoders for collaborative filtering", WWW 2018). Users with
    less than two such items can't be tested on.
    """
    known = interactions.take(~held_out[interactions.user])
    tested = interactions.take(held_out[interactions.user]).histories()
    liked = _liked(tested.matrix)
    counts = np.diff(liked.indptr)
    hidden = np.where(counts >= 2, np.maximum(1, (HIDDEN * counts).astype(np.int64)), 0)
    row = np.repeat(np.arange(len(counts)), counts)
    order = np.lexsort((rng.random(liked.nnz), row))
    chosen = np.zeros(liked.nnz, dtype=np.bool_)
    chosen[order[np.arange(liked.nnz) - np.repeat(liked.indptr[:-1], counts) < np.repeat(hidden, counts)]] = True
    relevant = csr_array(
        (np.ones(int(chosen.sum()), dtype=np.bool_), (row[chosen], liked.indices[chosen])), liked.shape
    )
    shown = _without(tested.matrix, relevant)
    return _task(known, Histories(shown, tested.disliked), relevant, most_users, rng)


def fold_users(interactions: Interactions, folds: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Each user's fold [U], of as many users with events each as can be; -1 for users without events."""
    active = np.unique(interactions.user)
    fold = np.full(len(interactions.users), -1)
    fold[rng.permutation(active)] = np.arange(len(active)) % folds
    return fold


def draw_users(interactions: Interactions, share: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Which users [U] are held out: so large a share of those with events, and at least one."""
    active = np.unique(interactions.user)
    held_out = np.zeros(len(interactions.users), dtype=np.bool_)
    held_out[rng.permutation(active)[: max(1, math.ceil(share * len(active)))]] = True
    return held_out


def _task(
    known: Interactions, histories: Histories, wanted: csr_array, most_users: int, rng: np.random.Generator
) -> Task:
    """The task of test users who want something that they don't have, of which some model could know."""
    wanted = _without(_without(wanted, histories.matrix), histories.disliked)
    reachable = np.zeros(len(known.items), dtype=np.bool_)
    reachable[known.item] = True
    kept = reachable[wanted.indices]
    row = np.repeat(np.arange(wanted.shape[0]), np.diff(wanted.indptr))
    relevant = csr_array((wanted.data[kept], (row[kept], wanted.indices[kept])), wanted.shape)
    users = np.flatnonzero(np.diff(relevant.indptr))
    if len(users) > most_users:
        users = np.sort(rng.choice(users, most_users, replace=False))
    unreachable = float(1 - kept.mean()) if len(kept) else 0.0
    return Task(known, users, histories.take(users), relevant[users], unreachable)


def _liked(matrix: csr_array) -> csr_array:
    liked = matrix > 0
    return csr_array(liked)


def _without(matrix: csr_array, other: csr_array) -> csr_array:
    """The matrix without the pairs that another one stores, be it as zeros."""
    row = np.repeat(np.arange(matrix.shape[0], dtype=np.int64), np.diff(matrix.indptr))
    others = np.repeat(np.arange(other.shape[0], dtype=np.int64), np.diff(other.indptr))
    pairs = row * matrix.shape[1] + matrix.indices
    kept = ~np.isin(pairs, others * other.shape[1] + other.indices)
    return csr_array((matrix.data[kept], (row[kept], matrix.indices[kept])), matrix.shape)
