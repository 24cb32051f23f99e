"""Cells of a file as a client would send them in JSON. Imports no pandas: the command line uses it too."""

import math
from collections.abc import Collection
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from mlops.artifact.spelling import MISSING_NUMBERS, PLAIN_NUMBER, TRUTH_VALUES, join_thousands, whole_day
from mlops.contract import Kind
from mlops.data.text import as_doubles, has_decimal_commas, is_number, trimmed_text, whole_days


def json_cells(cells: pa.ChunkedArray, kind: Kind, missing: Collection[str] = ()) -> list[Any]:
    """Numbers, truth values and texts of a kind, None where missing; what can't be read stays text.

    The texts in `missing` are missing values, in small letters.
    """
    if kind in ("number", "integer") and is_number(cells.type):
        return [_as_number(value, kind) for value in as_doubles(cells).to_pylist()]
    text = _text(cells, kind)
    # As in a dataset: beside 0,5 the comma of 1,234 isn't one between thousands.
    joins = kind in ("number", "integer") and not has_decimal_commas(text)
    return [_value(each, kind, missing, joins=joins) for each in text.to_pylist()]


def _text(cells: pa.ChunkedArray, kind: Kind) -> pa.ChunkedArray:
    text = trimmed_text(cells)
    if kind == "date" and types.is_timestamp(cells.type):
        return pc.coalesce(whole_days(cells).cast(pa.string()), text)
    return text


def _value(text: str, kind: Kind, missing: Collection[str], *, joins: bool) -> Any:
    if text == "" or (kind != "category" and text.lower() in MISSING_NUMBERS) or (missing and text.lower() in missing):
        return None
    if kind == "boolean":
        return TRUTH_VALUES.get(text.lower(), text)
    if kind == "date":
        return whole_day(text)
    number = float(text) if PLAIN_NUMBER.fullmatch(text) else join_thousands(text) if joins else text
    if kind in ("number", "integer") and isinstance(number, float) and math.isfinite(number):
        return _as_number(number, kind)
    return text


def _as_number(number: float | None, kind: Kind) -> Any:
    """A typed number: as text where it isn't finite, which JSON can't hold and the API reports."""
    if number is None or math.isnan(number):
        return None
    if math.isinf(number):
        return str(number)
    return int(number) if kind == "integer" and number.is_integer() else number
