"""Rows that stand more than once: whole rows, the same inputs with another answer, and keys.

One of them could be trained on while the other tests the model, which would then look better than it is.
"""

import math
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from mlops.data.cells import HIDDEN
from mlops.data.findings import Finding
from mlops.data.kinds import trimmed_text
from mlops.errors import Violation
from mlops.spec import ModelSpec

COARSE = 100
"""A table with fewer possible rows than 100 times its rows has equal ones by chance, and they say nothing."""


def check_repeats(table: pa.Table, rows: pd.DataFrame, spec: ModelSpec) -> Iterator[Finding]:
    """What stands twice among `rows`, whose index is their positions in the table.

    A spec that names a key says by it which rows are different things, however alike they look.
    """
    if spec.key:
        yield from _check_key(table, rows.index.to_numpy(), spec)
    elif not _is_coarse(rows):
        yield from _check_rows(rows, spec)


def _check_key(table: pa.Table, places: NDArray[np.intp], spec: ModelSpec) -> Iterator[Finding]:
    name = " and ".join(spec.key)
    chosen = table.select(list(spec.key)).take(places)
    keys = pd.DataFrame({key: trimmed_text(chosen[key]).to_pandas() for key in spec.key}, index=places)
    missing = (keys == "").any(axis=1).to_numpy()
    if missing.any():
        tell = partial(_tell_key, name=name, demand="is missing")
        yield Finding(places[missing], lambda chosen: map(tell, chosen.tolist()))
    known = keys[~missing]
    # The values may name a person; only where they stand is told.
    yield from _again(known, partial(_tell_key, name=name, demand="is that of row {first}", value=HIDDEN))


def _tell_key(row: int, name: str, demand: str, value: str | None = None, first: int | None = None) -> Violation:
    message = f"row {row}: {name} {demand.format(first=first)}; it must tell each row apart"
    return Violation(rule="key", row=row, column=name, value=value, message=message)


def _check_rows(rows: pd.DataFrame, spec: ModelSpec) -> Iterator[Finding]:
    inputs = rows[list(spec.contract.names)]
    whole = list(_again(rows, _tell_duplicate))
    yield from whole
    repeated = np.concatenate([np.empty(0, dtype=np.intp), *(finding.rows for finding in whole)])
    yield from _again(inputs[~inputs.index.isin(repeated)], partial(_tell_conflict, target=spec.target.name))


def _tell_duplicate(row: int, first: int) -> Violation:
    return Violation(rule="duplicate", row=row, message=f"row {row} repeats row {first}")


def _tell_conflict(row: int, first: int, target: str) -> Violation:
    message = f"row {row} has the inputs of row {first} and another {target}; which is right? A key tells things apart"
    return Violation(rule="conflict", row=row, message=message)


def _again(frame: pd.DataFrame, tell: Callable[..., Violation]) -> Iterator[Finding]:
    """A finding of the rows that repeat an earlier one."""
    hashes = hash_rows(frame)
    alike = frame[pd.Series(hashes).duplicated(keep=False).to_numpy()]
    repeated = alike.duplicated(keep="first").to_numpy()
    if not repeated.any():
        return
    first = alike.groupby(list(alike.columns), dropna=False, sort=False).ngroup()
    places = pd.Series(alike.index, index=alike.index).groupby(first).transform("first")
    rows = alike.index[repeated].to_numpy(np.intp)
    yield Finding(rows, lambda chosen: (tell(row, first=int(places[row])) for row in chosen.tolist()))


def hash_rows(frame: pd.DataFrame) -> NDArray[np.uint64]:
    """64 bits of each row's values [rows]."""
    return np.asarray(pd.util.hash_pandas_object(frame, index=False), dtype=np.uint64)


def _is_coarse(rows: pd.DataFrame) -> bool:
    """Whether a table has so few possible rows, or so many rows, that equal ones are no surprise."""
    possible = 0.0
    for name in rows.columns:
        possible += math.log(max(rows[name].nunique(dropna=False), 1))
        if possible > math.log(COARSE * max(len(rows), 1)):
            return False
    return True
