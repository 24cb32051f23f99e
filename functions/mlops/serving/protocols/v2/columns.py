"""Tensors → rows: one tensor a column, or the matrices of the compiled model."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import batched
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops.artifact.inputs import (
    CATEGORIES,
    NUMBERS,
    date_from_days,
    datetime_from_days,
    days_since_epoch,
    input_columns,
    time_from_hours,
)
from mlops.contract import Column, Contract
from mlops.serving.protocols.v2.parameters import refusal
from mlops.serving.protocols.v2.tensors import Tensor
from mlops.serving.rows.reader import Row, RowReader

_MAX_DAYS = days_since_epoch(date.max)
_HOURS = 24
_MIN_DAYS = days_since_epoch(date.min)


def read_columns(tensors: Sequence[Tensor], contract: Contract, reader: RowReader) -> Sequence[Row]:
    """The rows, checked. Raises InputRejected or BodyTooLarge."""
    if len(tensors) == 1 and _is_whole(tensors[0], reader):
        values, width = tensors[0].values, len(reader.names)
        if isinstance(values, np.ndarray):
            return reader.check_cells(reader.names, values.reshape(-1, width))
        return reader.check_cells(reader.names, [*batched(values, width, strict=True)])
    if (stacked := _stack(tensors, reader)) is not None:
        return reader.check_cells([tensor.name for tensor in tensors], stacked)
    columns = dict(_split_matrices(tensors, contract, reader))
    lengths = {len(values) for values in columns.values()}
    if len(lengths) != 1:
        raise refusal("shape", "the inputs must have one number of rows")
    if not reader.is_numeric:
        return reader.check_columns(columns)
    return reader.check_cells([*columns], [*zip(*columns.values(), strict=True)])


def _is_whole(tensor: Tensor, reader: RowReader) -> bool:
    """Whether a tensor is the matrix of all columns, which are numbers and nothing else."""
    shape = tensor.name == NUMBERS and tensor.shape[1:] == (len(reader.names),) and NUMBERS not in reader.names
    return reader.is_numeric and shape and tensor.datatype not in ("BYTES", "BOOL")


def _stack(tensors: Sequence[Tensor], reader: RowReader) -> NDArray[Any] | None:
    """The matrix of tensors that are the contract's columns, each once and all of one length, or None."""
    if not reader.is_numeric or sorted(tensor.name for tensor in tensors) != sorted(reader.names):
        return None
    columns = [tensor.values for tensor in tensors if isinstance(tensor.values, np.ndarray) and _is_column(tensor)]
    alike = len(columns) == len(tensors) and len({len(column) for column in columns}) == 1
    return np.column_stack(columns) if alike else None


def _split_matrices(
    tensors: Sequence[Tensor], contract: Contract, reader: RowReader
) -> Iterable[tuple[str, list[Any]]]:
    """Each column's name and values. A column may itself be called as a matrix is: then it is the column."""
    matrices = {name: names for name, names in input_columns(contract).items() if name not in reader.names}
    reader.check_names(name for tensor in tensors for name in matrices.get(tensor.name, (tensor.name,)))
    columns = {column.name: column for column in contract.columns}
    for tensor in tensors:
        if tensor.name in matrices:
            yield from _split_matrix(tensor, [columns[name] for name in matrices[tensor.name]])
        elif _is_column(tensor):
            yield tensor.name, _read_cells(columns[tensor.name], tensor.datatype, tensor.cells())
        else:
            raise refusal("shape", "a column's shape must be [rows] or [rows, 1]", tensor.name)


def _is_column(tensor: Tensor) -> bool:
    return len(tensor.shape) == 1 or tensor.shape[1] == 1


def _split_matrix(tensor: Tensor, columns: Sequence[Column]) -> Iterable[tuple[str, list[Any]]]:
    if len(tensor.shape) != 2 or tensor.shape[1] != len(columns):
        names = ", ".join(column.name for column in columns)
        raise refusal("shape", f"its shape must be [rows, {len(columns)}], with the columns {names}", tensor.name)
    if (tensor.datatype == "BYTES") != (tensor.name == CATEGORIES):
        raise refusal("datatype", f"{NUMBERS} are numbers and {CATEGORIES} are BYTES", tensor.name)
    rows = list(batched(tensor.cells(), len(columns), strict=True))
    for index, column in enumerate(columns):
        yield column.name, _read_cells(column, tensor.datatype, [row[index] for row in rows])


def _read_cells(column: Column, datatype: str, values: list[Any]) -> list[Any]:
    """The values as JSON has them: among numbers a date is days since 1970-01-01, a time hours, a truth value 0 or 1.

    What doesn't translate stays, so that the contract's check can name it.
    """
    if datatype == "BYTES":
        return values if column.required else [value or None for value in values]
    if datatype == "BOOL":
        return values
    match column.kind:
        case "date":
            return [_read_date(value) for value in values]
        case "datetime":
            return [_read_time(value) for value in values]
        case "time":
            return [_read_clock(value) for value in values]
        case "boolean":
            return [bool(value) if value in (0, 1) else value for value in values]
        case _:
            return values


def _read_time(days: Any) -> Any:
    if days is None or not _MIN_DAYS <= days <= _MAX_DAYS:
        return days
    return datetime_from_days(days).isoformat()


def _read_clock(hours: Any) -> Any:
    return hours if hours is None or not 0 <= hours < _HOURS else time_from_hours(hours).isoformat()


def _read_date(days: Any) -> Any:
    if days is None or not _MIN_DAYS <= days <= _MAX_DAYS or days != int(days):
        return days
    return date_from_days(days).isoformat()
