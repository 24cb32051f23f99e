"""Cells as they stand in a file → numbers and text as the contract's kinds have them, and which of them aren't."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import types

from mlops.contract import Kind

type Flags = NDArray[np.bool_]

NUMBER = r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$"
"""A number in ASCII digits. Words such as nan and inf aren't numbers, which check.py tells apart from other text."""
BOOLEANS = {"true": 1.0, "false": 0.0, "1": 1.0, "0": 0.0}


@dataclass(frozen=True)
class Cells:
    """A column of N cells as one kind.

    `values` are float64, or text for a category, missing where the cell is `missing` or `unreadable` as this kind.
    """

    values: pd.Series
    missing: Flags
    unreadable: Flags


def can_be(cells: pa.ChunkedArray, kind: Kind) -> bool:
    """Whether a column of this type may hold cells of a kind at all: text always may."""
    given = cells.type.value_type if types.is_dictionary(cells.type) else cells.type
    if _is_text(given) or types.is_null(given):
        return True
    match kind:
        case "category":
            return _is_number(given) or bool(types.is_boolean(given) or types.is_date(given))
        case "boolean":
            return bool(types.is_boolean(given) or types.is_integer(given))
        case "date":
            return bool(types.is_date(given) or types.is_timestamp(given))
        case _:
            return _is_number(given)


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
    if _is_text(cells.type) or types.is_null(cells.type):
        text = trimmed_text(cells)
        return _cells(_READERS[kind](text), pc.equal(text, ""))
    missing = pc.is_null(cells)
    if types.is_timestamp(cells.type):
        cells = _whole_days(cells)
    if types.is_date(cells.type):
        return _cells(_days(cells.cast(pa.date32())), missing)
    numbers = cells.cast(pa.float64(), safe=False)
    if kind == "boolean":
        numbers = pc.if_else(pc.is_in(numbers, pa.array([0.0, 1.0])), numbers, None)
    return _cells(numbers, missing)


def trimmed_text(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """The cells as a person would write them in a CSV: "" where missing."""
    if types.is_dictionary(cells.type):
        cells = cells.cast(cells.type.value_type)
    if types.is_floating(cells.type) and _are_whole(cells):
        cells = cells.cast(pa.int64())
    return pc.utf8_trim_whitespace(pc.fill_null(cells.cast(pa.string()), ""))


def _are_whole(cells: pa.ChunkedArray) -> bool:
    """Whether these are integers that were written as floating point, as pandas does it beside missing cells."""
    small = pc.less(pc.abs(cells), 2.0**53)
    return bool(pc.all(pc.and_(small, pc.equal(pc.floor(cells), cells))).as_py())


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


def _whole_days(times: pa.ChunkedArray) -> pa.ChunkedArray:
    """Dates of the times at midnight, in their own time zone; a time of day isn't a date."""
    local = times if times.type.tz is None else pc.local_timestamp(times)
    return pc.if_else(pc.equal(pc.floor_temporal(local, unit="day"), local), local, None).cast(pa.date32())


def _is_text(given: pa.DataType) -> bool:
    return bool(types.is_string(given) or types.is_large_string(given) or types.is_string_view(given))


def _is_number(given: pa.DataType) -> bool:
    return bool(types.is_integer(given) or types.is_floating(given) or types.is_decimal(given))


_READERS = {"number": _numbers, "integer": _numbers, "boolean": _booleans, "date": _dates}
