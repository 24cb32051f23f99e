"""A data frame as people have it → the columns that the contract describes, or every cell that breaks it.

Column types aren't the contract's: a whole number may be an int8, a float without a fraction, a Decimal, or text. What
can be read without loss is read, as in a CSV; what can't is an error. It travels with a version, so it needs pandas
alone, and reads a contract's attributes whatever class has them.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops.artifact.inputs import (
    date_from_days,
    datetime_from_days,
    days_since_epoch,
    hours_since_midnight,
    number_of,
    time_from_hours,
)
from mlops.artifact.missing import missing_marks, missing_words
from mlops.artifact.spelling import (
    DATETIME,
    PLAIN_NUMBER,
    TIME,
    TRUTH_VALUES,
    join_thousands,
    read_datetime,
    read_time,
    respell,
    strip,
)

if TYPE_CHECKING:
    from mlops.contract import Column, Contract

SHOWN = 5
"""So many violations are in an error's message."""
_EXACT = 2.0**53
_WRONG = object()
_UNSEEN = object()
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(DATETIME)
_CLOCK = re.compile(TIME)
_NOUNS = {
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "date": "a date, without a time of day",
    "datetime": "a date and time",
    "time": "a time of day",
    "category": "text",
}


class FrameRejected(ValueError):
    """Cells of a frame that break the contract, or that can't be read without loss."""

    def __init__(self, violations: Sequence[str], total: int) -> None:
        more = f"; and {total - len(violations):,} more" if total > len(violations) else ""
        super().__init__(f"the data frame doesn't keep the model's contract: {'; '.join(violations)}{more}")
        self.total = total


