"""A dataset's columns as arrays: ids and events as codes, times as milliseconds, ratings as numbers.

Cells are looked at once for each different text, and not for each row, wherever that's possible: a dataset of 20
million rows has a million users and five events.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import types

from mlops.artifact.identifiers import spell_id
from mlops.artifact.spelling import DATETIME, strip
from mlops.data.kinds import as_kind
from mlops.data.text import is_text, trimmed_text

UNREADABLE = np.iinfo(np.int64).min
"""In place of a time that can't be read."""
ABSENT = np.iinfo(np.int64).min + 1
"""In place of a time that is missing."""
_NUMBER = r"^[+-]?[0-9]+(?:\.[0-9]+)?$"
# A count since 1970 of so much or more is in this unit: that many milliseconds ago was 1973, and that many seconds
# ahead is the year 5138. With it, the milliseconds that one is.
_UNITS = (
    (1e17, 1e-6, "nanoseconds"),
    (1e14, 1e-3, "microseconds"),
    (1e11, 1.0, "milliseconds"),
    (0.0, 1e3, "seconds"),
)
_FIRST_INEXACT = 2.0**53

type Codes = NDArray[np.int32]
type Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Coded:
    """A column of N texts: `texts` [V] are the different ones, ascending, and `codes` [N] their places.

    A cell without a text has the code of "", which is a text as any other.
    """

    texts: NDArray[np.object_]
    codes: Codes

    def are(self, chosen: Sequence[bool] | Flags) -> Flags:
        """Which rows [N] have one of the chosen texts [V]."""
        return np.asarray(chosen, dtype=np.bool_)[self.codes]

    def take(self, rows: Flags) -> "Coded":
        """Some rows, and the texts that they have."""
        codes = self.codes[rows]
        used = np.zeros(len(self.texts), dtype=np.bool_)
        used[codes] = True
        places = np.cumsum(used, dtype=np.int32) - 1
        return Coded(self.texts[used], places[codes])


def read_ids(cells: pa.ChunkedArray, *, fold_case: bool) -> Coded:
    """Ids as the one rule spells them."""
    return _code(cells, lambda text: spell_id(text, fold_case=fold_case))


def read_events(cells: pa.ChunkedArray) -> Coded:
    """Names of events, in small letters."""
    return _code(cells, lambda text: strip(text).lower())


def read_numbers(cells: pa.ChunkedArray) -> tuple[NDArray[np.float64], Flags, Flags]:
    """The numbers [N], NaN where there is none; which cells are missing [N]; and which can't be read [N]."""
    found = as_kind(cells, "number")
    return found.values.to_numpy(np.float64), found.missing, found.unreadable


def read_times(cells: pa.ChunkedArray) -> NDArray[np.int64]:
    """Times in milliseconds since 1970 in UTC [N], or ABSENT, or UNREADABLE.

    A time is a timestamp or a date, such a text (ISO 8601), or a count since 1970 of seconds, milli-, micro- or
    nanoseconds: the unit in which the middle one of the counts is a plausible time is that of all.
    """
    if types.is_dictionary(cells.type):
        cells = cells.cast(cells.type.value_type)
    if types.is_timestamp(cells.type) or types.is_date(cells.type):
        return _milliseconds(cells)
    if is_text(cells.type) or types.is_null(cells.type):
        return _read_texts(trimmed_text(cells))
    counts = cells.cast(pa.float64(), safe=False)
    absent = pc.is_null(counts, nan_is_null=True).to_numpy()
    return np.where(absent, ABSENT, _scale(_to_floats(counts)))


def describe_counts(cells: pa.ChunkedArray) -> str | None:
    """The unit in which counts since 1970 in a column of times are read; None if there are none."""
    if types.is_dictionary(cells.type):
        cells = cells.cast(cells.type.value_type)
    if types.is_timestamp(cells.type) or types.is_date(cells.type) or types.is_null(cells.type):
        return None
    counts = _find_counts(trimmed_text(cells)) if is_text(cells.type) else cells.cast(pa.float64(), safe=False)
    found = _to_floats(counts)
    return _unit(found)[1] if np.isfinite(found).any() else None


