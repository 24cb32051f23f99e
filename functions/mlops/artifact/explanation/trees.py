"""The contributions of trees, leaf by leaf, without walking through a tree.

To a leaf of value v lead conditions on some features. For a row, o_j is 1 if it meets those on feature j, else 0; z_j
is the share of the training rows, among those that met the conditions above, that met them. If only the features of a
set S are known, the leaf gives v times the product of o_j over S and of z_j over the rest: that is the game of
path-dependent TreeSHAP (Lundberg, Erion and Lee, "Consistent individualized feature attribution for tree ensembles",
2018). The game is multilinear, and the Shapley value of such a game is an integral along its diagonal (Owen,
"Multilinear extensions of games", 1972):

    phi_i = v (o_i - z_i) ∫ Π_{j≠i} (t o_j + (1-t) z_j) dt,  t from 0 to 1

The integrand is a polynomial in t of a degree below the number of features on the way, so that Gauss-Legendre's rule
with half as many points is exact.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Integers = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Leaves:
    """The leaves of an ensemble's trees that add up to its outputs; those of a lone root aren't among them.

    C conditions `low < column <= high`, or `missing` says whether a missing value meets it; P players, a player being a
    feature on the way to a leaf, each with its first condition, feature and `ratio` (z above); L leaves, each with its
    first player and its `values` [L, outputs], or [L, 1] and the number of the `output` that they count for.
    `base` [outputs] is what all leaves give if nothing of a row is known. `points` and `weights` are those of the
    quadrature on [0, 1].
    """

    column: Integers
    low: Floats
    high: Floats
    missing: NDArray[np.bool_]
    condition: Integers
    feature: Integers
    ratio: Floats
    player: Integers
    values: Floats
    output: Integers
    base: Floats
    points: Floats
    weights: Floats
    single: bool
    features: int

    def contributions(self, columns: Floats, output: int) -> Floats:
        """[features]: what each feature adds to the base of an output, for a row's columns."""
        if not len(self.player):
            return np.zeros(self.features)
        ratio, values = self.ratio, self._values(output)
        met = self._met(columns)
        known = met - ratio
        count = np.diff(self.player, append=len(ratio))
        found = np.zeros(len(ratio))
        for point, weight in zip(self.points.tolist(), self.weights.tolist(), strict=True):
            factor = ratio + point * known
            leaf = np.multiply.reduceat(factor, self.player)
            found += np.repeat(leaf * (weight * values), count) / factor
        return np.bincount(self.feature, weights=found * known, minlength=self.features)

    def _met(self, columns: Floats) -> NDArray[np.bool_]:
        """[P]: whether the row meets a player's conditions."""
        if self.single:
            columns = columns.astype(np.float32).astype(np.float64)
        cells = columns[self.column]
        met: NDArray[np.bool_] = ((cells > self.low) & (cells <= self.high)) | (self.missing & np.isnan(cells))
        if len(self.condition) == len(self.column):
            return met
        every: NDArray[np.bool_] = np.logical_and.reduceat(met, self.condition)
        return every

    def _values(self, output: int) -> Floats:
        if self.values.shape[1] == len(self.base):
            return self.values[:, output]
        return np.where(self.output == output, self.values[:, 0], 0.0)
