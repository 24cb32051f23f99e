"""A column's cells as they are in a file → numbers or text of one of the contract's kinds, and which can't be read."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import types

from mlops.artifact.missing import missing_marks, missing_words
from mlops.artifact.spelling import (
    DATETIME,
    MIDNIGHT,
    MISSING_NUMBERS,
    THOUSANDS,
    TIME,
    TRUTH_VALUES,
    respell,
)
from mlops.contract import Column, Kind
from mlops.data.text import NUMBER, as_doubles, has_decimal_commas, is_text, trimmed_text, whole_days

type Flags = NDArray[np.bool_]

MAX_NUMBER = float(np.finfo(np.float32).max)
"""Forests compare in float32, and squares of larger numbers aren't finite: what exceeds it is a mark, or a mistake."""
_MICROSECONDS = 86_400_000_000  # a day
_DATE = r"^\d{4}-\d{2}-\d{2}$"
_CLOCK = r"^(?P<h>\d{1,2}):(?P<m>\d{2})(?::(?P<s>\d{2})(?:\.(?P<f>\d{1,9}))?)?$"
_SEPARATORS = r"[,'\x{2019} \x{a0}\x{202f}]"


@dataclass(frozen=True)
class Cells:
    """A column of N cells as one kind.

    `values` are float64, or text for a category, missing where the cell is `missing` or `unreadable` as this kind.
    """

    values: pd.Series
    missing: Flags
    unreadable: Flags


def read_column(cells: pa.ChunkedArray, column: Column) -> Cells:
    """The cells by a column's rules: its own spellings of missing values, and the categories however they're spelt.

    Where the contract lists a column's categories, the usual spellings of missing values that aren't among them are
    missing values. `cells` are of a type that can be of the column's kind.
    """
    if column.kind != "category":
        return as_kind(cells, column.kind, column.missing_values, missing_marks(column))
    if types.is_dictionary(cells.type):
        cells = cells.cast(cells.type.value_type)
    return _texts(_respelled(trimmed_text(cells), column.categories), missing_words(column))


def as_kind(cells: pa.ChunkedArray, kind: Kind, missing: Collection[str] = (), marks: Collection[float] = ()) -> Cells:
    """The cells as a kind: true and false as 1 and 0, dates as days since 1970-01-01 UTC, times as hours, text trimmed.

    `cells` are of a type that can be of this kind. The texts in `missing` are missing values in any letters, and for
    all kinds but categories so are the usual spellings, such as NA, and the numbers in `marks`.
    """
    return _without(_as_kind(cells, kind, missing, marks), marks)


def _without(cells: Cells, marks: Collection[float]) -> Cells:
    """The cells without the numbers that mark a missing value, however they were written."""
    marked = cells.values.isin([*marks]).to_numpy() if marks else np.zeros(len(cells.values), dtype=np.bool_)
    if not marked.any():
        return cells
    return Cells(cells.values.mask(marked), cells.missing | marked, cells.unreadable)


def _as_kind(cells: pa.ChunkedArray, kind: Kind, missing: Collection[str], marks: Collection[float]) -> Cells:
    if types.is_dictionary(cells.type):
        cells = cells.cast(cells.type.value_type)
    if kind == "category":
        return _texts(trimmed_text(cells), missing)
    if is_text(cells.type) or types.is_null(cells.type):
        return _read_text(trimmed_text(cells), kind, missing)
    absent = pc.is_null(cells, nan_is_null=True)
    if types.is_timestamp(cells.type):
        return _cells(_moments(cells) if kind == "datetime" else _days(whole_days(cells)), absent)
    if types.is_time(cells.type):
        return _cells(_hours(cells.cast(pa.time64("us"), safe=False).cast(pa.int64())), absent)
    if types.is_date(cells.type):
        return _cells(_days(cells.cast(pa.date32())), absent)
    numbers = as_doubles(cells)
    if kind == "boolean":
        absent = pc.or_(absent, pc.is_in(numbers, pa.array([*marks], pa.float64())))
        numbers = pc.if_else(pc.is_in(numbers, pa.array([0.0, 1.0])), numbers, None)
    return _cells(numbers, absent)


def _respelled(text: pa.ChunkedArray, known: Collection[str]) -> pa.ChunkedArray:
    """The text with each known value as the contract spells it."""
    others = pc.unique(text.filter(pc.invert(pc.is_in(text, pa.array(known, pa.string()))))) if known else []
    spelt = respell((each.as_py() for each in others), known)
    if not spelt:
        return text
    place = pc.index_in(text, pa.array([*spelt]))
    return pc.coalesce(pc.take(pa.array([*spelt.values()]), place), text)


def _texts(text: pa.ChunkedArray, missing: Collection[str]) -> Cells:
    empty = pc.equal(text, "")
    if missing:
        empty = pc.or_(empty, _is_one_of(text, missing))
    return _cells(pc.if_else(empty, pa.scalar(None, pa.string()), text), empty)


