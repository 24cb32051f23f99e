"""The contributions of trees, level by level, in time that grows with their nodes.

If only the features of a set S of a row are known, a leaf of value v gives v times the product of o_j over the features
j of S on the way to it, and of z_j over the others: o_j is 1 if the row meets the conditions on j, else 0; z_j is the
share of the training rows, among those that met the conditions above, that met them. That is the game of path-dependent
TreeSHAP (Lundberg, Erion and Lee, "Consistent individualized feature attribution for tree ensembles", 2018). It is
multilinear, and the Shapley value of such a game is an integral along its diagonal (Owen, "Multilinear extensions of
games", 1972):

    phi_i = v (o_i - z_i) ∫ Π_{j≠i} f_j(t) dt,  f_j(t) = t o_j + (1-t) z_j,  t from 0 to 1

The integrand is a polynomial in t of a degree below the number of features on the way, so that Gauss-Legendre's rule
with half as many points is exact. The products are shared by all leaves below a node, from the root down; and so is
their sum, from the leaves up (Yu, Xu and others, "Linear TreeShap", 2022, who do the same with coefficients of
polynomials). A condition on i leads to node n, and p is the nearest node above n to which one leads, or the root, where
o = z = 1. Leaves below n have n's o and z in place of p's. With G_n(t) their sum of v Π_j f_j(t),

    phi_i = Σ_n ∫ G_n(t) [(o_n - z_n) / f_n(t) - (o_p - z_p) / f_p(t)] dt
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Integers = NDArray[np.int64]

EVERY_OUTPUT = -1
_CELLS_AT_ONCE = 1 << 18
"""Nodes times points that are held in memory at once: a few arrays of 2 MB."""


@dataclass(frozen=True, slots=True)
class Trees:
    """An ensemble's trees that add up to its outputs; those of a lone root aren't among them.

    The trees are in G groups. The N nodes of a group are in the order of their level, roots first; the two nodes below
    a split follow each other, the left one first, in the order of the splits. `split` [N] says which nodes have some
    below; of S splits, a row goes left where its `column` <= `threshold`, or it is missing and `missing_left`, and
    `previous` is the place in the group of the nearest node at or above it to which a condition on the same feature
    leads; 0, a root, where there is none. `ratio` [N] is z above, of all conditions on the node's feature together, 1
    for roots. `values` [leaves, outputs], or [leaves, 1] of the group's one `output`.

    `nodes`, `roots` and `output` [G] describe the groups. `feature` [columns] is the feature of each column. `base`
    [outputs] is what all leaves give if nothing of a row is known. `points` and `weights` are those of the quadrature.
    """

    split: NDArray[np.bool_]
    column: NDArray[np.integer[Any]]
    threshold: NDArray[np.floating[Any]]
    missing_left: NDArray[np.bool_]
    previous: NDArray[np.integer[Any]]
    ratio: Floats
    values: Floats
    nodes: Integers
    roots: Integers
    output: Integers
    feature: Integers
    base: Floats
    points: Floats
    weights: Floats
    single: bool
    features: int
    _groups: tuple["_Group", ...] = field(init=False, repr=False, compare=False, default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "_groups", tuple(self._make_groups()))

    @property
    def cost(self) -> int:
        """Nodes times points: what a row costs."""
        return len(self.split) * len(self.points)

    def contributions(self, columns: Floats, output: int) -> Floats:
        """[features]: what each feature adds to the base of an output, for a row's columns."""
        if self.single:
            columns = columns.astype(np.float32).astype(np.float64)
        total = np.zeros(self.features)
        for group in self._groups:
            if group.output in (EVERY_OUTPUT, output):
                goes_left = self._goes_left(columns, group)
                moved = group.moves(goes_left, self._values(group, output), self.points, self.weights)
                feature = np.repeat(self.feature[self.column[group.splits]], 2)
                total += np.bincount(feature, weights=moved, minlength=self.features)
        return total

    def unknown(self, output: int) -> float:
        """What the leaves give to an output if nothing of a row is known."""
        groups = (group for group in self._groups if group.output in (EVERY_OUTPUT, output))
        return sum(group.sum_unknown(self._values(group, output)) for group in groups)

    def _goes_left(self, columns: Floats, group: "_Group") -> NDArray[np.bool_]:
        cells = columns[self.column[group.splits]]
        left: NDArray[np.bool_] = cells <= self.threshold[group.splits]
        left |= self.missing_left[group.splits] & np.isnan(cells)
        return left

    def _values(self, group: "_Group", output: int) -> Floats:
        return self.values[group.leaves, output if group.output == EVERY_OUTPUT else 0]

    def _make_groups(self) -> Iterator["_Group"]:
        node = split = leaf = 0
        for count, roots, output in zip(self.nodes.tolist(), self.roots.tolist(), self.output.tolist(), strict=True):
            is_split = self.split[node : node + count]
            splits, leaves = int(is_split.sum()), int(count - is_split.sum())
            yield _Group(
                levels=_find_levels(is_split, roots),
                output=output,
                splits=slice(split, split + splits),
                leaves=slice(leaf, leaf + leaves),
                split=is_split,
                previous=np.repeat(self.previous[split : split + splits], 2),
                ratio=self.ratio[node : node + count],
            )
            node, split, leaf = node + count, split + splits, leaf + leaves


