"""How two datasets of a model differ: rows and columns added and removed, and columns whose values shifted."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from mlops.contract import Column
from mlops.data.row_changes import compare_rows
from mlops.data.row_digests import Digests
from mlops.spec import ModelSpec

SIGNIFICANCE = 0.01
LISTED_VALUES = 2


@dataclass(frozen=True)
class Quartiles:
    """The quartiles of a column of numbers; None without any value."""

    low: float | None
    median: float | None
    high: float | None


@dataclass(frozen=True)
class CommonValues:
    """The most common values of a column of categories, each with its share of the rows, from 0 to 1."""

    shares: tuple[tuple[str, float], ...]


type Summary = Quartiles | CommonValues


@dataclass(frozen=True)
class Shift:
    """How a column's values differ between two datasets.

    `distance` is the largest difference of the distribution functions for numbers (Kolmogorov-Smirnov), and half the
    summed differences of the shares for categories (total variation): 0 alike, 1 nothing in common. `p_value` is the
    chance of such a distance between two samples of one population (Kolmogorov-Smirnov, or chi-squared), adjusted for
    the number of columns: of those reported as shifted, SIGNIFICANCE or less are false (Benjamini & Hochberg, 1995).
    """

    column: str
    before: Summary
    after: Summary
    missing_before: float
    missing_after: float
    distance: float
    p_value: float

    @property
    def shifted(self) -> bool:
        """Whether chance doesn't explain the distance."""
        return self.p_value < SIGNIFICANCE


@dataclass(frozen=True)
class DatasetDifference:
    """The rows of both datasets by what became of them, columns, and shifts, the clearest first.

    `changed` rows are the same by their key, and have other values; without a key nobody knows which these are, it's
    None, and they count as `removed` and `added`.
    """

    rows: tuple[int, int]
    kept: int
    removed: int
    added: int
    changed: int | None
    columns_removed: tuple[str, ...]
    columns_added: tuple[str, ...]
    shifts: tuple[Shift, ...]


def compare_datasets(
    tables: tuple[pd.DataFrame, pd.DataFrame],
    specs: tuple[ModelSpec, ModelSpec],
    keys: tuple[Digests | None, Digests | None] = (None, None),
) -> DatasetDifference:
    """Compare two checked datasets: rows by their content in the columns that both have, then column by column.

    With `keys` [rows] of both, rows that changed are told from those that came and went.
    """
    names = [[*spec.contract.names, spec.target.name] for spec in specs]
    shared = shared_columns(specs)
    rows = compare_rows(tables, shared, keys)
    columns = [column for column in specs[1].contract.columns if column.name in shared]
    if specs[1].target.name in shared:
        columns.append(_as_column(specs[1]))
    shifts = _adjusted([_shift(column, tables[0][column.name], tables[1][column.name]) for column in columns])
    return DatasetDifference(
        rows=(len(tables[0]), len(tables[1])),
        kept=rows.kept,
        removed=len(rows.removed),
        added=len(rows.added),
        changed=None if rows.changed is None else len(rows.changed),
        columns_removed=tuple(name for name in names[0] if name not in shared),
        columns_added=tuple(name for name in names[1] if name not in shared),
        shifts=tuple(sorted(shifts, key=lambda shift: (shift.p_value, -shift.distance))),
    )


def shared_columns(specs: tuple[ModelSpec, ModelSpec]) -> list[str]:
    """The columns that both specs have, inputs and target, in the order of the later one."""
    before, after = ([*spec.contract.names, spec.target.name] for spec in specs)
    return [name for name in after if name in before]


def _adjusted(shifts: list[Shift]) -> list[Shift]:
    p_values = stats.false_discovery_control([shift.p_value for shift in shifts])
    return [replace(shift, p_value=float(p_value)) for shift, p_value in zip(shifts, p_values, strict=True)]


def _as_column(spec: ModelSpec) -> Column:
    return Column(name=spec.target.name, kind="category" if spec.target.labels else "number")


def _shift(column: Column, before: pd.Series, after: pd.Series) -> Shift:
    values = before.dropna(), after.dropna()
    describe, measure = (
        (_common_values, _compare_categories) if column.kind == "category" else (_quartiles, _compare_numbers)
    )
    distance, p_value = measure(*values) if len(values[0]) and len(values[1]) else (0.0, 1.0)
    return Shift(
        column=column.name,
        before=describe(values[0]),
        after=describe(values[1]),
        missing_before=float(before.isna().mean()),
        missing_after=float(after.isna().mean()),
        distance=distance,
        p_value=p_value,
    )


def _compare_numbers(before: pd.Series, after: pd.Series) -> tuple[float, float]:
    found = stats.ks_2samp(before.to_numpy(np.float64), after.to_numpy(np.float64))
    return float(found.statistic), float(found.pvalue)


def _compare_categories(before: pd.Series, after: pd.Series) -> tuple[float, float]:
    counts = pd.DataFrame({"before": before.value_counts(), "after": after.value_counts()}).fillna(0)
    shares = counts / counts.sum()
    distance = float((shares["before"] - shares["after"]).abs().sum() / 2)
    if len(counts) == 1:
        return distance, 1.0
    return distance, float(stats.chi2_contingency(counts.to_numpy()).pvalue)


def _quartiles(values: pd.Series) -> Quartiles:
    if not len(values):
        return Quartiles(None, None, None)
    return Quartiles(*map(float, values.quantile([0.25, 0.5, 0.75])))


def _common_values(values: pd.Series) -> CommonValues:
    shares = values.value_counts(normalize=True).head(LISTED_VALUES)
    return CommonValues(tuple((str(name), float(share)) for name, share in shares.items()))
