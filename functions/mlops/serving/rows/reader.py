"""The rows of a request, checked against the model's contract while their JSON is parsed."""

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Never

import numpy as np
from numpy.typing import NDArray
from pydantic_core import SchemaValidator, ValidationError, from_json, to_json
from pydantic_core import core_schema as schema

from mlops.artifact.matrix import Matrix
from mlops.contract import Column, Contract
from mlops.errors.serving import BodyUnreadable, InputRejected
from mlops.errors.violations import Violation
from mlops.serving.rows.budget import SMALL, frames_budget, rows_budget, tensors_budget
from mlops.serving.rows.cells import make_schema
from mlops.serving.rows.inspection import Inspector, Row
from mlops.serving.rows.matrix_reader import Cells, MatrixReader

__all__ = ["Row", "RowReader"]

_FEW = 16  # rows of a table that are checked as fast one by one


class RowReader:
    """Reads `{"rows": [{column: value, …}, …]}` for one contract.

    Types are strict: text isn't a number, nor is true; numbers are finite and in range; a date is "YYYY-MM-DD". What a
    body builds is bounded before it is parsed, and nothing is made of an error but that there is one: a refused body is
    inspected afterwards.
    """

    def __init__(self, contract: Contract, max_rows: int) -> None:
        self.max_rows = max_rows
        self.names = contract.names
        width = len(contract.columns)
        self.frames_budget, self.tensors_budget = frames_budget(width, max_rows), tensors_budget(width, max_rows)
        self._budget = rows_budget(width, max_rows)
        self._validator = _make_validator(contract.columns)
        self._inspector = Inspector(contract, max_rows)
        self._matrices = MatrixReader(contract.columns, max_rows)
        self.is_numeric = self._matrices.is_numeric
        # Then what isn't a matrix breaks a rule, but for numbers that are whole only within pydantic's tolerance.
        self._required = frozenset(column.name for column in contract.columns if column.required)
        self._is_required = len(self._required) == width

    def read(self, body: bytes) -> Sequence[Row]:
        """The rows. Raises BodyUnreadable, BodyTooLarge, or InputRejected with its first MAX_VIOLATIONS violations."""
        start = self._budget.fit(body)
        rows = self._accept(body) if start is body else None
        if rows is not None:
            return rows
        is_cut = start is not body
        try:
            document = from_json(start, allow_partial=is_cut)
        except ValueError as error:
            raise BodyUnreadable(str(error)) from None
        refusal = self._inspector.inspect_body(document, is_cut=is_cut)
        if refusal is None:
            return self._validate_again(body, is_cut=is_cut)
        raise refusal

    def check(self, rows: Sequence[Any]) -> Sequence[Row]:
        """Another protocol's rows, as if they had come in JSON: there is one check. Raises what read raises."""
        body = to_json({"rows": rows}, inf_nan_mode="constants")
        accepted = self._accept(body)
        if accepted is not None:
            return accepted
        refusal = self._inspector.inspect_rows(rows)
        if refusal is None:
            return self._validate_again(body, is_cut=False)
        raise refusal

    def refuse_start(self, rows: Sequence[Any]) -> Never:
        """Raise what is wrong with the first rows of a body above its budget; the last of them may be cut."""
        raise self._inspector.inspect_rows(rows, is_cut=True) or _above_budget()

    def check_cells(self, names: Sequence[str], cells: Cells) -> Sequence[Row]:
        """Another protocol's rows of cells under common names, NaN where missing. Raises what read raises.

        Numbers that keep the contract are taken as the matrix that they are; everything else is checked by column. The
        names are the columns', each row has a cell for each.
        """
        matrix = self._matrices.read(names, cells)
        if matrix is not None:
            return matrix
        columns = cells.T if isinstance(cells, np.ndarray) else zip(*cells, strict=True)
        return self.check_columns(dict(zip(names, columns, strict=len(cells) > 0)))

    def check_columns(self, columns: Mapping[str, Sequence[Any] | NDArray[Any]]) -> Sequence[Row]:
        """Another protocol's columns of one length, NaN where missing. Raises what read raises."""
        if len(next(iter(columns.values()), ())) > _FEW:
            return self._inspector.read_columns(columns)
        lists = [cells.tolist() if isinstance(cells, np.ndarray) else cells for cells in columns.values()]
        return self.check([_name_cells(columns, cells) for cells in zip(*lists, strict=True)])

    def refuse_cells(self, names: Sequence[str], rows: Mapping[int, Sequence[Any]]) -> Never:
        """Raise what is wrong with some of a table's rows, by their number. At least one of their cells is wrong."""
        raise self._inspector.inspect_cells(names, rows)

    def check_names(self, names: Iterable[str]) -> None:
        """Raise InputRejected if the names that head a table aren't those of the contract's columns.

        So a column's violation is listed once, not once for each row.
        """
        self._inspector.check_names(names)

    def _accept(self, body: bytes) -> Sequence[Row] | None:
        """The rows, or None if anything seems to be wrong with the body."""
        if len(body) >= SMALL and self.is_numeric:
            matrix = self._read_matrix(body)
            if matrix is not None:
                return matrix
            if self._is_required:
                return None
        return self._validate(body)

    def _validate(self, body: bytes) -> list[Row] | None:
        """The rows one by one, or None if anything is wrong with the body."""
        try:
            rows: list[Row] = self._validator.validate_json(body)["rows"]
        except (ValidationError, _WrongName):
            return None
        return rows if 0 < len(rows) <= self.max_rows and self._have_names(rows) else None

    def _have_names(self, rows: Sequence[Row]) -> bool:
        """Whether rows without unknown names have all that are required."""
        return set(map(len, rows)) == {len(self.names)} or all(self._required <= row.keys() for row in rows)

    def _validate_again(self, body: bytes, *, is_cut: bool) -> list[Row]:
        """The rows of a body with which nothing is wrong, though it was above its budget or made no matrix."""
        rows = None if is_cut else self._validate(body)
        if rows is not None:
            return rows
        assert is_cut, "a body that was refused is taken"
        raise _above_budget()

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


def _name_cells(names: Iterable[str], cells: Iterable[Any]) -> Row:
    return {name: None if cell != cell else cell for name, cell in zip(names, cells, strict=True)}


def _above_budget() -> InputRejected:
    message = "the body has more names or values than its rows can have: a name stands twice"
    return InputRejected([Violation(rule="twice", message=message)])


class _WrongName(Exception):
    """A name that isn't known, or no rows: the validator stops at once, without an error that holds the input."""


def _stop(*_: Any) -> Never:
    raise _WrongName


def _make_validator(columns: Sequence[Column]) -> SchemaValidator:
    """Takes what keeps the contract, and stops at the first row that doesn't.

    pydantic converts the input of each error to Python objects, and that of a missing name is the whole row. So it
    stops at an unknown name without an error, and lets names be missing: they are counted afterwards.
    """
    nothing_else = schema.no_info_plain_validator_function(_stop)
    row = schema.typed_dict_schema(
        {column.name: _field(column) for column in columns}, extra_behavior="allow", extras_schema=nothing_else
    )
    rows = schema.with_default_schema(schema.list_schema(row, fail_fast=True), default_factory=_stop)
    return SchemaValidator(
        schema.typed_dict_schema(
            {"rows": schema.typed_dict_field(rows)}, extra_behavior="allow", extras_schema=nothing_else
        )
    )


def _field(column: Column) -> schema.TypedDictField:
    cell = make_schema(column)
    return schema.typed_dict_field(cell if column.required else schema.nullable_schema(cell), required=False)
