"""The item models: each scores all items for one history; the reference that a compiled graph must equal.

A history is H items, each with a weight of 0 or more; an item of weight 0 is one that the user has seen and that says
nothing about what they like. Weights are stored as float32 and summed as float64. Scores compare items for one user;
they have no unit. Leaving out the seen and the unavailable items is the caller's task.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

type Floats = NDArray[np.float64]
type Singles = NDArray[np.float32]
type Integers = NDArray[np.int64]


class ItemModel(Protocol):
    """What scores items for a history."""

    @property
    def count(self) -> int:
        """How many items the model knows, I."""
        ...

    def scores(self, items: Integers, weights: Floats) -> Floats:
        """The score of each item [I] for a history: item indices [H] without repetition, and their weights [H]."""
        ...

    def score_all(self, matrix: csr_array) -> Floats:
        """The same [B, I] for many histories, the rows of a matrix [B, I] of weights."""
        ...


@dataclass(frozen=True, eq=False)
class Popularity:
    """The same score for everybody: `popularity` [I]."""

    popularity: Floats

    @property
    def count(self) -> int:
        """How many items the model knows."""
        return len(self.popularity)

    def scores(self, items: Integers, weights: Floats) -> Floats:  # noqa: ARG002
        """The popularity of each item, whatever the history."""
        return self.popularity.copy()

    def score_all(self, matrix: csr_array) -> Floats:
        """The popularity of each item, for each history."""
        return np.tile(self.popularity, (matrix.shape[0], 1))


@dataclass(frozen=True, eq=False)
class DenseItems:
    """A linear model of pairs of items (EASE^R): having item i adds `weights[i, j]` [I, I] to the score of item j."""

    weights: Singles

    @property
    def count(self) -> int:
        """How many items the model knows."""
        return len(self.weights)

    def scores(self, items: Integers, weights: Floats) -> Floats:
        """The history's weights times the rows of its items."""
        return weights @ self.weights[items].astype(np.float64)

    def score_all(self, matrix: csr_array) -> Floats:
        """The histories' weights times the rows of all their items."""
        used = np.unique(matrix.indices)
        scores: Floats = matrix[:, used] @ self.weights[used].astype(np.float64)
        return scores


@dataclass(frozen=True, eq=False)
class SparseItems:
    """The same with at most m pairs an item: having item i adds `values[i, n]` to item `indices[i, n]` (int32), [I, m].

    Rows of fewer pairs are filled with value 0 at index 0 (item-kNN, pruned EASE^R).
    """

    indices: NDArray[np.int32]
    values: Singles

    @property
    def count(self) -> int:
        """How many items the model knows."""
        return len(self.indices)

    def scores(self, items: Integers, weights: Floats) -> Floats:
        """What the history's items add, each to its own few items."""
        added = weights[:, np.newaxis] * self.values[items].astype(np.float64)
        sums = np.bincount(self.indices[items].ravel(), weights=added.ravel(), minlength=self.count)
        return sums.astype(np.float64, copy=False)  # of no weights at all it makes integers

    def score_all(self, matrix: csr_array) -> Floats:
        """What the histories' items add, by a product of sparse matrices."""
        starts = np.arange(self.count + 1, dtype=np.int64) * self.indices.shape[1]
        pairs = csr_array((self.values.ravel(), self.indices.ravel(), starts), shape=(self.count, self.count))
        scores: Floats = (matrix @ pairs).toarray()
        return scores


@dataclass(frozen=True, eq=False)
class Factors:
    """A factor model (iALS): the user's factors x are solved for from the history, and an item's score is x times its.

    x minimises sum_h w_h (1 - x y_h)^2 + unobserved * sum_i (x y_i)^2 + r |x|^2 over the history h and all items i,
    where r = regularization * (sum_h w_h + unobserved * I) ** exponent (S. Rendle, W. Krichene, L. Zhang and Y. Koren,
    "Revisiting the performance of iALS on item recommendation benchmarks", RecSys 2022). The factors are rotated so
    that their Gram matrix is diagonal: `gram` [f] is all of it. So the normal equations' matrix is a diagonal and what
    the history adds, and is inverted as the smaller of a matrix of the history's items and one of the factors.
    """

    factors: Singles
    gram: Floats
    unobserved: float
    regularization: float
    exponent: float

    @property
    def count(self) -> int:
        """How many items the model knows."""
        return len(self.factors)

    def scores(self, items: Integers, weights: Floats) -> Floats:
        """Each item's factors [I, f] times the user's [f]."""
        return self.factors.astype(np.float64) @ self.fold_in(items, weights)

    def score_all(self, matrix: csr_array) -> Floats:
        """Each history folded in, times the items' factors."""
        rows = [slice(*ends) for ends in pairwise(matrix.indptr)]
        users = [self.fold_in(matrix.indices[row], matrix.data[row]) for row in rows]
        return np.stack(users) @ self.factors.T.astype(np.float64)

    def fold_in(self, items: Integers, weights: Floats) -> Floats:
        """The user's factors [f]; zeros for a history without weight."""
        ridge = self.regularization * (weights.sum() + self.unobserved * self.count) ** self.exponent
        spread = np.sqrt(self.unobserved * self.gram + ridge)
        roots = np.sqrt(weights)
        # With the rows b_h = sqrt(w_h) y_h / spread: x * spread = (1 + B'B)^-1 B' roots = B' (1 + BB')^-1 roots.
        scaled = roots[:, np.newaxis] * self.factors[items] / spread
        if len(items) <= len(spread):
            small: Floats = np.linalg.solve(np.eye(len(items)) + scaled @ scaled.T, roots) @ scaled
            return small / spread
        large: Floats = np.linalg.solve(np.eye(len(spread)) + scaled.T @ scaled, roots @ scaled)
        return large / spread
