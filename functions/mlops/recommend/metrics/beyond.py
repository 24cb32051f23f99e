"""What lists are besides finding what was taken: how much of the catalogue they show, how new, how popular it is.

Ó. Celma and P. Herrera, "A new approach to evaluating novel recommendations", RecSys 2008; H. Abdollahpouri, M.
Mansoury, R. Burke and B. Mobasher, "The unfairness of popularity bias in recommendation", RMSE 2019.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

type Floats = NDArray[np.float64]
type Lists = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Coverage:
    """The share of `items` that is in at least one list, and by how much it'd fall without each list [T]."""

    value: float
    alone: Floats

    @property
    def error(self) -> float:
        """The jackknife's standard error, which is never too small on average (B. Efron and C. Stein, 1981)."""
        count = len(self.alone)
        return float(np.sqrt((count - 1) / count * ((self.alone - self.alone.mean()) ** 2).sum()))


def coverage(lists: Lists, items: int) -> Coverage:
    """The coverage of a catalogue of so many items by lists [T, k]; more lists cover more."""
    shown = lists >= 0
    counts = np.bincount(lists[shown], minlength=items)
    alone = ((counts[np.where(shown, lists, 0)] == 1) & shown).sum(axis=1)
    return Coverage(float((counts > 0).sum() / items), alone / items)


def novelty(lists: Lists, popularity: Floats) -> Floats:
    """How surprising each user's list is [T]: the mean of -log2 of the share of users who have the item, in bits.

    `popularity` [I] are those shares; an item that nobody has counts as if half a user had it, by the smallest share.
    Empty lists have NaN.
    """
    least = popularity[popularity > 0].min(initial=1.0) / 2
    bits = -np.log2(np.maximum(popularity, least))
    return _mean(bits, lists)


@dataclass(frozen=True, eq=False)
class PopularityLift:
    """The mean popularity of what each user is recommended and of what they have [T]; NaN for those without a history.

    The popularity bias is how much more popular recommendations are than histories: the ratio of the two means over
    users, less 1. At 0 people are shown what is as popular as what they take.
    """

    recommended: Floats
    taken: Floats


def popularity_lift(lists: Lists, histories: csr_array, popularity: Floats) -> PopularityLift:
    """The popularity (share of users) of lists [T, k] and of what users like in their histories [T, I]."""
    likes = histories > 0
    counts = np.diff(likes.indptr)
    sums: Floats = likes.astype(np.float64) @ popularity
    taken = np.divide(sums, counts, out=np.full(len(lists), np.nan), where=counts > 0)
    recommended = np.where(counts > 0, _mean(popularity, lists), np.nan)
    return PopularityLift(recommended, taken)


def _mean(values: Floats, lists: Lists) -> Floats:
    """The mean of the values [I] of each list's items."""
    shown = lists >= 0
    counts = shown.sum(axis=1)
    sums = np.where(shown, values[np.where(shown, lists, 0)], 0).sum(axis=1)
    means: Floats = np.divide(sums, counts, out=np.full(len(lists), np.nan), where=counts > 0)
    return means
