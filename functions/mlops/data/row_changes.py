"""Which rows came, went or have other values between two datasets."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops.data.row_digests import Digests, row_digests

type Places = NDArray[np.intp]


@dataclass(frozen=True)
class RowChanges:
    """Rows by what became of them, as places in the two tables, in the tables' order.

    `kept` counts the later rows that the earlier dataset has too. `changed` [rows, 2] are places of the same row, by
    its key, in both tables; None where rows have no key. `removed` and `added` are all other rows of one table alone.
    """

    kept: int
    removed: Places
    added: Places
    changed: Places | None


def compare_rows(
    tables: tuple[pd.DataFrame, pd.DataFrame],
    columns: Sequence[str],
    keys: tuple[Digests | None, Digests | None] = (None, None),
) -> RowChanges:
    """Compare rows by their content in these columns, which both tables have; with `keys` [rows] of both, changed ones
    are recognised. A key that several such rows of a table have recognises none of them.
    """
    before, after = (row_digests(table, columns) for table in tables)
    removed, added = np.flatnonzero(~np.isin(before, after)), np.flatnonzero(~np.isin(after, before))
    kept = len(after) - len(added)
    first, second = keys
    if first is None or second is None:
        return RowChanges(kept, removed, added, None)
    lone = [_lone(each[places]) for each, places in ((first, removed), (second, added))]
    removed_keys, added_keys = first[removed[lone[0]]], second[added[lone[1]]]
    _, ours, theirs = np.intersect1d(removed_keys, added_keys, assume_unique=True, return_indices=True)
    pairs = np.stack([removed[lone[0]][ours], added[lone[1]][theirs]], axis=1)
    pairs = pairs[np.argsort(pairs[:, 1], kind="stable")]
    return RowChanges(kept, np.setdiff1d(removed, pairs[:, 0]), np.setdiff1d(added, pairs[:, 1]), pairs)


def _lone(keys: Digests) -> NDArray[np.bool_]:
    """Which of the keys [rows] are those of one row alone."""
    _, place, count = np.unique(keys, return_inverse=True, return_counts=True)
    return np.asarray(count[place] == 1, dtype=np.bool_)
