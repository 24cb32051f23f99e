"""What people did with items, as arrays, and the histories that follow from it."""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from mlops.artifact.history import History, Pairs

type Texts = NDArray[np.object_]
type Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Histories:
    """Every user's history, all [U, I].

    `matrix` (float64) has the weights; what a user has seen and says nothing of liking is stored as a zero. `disliked`
    (bool) is what a user turned down last: not in the history, and never to be recommended.
    """

    matrix: csr_array
    disliked: csr_array

    def take(self, users: Places) -> "Histories":
        """The histories of these users, in this order."""
        return Histories(self.matrix[users], self.disliked[users])

    def row(self, user: int) -> History:
        """One user's history, as serving has it."""
        own = slice(*self.matrix.indptr[user : user + 2])
        other = slice(*self.disliked.indptr[user : user + 2])
        items, disliked = self.matrix.indices[own], self.disliked.indices[other]
        return History(items.astype(np.int64), self.matrix.data[own], disliked.astype(np.int64))


@dataclass(frozen=True, eq=False)
class Interactions:
    """N events: `user` and `item` (int32) are places in `users` [U] and `items` [I], which are ids as text.

    `weight` (float64) is what the event says: how much it is liked, 0 if it was only seen, below 0 if disliked. `time`
    (int64) is in milliseconds since 1970 in UTC; `event` (int8) is the kind's place in the spec's events.
    """

    users: Texts
    items: Texts
    user: NDArray[np.int32]
    item: NDArray[np.int32]
    weight: NDArray[np.float64]
    time: NDArray[np.int64]
    event: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.user)

    def take(self, rows: NDArray[Any]) -> Self:
        """Some events, by place or by mask; users and items keep their places."""
        chosen = {name: getattr(self, name)[rows] for name in ("user", "item", "weight", "time", "event")}
        return replace(self, **chosen)

    def compact(self) -> Self:
        """The same events with only the users and items that have some, in their order."""
        users, user = np.unique(self.user, return_inverse=True)
        items, item = np.unique(self.item, return_inverse=True)
        return replace(
            self,
            users=self.users[users],
            items=self.items[items],
            user=user.astype(np.int32),
            item=item.astype(np.int32),
        )

    def pairs(self) -> Pairs:
        """All events, reduced to one entry a pair of user and item; a pair's key is user * I + item."""
        keys = self.user.astype(np.int64) * len(self.items) + self.item
        return Pairs.reduce(keys, self.weight, self.time)

    def histories(self) -> Histories:
        """Each user's history, by the rule and by the code that serving reduces one user's events with."""
        shape = len(self.users), len(self.items)
        pairs = self.pairs()
        liked, disliked = pairs.keys[~pairs.disliked], pairs.keys[pairs.disliked]
        return Histories(
            matrix=_matrix(liked, pairs.weights[~pairs.disliked], shape),
            disliked=_matrix(disliked, np.ones(len(disliked), dtype=np.bool_), shape),
        )


def _matrix(pairs: Places, values: NDArray[Any], shape: tuple[int, int]) -> csr_array:
    """The matrix with these values at these pairs (user * I + item), which ascend without repetition."""
    users, items = np.divmod(pairs, shape[1])
    starts = np.zeros(shape[0] + 1, dtype=np.int64)
    np.cumsum(np.bincount(users, minlength=shape[0]), out=starts[1:])
    narrow = np.int32 if len(pairs) <= np.iinfo(np.int32).max else np.int64
    return csr_array((values, items.astype(narrow), starts.astype(narrow)), shape=shape)
