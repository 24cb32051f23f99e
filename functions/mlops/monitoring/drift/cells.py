"""Cells: a line of values cut at fixed ranks of the reference rows, so that their chances are known without a model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]

_TIE_DIGITS = 6


@dataclass(frozen=True)
class Cells:
    """K intervals of the real line, cut at K - 1 of the n reference values.

    Equal values are ordered at random: value i is the pair (x_i, u_i) with u_i uniform. The n pairs leave n + 1 gaps
    between them, and the chances of a new pair to fall into them are jointly Dirichlet(1, …, 1), whatever the
    distribution of the values (S. S. Wilks, Mathematical Statistics, 1962, section 8.7). A cell is a run of
    `gaps[k]` neighbouring gaps whose number doesn't depend on the reference values. So the cells that new rows fall
    into are draws from Pólya's urn with `gaps[k]` balls of colour k, exactly: that is what makes the tests exact.
    """

    edges: Floats
    ties: Floats
    gaps: Ints

    @classmethod
    def cut(cls, values: Floats, ranks: Sequence[int], rng: np.random.Generator) -> Self:
        """Cells between the reference values at these ranks (1 is the least value, n the greatest).

        The ranks may depend on n, and on rows that aren't among `values`, but not on `values`.
        """
        ties = rng.random(len(values))
        order = np.lexsort((ties, values))
        chosen = np.unique(np.asarray(ranks, np.int64))
        if len(chosen) and not 1 <= chosen[0] <= chosen[-1] <= len(values):
            raise ValueError(f"ranks {chosen[0]} to {chosen[-1]} of {len(values)} values")
        picked = order[chosen - 1]
        gaps = np.diff([0, *chosen, len(values) + 1])
        return cls(values[picked], np.round(ties[picked], _TIE_DIGITS), gaps)

    def place(self, values: Floats, rng: np.random.Generator) -> Ints:
        """The cell of each value, in an order of its own: random, and the same for the same set of values."""
        pairs = _pairs(np.sort(values), rng.random(len(values)))
        cells: Ints = np.searchsorted(_pairs(self.edges, self.ties), pairs)
        rng.shuffle(cells)
        return cells

    def expect(self, values: Floats) -> Floats:
        """How many of N values fall into each cell, on average over the random order of equal values, float64 [K]."""
        ordered = np.sort(values)
        inner = ordered[~np.isin(ordered, self.edges)]
        counts = np.bincount(np.searchsorted(self.edges, inner), minlength=len(self.gaps)).astype(np.float64)
        for value in np.intersect1d(ordered, self.edges):
            first = int(np.searchsorted(self.edges, value, side="left"))
            last = int(np.searchsorted(self.edges, value, side="right"))
            shares = np.diff([0.0, *self.ties[first:last], 1.0])
            counts[first : last + 1] += shares * np.count_nonzero(ordered == value)
        return counts

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        return {"edges": self.edges.tolist(), "ties": self.ties.tolist(), "gaps": self.gaps.tolist()}

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> Self:
        """The cells that `to_dict` described."""
        return cls(
            np.array(fields["edges"], np.float64),
            np.array(fields["ties"], np.float64),
            np.array(fields["gaps"], np.int64),
        )


def _pairs(values: Floats, ties: Floats) -> NDArray[np.complex128]:
    """NumPy orders complex numbers by the real part first."""
    pairs = np.empty(len(values), np.complex128)
    pairs.real, pairs.imag = values, ties
    return pairs
