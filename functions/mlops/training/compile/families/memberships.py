"""Sets of category codes as columns that a tree can split at a threshold."""

import numpy as np
from onnx import TensorProto

from mlops.training.compile.columns import Column, Columns
from mlops.training.compile.tensors import Tensor
from mlops.training.compile.walk import Walk

MEMBERSHIP_THRESHOLD = 0.5
"""What lies between inside a set and outside of it."""


class Memberships:
    """Columns that are 0 where a code is in a set, 1 where it isn't, and NaN where there is none.

    Each set of codes that some split of a column asks for is one of them. A code is cut to a whole number towards 0.
    """

    def __init__(self, columns: Columns, walk: Walk) -> None:
        self._columns = columns
        self._walk = walk
        self._sets: dict[tuple[int, frozenset[int]], int] = {}

    def feature(self, column: int, codes: frozenset[int]) -> int:
        """The number, after those of the columns, of the one for a set of codes of a column."""
        return self._sets.setdefault((column, codes), len(self._columns) + len(self._sets))

    def columns(self) -> Columns:
        """The columns themselves and, after them, the ones that were asked for."""
        return (*self._columns, *(self._membership(column, codes) for column, codes in self._sets))

    def features(self) -> list[int]:
        """The number of the estimator's feature behind each of those columns."""
        return [*range(len(self._columns)), *(column for column, _ in self._sets)]

    def _membership(self, column: int, codes: frozenset[int]) -> Column:
        given = self._columns[column]
        x = Tensor(self._walk.graph, self._walk.graph.matrix([given]))
        last = max(codes, default=0) + 1
        table = np.ones(last + 1)
        table[list(codes)] = 0.0
        outside = (x <= -1.0) | (x >= float(last))
        position = outside.where(float(last), x.is_nan().where(0.0, x)).node("Cast", to=TensorProto.INT64)
        found = x.is_nan().where(np.nan, position.lookup(table))
        return Column(found.named(1), 0, given.origin)
