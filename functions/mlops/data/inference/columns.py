"""One column of a first dataset: which kind it is, and what its cells may be from now on."""

import math
import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from mlops.contract import Column, Kind
from mlops.data.kinds import Cells, as_kind
from mlops.data.text import can_be, trimmed_text

KINDS: tuple[Kind, ...] = ("number", "date", "category")
MOSTLY = 0.95
"""A column is of the kind of this share of its cells; the others are broken."""
MAX_CATEGORIES = 12
"""A text with more values may take others too."""
ROWS_PER_CATEGORY = 10
GLANCE = 1_000
_UNIT = re.compile(r"[(\[]([^()\[\]]{1,20})[)\]]\s*$")
_WHOLE = r"^[+-]?\d+$"
_PERSONAL = re.compile(
    r"e-?mail|phone|address|birth|(?:first|last|sur|full)[ _-]?name|ssn|iban|passport", re.IGNORECASE
)


def infer_column(name: str, cells: pa.ChunkedArray, kind: Kind) -> Column:
    """The column that cells of a kind keep the contract of. Ranges leave room for about as much again as was seen."""
    read = as_kind(cells, kind)
    known = read.values.dropna()
    unit = _UNIT.search(name)
    privacy = "hash" if _PERSONAL.search(name) else "keep"
    bounds = _bounds(known.to_numpy(np.float64), whole=kind == "integer") if kind in ("number", "integer") else {}
    return Column.model_validate(
        {
            "name": name,
            "kind": kind,
            "unit": unit[1] if unit else None,
            "required": not read.missing.any(),
            "privacy": privacy,
            "categories": _categories(known) if kind == "category" and privacy == "keep" else (),
            **bounds,
        }
    )


def infer_kind(cells: pa.ChunkedArray) -> Kind:
    """The kind of most of the cells that aren't empty: whole numbers rather than numbers, both rather than text."""
    if _is_boolean(cells):
        return "boolean"
    for kind in KINDS:
        if can_be(cells, kind) and _reads(read := as_kind(cells, kind)):
            return "integer" if kind == "number" and _is_whole(cells, read) else kind
    return "category"


def is_empty(cells: pa.ChunkedArray) -> bool:
    """Whether every cell is missing."""
    # The first rows decide for most columns.
    return all(pc.all(pc.equal(trimmed_text(part), "")).as_py() for part in (cells.slice(0, GLANCE), cells))


def _reads(read: Cells) -> bool:
    given = len(read.values) - int(read.missing.sum())
    return given > 0 and int(read.unreadable.sum()) <= (1 - MOSTLY) * given


def _is_boolean(cells: pa.ChunkedArray) -> bool:
    """Whether the cells are true and false; 0 and 1 are numbers."""
    if pa.types.is_boolean(cells.type):
        return True
    # The first rows decide for most columns.
    return _has_text(cells) and _is_true_or_false(cells.slice(0, GLANCE)) and _is_true_or_false(cells)


def _is_true_or_false(cells: pa.ChunkedArray) -> bool:
    texts = set(pc.unique(pc.utf8_lower(trimmed_text(cells))).to_pylist()) - {""}
    return bool(texts) and texts <= {"true", "false"}


def _has_text(cells: pa.ChunkedArray) -> bool:
    given = cells.type.value_type if pa.types.is_dictionary(cells.type) else cells.type
    return bool(pa.types.is_string(given) or pa.types.is_large_string(given))


def _is_whole(cells: pa.ChunkedArray, read: Cells) -> bool:
    if pa.types.is_floating(cells.type):
        # In a column with missing cells pandas writes integers as floating point.
        return bool(read.missing.any()) and bool((read.values.dropna() % 1 == 0).all())
    if not _has_text(cells):
        return bool((read.values.dropna() % 1 == 0).all())
    text = trimmed_text(cells).filter(pa.array(read.values.notna().to_numpy()))
    return bool(pc.all(pc.match_substring_regex(text, _WHOLE)).as_py())


def _bounds(seen: np.ndarray, *, whole: bool) -> dict[str, float]:
    low, high = float(seen.min()), float(seen.max())
    if whole and 0 <= low <= high <= 1:
        return {"minimum": 0, "maximum": 1}
    spread = (high - low) or abs(high) or 1.0
    least = 0.0 if low >= 0 else -round_up(spread - low)
    most = 0.0 if high <= 0 and low < 0 else round_up(high + spread)
    return {"minimum": least, "maximum": most}


def round_up(value: float) -> float:
    """The next of 1, 2, 5, 10, 20, 50 … and of their tenths, hundredths …"""
    power = math.floor(math.log10(value))
    for digit in (1, 2, 5):
        if value <= (rounded := float(f"{digit}e{power}")):
            return rounded
    return float(f"1e{power + 1}")


def _categories(known: pd.Series) -> tuple[str, ...]:
    counts = known.value_counts()
    if len(counts) > MAX_CATEGORIES or len(known) < ROWS_PER_CATEGORY * len(counts):
        return ()
    return tuple(sorted(map(str, counts.index)))
