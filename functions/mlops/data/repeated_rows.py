"""Rows that are equal in their inputs: one thing that was recorded twice, or things that are alike by chance."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops.data.row_digests import Digests, row_digests

FEW = 0.1
"""Up to this share of repeated rows, the rows that are equal are kept together."""
TOO_LARGE = 0.02
"""Rows that are more of the table than this are no one thing: kept together they'd be most of a test part."""


def repeat_by_chance(table: pd.DataFrame, columns: Sequence[str], digests: Digests) -> bool:
    """Whether the rows that are equal in `columns` are different things, as in a table of few values.

    They are if more than FEW of the rows are equal to another and pairs of rows that differ in exactly one column are
    at least as frequent as equal ones: where records were copied, almost none differ in one column. `digests` [rows]
    are those of the columns.
    """
    counts = np.unique(digests, return_counts=True)[1]
    if counts[counts > 1].sum() <= FEW * len(digests):
        return False
    if counts.max() > TOO_LARGE * len(digests):
        return True
    equal = _equal_pairs(digests)
    # Digests of a single column, so mixed that their sum without one is the digest of the other columns.
    each = [row_digests(table, [name]) * np.uint64(2 * place + 3) for place, name in enumerate(columns)]
    mixed = [np.asarray(pd.util.hash_array(part), dtype=np.uint64) for part in each]
    total = np.sum(mixed, axis=0, dtype=np.uint64)
    return any(_equal_pairs(total - part) - equal >= equal for part in mixed)


def name_rows(digests: Digests, target: pd.Series) -> Digests:
    """Digests [rows] that tell apart rows that are equal: of content, target, and number among its equals.

    Rows that are equal in target too can be swapped, so their numbers don't depend on the order of the file.
    """
    whole = digests + np.asarray(pd.util.hash_array(row_digests(target.to_frame(), [str(target.name)])), np.uint64)
    number = pd.Series(whole).groupby(whole).cumcount().to_numpy(np.uint64)
    return np.asarray(pd.util.hash_array(pd.util.hash_array(whole) + number), dtype=np.uint64)


def _equal_pairs(digests: NDArray[np.uint64]) -> float:
    counts = np.unique(digests, return_counts=True)[1].astype(np.float64)
    return float((counts * (counts - 1) / 2).sum())
