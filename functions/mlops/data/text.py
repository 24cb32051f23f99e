"""Cells of any type as the text that a person would write in a CSV. Imports no pandas: the command line uses it too."""

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from mlops.contract import Kind

NUMBER = r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$"
"""A number in ASCII digits. nan and inf aren't numbers; cells.py reports them apart from other text."""
BOOLEANS = {"true": 1.0, "false": 0.0, "1": 1.0, "0": 0.0}


def can_be(cells: pa.ChunkedArray, kind: Kind) -> bool:
    """Whether a column of this type may hold cells of a kind at all: text always may."""
    given = cells.type.value_type if types.is_dictionary(cells.type) else cells.type
    if is_text(given) or types.is_null(given):
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


def trimmed_text(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """The cells as a person would write them in a CSV: "" where missing."""
    if types.is_dictionary(cells.type):
        cells = cells.cast(cells.type.value_type)
    if types.is_floating(cells.type) and _are_whole(cells):
        cells = cells.cast(pa.int64())
    return pc.utf8_trim_whitespace(pc.fill_null(cells.cast(pa.string()), ""))


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


def _is_number(given: pa.DataType) -> bool:
    return bool(types.is_integer(given) or types.is_floating(given) or types.is_decimal(given))