def are_inexact(cells: pa.ChunkedArray) -> bool:
    """Whether a column of floating-point numbers has some so large that whole numbers aren't told apart any more."""
    if not types.is_floating(cells.type):
        return False
    largest = pc.max(pc.abs(cells.cast(pa.float64()))).as_py()
    return largest is not None and largest >= _FIRST_INEXACT


def _code(cells: pa.ChunkedArray, spell: Callable[[str], str]) -> Coded:
    if types.is_dictionary(cells.type):
        cells = pa.chunked_array([chunk.dictionary_decode() for chunk in cells.chunks], cells.type.value_type)
    if types.is_float16(cells.type):  # which Arrow computes little with
        cells = cells.cast(pa.float32())
    encoded = cells.dictionary_encode(null_encoding="encode").combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):  # of no rows, or of too many for one array
        encoded = encoded.unify_dictionaries().combine_chunks()
    given = trimmed_text(pa.chunked_array([encoded.dictionary])).to_pylist()
    texts, places = np.unique(np.array([spell(text) for text in given], dtype=object), return_inverse=True)
    return Coded(texts, places.astype(np.int32)[encoded.indices.to_numpy()])


def _read_texts(text: pa.ChunkedArray) -> NDArray[np.int64]:
    absent = pc.equal(text, "").to_numpy()
    given = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
    try:
        found = _milliseconds(given.cast(pa.timestamp("us")))
    except pa.ArrowInvalid:  # counts, zones, or what is no time
        found = _read_counts(given)
    return np.where(absent, ABSENT, found)


def _read_counts(text: pa.ChunkedArray) -> NDArray[np.int64]:
    """Counts since 1970; a text that is none is a moment, or nothing."""
    counts = _find_counts(text)
    found = _scale(_to_floats(counts))
    others = np.flatnonzero(pc.is_null(counts).to_numpy() & pc.is_valid(text).to_numpy())
    if len(others):
        found[others] = _read_moments(text.take(pa.array(others)))
    return found


def _find_counts(text: pa.ChunkedArray) -> pa.ChunkedArray:
    """The texts that are numbers as such; null for the others."""
    is_count = pc.fill_null(pc.match_substring_regex(text, _NUMBER), False)
    return pc.if_else(is_count, text, pa.scalar(None, pa.string())).cast(pa.float64())


def _read_moments(text: pa.ChunkedArray) -> NDArray[np.int64]:
    known = pc.if_else(pc.match_substring_regex(text, DATETIME), text, pa.scalar(None, pa.string()))
    days = as_kind(known, "datetime").values.to_numpy(np.float64)
    return np.where(np.isnan(days), UNREADABLE, np.round(np.nan_to_num(days) * 86_400_000)).astype(np.int64)


def _milliseconds(times: pa.ChunkedArray) -> NDArray[np.int64]:
    zone = getattr(times.type, "tz", None)
    counted = times.cast(pa.timestamp("ms", zone), safe=False).cast(pa.int64())
    return np.asarray(pc.fill_null(counted, ABSENT).to_numpy(), dtype=np.int64)


def _scale(counts: NDArray[np.float64]) -> NDArray[np.int64]:
    """Counts since 1970 as milliseconds; NaN is UNREADABLE, and so is what no such number can be."""
    found = counts * _unit(counts)[0]
    usable = np.isfinite(found) & (np.abs(found) < 2.0**62)
    return np.where(usable, np.where(usable, found, 0.0), UNREADABLE).astype(np.int64)


def _unit(counts: NDArray[np.float64]) -> tuple[float, str]:
    """The unit of counts since 1970: its milliseconds, and its name."""
    known = counts[np.isfinite(counts)]
    middle = float(np.median(np.abs(known))) if len(known) else 0.0
    return next((factor, name) for least, factor, name in _UNITS if middle >= least)


def _to_floats(counts: pa.ChunkedArray) -> NDArray[np.float64]:
    return np.asarray(pc.fill_null(counts, np.nan).to_numpy(), dtype=np.float64)
