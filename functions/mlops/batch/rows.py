"""Cells of a file → rows that keep the contract, and the others with the reason. A bad row costs no other row."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import types

from mlops.artifact.matrix import Matrix, is_numeric
from mlops.artifact.missing import missing_marks, own_words
from mlops.contract import Column, Contract
from mlops.data.json_cells import json_cells
from mlops.data.text import as_doubles, is_number
from mlops.errors.violations import Violation
from mlops.serving.rows.cells import WRONG, Cells
from mlops.serving.rows.inspection import Row

_NUMBERS = ("number", "integer")


@dataclass(frozen=True)
class CheckedRows:
    """The rows that keep the contract, [N], their places among those given, [N], and what is wrong with the others."""

    rows: Sequence[Row]
    places: NDArray[np.int64]
    rejected: dict[int, list[Violation]]


class TableReader:
    """Reads tables of cells for one contract, by the rules of a request's rows.

    A cell is what it would be in JSON: text of a CSV is read as a dataset's is, and NaN is a missing value.
    """

    def __init__(self, contract: Contract) -> None:
        self._columns = contract.columns
        self._names = contract.names
        self._cells = {column.name: Cells(column) for column in contract.columns}
        self._is_numeric = is_numeric(contract.columns)
        self._missing = {column.name: own_words(column) for column in contract.columns}

    def read(self, table: pa.Table) -> CheckedRows:
        """The rows; a column that the table doesn't have is missing in each."""
        rejected: dict[int, list[Violation]] = defaultdict(list)
        read = {column.name: self._read(column, table, rejected) for column in self._columns}
        places = np.arange(table.num_rows, dtype=np.int64)
        if rejected:
            places = np.delete(places, [*rejected])
        if self._is_numeric:
            numbers = np.empty((table.num_rows, len(read)), np.float64)
            for place, cells in enumerate(read.values()):
                numbers[:, place] = cells
            return CheckedRows(Matrix(self._names, numbers[places] if rejected else numbers), places, dict(rejected))
        lists = [_to_list(cells) for cells in read.values()]
        rows = [dict(zip(read, cells, strict=True)) for cells in zip(*lists, strict=True)]
        kept = [rows[place] for place in places.tolist()] if rejected else rows
        return CheckedRows(kept, places, dict(rejected))

    def _read(
        self, column: Column, table: pa.Table, rejected: dict[int, list[Violation]]
    ) -> NDArray[np.float64] | Sequence[Any]:
        """A column's cells as a row holds them; numbers as an array, NaN where missing."""
        if column.name not in table.column_names:
            return np.full(table.num_rows, np.nan) if column.kind in _NUMBERS else [None] * table.num_rows
        given = table[column.name]
        cells = _numbers(given) if column.kind in _NUMBERS else None
        if cells is not None:
            doubtful = np.flatnonzero(_are_doubtful(column, cells))
            if not len(doubtful):
                return cells
            cells = cells.copy()  # Arrow's own can't be written to
            # What breaks a rule is decided by the one check that there is.
            wrong = [None if cell != cell else cell for cell in cells[doubtful].tolist()]
            cells[doubtful] = self._check(column, wrong, doubtful, rejected)
            return cells
        texts = json_cells(_spell(given, column), column.kind, self._missing[column.name])
        read = self._check(column, texts, np.arange(len(texts)), rejected)
        return np.array(read, np.float64) if column.kind in _NUMBERS else read

    def _check(
        self, column: Column, cells: Sequence[Any], places: NDArray[np.int64], rejected: dict[int, list[Violation]]
    ) -> list[Any]:
        """The cells as a row holds them, None in place of those that break a rule, which are added to `rejected`."""
        checker = self._cells[column.name]
        read = checker.check(cells)
        for place, cell, after in zip(places.tolist(), cells, read, strict=True):
            if after is WRONG:
                rejected[place].append(checker.describe(place, cell))
        return [None if cell is WRONG else cell for cell in read]


def _are_doubtful(column: Column, cells: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which numbers may break a rule of the column; a value that may be missing breaks none."""
    low = -np.inf if column.minimum is None else column.minimum
    high = np.inf if column.maximum is None else column.maximum
    kept = np.isfinite(cells) & (cells >= low) & (cells <= high)
    if column.kind == "integer":
        kept &= cells == np.floor(cells)
    kept &= ~np.isin(cells, missing_marks(column))
    return ~kept if column.required else ~kept & ~np.isnan(cells)


def _numbers(cells: pa.ChunkedArray) -> NDArray[np.float64] | None:
    """The cells as doubles, NaN where missing; None unless their type is one of numbers, or all are plain numbers."""
    if types.is_string(cells.type):
        return _plain_numbers(cells)
    if not is_number(cells.type):
        return None
    found: NDArray[np.float64] = as_doubles(cells).to_numpy()
    return found


def _plain_numbers(text: pa.ChunkedArray) -> NDArray[np.float64] | None:
    """Text of which each cell is empty, or a number that every reader takes for the same one."""
    if not pc.all(pc.match_substring_regex(text, r"^(?:-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)?$")).as_py():
        return None
    found: NDArray[np.float64] = pc.if_else(pc.equal(text, ""), None, text).cast(pa.float64()).to_numpy()
    return found


def _spell(cells: pa.ChunkedArray, column: Column) -> pa.ChunkedArray:
    """Categories that are whole numbers among fractions are spelt without one, whatever other rows the table has."""
    if column.kind != "category" or not types.is_floating(cells.type):
        return cells
    doubles = cells.cast(pa.float64())
    small = pc.and_(pc.less(pc.abs(doubles), 2.0**53), pc.equal(pc.floor(doubles), doubles))
    whole = pc.if_else(small, doubles, None).cast(pa.int64()).cast(pa.string())
    return pc.coalesce(whole, pc.if_else(pc.is_nan(doubles), None, doubles).cast(pa.string()))


def _to_list(cells: NDArray[np.float64] | Sequence[Any]) -> Sequence[Any]:
    if isinstance(cells, np.ndarray):
        return [None if cell != cell else cell for cell in cells.tolist()]
    return cells
