"""The rows of a request, checked against the model's contract while their JSON is parsed."""

from collections.abc import Iterator
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Any

from pydantic_core import CoreSchema, ErrorDetails, SchemaValidator, ValidationError
from pydantic_core import core_schema as schema

from mlops.contract import Column, Contract
from mlops.errors import BodyTooLarge, BodyUnreadable, InputRejected, Violation

type Row = dict[str, Any]

MAX_VIOLATIONS = 100
_MAX_SHOWN = 80  # characters of a name or value that an error repeats
_EPOCH = date(1970, 1, 1)


class RowReader:
    """Reads `{"rows": [{column: value, …}, …]}` for one contract.

    Types are strict: text isn't a number, nor is true; numbers are finite and in range; a date is "YYYY-MM-DD".
    """

    def __init__(self, contract: Contract, max_rows: int) -> None:
        self._columns = {column.name: column for column in contract.columns}
        self._max_rows = max_rows
        fields = {column.name: _field(column) for column in contract.columns}
        row = schema.typed_dict_schema(fields, extra_behavior="forbid")
        rows = schema.list_schema(row, min_length=1, max_length=max_rows)
        body = schema.typed_dict_schema({"rows": schema.typed_dict_field(rows)}, extra_behavior="forbid")
        self._validator = SchemaValidator(body)

    def read(self, body: bytes) -> list[Row]:
        """The rows. Raises BodyUnreadable, BodyTooLarge, or InputRejected with its first MAX_VIOLATIONS violations."""
        try:
            rows: list[Row] = self._validator.validate_json(body)["rows"]
        except ValidationError as error:
            raise self._refusal(error.errors(include_url=False)) from None
        return rows

    def _refusal(self, errors: list[ErrorDetails]) -> BodyUnreadable | BodyTooLarge | InputRejected:
        first = errors[0]
        if first["type"] == "json_invalid":
            return BodyUnreadable(first["ctx"]["error"])
        if first["type"] == "too_long":
            return BodyTooLarge("rows", self._max_rows)
        return InputRejected(list(self._violations(errors)), total=len(errors))

    def _violations(self, errors: list[ErrorDetails]) -> Iterator[Violation]:
        for error in errors[:MAX_VIOLATIONS]:
            where = error["loc"]
            if len(where) < 3:
                yield _shape_violation(error)
            else:
                _, row, name = where[:3]
                yield self._cell_violation(int(row), str(name), error)

    def _cell_violation(self, row: int, name: str, error: ErrorDetails) -> Violation:
        column = self._columns.get(name)
        if column is None:
            near = get_close_matches(name[:_MAX_SHOWN], self._columns, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            shown = _shorten(name)
            return Violation(rule="unknown", row=row, column=shown, message=f"the model has no column {shown!r}{hint}")
        rule, demand = _rule(column, error)
        value = None if rule in ("missing", "null") or column.privacy != "keep" else _shorten(repr(error["input"]))
        return Violation(
            rule=rule,
            row=row,
            column=name,
            value=value,
            message=f"{name} {demand}" + (f", not {value}" if value else ""),
        )


def _field(column: Column) -> schema.TypedDictField:
    kind = _kind(column)
    return schema.typed_dict_field(kind if column.required else schema.nullable_schema(kind), required=column.required)


def _kind(column: Column) -> CoreSchema:
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
            return schema.date_schema(strict=True, ge=_as_date(column.minimum), le=_as_date(column.maximum))
        case "category" if column.categories:
            return schema.literal_schema(list(column.categories))
        case "category":
            return schema.str_schema(strict=True)


def _as_date(days: float | None) -> date | None:
    """A date from days since 1970-01-01, the unit that dates have in a contract's range and in the compiled model."""
    return None if days is None else _EPOCH + timedelta(days=days)


_NOUNS = {
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "date": 'a date, "YYYY-MM-DD"',
    "category": "text",
}


def _rule(column: Column, error: ErrorDetails) -> tuple[str, str]:
    """The broken rule's name, and what it demands."""
    unit = f" {column.unit}" if column.unit else ""
    match error["type"]:
        case "missing":
            return "missing", "is missing"
        case _ if error["input"] is None:
            return "null", "must not be null"
        case "finite_number":
            return "finite", "must be a finite number"
        case "greater_than_equal":
            return "minimum", f"must be at least {error['ctx']['ge']}{unit}"
        case "less_than_equal":
            return "maximum", f"must be at most {error['ctx']['le']}{unit}"
        case "literal_error":
            return "category", f"must be one of {', '.join(column.categories)}"
        case _:
            return "type", f"must be {_NOUNS[column.kind]}"


def _shape_violation(error: ErrorDetails) -> Violation:
    """What is wrong above the cells: the body, its `rows`, or a row that isn't an object."""
    where = error["loc"]
    if not where:
        return Violation(rule="type", message='the body must be an object: {"rows": [{…}, …]}')
    if len(where) == 2:
        return Violation(rule="type", row=int(where[1]), message="a row must be an object: {column: value, …}")
    name = _shorten(str(where[0]))
    if name != "rows":
        return Violation(rule="unknown", message=f"the body has only 'rows', not {name!r}")
    message = {
        "missing": "the body must have 'rows', a list of rows",
        "too_short": "'rows' is empty: it must have at least one row",
    }.get(error["type"], "'rows' must be a list of rows")
    return Violation(rule={"missing": "missing", "too_short": "empty"}.get(error["type"], "type"), message=message)


def _shorten(text: str) -> str:
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"
