"""How the cells of a first dataset are spelt: missing values in words, codes, numbers that aren't written as such."""

import re
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from mlops.artifact.spelling import MISSING_NUMBERS, MISSING_TEXTS
from mlops.contract import Column, Kind
from mlops.data.cells import MAX_WHOLE
from mlops.data.kinds import has_decimal_commas
from mlops.data.text import DECIMAL_COMMA, NUMBER, is_text, trimmed_text

MOSTLY = 0.95
"""A column is of the kind of this share of its cells; the others are broken."""
GLANCE = 1_000
_MIN_CODES = 3
"""Among fewer codes of two letters, NA is no country."""
_CODE = r"^0\d+$"
_TWO_LETTERS = re.compile(r"[A-Z]{2}")
_DECORATED = r"^[+-]?(?:[$€£¥] ?[+-]?[\d,.' ]*\d|[\d,.' ]*\d ?[%$€£¥])$"
_SHOWN = 3


def has_text(cells: pa.ChunkedArray) -> bool:
    """Whether a column is of text, in a dictionary or not."""
    return is_text(cells.type.value_type if pa.types.is_dictionary(cells.type) else cells.type)


def is_code(cells: pa.ChunkedArray) -> bool:
    """Whether cells of whole numbers are codes: one of them has leading zeros, which no number has."""
    return has_text(cells) and bool(pc.any(pc.match_substring_regex(trimmed_text(cells), _CODE)).as_py())


def is_beyond_floats(cells: pa.ChunkedArray) -> bool:
    """Whether some of the whole numbers are beyond those that floating point tells apart."""
    if has_text(cells):
        long = trimmed_text(cells)
        long = long.filter(pc.match_substring_regex(long, r"^[+-]?\d{16,}$"))
        return any(abs(int(text.as_py())) >= MAX_WHOLE for text in pc.unique(long))
    if pa.types.is_integer(cells.type):
        limits = pc.min_max(cells).as_py()
        return any(limit is not None and abs(limit) >= MAX_WHOLE for limit in limits.values())
    return False


def find_odd_numbers(cells: pa.ChunkedArray) -> str | None:
    """What keeps most cells of a column of text from being numbers, with the remedy; None if something else does."""
    if not has_text(cells):
        return None
    text = _given(trimmed_text(cells))
    # The first rows decide for most columns.
    for part in (text.slice(0, GLANCE), text):
        if not len(part) or not _is_odd(part):
            return None
    if has_decimal_commas(text):
        shown = _first(text, DECIMAL_COMMA)
        return f"has numbers with decimal commas, such as {shown!r}; write them with a point"
    return f"has numbers with signs around them, such as {_first(text, _DECORATED)!r}; write the numbers alone"


def missing_texts(cells: pa.ChunkedArray, kind: Kind) -> dict[str, int]:
    """Text that means a missing value in a column of a kind → in how many cells.

    In a column of text NA is no missing value among codes of two letters, of which NA is Namibia's.
    """
    if not has_text(cells):
        return {}
    usual = MISSING_TEXTS if kind == "category" else MISSING_NUMBERS
    counts = (
        {
            each["values"]: each["counts"]
            for each in pc.value_counts(trimmed_text(cells)).to_pylist()
            if each["values"].lower() in usual
        }
        if _has_any(cells, usual)
        else {}
    )
    if kind == "category" and "NA" in counts and _are_codes(cells):
        del counts["NA"]
    return counts


def note_missing(column: Column, counts: dict[str, int]) -> str:
    """A sentence on a column's missing values."""
    spelt = " and ".join(f"{text!r} ({count:,})" for text, count in list(counts.items())[:_SHOWN])
    return f"{column.name!r}: {spelt} {'is' if len(counts) == 1 else 'are'} read as a missing value."


def _has_any(cells: pa.ChunkedArray, usual: Iterable[str]) -> bool:
    words = pa.array([*usual], pa.string())
    return bool(pc.any(pc.is_in(pc.utf8_lower(trimmed_text(cells)), words)).as_py())


def _are_codes(cells: pa.ChunkedArray) -> bool:
    others = set(pc.unique(trimmed_text(cells)).to_pylist()) - {"", "NA"}
    return len(others) >= _MIN_CODES and sum(bool(_TWO_LETTERS.fullmatch(each)) for each in others) > len(others) / 2


def _given(text: pa.ChunkedArray) -> pa.ChunkedArray:
    missing = pa.array(["", *MISSING_NUMBERS])
    return text.filter(pc.invert(pc.is_in(pc.utf8_lower(text), missing)))


def _is_odd(text: pa.ChunkedArray) -> bool:
    """Whether most cells are numbers once commas and signs are seen through, and some need it."""
    odd = pc.or_(pc.match_substring_regex(text, DECIMAL_COMMA), pc.match_substring_regex(text, _DECORATED))
    if not pc.any(odd).as_py():
        return False
    grouped = pc.match_substring_regex(text, r"^[+-]?[\d.,' ]+$")
    numbers = pc.or_(pc.or_(odd, grouped), pc.match_substring_regex(text, NUMBER))
    return bool(pc.mean(numbers.cast(pa.float64())).as_py() >= MOSTLY)


def _first(text: pa.ChunkedArray, pattern: str) -> str:
    found: str = text.filter(pc.match_substring_regex(text, pattern))[0].as_py()
    return found
