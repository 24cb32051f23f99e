"""What a split goes by besides the rows' content: the group and the time of each row, from columns of the file."""

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from mlops.data.row_digests import Digests, row_digests
from mlops.data.text import trimmed_text
from mlops.errors.data import DatasetRejected
from mlops.errors.violations import Violation
from mlops.spec import ModelSpec

FEWEST_GROUPS = 10
MAX_LISTED = 100


def read_groups(table: pa.Table, rows: pd.DataFrame, spec: ModelSpec) -> Digests | None:
    """A digest of each row's cells in the spec's group columns [rows], or None if it has none.

    `rows` are those of the table to train on, with their positions as index. A row that lacks a cell of them is a group
    of its own. Raises DatasetRejected for fewer than FEWEST_GROUPS groups.
    """
    if not spec.group:
        return None
    cells = text_cells(table, rows, spec.group)
    lone = (cells == "").any(axis=1).to_numpy()
    digests: Digests = np.where(lone, row_digests(rows, spec.contract.names), row_digests(cells, spec.group))
    count = len(np.unique(digests))
    if count < FEWEST_GROUPS:
        message = (
            f"the rows are of {count} groups by {' and '.join(spec.group)}; to hold some out, group={spec.group!r} "
            f"needs at least {FEWEST_GROUPS}"
        )
        raise DatasetRejected(message, [Violation(rule="group", message=message)])
    return digests


def read_times(table: pa.Table, rows: pd.DataFrame, spec: ModelSpec) -> NDArray[np.float64] | None:
    """Each row's time as a number that grows with it [rows], or None if the spec doesn't split by time.

    A column that isn't an input has numbers, or dates and times in ISO 8601. Raises DatasetRejected for a row without
    a time, and if all rows have the same.
    """
    name = spec.time_column
    if name is None:
        return None
    is_number = name in rows and pd.api.types.is_numeric_dtype(rows[name])
    times = rows[name].to_numpy(np.float64) if is_number else _parse(text_cells(table, rows, (name,))[name])
    missing = rows.index[~np.isfinite(times)]
    if len(missing):
        violations = [
            Violation(rule="time", row=int(row), column=name, message=f"row {row}: {name} has no time to split by")
            for row in missing[:MAX_LISTED]
        ]
        message = (
            f"{len(missing):,} rows have no time in {name} that can be read; write times like 2026-01-31 or "
            "2026-01-31T08:30:00, or as numbers, and leave out rows without one"
        )
        raise DatasetRejected(message, violations, len(missing))
    if times.min() == times.max():
        message = f"{name} is the same in every row, so split='time' can't hold out later ones"
        raise DatasetRejected(message, [Violation(rule="time", column=name, message=message)])
    return times


def text_cells(table: pa.Table, rows: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    """The cells of some of a table's rows as text, "" where missing, under the rows' index: their positions in it."""
    chosen = table.select(list(names)).take(pa.array(rows.index.to_numpy()))
    # Arrays, since pandas would take from a series the cells under the rows' index, which are those of other rows.
    return pd.DataFrame({name: trimmed_text(chosen[name]).to_numpy() for name in names}, index=rows.index)


def _parse(cells: "pd.Series[str]") -> NDArray[np.float64]:
    numbers = pd.to_numeric(cells, errors="coerce")
    if numbers.notna().all():
        return numbers.to_numpy(np.float64)
    moments = pd.to_datetime(cells, format="ISO8601", errors="coerce", utc=True)
    seconds = (moments - pd.Timestamp(0, tz="UTC")).dt.total_seconds()
    return np.asarray(seconds, dtype=np.float64)
