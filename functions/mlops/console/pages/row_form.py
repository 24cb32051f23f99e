"""A row as a form: a field a column by its kind in the contract, and back."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlops.contract import Column, Contract
from mlops.errors.console import FormInvalid
from mlops.pages.numbers import write_number

MOST_FIELDS = 120
"""Of a row with more columns the form is one field of JSON."""
MOST_CATEGORIES = 100
WHOLE_ROW = "row"
_STEPS = 200
_NUMBERS = ("number", "integer")
_INPUTS = {"number": "number", "integer": "number", "date": "date"}
"""Kinds with a field of their own in browsers; the others are text. One of times would take the zone away."""


@dataclass(frozen=True)
class Slider:
    """From where to where a number can be moved, and in which steps."""

    low: float
    high: float
    step: float


@dataclass(frozen=True)
class Field:
    """A field: its `name` in the form, the column, the value in it, and what can be chosen or moved."""

    name: str
    column: Column
    value: str
    input: str
    choices: Sequence[tuple[str, str]] = ()
    slider: Slider | None = None
    hint: str = ""


def make_fields(contract: Contract, golden: Sequence[Mapping[str, Any]], row: Mapping[str, Any]) -> list[Field]:
    """The fields of a row, filled with it; none where it has more than MOST_FIELDS columns and is written as JSON."""
    if len(contract.columns) > MOST_FIELDS:
        return []
    return [
        _make_field(place, column, [each.get(column.name) for each in golden], row.get(column.name))
        for place, column in enumerate(contract.columns)
    ]


def write_row(contract: Contract, row: Mapping[str, Any]) -> str:
    """A row as JSON for people, in the contract's order; what the contract doesn't have comes last."""
    return json.dumps({**{name: row.get(name) for name in contract.names}, **row}, indent=1, ensure_ascii=False)


def read_row(contract: Contract, form: Mapping[str, str]) -> dict[str, Any]:
    """The row in a form. Cells that aren't of their column's kind stay texts: the serving code says what is wrong.

    Raises FormInvalid for a row in JSON that is none.
    """
    if WHOLE_ROW in form:
        try:
            found = json.loads(form[WHOLE_ROW], parse_constant=_refuse)
        except ValueError as error:
            raise FormInvalid(WHOLE_ROW, f"it's no JSON: {error}") from None
        if not isinstance(found, dict):
            raise FormInvalid(WHOLE_ROW, "it's no object of columns and cells")
        return found
    cells = {
        column.name: _read_cell(column, form.get(f"c{place}", "")) for place, column in enumerate(contract.columns)
    }
    return {name: cell for name, cell in cells.items() if cell is not None}


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no number")


def _read_cell(column: Column, text: str) -> Any:
    """A cell; None for an empty field, which is a missing value."""
    if not text.strip():
        return None
    if column.kind in _NUMBERS:
        try:
            number = float(text)
        except ValueError:
            return text
        if not math.isfinite(number):
            return text
        return int(number) if number.is_integer() and abs(number) < 2**53 else number
    if column.kind == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


def _make_field(place: int, column: Column, seen: Sequence[Any], cell: Any) -> Field:
    return Field(
        name=f"c{place}",
        column=column,
        value=_write_cell(cell),
        input=_INPUTS.get(column.kind, "text"),
        choices=_choices(column),
        slider=_slider(column, seen) if column.kind in _NUMBERS else None,
        hint=_hint(column),
    )


def _write_cell(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    return f"{cell:.12g}" if isinstance(cell, float) else str(cell)


def _choices(column: Column) -> list[tuple[str, str]]:
    """Values and words of a list; none where any text can be written."""
    if column.kind == "boolean":
        found = [("true", "yes"), ("false", "no")]
    elif 0 < len(column.categories) <= MOST_CATEGORIES:
        found = [(each, each) for each in column.categories]
    else:
        return []
    return found if column.required else [("", "missing"), *found]


def _slider(column: Column, seen: Sequence[Any]) -> Slider | None:
    """From the least to the greatest that the contract allows, or that golden rows have with a quarter more."""
    numbers = [float(each) for each in seen if isinstance(each, int | float) and not isinstance(each, bool)]
    low, high = column.minimum, column.maximum
    room = (max(numbers) - min(numbers)) / 4 if numbers else 0.0
    # A contract's end may be far beyond what is ever seen: 0 to a million for ages would move nothing.
    if numbers and room:
        low = min(numbers) - room if low is None else max(low, min(numbers) - room)
        high = max(numbers) + room if high is None else min(high, max(numbers) + room)
    if low is None or high is None or not low < high:
        return None
    if column.kind == "integer":
        low, high = math.floor(low), math.ceil(high)
        return Slider(low, high, max(1, round((high - low) / _STEPS)))
    step = 10.0 ** math.floor(math.log10((high - low) / _STEPS))
    return Slider(_round(low, step), _round(high, step), step)


def _round(value: float, step: float) -> float:
    return round(value / step) * step


def _hint(column: Column) -> str:
    """Unit, range, and whether it may be missing."""
    ends = (column.minimum, column.maximum) if column.kind in _NUMBERS else (None, None)
    low, high = (None if end is None else write_number(end) for end in ends)
    between = f"{low} to {high}" if low and high else f"from {low}" if low else f"up to {high}" if high else ""
    kind = {"date": "", "datetime": "2026-11-29T14:05:00Z", "time": "14:05"}.get(column.kind, "")
    return ", ".join(filter(None, (column.unit or "", between, kind, "" if column.required else "may be missing")))
