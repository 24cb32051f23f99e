"""Cells of any type as the text that a person would write in a CSV. Imports no pandas: the command line uses it too."""

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from mlops.artifact.spelling import WHITESPACE
from mlops.contract import Kind

NUMBER = r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$"
"""A number in ASCII digits. nan and inf aren't numbers; cells.py reports them apart from other text."""
ENDLESS = rf"(?i)^[+-]?(?:nan|inf(?:inity)?)$|{NUMBER}"
"""Text that is a number, or nan or inf: where it can't be read, it's no finite one, or too large."""
DECIMAL_COMMA = (
    r"^[+-]?(?:\d{4,},\d+|\d{1,3},(?:\d{1,2}|\d{4,})|0\d*,\d+|,\d+|\d+,\d+[eE][+-]?\d+"
    r"|\d{1,3}(?:[.' \x{a0}\x{202f}\x{2019}]\d{3})+,\d+|[1-9]\d{0,2}(?:\.\d{3}){2,})$"
)
"""A number with a comma for the decimal point, or points between thousands, that can't be meant otherwise."""

LONGEST_SHOWN = 80
"""Characters of a cell that a message shows."""


def shorten(text: str) -> str:
    """A cell's text as a message shows it: cut where it's long."""
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def can_be(cells: pa.ChunkedArray, kind: Kind) -> bool:
    """Whether a column of this type may hold cells of a kind at all: text always may."""
    given = cells.type.value_type if types.is_dictionary(cells.type) else cells.type
    if is_text(given) or types.is_null(given):
        return True
    match kind:
        case "category":
            return is_number(given) or bool(types.is_boolean(given) or types.is_date(given))
        case "boolean":
            return is_number(given) or bool(types.is_boolean(given))
        case "date" | "datetime":
            return bool(types.is_date(given) or types.is_timestamp(given))
        case "time":
            return bool(types.is_time(given))
        case _:
            return is_number(given)


def trimmed_text(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """The cells as a person would write them in a CSV: "" where missing."""
    if types.is_dictionary(cells.type):
        cells = cells.cast(cells.type.value_type)
    if types.is_float16(cells.type):  # which Arrow computes little with
        cells = cells.cast(pa.float32())
    if types.is_floating(cells.type):
        cells = pc.if_else(pc.is_nan(cells), pa.scalar(None, cells.type), cells)
        if _are_whole(cells):
            cells = cells.cast(pa.int64())
    return pc.utf8_trim(pc.fill_null(cells.cast(pa.string()), ""), WHITESPACE)


def as_doubles(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Typed numbers as doubles, each the nearest there is: a decimal's cast would lose its last bits."""
    return (cells.cast(pa.string()) if types.is_decimal(cells.type) else cells).cast(pa.float64(), safe=False)


def has_decimal_commas(text: pa.ChunkedArray) -> bool:
    """Whether some cells are numbers with a comma for the decimal point. Then no comma stands between thousands."""
    return bool(pc.any(pc.match_substring_regex(text, DECIMAL_COMMA)).as_py())


def whole_days(times: pa.ChunkedArray) -> pa.ChunkedArray:
    """Dates of the times at midnight, in their own time zone; a time of day isn't a date."""
    local = times if times.type.tz is None else pc.local_timestamp(times)
    return pc.if_else(pc.equal(pc.floor_temporal(local, unit="day"), local), local, None).cast(pa.date32())


def is_text(given: pa.DataType) -> bool:
    """Whether a type is one of text."""
    return bool(types.is_string(given) or types.is_large_string(given) or types.is_string_view(given))


def _are_whole(cells: pa.ChunkedArray) -> bool:
    """Whether these are integers written as floating point, as pandas does in a column with missing cells."""
    small = pc.less(pc.abs(cells), 2.0**53)
    return bool(pc.all(pc.and_(small, pc.equal(pc.floor(cells), cells))).as_py())


def is_number(given: pa.DataType) -> bool:
    """Whether a type is one of numbers, true and false left out."""
    return bool(types.is_integer(given) or types.is_floating(given) or types.is_decimal(given))
