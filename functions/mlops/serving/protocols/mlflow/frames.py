"""MLflow's JSON forms of a data frame → rows (https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally/)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops.errors.serving import BodyTooLarge, BodyUnreadable, InputRejected
from mlops.errors.violations import Violation
from mlops.serving.rows.json_numbers import read_bounded
from mlops.serving.rows.matrix_reader import Cells
from mlops.serving.rows.reader import Row, RowReader

type _Data = list[Any] | NDArray[Any]

_ARRAYS = (list, np.ndarray)
_PLACES = (("dataframe_split", "data"), ("instances",), ("inputs",))  # where rows of many numbers may be


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under common names."""

    names: Sequence[str]
    cells: Cells

    def __len__(self) -> int:
        return len(self.cells)


def read_frame(body: bytes, reader: RowReader) -> Sequence[Row]:
    """The rows of `{form: frame}`, checked. A NaN is a missing value, as pandas writes it.

    Raises BodyUnreadable, BodyTooLarge or InputRejected.
    """
    try:
        document, is_whole = read_bounded(body, _PLACES, reader.frames_budget, reader.max_rows)
    except ValueError as error:
        raise BodyUnreadable(str(error)) from None
    form = _find_form(document)
    rows = _FORMS[form](document[form], reader)
    if len(rows) > reader.max_rows:
        raise BodyTooLarge("rows", reader.max_rows, len(rows))
    if not is_whole:
        reader.refuse_start([] if isinstance(rows, Table) else rows)
    if isinstance(rows, Table):
        return reader.check_cells(rows.names, rows.cells)
    if b"NaN" in body:
        rows = [_without_nan(row) for row in rows]
    return reader.check(rows)


def _find_form(document: Any) -> str:
    forms = ", ".join(_FORMS)
    if not isinstance(document, dict):
        raise _refusal("type", f"the body must be an object with one of {forms}")
    given: list[str] = [name for name in document if name in _FORMS]
    if len(given) != 1:
        raise _refusal("form", f"the body must have exactly one of {forms}, and has {len(given)} of them")
    unknown = [name for name in document if name not in (*given, "params")]
    if unknown:
        raise _refusal("unknown", f"next to {given[0]!r} the body may have only 'params', not {unknown[0][:80]!r}")
    if document.get("params") not in (None, {}):
        raise _refusal("params", "the model has no parameters: 'params' must be left out, null or empty")
    return given[0]


def _read_split(frame: Any, reader: RowReader) -> Sequence[Any] | Table:
    """`{"columns": [name, …], "data": [[cell, …], …]}`; without columns the cells are in the contract's order."""
    if not isinstance(frame, dict) or not isinstance(frame.get("data"), _ARRAYS):
        raise _refusal("type", "'dataframe_split' must be an object with 'data', a list of rows")
    unknown = frame.keys() - {"columns", "data", "index"}
    if unknown:
        raise _refusal("unknown", f"'dataframe_split' has columns, data and index, not {min(unknown)[:80]!r}")
    names = frame.get("columns")
    if names is None:
        return _read_lists(frame["data"], reader)
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise _refusal("type", "'columns' must be a list of column names")
    reader.check_names(names)
    return _name_cells(names, frame["data"], reader)


def _read_records(frame: Any, reader: RowReader) -> Sequence[Any] | Table:
    """`[{column: cell, …}, …]`."""
    if not isinstance(frame, list):
        raise _refusal("type", "'dataframe_records' must be a list of rows")
    return frame


def _read_instances(frame: Any, reader: RowReader) -> Sequence[Any] | Table:
    """Rows with names, or rows without in the contract's order."""
    if not isinstance(frame, _ARRAYS):
        raise _refusal("type", "'instances' must be a list of rows")
    if len(frame) > reader.max_rows:
        raise BodyTooLarge("rows", reader.max_rows, len(frame))
    if isinstance(frame, np.ndarray):
        return _read_lists(frame, reader) if frame.ndim > 1 else frame.tolist()
    return _read_lists(frame, reader) if frame and isinstance(frame[0], list) else frame


def _read_inputs(frame: Any, reader: RowReader) -> Sequence[Any] | Table:
    """`{column: [cell, …], …}`, `{column: cell, …}` for one row, or whatever 'instances' may be."""
    if isinstance(frame, _ARRAYS):
        return _read_instances(frame, reader)
    if not isinstance(frame, dict):
        raise _refusal("type", "'inputs' must be an object of columns, or a list of rows")
    reader.check_names(frame)
    columns = [cells for cells in frame.values() if isinstance(cells, list)]
    if not columns:
        return [frame]
    if len(columns) < len(frame) or len({len(cells) for cells in columns}) > 1:
        raise _refusal("shape", "the columns of 'inputs' must be lists of one length, or all be single values")
    if len(columns[0]) > reader.max_rows:
        raise BodyTooLarge("rows", reader.max_rows, len(columns[0]))
    return Table([*frame], [*zip(*columns, strict=True)])


def _read_lists(data: _Data, reader: RowReader) -> Sequence[Any] | Table:
    return _name_cells(reader.names, data, reader)


def _name_cells(names: Sequence[str], data: _Data, reader: RowReader) -> Table:
    if len(data) > reader.max_rows:
        raise BodyTooLarge("rows", reader.max_rows, len(data))
    if isinstance(data, np.ndarray) and data.shape[1:] == (len(names),):
        return Table(names, data)
    for number, cells in enumerate(data[:1].tolist() if isinstance(data, np.ndarray) else data):
        if not isinstance(cells, list):
            raise _refusal("type", "a row must be a list of cells", number)
        if len(cells) != len(names):
            raise _refusal("shape", f"the row has {len(cells)} cells for {len(names)} columns", number)
    return Table(names, data)


def _without_nan(row: Any) -> Any:
    if not isinstance(row, dict):
        return row
    return {name: None if isinstance(cell, float) and cell != cell else cell for name, cell in row.items()}


def _refusal(rule: str, message: str, row: int | None = None) -> InputRejected:
    return InputRejected([Violation(rule=rule, row=row, message=message)])


_FORMS: dict[str, Callable[[Any, RowReader], Sequence[Any] | Table]] = {
    "dataframe_split": _read_split,
    "dataframe_records": _read_records,
    "instances": _read_instances,
    "inputs": _read_inputs,
}
