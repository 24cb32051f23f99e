"""Rows of numbers checked as one matrix."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops.artifact.matrix import Matrix, is_numeric
from mlops.artifact.missing import missing_marks
from mlops.contract import Column

type Cells = Sequence[Sequence[Any]] | NDArray[Any]
"""Rows of cells, [N, columns]; an array has numbers only."""

_NUMBERS = {int, float}  # bool is a type of its own, as it is in a contract


class MatrixReader:
    """Makes a matrix of cells for one contract.

    Rows that aren't all numbers, or break a rule, are left to the validator, which names the violations.
    """

    def __init__(self, columns: Sequence[Column], max_rows: int) -> None:
        self._names = tuple(column.name for column in columns)
        self._max_rows = max_rows
        self.is_numeric = is_numeric(columns)
        self._whole = [index for index, column in enumerate(columns) if column.kind == "integer"]
        low = [-np.inf if column.minimum is None else column.minimum for column in columns]
        high = [np.inf if column.maximum is None else column.maximum for column in columns]
        # Numbers that mean a missing value, by the column's place.
        self._marks = {place: marks for place, column in enumerate(columns) if (marks := missing_marks(column))}
        self._low, self._high = np.array(low, dtype=np.float64), np.array(high, dtype=np.float64)

    def read(self, names: Sequence[str], rows: Cells) -> Matrix | None:
        """The matrix of rows whose cells are named so, or None unless each cell is a number that keeps its rule."""
        if not self.is_numeric or not 0 < len(rows) <= self._max_rows or len(names) != len(self._names):
            return None
        if not isinstance(rows, np.ndarray) and not set(map(type, chain.from_iterable(rows))) <= _NUMBERS:
            return None
        try:
            numbers = np.array(rows, dtype=np.float64)
            order = [names.index(name) for name in self._names]
        except (ValueError, OverflowError):
            return None
        if order != list(range(len(order))):
            numbers = np.ascontiguousarray(numbers[:, order])
        return Matrix(self._names, numbers) if self._keeps_rules(numbers) else None

    def _keeps_rules(self, numbers: NDArray[np.float64]) -> bool:
        whole = numbers[:, self._whole]
        kept = np.isfinite(numbers).all() and (numbers >= self._low).all() and (numbers <= self._high).all()
        if not kept or not (whole == np.floor(whole)).all():
            return False
        return not any(np.isin(numbers[:, place], marks).any() for place, marks in self._marks.items())
