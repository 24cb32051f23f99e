"""One column of a first dataset: which kind it is, and what its cells may be from now on."""

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from mlops.artifact.spelling import MISSING_TEXTS
from mlops.contract import Column, Kind
from mlops.data.inference.personal import looks_personal
from mlops.data.inference.ranges import infer_range
from mlops.data.inference.spellings import GLANCE, MOSTLY, has_text, is_beyond_floats, is_code, missing_texts
from mlops.data.kinds import Cells, as_kind
from mlops.data.text import can_be, trimmed_text

MAX_CATEGORIES = 12
"""A text with more values may take others too."""
ROWS_PER_CATEGORY = 10
_TRUTH = frozenset({"true", "false"})
_UNIT = re.compile(r"[(\[]([^()\[\]]{1,20})[)\]]\s*$")
_WHOLE = r"^[+-]?[\d,' \x{a0}\x{202f}\x{2019}]+$"


def infer_column(name: str, cells: pa.ChunkedArray, kind: Kind) -> Column:
    """The column that cells of a kind keep the contract of. Ranges leave room for about as much again as was seen."""
    spelt = missing_texts(cells, kind) if kind == "category" else {}
    read = as_kind(cells, kind, spelt)
    known = read.values.dropna()
    unit = _UNIT.search(name)
    is_personal = looks_personal(name, kind, known)
    is_number = kind in ("number", "integer") and len(known)
    bounds = infer_range(name, known.to_numpy(np.float64), whole=kind == "integer") if is_number else {}
    categories = _categories(known) if kind == "category" and not is_personal else ()
    return Column.model_validate(
        {
            "name": name,
            "kind": kind,
            "unit": unit[1] if unit else None,
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

    Whole numbers with leading zeros, or beyond those that floating point tells apart, are text.
    """
    if _is_boolean(cells):
        return "boolean"
    if can_be(cells, "number") and _reads(numbers := as_kind(cells, "number")):
        if is_code(cells) or is_beyond_floats(cells):
            return "category"
        return "integer" if _is_whole(cells, numbers) else "number"
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
    """Whether the cells are true and false; 0 and 1 are numbers."""
    if pa.types.is_boolean(cells.type):
        return True
    # The first rows decide for most columns.
    if not has_text(cells) or not _words(cells.slice(0, GLANCE)) <= _TRUTH:
        return False
    words = _words(cells)
    return bool(words) and words <= _TRUTH


def _words(cells: pa.ChunkedArray) -> set[str]:
    """The different texts in lower case, without missing values."""
    return set(pc.unique(pc.utf8_lower(trimmed_text(cells))).to_pylist()) - {"", *MISSING_TEXTS}


def _is_whole(cells: pa.ChunkedArray, read: Cells) -> bool:
    if pa.types.is_floating(cells.type):
        # In a column with missing cells pandas writes integers as floating point.
        return bool(read.missing.any()) and bool((read.values.dropna() % 1 == 0).all())
    if not has_text(cells):
        return bool((read.values.dropna() % 1 == 0).all())
    text = trimmed_text(cells).filter(pa.array(read.values.notna().to_numpy()))
    return bool(pc.all(pc.match_substring_regex(text, _WHOLE)).as_py())


def _categories(known: pd.Series) -> tuple[str, ...]:
    counts = known.value_counts()
    if len(counts) > MAX_CATEGORIES or len(known) < ROWS_PER_CATEGORY * len(counts):
        return ()
    return tuple(sorted(map(str, counts.index)))
