"""The cells of one column, checked against its rules: strictly by kind, then by range and categories.

Text isn't a number, nor is true; numbers are finite and in range; a date is "YYYY-MM-DD".
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic_core import CoreSchema, ErrorDetails, SchemaValidator, ValidationError, to_json
from pydantic_core import core_schema as schema

from mlops.artifact.inputs import date_from_days
from mlops.contract import Column
from mlops.errors import Violation
from mlops.privacy import is_public
from mlops.serving.rows.texts import shorten, show

WRONG = object()
"""Stands for a cell that breaks a rule."""

_TYPES: dict[str, frozenset[type]] = {
    "number": frozenset({int, float}),
    "integer": frozenset({int, float}),
    "boolean": frozenset({bool}),
    "date": frozenset({str}),
    "category": frozenset({str}),
}
_NOUNS = {
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "date": 'a date, "YYYY-MM-DD"',
    "category": "text",
}
_LONGEST_DATE = 100  # characters; only digits could be longer
_LISTED_CATEGORIES = 20


class Cells:
    """Checks the cells of a column."""

    def __init__(self, column: Column) -> None:
        self._column = column
        self._types = _TYPES[column.kind] | ({type(None)} if not column.required else set())
        self._categories = frozenset(column.categories)
        self._validator: SchemaValidator | None = None

    def check(self, cells: Sequence[Any]) -> list[Any]:
        """The cells as a row holds them, WRONG in place of those that break a rule."""
        kinds = set(map(type, cells))
        if not kinds <= self._types:
            cells = [cell if type(cell) in self._types else WRONG for cell in cells]
        if self._column.kind == "boolean" or (self._column.kind == "category" and not self._categories):
            return [*cells]
        if self._categories:
            return [cell if cell in self._categories or cell is None else WRONG for cell in cells]
        return self._validate(cells)

    def are_kept_by(self, numbers: NDArray[Any]) -> bool:
        """Whether an array of numbers surely keeps the rules. NaN, a missing value, doesn't."""
        column = self._column
        if column.kind not in ("number", "integer"):
            return False
        values = numbers.astype(np.float64, copy=False)
        low = -np.inf if column.minimum is None else column.minimum
        high = np.inf if column.maximum is None else column.maximum
        kept = np.isfinite(values).all() and (values >= low).all() and (values <= high).all()
        return bool(kept and (column.kind == "number" or (values == np.floor(values)).all()))

    def describe(self, row: int, cell: Any) -> Violation:
        """The violation of a cell that is wrong."""
        column = self._column
        rule, requirement = self._find_rule(cell)
        value = shown = None
        if rule != "null" and is_public(column):
            shown = "a list" if isinstance(cell, list) else "an object" if isinstance(cell, dict) else None
            value = None if shown else show(cell)
        message = f"{shorten(column.name)} {requirement}" + (f", not {shown or value}" if shown or value else "")
        return Violation(rule=rule, row=row, column=column.name, value=value, message=message)

    def _validate(self, cells: Sequence[Any]) -> list[Any]:
        """Numbers and dates: pydantic's rules are those of a row that is read at once."""
        if self._validator is None:
            cell = schema.with_default_schema(make_schema(self._column), default=WRONG, on_error="default")
            self._validator = SchemaValidator(schema.list_schema(schema.nullable_schema(cell)))
        if self._column.kind == "date" and any(map(_is_no_date, cells)):
            cells = [WRONG if _is_no_date(cell) else cell for cell in cells]
        if WRONG not in cells:
            found: list[Any] = self._validator.validate_json(_write(cells))
            return found
        found = self._validator.validate_json(_write([None if cell is WRONG else cell for cell in cells]))
        return [WRONG if cell is WRONG else read for cell, read in zip(cells, found, strict=True)]

    def _find_rule(self, cell: Any) -> tuple[str, str]:
        """The broken rule's name, and what it requires."""
        column = self._column
        if cell is None:
            return "null", "must not be null"
        if column.categories:
            return "category", f"must be one of {list_categories(column)}"
        if type(cell) in self._types and not _is_no_date(cell):
            try:
                SchemaValidator(make_schema(column)).validate_json(_write(cell))
            except ValidationError as error:
                return _rule(column, error.errors(include_url=False, include_input=False)[0])
        return "type", f"must be {_NOUNS[column.kind]}"


def make_schema(column: Column) -> CoreSchema:
    """pydantic's schema of a cell that isn't missing."""
    match column.kind:
        case "number" | "integer":
            return schema.float_schema(
                strict=True,
                allow_inf_nan=False,
                ge=column.minimum,
                le=column.maximum,
                multiple_of=1 if column.kind == "integer" else None,
            )
        case "boolean":
            return schema.bool_schema(strict=True)
        case "date":
            # The parser of dates would read "0" too, as a number of seconds.
            text = schema.str_schema(strict=True, pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
            day = schema.date_schema(ge=_as_date(column.minimum), le=_as_date(column.maximum))
            return schema.chain_schema([text, day])
        case "category" if column.categories:
            return schema.literal_schema(list(column.categories))
        case "category":
            return schema.str_schema(strict=True)


def list_categories(column: Column) -> str:
    """The categories in a message: the first of them."""
    more = len(column.categories) - _LISTED_CATEGORIES
    listed = ", ".join(map(shorten, column.categories[:_LISTED_CATEGORIES]))
    return f"{listed} and {more} more" if more > 0 else listed


def _is_no_date(cell: Any) -> bool:
    """Whether a cell is a long text that would take six times its length to write as JSON."""
    return type(cell) is str and len(cell) > _LONGEST_DATE and not (cell.isascii() and cell.isprintable())


def _as_date(days: float | None) -> date | None:
    return None if days is None else date_from_days(days)


def _write(cells: Any) -> bytes:
    return to_json(cells, inf_nan_mode="constants")


def _rule(column: Column, error: ErrorDetails) -> tuple[str, str]:
    unit = f" {column.unit}" if column.unit else ""
    match error["type"]:
        case "finite_number":
            return "finite", "must be a finite number"
        case "greater_than_equal":
            return "minimum", f"must be at least {error['ctx']['ge']}{unit}"
        case "less_than_equal":
            return "maximum", f"must be at most {error['ctx']['le']}{unit}"
        case _:
            return "type", f"must be {_NOUNS[column.kind]}"
