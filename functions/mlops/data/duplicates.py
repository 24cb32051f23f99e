"""Duplicate rows: whole rows, equal inputs with different answers, and keys.

One of two equal rows could be in the training set and the other in the test set: the model would look too good.
"""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy.stats import poisson

from mlops.data.findings import Finding
from mlops.data.order import text_cells
from mlops.data.row_digests import row_digests
from mlops.errors.violations import Violation
from mlops.privacy import HIDDEN
from mlops.spec import ModelSpec

REPEATED = ("duplicate", "conflict")
"""The rules on repeated rows of a table without a key."""
BY_CHANCE = 0.01
"""Equal rows are a fault of the dataset if chance makes as many of them less often than this."""


def check_duplicates(table: pa.Table, rows: pd.DataFrame, spec: ModelSpec) -> Iterator[Finding]:
    """The duplicates among `rows`, whose index is their positions in the table.

    In a spec with a key, rows with different keys are different things, even if they are equal otherwise. In one that
    keeps repeats, rows may be equal.
    """
    if spec.key:
        yield from _check_key(text_cells(table, rows, spec.key), " and ".join(spec.key))
    elif spec.repeats == "refuse":
        yield from _check_rows(rows, spec)


def _check_key(keys: pd.DataFrame, name: str) -> Iterator[Finding]:
    missing = (keys == "").any(axis=1).to_numpy()
    if missing.any():
        describe = partial(_describe_key, name=name, demand="is missing")
        yield Finding(keys.index[missing].to_numpy(np.intp), lambda chosen: map(describe, chosen.tolist()))
    known = keys[~missing]
    # The values may name a person, so only their rows are reported.
    yield from _duplicates(known, partial(_describe_key, name=name, demand="is that of row {first}", value=HIDDEN))


def _describe_key(row: int, name: str, demand: str, value: str | None = None, first: int | None = None) -> Violation:
    message = f"row {row}: {name} {demand.format(first=first)}; it must identify each row"
    return Violation(rule="key", row=row, column=name, value=value, message=message)


def _check_rows(rows: pd.DataFrame, spec: ModelSpec) -> Iterator[Finding]:
    whole = list(_duplicates(rows, _describe_duplicate))
    if whole and not _is_chance(rows):
        yield from whole
    inputs = rows[list(spec.contract.names)]
    repeated = np.concatenate([np.empty(0, dtype=np.intp), *(finding.rows for finding in whole)])
    others = list(
        _duplicates(inputs[~inputs.index.isin(repeated)], partial(_describe_conflict, target=spec.target.name))
    )
    if others and not _is_chance(inputs):
        yield from others


def _describe_duplicate(row: int, first: int) -> Violation:
    return Violation(rule="duplicate", row=row, message=f"row {row} is a duplicate of row {first}")


def _describe_conflict(row: int, first: int, target: str) -> Violation:
    message = f"row {row} has the inputs of row {first} and another {target}; which is right? name a key if both are"
    return Violation(rule="conflict", row=row, message=message)


def _duplicates(frame: pd.DataFrame, describe: Callable[..., Violation]) -> Iterator[Finding]:
    """A finding of the rows that are equal to an earlier one."""
    hashes = row_digests(frame, list(frame.columns))
    equal_rows = frame[pd.Series(hashes).duplicated(keep=False).to_numpy()]
    repeated = equal_rows.duplicated(keep="first").to_numpy()
    if not repeated.any():
        return
    first = equal_rows.groupby(list(equal_rows.columns), dropna=False, sort=False).ngroup()
    places = pd.Series(equal_rows.index, index=equal_rows.index).groupby(first).transform("first")
    rows = equal_rows.index[repeated].to_numpy(np.intp)
    yield Finding(rows, lambda chosen: (describe(row, first=int(places[row])) for row in chosen.tolist()))


def _is_chance(frame: pd.DataFrame) -> bool:
    """Whether as many rows would be equal if the columns had nothing to do with each other.

    Two rows are equal in a column as often as its values repeat, and in all columns by the product of that.
    """
    pairs = len(frame) * (len(frame) - 1) / 2
    expected = pairs
    for name in frame.columns:
        expected *= _equal_pairs(frame[name].value_counts(dropna=False)) / pairs
        if expected < BY_CHANCE / 2:
            return False
    observed = _equal_pairs(pd.Series(row_digests(frame, list(frame.columns))).value_counts())
    return bool(poisson.sf(observed - 1, expected) >= BY_CHANCE)


def _equal_pairs(counts: "pd.Series[int]") -> float:
    """How many pairs of rows are equal, from the count of each value."""
    return float((counts * (counts - 1) / 2).sum())
