"""A row's inputs as the numbers that forests split by: the same for rows of training and of records."""

import zlib

import numpy as np
import pandas as pd

from mlops.artifact.inputs import number_of
from mlops.artifact.spelling import read_time
from mlops.contract import Column, Contract
from mlops.evaluation.metrics.answers import Floats
from mlops.privacy import is_public

EPOCH = pd.Timestamp("1970-01-01")


def encode_inputs(rows: pd.DataFrame, contract: Contract) -> Floats | None:
    """The inputs [n, d] that records may keep, in the contract's order; None where there's no such column.

    Numbers stay, true is 1, a date is its day since 1970 (also where it comes as text), a category is its place in the
    contract or, where any text is allowed, a number made of it. What is missing is NaN, and so is a category that the
    contract lacks. Hashed and dropped columns are left out: records don't have their values. Raises KeyError for a
    column that `rows` lack.
    """
    kept = [column for column in contract.columns if is_public(column)]
    if not kept:
        return None
    return np.column_stack([_encode(rows[column.name], column) for column in kept])


def _encode(values: pd.Series, column: Column) -> Floats:
    match column.kind:
        case "category":
            return np.array([_place(value, column) for value in values], dtype=np.float64)
        case "date" if not pd.api.types.is_numeric_dtype(values):
            return np.asarray((pd.to_datetime(values) - EPOCH).dt.days, dtype=np.float64)
        case "datetime" if not pd.api.types.is_numeric_dtype(values):
            moments = pd.to_datetime(values, utc=True).dt.tz_convert(None)
            return np.asarray((moments - EPOCH) / pd.Timedelta(days=1), dtype=np.float64)
        case "time" if not pd.api.types.is_numeric_dtype(values):
            return np.array([_hours(value) for value in values], dtype=np.float64)
        case _:
            return np.asarray(pd.to_numeric(values.astype(object)), dtype=np.float64)


def _hours(value: object) -> float:
    """A time of day as hours, also where it comes as text."""
    return number_of(read_time(value) if isinstance(value, str) else None if pd.isna(value) else value)  # type: ignore[call-overload]


def _place(value: object, column: Column) -> float:
    """The place of a category. Trees need no order in it, only that one text is always the same number."""
    if pd.isna(value):  # type: ignore[call-overload]
        return np.nan
    if not column.categories:
        return zlib.crc32(str(value).encode()) / 2**32
    return float(column.categories.index(str(value))) if str(value) in column.categories else np.nan
