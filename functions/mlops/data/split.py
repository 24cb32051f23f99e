"""Rows for training and rows for the test, apart, and on the same side in every version of a dataset."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from mlops.contract import Target
from mlops.data.row_digests import row_digests

FEW = 0.1
"""If more of the rows than this are equal to another, the table is too coarse for equal rows to mean the same thing."""


def split(
    table: pd.DataFrame, target: Target, columns: Sequence[str], share: float, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Train and test rows, `share` of each label's rows for the test; a regression's rows are one group.

    Which side a row falls on follows from its content in `columns` and the seed, not from its place or from the other
    rows, but for the few rows at the border, which moves a little as a group grows. So most of what one version was
    tested on stays unseen by the next. Rows that are equal in `columns` are on one side, unless the table is coarse.
    """
    digests = row_digests(table, columns)
    order = pd.util.hash_array(digests + np.uint64(seed % 2**64))
    chosen = np.zeros(len(table), dtype=np.bool_)
    groups = pd.factorize(table[target.name])[0] if target.labels else np.zeros(len(table), dtype=np.intp)
    for group in np.unique(groups):
        rows = np.flatnonzero(groups == group)
        count = min(max(1, round(share * len(rows))), max(1, len(rows) - 1))
        chosen[rows[np.argsort(order[rows], kind="stable")[:count]]] = True
    _, row_of, counts = np.unique(digests, return_inverse=True, return_counts=True)
    if np.mean(counts[row_of] > 1) <= FEW:
        chosen = np.bincount(row_of, weights=chosen)[row_of] > 0
    return table[~chosen], table[chosen]
