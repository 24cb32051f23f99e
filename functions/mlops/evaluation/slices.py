"""Slices: the parts of a dataset that a model must do well on, each by itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops.contract import Column, Contract
from mlops.evaluation.metrics.answers import Integers
from mlops.privacy import is_public, private_columns
from mlops.spec import ModelSpec

MINIMUM_ROWS = 30
NUMBER_BINS = 4
MOST_SLICES = 20

MISSING = "missing"
_UP_TO, _TO, _ABOVE = "up to ", " to ", "above "


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


def match_slices(rows: pd.DataFrame, contract: Contract, names: Sequence[str]) -> tuple[Slice, ...]:
    """The slices of these names, such as "radius = up to 12.3", which were cut in other rows: where these rows fall.

    Those of private columns are left out, since their names don't describe rows. Ranges begin and end where their names
    say, which is with six digits. A slice may have no rows.
    """
    columns = {column.name: column for column in contract.columns if is_public(column)}
    found = []
    for name in names:
        named = [column for column in columns if name.startswith(f"{column} = ")]
        if named:
            column = max(named, key=len)
            value = name.removeprefix(f"{column} = ")
            inside = _lies_in(_readable(rows[column], columns[column]), value)
            found.append(Slice(column, value, np.flatnonzero(inside)))
    return tuple(found)


def readable(rows: pd.DataFrame, contract: Contract) -> pd.DataFrame:
    """The rows with booleans and dates as such, where the table has them as numbers: so their slices read well."""
    return pd.DataFrame({column.name: _readable(rows[column.name], column) for column in contract.columns})


def _readable(values: pd.Series, column: Column) -> pd.Series:
    if column.kind == "boolean":
        return values.map({1.0: True, 0.0: False})
    return pd.to_datetime(values, unit="D") if column.kind in ("date", "datetime") else values


def _is_ordered(values: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(values) or pd.api.types.is_datetime64_any_dtype(values)


def _slices(column: str, values: pd.Series, number_bins: int) -> Iterator[Slice]:
    present = values.notna().to_numpy()
    positions = np.flatnonzero(present)
    if _is_ordered(values) and values.nunique() > number_bins:
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
    between = [f"{low}{_TO}{high}" for low, high in pairwise(ends)]
    names = [f"{_UP_TO}{ends[0]}", *between, f"{_ABOVE}{ends[-1]}"]
    return np.searchsorted(edges, values.to_numpy(), side="left"), names


def _lies_in(values: pd.Series, name: str) -> NDArray[np.bool_]:
    """Whether each value [n] is in the slice that `_slices` gave this name."""
    if _is_ordered(values):
        if name.startswith(_UP_TO):
            return np.asarray(values <= _read(name.removeprefix(_UP_TO), values))
        if name.startswith(_ABOVE):
            return np.asarray(values > _read(name.removeprefix(_ABOVE), values))
        low, to, high = name.partition(_TO)
        if to:
            return np.asarray((values > _read(low, values)) & (values <= _read(high, values)))
    written = values.map(_write, na_action="ignore")
    equal = np.asarray(written == name, dtype=np.bool_)
    return equal | np.asarray(values.isna()) if name == MISSING else equal


def _read(edge: str, values: pd.Series) -> float | pd.Timestamp:
    return pd.Timestamp(edge) if pd.api.types.is_datetime64_any_dtype(values) else float(edge)


def _write(value: object) -> str:
    if isinstance(value, (pd.Timestamp, np.datetime64)):
        return str(pd.Timestamp(value).date())
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value)).lower()
    return f"{value:.6g}" if isinstance(value, (float, np.floating)) else str(value)
