"""Data frames → the compiled model's inputs, where training and MLflow have rows as frames. Serving has no pandas."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops.artifact.inputs import EPOCH, MISSING_TEXT, NUMBERS, input_columns

if TYPE_CHECKING:
    from mlops.contract import Contract

_DAY = pd.Timedelta(days=1)


def frame_inputs(contract: "Contract", frame: pd.DataFrame) -> dict[str, NDArray[Any]]:
    """The inputs of the compiled model, by name, as `Inputs` makes them of the same rows.

    Dates and times are days since 1970-01-01 UTC, timestamps, or text that pandas reads as such. A column that the
    frame doesn't have is missing in every row.
    """
    dates = {column.name for column in contract.columns if column.kind in ("date", "datetime")}
    inputs: dict[str, NDArray[Any]] = {}
    for name, columns in input_columns(contract).items():
        cells: list[NDArray[Any]] = [
            _numbers(frame, column, is_date=column in dates) if name == NUMBERS else _texts(frame, column)
            for column in columns
        ]
        inputs[name] = np.column_stack(cells)
    return inputs


def _numbers(frame: pd.DataFrame, name: str, *, is_date: bool) -> NDArray[np.float64]:
    if name not in frame:
        return np.full(len(frame), np.nan)
    cells = frame[name]
    if is_date and not pd.api.types.is_numeric_dtype(cells):
        cells = (pd.to_datetime(cells, utc=True) - pd.Timestamp(EPOCH, tz="UTC")) / _DAY
    if cells.dtype == object:
        cells = pd.to_numeric(cells.where(cells.notna(), np.nan))
    return cells.to_numpy(dtype=np.float64, na_value=np.nan)


def _texts(frame: pd.DataFrame, name: str) -> NDArray[np.object_]:
    if name not in frame:
        return np.full(len(frame), MISSING_TEXT, dtype=object)
    cells = frame[name].astype(object)
    return cells.where(cells.notna(), MISSING_TEXT).to_numpy(dtype=object)