@dataclass(frozen=True, slots=True)
class _Group:
    """Trees that are walked through together; `splits` and `leaves` are those of the ensemble that are theirs.

    `levels` has where each level begins, and the end.
    """

    levels: tuple[int, ...]
    output: int
    splits: slice
    leaves: slice
    split: NDArray[np.bool_]
    previous: NDArray[np.integer[Any]]
    ratio: Floats

    @property
    def roots(self) -> int:
        """How many trees there are."""
        return self.levels[1]

    def moves(self, goes_left: NDArray[np.bool_], values: Floats, points: Floats, weights: Floats) -> Floats:
        """[nodes below a root]: what the condition that leads to each node adds to the output."""
        known = self._met(goes_left) - self.ratio
        moved = np.zeros(len(self.split) - self.roots)
        at_once = max(1, _CELLS_AT_ONCE // len(self.split))
        for start in range(0, len(points), at_once):
            factor = self.ratio[:, np.newaxis] + known[:, np.newaxis] * points[start : start + at_once]
            below = self._sums(self._products(factor), values)
            share = known[:, np.newaxis] / factor
            below[self.roots :] *= share[self.roots :] - share[self.previous]
            moved += below[self.roots :] @ weights[start : start + at_once]
        return moved

    def sum_unknown(self, values: Floats) -> float:
        """The values, each times the product of the ratios on its way."""
        products = self._products(self.ratio[:, np.newaxis])
        return float(values @ products[~self.split, 0])

    def _met(self, goes_left: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Whether the row meets all conditions on a node's feature down to it; true at roots."""
        met = np.ones(len(self.split), dtype=np.bool_)
        met[self.roots :: 2] = goes_left
        met[self.roots + 1 :: 2] = ~goes_left
        for start, end in pairwise(self.levels[1:]):
            met[start:end] &= met[self.previous[start - self.roots : end - self.roots]]
        return met

    def _products(self, factor: Floats) -> Floats:
        """[nodes, points]: the product of the factors of all features on the way to each node."""
        products = np.ones_like(factor)
        step = factor[self.roots :] / factor[self.previous]
        levels = self.levels
        for above, (start, end) in zip(pairwise(levels), pairwise(levels[1:]), strict=False):
            parents = products[above[0] : above[1]][self.split[above[0] : above[1]]]
            products[start:end] = np.repeat(parents, 2, axis=0) * step[start - self.roots : end - self.roots]
        return products

    def _sums(self, products: Floats, values: Floats) -> Floats:
        """The products, in place, as sums over the leaves at or below each node, each times its value."""
        products[~self.split] *= values[:, np.newaxis]
        levels = self.levels
        for above, (start, end) in reversed([*zip(pairwise(levels), pairwise(levels[1:]), strict=False)]):
            places = above[0] + np.flatnonzero(self.split[above[0] : above[1]])
            products[places] = products[start:end:2] + products[start + 1 : end : 2]
        return products


def _find_levels(is_split: NDArray[np.bool_], roots: int) -> tuple[int, ...]:
    levels = [0, roots]
    while levels[-1] < len(is_split):
        levels.append(levels[-1] + 2 * int(is_split[levels[-2] : levels[-1]].sum()))
    return tuple(levels)