def read_frame(contract: "Contract", frame: pd.DataFrame) -> pd.DataFrame:
    """The contract's columns: numbers, booleans, dates and times as float64, categories as text, None where missing.

    A column that the frame doesn't have is missing in every row. Raises FrameRejected.
    """
    names = [str(name) for name in frame.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise FrameRejected([f"more than one column is named {', '.join(twice)}"], len(twice))
    violations: list[str] = []
    total = 0
    read = {}
    for column in contract.columns:
        cells = frame[column.name] if column.name in frame else pd.Series(None, index=frame.index, dtype=object)
        read[column.name], wrong = _read_column(column, cells)
        total += len(wrong)
        rows = wrong[: max(0, SHOWN - len(violations))]
        violations += [_describe(column, int(row), cells.iloc[row]) for row in rows]
    if total:
        raise FrameRejected(violations, total)
    return pd.DataFrame(read, index=frame.index)


def _read_column(column: "Column", cells: pd.Series) -> tuple[pd.Series, NDArray[np.intp]]:
    """The cells as the contract has them, and the positions of those that break it."""
    is_text = column.kind == "category"
    if column.kind in ("number", "integer") and _is_plain_number(cells):
        values = cells.to_numpy(dtype=np.float64, na_value=np.nan)
        lossy = _are_lossy(cells, values)
    else:
        found, lossy = _read_cells(column, cells.astype(object))
        values = found if is_text else found.astype(np.float64)
    if marks := missing_marks(column):
        values = np.where(np.isin(values, marks), np.nan, values)
    missing = pd.isna(values)
    broken = lossy | (missing & ~lossy if column.required else False)
    if not is_text:
        broken = broken | _breaks_rules(column, values, missing)
    return pd.Series(values, index=cells.index, dtype=object if is_text else np.float64), np.flatnonzero(broken)


def _is_plain_number(cells: pd.Series) -> bool:
    """Whether a column's type is one of numbers, true and false left out."""
    return (
        pd.api.types.is_numeric_dtype(cells.dtype)
        and not pd.api.types.is_bool_dtype(cells.dtype)
        and (not pd.api.types.is_complex_dtype(cells.dtype))
    )


def _are_lossy(cells: pd.Series, values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which whole numbers double precision can't tell from the next one."""
    if not pd.api.types.is_integer_dtype(cells.dtype):
        return np.zeros(len(values), dtype=np.bool_)
    return np.abs(values) >= _EXACT


def _breaks_rules(column: "Column", values: NDArray[np.float64], missing: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which numbers are infinite, outside the range, or have a fraction where none may be."""
    low = -np.inf if column.minimum is None else column.minimum
    high = np.inf if column.maximum is None else column.maximum
    kept = np.isfinite(values) & (values >= low) & (values <= high)
    if column.kind == "integer":
        kept &= values == np.floor(values)
    return ~kept & ~missing


def _read_cells(column: "Column", cells: pd.Series) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """The value of each cell, None where it's missing, and which can't be read as the column's kind."""
    seen: dict[tuple[type, Any], Any] = {}
    read: list[Any] = []
    for cell in cells:
        # 1 and True are equal, and not the same cell.
        key = (type(cell), cell)
        try:
            value = seen.get(key, _UNSEEN)
        except TypeError:  # a list, or another thing that can change, is no cell
            value = _WRONG
        if value is _UNSEEN:
            value = seen[key] = None if _is_absent(cell) else _read_cell(column, cell)
        read.append(value)
    wrong = np.array([value is _WRONG for value in read], dtype=np.bool_)
    found = np.empty(len(read), dtype=object)
    found[:] = [None if value is _WRONG else value for value in read]
    return found, wrong


def _is_absent(cell: Any) -> bool:
    """Whether a cell is a missing value by itself, not by what it spells."""
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return True
    return isinstance(cell, float | np.floating | np.datetime64 | Decimal) and bool(cell != cell)


def _read_cell(column: "Column", cell: Any) -> Any:
    """The value of a cell that isn't missing; None if it spells a missing value, _WRONG if it isn't of the kind."""
    if isinstance(cell, str):
        cell = strip(cell)
        if _is_missing(column, cell):
            return None
    elif column.kind == "boolean" and isinstance(cell, Real) and float(cell) in missing_marks(column):
        return None
    return _READERS[column.kind](column, cell)


def _is_missing(column: "Column", text: str) -> bool:
    return not text or text.lower() in missing_words(column)


def _number(_: "Column", cell: Any) -> Any:
    if isinstance(cell, str):
        number = float(cell) if PLAIN_NUMBER.fullmatch(cell) else join_thousands(cell)
        return number if isinstance(number, float) else _WRONG
    if isinstance(cell, bool | np.bool_) or not isinstance(cell, Real | Decimal):
        return _WRONG
    value = float(cell)
    return _WRONG if isinstance(cell, Integral) and abs(value) >= _EXACT else value


def _truth(_: "Column", cell: Any) -> Any:
    if isinstance(cell, str):
        found = TRUTH_VALUES.get(cell.lower())
        return _WRONG if found is None else float(found)
    if isinstance(cell, bool | np.bool_ | Real) and cell in (0, 1):
        return float(cell)
    return _WRONG


def _day(_: "Column", cell: Any) -> Any:
    moment = _to_moment(cell)
    if moment is None:
        return _WRONG
    # A day is that of its own zone; a time of day would be lost.
    is_whole = not isinstance(moment, datetime) or moment.time() == datetime.min.time()
    return float(days_since_epoch(date(moment.year, moment.month, moment.day))) if is_whole else _WRONG


def _time(_: "Column", cell: Any) -> Any:
    moment = _to_moment(cell)
    return _WRONG if moment is None else number_of(moment)


def _clock(_: "Column", cell: Any) -> Any:
    if isinstance(cell, str):
        return hours_since_midnight(read_time(cell)) if _CLOCK.fullmatch(cell) else _WRONG
    return hours_since_midnight(cell) if isinstance(cell, time) and cell.tzinfo is None else _WRONG


def _to_moment(cell: Any) -> date | None:
    """The date or time that a cell is; pandas' and NumPy's to the microsecond, as requests are read."""
    if isinstance(cell, np.datetime64):
        cell = pd.Timestamp(cell)
    if isinstance(cell, pd.Timestamp):
        return cell.to_pydatetime(warn=False)
    if isinstance(cell, date):
        return cell
    if not isinstance(cell, str) or not _MOMENT.fullmatch(cell):
        return None
    try:
        return date.fromisoformat(cell) if _DATE.fullmatch(cell) else read_datetime(cell)
    except (ValueError, OverflowError):
        return None


def _text(column: "Column", cell: Any) -> Any:
    text = _spell(cell)
    if text is None:
        return _WRONG
    if text.lower() in missing_words(column):
        return None
    if not column.categories or text in column.categories:
        return text
    return respell([text], column.categories).get(text, _WRONG)


def _spell(cell: Any) -> str | None:
    """A cell as a Parquet file's would be spelt: whole numbers without a fraction, true, false, dates."""
    if isinstance(cell, str):
        return str(cell)
    if isinstance(cell, bool | np.bool_):
        return "true" if cell else "false"
    if isinstance(cell, Integral):
        return str(int(cell))
    if isinstance(cell, float | np.floating):
        value = float(cell)
        if not abs(value) < _EXACT:
            return None
        return str(int(value)) if value.is_integer() else repr(value)
    return cell.isoformat() if type(cell) is date else None


_READERS: dict[str, Callable[[Any, Any], Any]] = {
    "number": _number,
    "integer": _number,
    "boolean": _truth,
    "date": _day,
    "datetime": _time,
    "time": _clock,
    "category": _text,
}


def _describe(column: "Column", row: int, cell: Any) -> str:
    if _is_absent(cell) or (isinstance(cell, str) and _is_missing(column, strip(cell))):
        return f"row {row}: {column.name} is missing"
    if isinstance(cell, np.generic):
        cell = cell.item()
    if isinstance(cell, Real) and float(cell) in missing_marks(column):
        return f"row {row}: {column.name} is missing, which {cell} means"
    if isinstance(cell, int) and column.kind in ("number", "integer") and abs(cell) >= _EXACT:
        return f"row {row}: {column.name} has a whole number that floating point can't tell from the next one"
    shown = f", not {cell!r}" if column.privacy == "keep" else ""
    return f"row {row}: {column.name} must be {' and '.join(_requirements(column))}{shown}"


def _requirements(column: "Column") -> Iterator[str]:
    if column.categories:
        yield f"one of {', '.join(column.categories)}"
        return
    yield _NOUNS[column.kind]
    if column.minimum is not None:
        yield f"at least {_bound(column, column.minimum)}"
    if column.maximum is not None:
        yield f"at most {_bound(column, column.maximum)}"


def _bound(column: "Column", bound: float) -> str:
    if column.kind == "datetime":
        return datetime_from_days(bound).isoformat()
    if column.kind == "time":
        return time_from_hours(bound).isoformat()
    return date_from_days(bound).isoformat() if column.kind == "date" else f"{bound:g}"
