"""A column's cells as they are in a file → numbers or text of one of the contract's kinds, and which can't be read."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import types

from mlops.contract import Kind
from mlops.data.text import BOOLEANS, NUMBER, is_text, trimmed_text, whole_days

type Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Cells:
    """A column of N cells as one kind.

    `values` are float64, or text for a category, missing where the cell is `missing` or `unreadable` as this kind.
    """

    values: pd.Series
    missing: Flags
    unreadable: Flags


def as_kind(cells: pa.ChunkedArray, kind: Kind) -> Cells:
    """The cells as a kind: true and false as 1 and 0, dates as days since 1970-01-01, text trimmed.

    `cells` are of a type that can be of this kind.
    """
    if types.is_dictionary(cells.type):
        cells = cells.cast(cells.type.value_type)
    if kind == "category":
        text = trimmed_text(cells)
        empty = pc.equal(text, "")
        return _cells(pc.if_else(empty, pa.scalar(None, pa.string()), text), empty)
    if is_text(cells.type) or types.is_null(cells.type):
        text = trimmed_text(cells)
        return _cells(_READERS[kind](text), pc.equal(text, ""))
    missing = pc.is_null(cells)
    if types.is_timestamp(cells.type):
        cells = whole_days(cells)
    if types.is_date(cells.type):
        return _cells(_days(cells.cast(pa.date32())), missing)
    numbers = cells.cast(pa.float64(), safe=False)
    if kind == "boolean":
        numbers = pc.if_else(pc.is_in(numbers, pa.array([0.0, 1.0])), numbers, None)
    return _cells(numbers, missing)


def _cells(values: pa.ChunkedArray, missing: pa.ChunkedArray) -> Cells:
    series = values.to_pandas()
    if values.type != pa.string():
        series = series.astype(np.float64)
        series = series.where(np.isfinite(series))
    absent = missing.to_numpy()
    return Cells(series, absent, series.isna().to_numpy() & ~absent)


def _numbers(text: pa.ChunkedArray) -> pa.ChunkedArray:
    known = _unless_empty(text)
    try:
        return known.cast(pa.float64())
    except pa.ArrowInvalid:
        return pc.if_else(pc.match_substring_regex(known, NUMBER), known, None).cast(pa.float64())


def _booleans(text: pa.ChunkedArray) -> pa.ChunkedArray:
    place = pc.index_in(pc.utf8_lower(text), pa.array([*BOOLEANS]))
    return pc.take(pa.array([*BOOLEANS.values()]), place)


def _dates(text: pa.ChunkedArray) -> pa.ChunkedArray:
    known = _unless_empty(text)
    try:
        return _days(known.cast(pa.date32()))
    except pa.ArrowInvalid:
        found = pd.to_datetime(known.to_pandas(), format="%Y-%m-%d", errors="coerce")
        return _days(pa.chunked_array([pa.array(found).cast(pa.date32())]))


def _unless_empty(text: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def _days(dates: pa.ChunkedArray) -> pa.ChunkedArray:
    return dates.cast(pa.int32()).cast(pa.float64())


_READERS = {"number": _numbers, "integer": _numbers, "boolean": _booleans, "date": _dates}
