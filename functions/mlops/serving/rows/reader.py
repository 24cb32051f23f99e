"""The rows of a request, checked against the model's contract while their JSON is parsed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from difflib import get_close_matches
from operator import itemgetter
from typing import Any

import numpy as np
from pydantic_core import CoreSchema, ErrorDetails, SchemaValidator, ValidationError, from_json, to_json
from pydantic_core import core_schema as schema

from mlops.artifact.inputs import date_from_days
from mlops.artifact.matrix import Matrix
from mlops.contract import Column, Contract
from mlops.errors import BodyTooLarge, BodyUnreadable, InputRejected, Violation
from mlops.privacy import is_public
from mlops.serving.rows.json_numbers import LARGE
from mlops.serving.rows.matrix_reader import Cells, MatrixReader

type Row = dict[str, Any]

MAX_VIOLATIONS = 100
# Above it only the first bad row's are listed: a small body can break a million rules, and each costs a kilobyte.
_MAX_LISTED = 5_000
_MAX_SHOWN = 80  # characters of a name or value that an error repeats


class RowReader:
    """Reads `{"rows": [{column: value, …}, …]}` for one contract.

    Types are strict: text isn't a number, nor is true; numbers are finite and in range; a date is "YYYY-MM-DD".
    """

    def __init__(self, contract: Contract, max_rows: int) -> None:
        self.max_rows = max_rows
        self.names = contract.names
        self._columns = {column.name: column for column in contract.columns}
        self._validator = self._make_validator()
        self._matrices = MatrixReader(contract.columns, max_rows)
        self.is_numeric = self._matrices.is_numeric

    def read(self, body: bytes) -> Sequence[Row]:
        """The rows. Raises BodyUnreadable, BodyTooLarge, or InputRejected with its first MAX_VIOLATIONS violations."""
        if len(body) >= LARGE and self.is_numeric:
            matrix = self._read_matrix(body)
            if matrix is not None:
                return matrix
        return self._validate(body)

    def check(self, rows: Sequence[Any]) -> Sequence[Row]:
        """Another protocol's rows, as if they had come in JSON: there is one check. Raises what read raises."""
        return self.read(_write(rows))

    def check_cells(self, names: Sequence[str], cells: Cells) -> Sequence[Row]:
        """Another protocol's rows of cells under common names, NaN where missing. Raises what read raises.

        Numbers that keep the contract are taken as the matrix that they are; the validator checks everything else, and
        names the violations.
        """
        matrix = self._matrices.read(names, cells)
        if matrix is not None:
            return matrix
        rows = [_name_cells(names, row) for row in (cells.tolist() if isinstance(cells, np.ndarray) else cells)]
        return self._validate(_write(rows))

    def check_names(self, names: Iterable[str]) -> None:
        """Raise InputRejected if the names that head a table aren't those of the contract's columns.

        So a column's violation is listed once, not once for each row.
        """
        given = Counter(iter(names))
        twice = [name for name, count in given.items() if count > 1]
        unknown = [name for name in given if name not in self._columns]
        missing = [name for name, column in self._columns.items() if column.required and name not in given]
        violations = [
            *(_name_violation("twice", name, "stands twice") for name in twice[:MAX_VIOLATIONS]),
            *(self._unknown(name) for name in unknown[:MAX_VIOLATIONS]),
            *(_name_violation("missing", name, "is missing") for name in missing),
        ]
        if violations:
            raise InputRejected(violations[:MAX_VIOLATIONS], total=len(twice) + len(unknown) + len(missing))

    def _validate(self, body: bytes) -> list[Row]:
        """The rows, checked one by one. Raises what read raises."""
        try:
            rows: list[Row] = self._validator.validate_json(body)["rows"]
        except ValidationError as error:
            raise self._refusal(body, error) from None
        return rows

    def _read_matrix(self, body: bytes) -> Matrix | None:
        """The matrix of many rows of numbers, or None: then the validator checks them one by one."""
        try:
            document = from_json(body)
            rows = document["rows"]
            if len(document) > 1 or set(map(type, rows)) != {dict} or set(map(len, rows)) != {len(self.names)}:
                return None
            pick = itemgetter(*self.names) if len(self.names) > 1 else lambda row: (row[self.names[0]],)
            return self._matrices.read(self.names, [*map(pick, rows)])
        except (ValueError, KeyError, TypeError):
            return None

    def _make_validator(self, *, fail_fast: bool = False) -> SchemaValidator:
        fields = {name: _field(column) for name, column in self._columns.items()}
        row = schema.typed_dict_schema(fields, extra_behavior="forbid")
        rows = schema.list_schema(row, min_length=1, max_length=self.max_rows, fail_fast=fail_fast)
        return SchemaValidator(
            schema.typed_dict_schema({"rows": schema.typed_dict_field(rows)}, extra_behavior="forbid")
        )

    def _refusal(self, body: bytes, error: ValidationError) -> BodyUnreadable | BodyTooLarge | InputRejected:
        total = error.error_count()
        errors = error.errors(include_url=False) if total <= _MAX_LISTED else self._first_errors(body)
        first = errors[0]
        if first["type"] == "json_invalid":
            return BodyUnreadable(first["ctx"]["error"])
        if first["type"] == "too_long":
            return BodyTooLarge("rows", self.max_rows)
        return InputRejected(list(self._violations(errors)), total=total)

    def _first_errors(self, body: bytes) -> list[ErrorDetails]:
        """The errors of the first row that has any."""
        try:
            self._make_validator(fail_fast=True).validate_json(body)
        except ValidationError as error:
            return error.errors(include_url=False)
        raise AssertionError("a body that was refused is taken")

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
            return self._unknown(name, row)
        rule, requirement = _rule(column, error)
        value = None if rule in ("missing", "null") or not is_public(column) else _shorten(repr(error["input"]))
        return Violation(
            rule=rule,
            row=row,
            column=name,
            value=value,
            message=f"{name} {requirement}" + (f", not {value}" if value else ""),
        )

    def _unknown(self, name: str, row: int | None = None) -> Violation:
        near = get_close_matches(name[:_MAX_SHOWN], self._columns, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        shown = _shorten(name)
        return Violation(rule="unknown", row=row, column=shown, message=f"the model has no column {shown!r}{hint}")


def _write(rows: Sequence[Any]) -> bytes:
    return to_json({"rows": rows}, inf_nan_mode="constants")


def _name_cells(names: Sequence[str], cells: Sequence[Any]) -> Row:
    return {name: None if cell != cell else cell for name, cell in zip(names, cells, strict=True)}


def _name_violation(rule: str, name: str, requirement: str) -> Violation:
    return Violation(rule=rule, column=_shorten(name), message=f"{_shorten(name)} {requirement}")


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
    return None if days is None else date_from_days(days)


_NOUNS = {
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "date": 'a date, "YYYY-MM-DD"',
    "category": "text",
}


def _rule(column: Column, error: ErrorDetails) -> tuple[str, str]:
    """The broken rule's name, and what it requires."""
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
        "too_short": "there are no rows: there must be at least one row",
    }.get(error["type"], "'rows' must be a list of rows")
    return Violation(rule={"missing": "missing", "too_short": "empty"}.get(error["type"], "type"), message=message)


def _shorten(text: str) -> str:
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"
