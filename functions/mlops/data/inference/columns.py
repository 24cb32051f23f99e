"""One column of a first dataset: which kind it is, and what its cells may be from now on."""

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from mlops.artifact.spelling import MISSING_NUMBERS, MISSING_TEXTS, TRUTH_VALUES
from mlops.contract import Column, Kind
from mlops.data.inference.notations import has_durations, has_points
from mlops.data.inference.personal import looks_personal
from mlops.data.inference.ranges import infer_range
from mlops.data.inference.spellings import (
    GLANCE,
    MOSTLY,
    distinct_values,
    has_text,
    is_beyond_floats,
    is_code,
    missing_texts,
)
from mlops.data.kinds import Cells, as_kind
from mlops.data.text import can_be, trimmed_text

MAX_CATEGORIES = 12
"""A text with more values may take others too."""
ROWS_PER_CATEGORY = 10
_MAX_SPELLINGS = 3 * MAX_CATEGORIES
_TRUE_AND_FALSE = frozenset({"true", "false"})
_TRUTHS = frozenset(TRUTH_VALUES)
_ALIKE = 2
"""Truth values in more spellings than these are of several kinds, such as yes, Y and 1."""
_UNIT = re.compile(r"[(\[]([^()\[\]]{1,20})[)\]]\s*$")
_WHOLE = r"^[+-]?[\d,' \x{a0}\x{202f}\x{2019}]+$"
_FLOATED = r"^[+-]?\d+\.0$"


def infer_column(name: str, cells: pa.ChunkedArray, kind: Kind) -> Column:
    """The column that cells of a kind keep the contract of. Ranges leave room for about as much again as was seen."""
    spelt = missing_texts(cells, kind) if kind == "category" else {}
    read = as_kind(cells, kind, spelt)
    known = read.values.dropna()
    unit = _UNIT.search(name)
    unit_of_kind = "h" if kind == "time" else None
    is_personal = looks_personal(name, kind, known)
    is_number = kind in ("number", "integer") and len(known)
    bounds = infer_range(name, known.to_numpy(np.float64), whole=kind == "integer") if is_number else {}
    categories = _categories(known) if kind == "category" and not is_personal else ()
    return Column.model_validate(
        {
            "name": name,
            "kind": kind,
            "unit": unit[1] if unit else unit_of_kind,
            "required": not read.missing.any(),
            "privacy": "hash" if is_personal else "keep",
            "categories": categories,
            # Where categories are listed, the usual spellings of missing values are known.
            "missing_values": () if categories else tuple(spelt),
            **bounds,
        }
    )


def infer_kind(cells: pa.ChunkedArray) -> Kind:
    """The kind of most of the cells that aren't empty: whole numbers rather than numbers, both rather than text.

    Whole numbers with leading zeros, or beyond those that floating point tells apart, are text, and so are numbers with
    points between thousands.
    """
    if _is_boolean(cells):
        return "boolean"
    if can_be(cells, "number") and _reads(numbers := as_kind(cells, "number")):
        if is_code(cells) or is_beyond_floats(cells) or has_points(cells):
            return "category"
        return "integer" if _is_whole(cells, numbers) else "number"
    if can_be(cells, "time") and _reads(as_kind(cells, "time")) and not has_durations(cells):
        return "time"
    if can_be(cells, "date"):
        dates, times = as_kind(cells, "date"), as_kind(cells, "datetime")
        # A date is a time as well; some times of day make the column one of times.
        if _reads(times) and times.unreadable.sum() < dates.unreadable.sum():
            return "datetime"
        if _reads(dates):
            return "date"
    return "category"


def is_empty(cells: pa.ChunkedArray) -> bool:
    """Whether every cell is missing."""
    # The first rows decide for most columns.
    empty = pa.array(["", *MISSING_TEXTS])
    parts = (cells.slice(0, GLANCE), cells)
    return all(pc.all(pc.is_in(pc.utf8_lower(trimmed_text(part)), empty)).as_py() for part in parts)


def _reads(read: Cells) -> bool:
    given = len(read.values) - int(read.missing.sum())
    return given > 0 and int(read.unreadable.sum()) <= (1 - MOSTLY) * given


def _is_boolean(cells: pa.ChunkedArray) -> bool:
    """Whether the cells are true and false, or truth values of several kinds; 0 and 1 alone are numbers."""
    if pa.types.is_boolean(cells.type):
        return True
    # The first rows decide for most columns.
    if not has_text(cells) or not _words(cells.slice(0, GLANCE)) <= _TRUTHS:
        return False
    words = _words(cells)
    if not words or words <= _TRUE_AND_FALSE:
        return bool(words)
    is_number = not any(word.isalpha() for word in words)
    return words <= _TRUTHS and len(words) > _ALIKE and not is_number


def _words(cells: pa.ChunkedArray) -> set[str]:
    """The different texts in lower case, without missing values."""
    return set(pc.unique(pc.utf8_lower(trimmed_text(cells))).to_pylist()) - {"", *MISSING_NUMBERS}


def _is_whole(cells: pa.ChunkedArray, read: Cells) -> bool:
    if pa.types.is_floating(cells.type):
        # In a column with missing cells pandas has integers as floating point, in a CSV with ".0".
        return bool(read.missing.any()) and bool((read.values.dropna() % 1 == 0).all())
    if not has_text(cells):
        return bool((read.values.dropna() % 1 == 0).all())
    text = trimmed_text(cells).filter(pa.array(read.values.notna().to_numpy()))
    patterns = (_WHOLE, _FLOATED) if read.missing.any() else (_WHOLE,)
    return any(pc.all(pc.match_substring_regex(text, pattern)).as_py() for pattern in patterns)


def _categories(known: pd.Series) -> tuple[str, ...]:
    counts = known.value_counts()
    if len(counts) > _MAX_SPELLINGS:
        return ()
    values = distinct_values(map(str, counts.index))
    if len(values) > MAX_CATEGORIES or len(known) < ROWS_PER_CATEGORY * len(values):
        return ()
    return tuple(sorted(values))
