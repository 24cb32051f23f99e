"""Slices: the parts of a dataset that a model must do well on, each by itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import pairwise

import numpy as np
import pandas as pd

from mlops.contract import Contract
from mlops.privacy import private_columns
from mlops.spec import ModelSpec
from mlops.training.evaluation.metrics.answers import Integers

MINIMUM_ROWS = 30
NUMBER_BINS = 4
MOST_SLICES = 20

MISSING = "missing"


@dataclass(frozen=True, eq=False)
class Slice:
    """Some rows, by position: those where `column` is `value`, or is in the range that `value` names."""

    column: str
    value: str
    rows: Integers

    def __len__(self) -> int:
        return len(self.rows)

    def __str__(self) -> str:
        return f"{self.column} = {self.value}"


@dataclass(frozen=True, eq=False)
class Slices:
    """The slices large enough to judge, and those that aren't."""

    judged: tuple[Slice, ...]
    too_small: tuple[Slice, ...]


def cut_slices(
    data: pd.DataFrame,
    columns: Sequence[str],
    minimum_rows: int = MINIMUM_ROWS,
    number_bins: int = NUMBER_BINS,
    most: int = MOST_SLICES,
) -> Slices:
    """One slice a value of each column; numbers and dates of many values are cut at their quantiles.

    Missing values make a slice of their own. A slice of fewer than `minimum_rows` rows is named, not judged, and so are
    all but the `most` largest of a column. Raises ValueError for a column that the data lacks.
    """
    judged: list[Slice] = []
    too_small: list[Slice] = []
    for column in columns:
        if column not in data:
            close = get_close_matches(column, [str(name) for name in data.columns], n=1)
            raise ValueError(f"no column {column!r} to slice by" + (f": did you mean {close[0]!r}?" if close else ""))
        found = list(_slices(column, data[column], number_bins))
        ranked = sorted((part for part in found if len(part) >= minimum_rows), key=len, reverse=True)
        kept = ranked[:most]
        judged += [part for part in found if part in kept]
        too_small += [part for part in found if part not in kept]
    return Slices(tuple(judged), tuple(too_small))


def cut_spec_slices(rows: pd.DataFrame, spec: ModelSpec) -> Slices:
    """The slices that a spec's columns make of a table's rows; those of a private column are numbered, not named."""
    cut = cut_slices(readable(rows, spec.contract), spec.slices)
    private = {column.name for column in private_columns(spec.contract)}
    if private.isdisjoint(spec.slices):
        return cut
    numbered = {part: part for part in (*cut.judged, *cut.too_small)}
    for column in private.intersection(spec.slices):
        # By size, since the order of the values would show which is which.
        parts = sorted((part for part in numbered if part.column == column), key=len, reverse=True)
        numbered |= {part: replace(part, value=f"part {number}") for number, part in enumerate(parts, 1)}
    return Slices(tuple(map(numbered.__getitem__, cut.judged)), tuple(map(numbered.__getitem__, cut.too_small)))


def readable(rows: pd.DataFrame, contract: Contract) -> pd.DataFrame:
    """The rows with booleans and dates as such, where the table has them as numbers: so their slices read well."""
    cells = {}
    for column in contract.columns:
        values = rows[column.name]
        if column.kind == "boolean":
            values = values.map({1.0: True, 0.0: False})
        elif column.kind in ("date", "datetime"):
            values = pd.to_datetime(values, unit="D")
        cells[column.name] = values
    return pd.DataFrame(cells)


def _slices(column: str, values: pd.Series, number_bins: int) -> Iterator[Slice]:
    present = values.notna().to_numpy()
    positions = np.flatnonzero(present)
    ordered = pd.api.types.is_numeric_dtype(values) or pd.api.types.is_datetime64_any_dtype(values)
    if ordered and values.nunique() > number_bins:
        places, names = _ranges(values[present], number_bins)
    else:
        places, found = pd.factorize(values[present], sort=True)
        names = [_write(value) for value in found]
    for place, name in enumerate(names):
        rows = positions[places == place]
        if len(rows):
            yield Slice(column, name, rows)
    if not present.all():
        yield Slice(column, MISSING, np.flatnonzero(~present))


def _ranges(values: pd.Series, bins: int) -> tuple[Integers, list[str]]:
    """Each value's quantile range, and the ranges written with their ends, the upper one included."""
    edges = np.unique(values.quantile(np.linspace(0, 1, bins + 1)[1:-1]).to_numpy())
    ends = [_write(edge) for edge in edges]
    between = [f"{low} to {high}" for low, high in pairwise(ends)]
    return np.searchsorted(edges, values.to_numpy(), side="left"), [f"up to {ends[0]}", *between, f"above {ends[-1]}"]


def _write(value: object) -> str:
    if isinstance(value, (pd.Timestamp, np.datetime64)):
        return str(pd.Timestamp(value).date())
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value)).lower()
    return f"{value:.6g}" if isinstance(value, (float, np.floating)) else str(value)
