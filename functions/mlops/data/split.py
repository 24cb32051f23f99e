"""Rows for training and rows for the test, apart, and on the same side in every version of a dataset."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops.contract import Target
from mlops.data.repeated_rows import name_rows, repeat_by_chance
from mlops.data.row_digests import ROW, TIME, UNIT, Digests, row_digests

TOO_LARGE = 2.0
"""A unit isn't in the test part if the part would then have more rows than wanted by this factor."""


def split(
    table: pd.DataFrame,
    target: Target,
    columns: Sequence[str],
    share: float,
    seed: int,
    groups: Digests | None = None,
    times: NDArray[np.float64] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Train and test rows, about `share` of them for the test; with `times` [rows] the latest, in order of time.

    Without times, which side a row falls on follows from its content in `columns` and the seed, not from its place or
    from the other rows, but for the few rows at the border, which moves a little as the table grows. So most of what
    one version was tested on stays unseen by the next. Each label has its share of test rows.

    Rows of one of the `groups` [rows], digests, are on one side. So are rows that are equal in `columns`, unless they
    repeat by chance: in a table of few values, a row's number among its equals decides with its content. The parts have
    what later steps need to keep such rows together or in order, in the hidden columns of mlops.data.row_digests.
    """
    if times is not None:
        return _split_by_time(table, times, share)
    if groups is not None:
        table = table.assign(**{UNIT: pd.factorize(groups)[0]})
        chosen = _choose_units(table[UNIT].to_numpy(), _order(groups, seed), share)
        return table[~chosen], table[chosen]
    digests = row_digests(table, columns)
    if repeat_by_chance(table, columns, digests):
        digests = name_rows(digests, table[target.name])
        table = table.assign(**{ROW: digests})
        chosen = _choose_rows(table, target, _order(digests, seed), share)
        return table[~chosen], table[chosen]
    chosen = _choose_rows(table, target, _order(digests, seed), share)
    units, counts = np.unique(digests, return_inverse=True, return_counts=True)[1:]
    if (counts > 1).any():
        table = table.assign(**{UNIT: units})
        chosen = np.bincount(units, weights=chosen)[units] > 0
    return table[~chosen], table[chosen]


def _order(digests: Digests, seed: int) -> Digests:
    return np.asarray(pd.util.hash_array(digests + np.uint64(seed % 2**64)), dtype=np.uint64)


def _choose_rows(table: pd.DataFrame, target: Target, order: Digests, share: float) -> NDArray[np.bool_]:
    """The test rows: of each label, or of all rows of a regression, those that come first."""
    chosen = np.zeros(len(table), dtype=np.bool_)
    labels = pd.factorize(table[target.name])[0] if target.labels else np.zeros(len(table), dtype=np.intp)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        count = min(max(1, round(share * len(rows))), max(1, len(rows) - 1))
        chosen[rows[np.argsort(order[rows], kind="stable")[:count]]] = True
    return chosen


def _choose_units(units: NDArray[np.intp], order: Digests, share: float) -> NDArray[np.bool_]:
    """The rows of the units that come first, until they are `share` of all; one that is too large is left out."""
    sizes = np.bincount(units)
    first = np.zeros(len(sizes), dtype=np.uint64)
    first[units] = order
    wanted, taken = share * len(units), 0
    test = np.zeros(len(sizes), dtype=np.bool_)
    for unit in np.argsort(first, kind="stable"):
        if taken >= wanted:
            break
        if taken + sizes[unit] <= TOO_LARGE * wanted:
            test[unit] = True
            taken += sizes[unit]
    return test[units]


def _split_by_time(table: pd.DataFrame, times: NDArray[np.float64], share: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The earlier rows and the later ones, each in order of time; rows of one time are on one side."""
    order = np.argsort(times, kind="stable")
    ordered = times[order]
    cut = ordered[min(len(ordered) - 1, round((1 - share) * len(ordered)))]
    count = int(np.searchsorted(ordered, cut, side="left")) or int(np.searchsorted(ordered, cut, side="right"))
    ranked = table.iloc[order].assign(**{TIME: np.unique(ordered, return_inverse=True)[1]})
    return ranked.iloc[:count], ranked.iloc[count:]
