"""A user's history: the one rule from events to what a recommender takes, in training and in serving.

Of a user's events with one item the latest sign counts: a negative weight is a dislike, which takes the item out of
the history and keeps it from being recommended; a later positive event brings it back. At the same moment the dislike
counts. Among the positive events the strongest weight counts, however old it is. An event of weight 0 marks the item
as seen, without a preference.

Each pair of user and item is thus reduced to three maxima: the time of the latest positive event, that of the latest
dislike, and the strongest weight. Maxima don't depend on the order of the events, nor on how often one is counted, and
the result may be reduced further together with later events: late, repeated and concurrent events do no harm.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

LONG_AGO = np.iinfo(np.int64).min
"""Earlier than any event, in ms."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Reduced events: one a pair of user and item, or a user's one an item.

    `keys` int64 [P] ascend; `weights` float64 [P] are the strongest, 0 without a positive event; `times` int64 [P] are
    those of the latest event of the sign that counts, in ms since 1970; `disliked` bool [P].
    """

    keys: NDArray[np.int64]
    weights: NDArray[np.float64]
    times: NDArray[np.int64]
    disliked: NDArray[np.bool_]

    @classmethod
    def reduce(cls, keys: NDArray[np.int64], weights: NDArray[np.float64], times: NDArray[np.int64]) -> Self:
        """The pairs of events, each with its pair's key, its weight and its time in ms, in any order, [N] each."""
        if not len(keys):
            empty = np.empty(0, dtype=np.int64)
            return cls(empty, np.empty(0), empty, np.empty(0, dtype=bool))
        order = keys.argsort(kind="stable")
        keys, weights, times = keys[order], weights[order], times[order]
        are_first = np.ones(len(keys), dtype=bool)
        np.not_equal(keys[1:], keys[:-1], out=are_first[1:])
        if are_first.all() and weights.min() >= 0:  # most requests: nothing is left to reduce
            return cls(keys, weights, times, ~are_first)
        starts = are_first.nonzero()[0]
        liked_at = np.maximum.reduceat(np.where(weights > 0, times, LONG_AGO), starts)
        disliked_at = np.maximum.reduceat(np.where(weights < 0, times, LONG_AGO), starts)
        disliked = (disliked_at >= liked_at) & (np.minimum.reduceat(weights, starts) < 0)
        strongest = np.maximum(np.maximum.reduceat(weights, starts), 0.0)
        seen_at = np.where(strongest > 0, liked_at, np.maximum.reduceat(times, starts))
        return cls(keys[starts], strongest, np.where(disliked, disliked_at, seen_at), disliked)

    def merge(self, keys: NDArray[np.int64], weights: NDArray[np.float64], times: NDArray[np.int64]) -> "Pairs":
        """The pairs of these events and further ones: the same as reducing all of them at once."""
        # A pair that is disliked is two events: the dislike, and its strongest weight some time before.
        signs = np.where(self.disliked, -1.0, self.weights)
        kept = self.disliked & (self.weights > 0)
        return Pairs.reduce(
            np.concatenate((self.keys, self.keys[kept], keys)),
            np.concatenate((signs, self.weights[kept], weights)),
            np.concatenate((self.times, np.full(np.count_nonzero(kept), LONG_AGO), times)),
        )


@dataclass(frozen=True, slots=True)
class History:
    """What a recommender takes of a user: items with their weights, and the items that are disliked.

    `items` int64 [H] are indices and ascend, `weights` float64 [H] are 0 or more, `disliked` int64 [D] ascend.
    """

    items: NDArray[np.int64]
    weights: NDArray[np.float64]
    disliked: NDArray[np.int64]

    @classmethod
    def of(cls, pairs: Pairs) -> Self:
        """The history in a user's pairs, whose keys are the items' indices."""
        if not pairs.disliked.any():
            return cls(pairs.keys, pairs.weights, pairs.keys[:0])
        liked = ~pairs.disliked
        return cls(pairs.keys[liked], pairs.weights[liked], pairs.keys[pairs.disliked])


def history(items: NDArray[np.int64], weights: NDArray[np.float64], times: NDArray[np.int64]) -> History:
    """A user's history by the user's events: item index, weight, and time in ms of each, in any order, [N] each."""
    return History.of(Pairs.reduce(items, weights, times))