def _is_one_of(text: pa.ChunkedArray, words: Collection[str]) -> pa.ChunkedArray:
    return pc.is_in(pc.utf8_lower(text), pa.array([word.lower() for word in words], pa.string()))


def _read_text(text: pa.ChunkedArray, kind: Kind, missing: Collection[str]) -> Cells:
    """Cells of text as a kind of numbers. The usual spellings are looked for where some cell can't be read."""
    if missing:
        text = pc.if_else(_is_one_of(text, missing), "", text)
    found = _cells(_READERS[kind](_unless_empty(text)), pc.equal(text, ""))
    if not found.unreadable.any():
        return found
    text = pc.if_else(_is_one_of(text, MISSING_NUMBERS), "", text)
    return _cells(_READERS[kind](_unless_empty(text)), pc.equal(text, ""))


def _cells(values: pa.ChunkedArray, missing: pa.ChunkedArray) -> Cells:
    series = values.to_pandas()
    if values.type != pa.string():
        series = series.astype(np.float64)
        series = series.where(series.abs() <= MAX_NUMBER)
    absent = missing.to_numpy()
    return Cells(series, absent, series.isna().to_numpy() & ~absent)


def _numbers(text: pa.ChunkedArray) -> pa.ChunkedArray:
    """Numbers, with or without separators between thousands: commas, apostrophes or spaces."""
    try:
        return text.cast(pa.float64())
    except pa.ArrowInvalid:
        plain = pc.if_else(pc.match_substring_regex(text, NUMBER), text, None)
    if not has_decimal_commas(text):
        grouped = pc.if_else(pc.match_substring_regex(text, THOUSANDS), text, None)
        plain = pc.coalesce(plain, pc.replace_substring_regex(grouped, _SEPARATORS, ""))
    return pc.utf8_ltrim(plain, "+").cast(pa.float64())


def _booleans(text: pa.ChunkedArray) -> pa.ChunkedArray:
    place = pc.index_in(pc.utf8_lower(text), pa.array([*TRUTH_VALUES]))
    return pc.take(pa.array([float(value) for value in TRUTH_VALUES.values()]), place)


def _dates(text: pa.ChunkedArray) -> pa.ChunkedArray:
    try:
        return _days(text.cast(pa.date32()))
    except pa.ArrowInvalid:
        days = pc.replace_substring_regex(text, MIDNIGHT, r"\1")
        known = pc.if_else(pc.match_substring_regex(days, _DATE), days, None)
        found = pd.to_datetime(known.to_pandas(), format="%Y-%m-%d", errors="coerce")
        return _days(pa.chunked_array([pa.array(found).cast(pa.date32())]))


def _datetimes(text: pa.ChunkedArray) -> pa.ChunkedArray:
    known = pc.if_else(pc.match_substring_regex(text, DATETIME), text, None)
    found = pd.to_datetime(known.to_pandas(), format="ISO8601", errors="coerce", utc=True)
    return _moments(pa.chunked_array([pa.array(found.dt.tz_convert(None))]))


def _times(text: pa.ChunkedArray) -> pa.ChunkedArray:
    parts = pc.extract_regex(pc.if_else(pc.match_substring_regex(text, TIME), text, None), _CLOCK)
    hours, minutes, seconds, fraction = (pc.struct_field(parts, name) for name in ("h", "m", "s", "f"))
    whole = pc.if_else(pc.equal(seconds, ""), "0", seconds).cast(pa.int64())
    micro = pc.utf8_slice_codeunits(pc.utf8_rpad(fraction, 6, "0"), 0, 6).cast(pa.int64())
    passed = pc.add(pc.multiply(hours.cast(pa.int64()), 3600), pc.add(pc.multiply(minutes.cast(pa.int64()), 60), whole))
    return _hours(pc.add(pc.multiply(passed, 1_000_000), micro))


def _hours(microseconds: pa.ChunkedArray) -> pa.ChunkedArray:
    """Hours since midnight."""
    return pc.divide(microseconds.cast(pa.float64()), _MICROSECONDS / 24)


def _unless_empty(text: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def _days(dates: pa.ChunkedArray) -> pa.ChunkedArray:
    return dates.cast(pa.int32()).cast(pa.float64())


def _moments(times: pa.ChunkedArray) -> pa.ChunkedArray:
    """Days since 1970-01-01 UTC, with the time of day as their fraction; what has no zone is UTC."""
    # The microsecond before, as Python reads more digits: a cast would take the one towards 1970.
    whole = pc.floor_temporal(times, unit="microsecond")
    counted = whole.cast(pa.timestamp("us", times.type.tz)).cast(pa.int64())
    return pc.divide(counted.cast(pa.float64(), safe=False), float(_MICROSECONDS))


_READERS = {
    "number": _numbers,
    "integer": _numbers,
    "boolean": _booleans,
    "date": _dates,
    "datetime": _datetimes,
    "time": _times,
}
