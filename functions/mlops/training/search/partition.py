"""The folds of training rows: which rows are held out together, and which are seen meanwhile."""

import numpy as np
import pandas as pd
from sklearn.model_selection import KFold, StratifiedKFold

from mlops.data.row_digests import TIME, UNIT
from mlops.errors.data import rejection
from mlops.evaluation.metrics.answers import Integers
from mlops.spec import ModelSpec

type Fold = tuple[Integers, Integers]
"""The positions of the rows that are fitted on, and of those held out."""


def split_rows(rows: pd.DataFrame, spec: ModelSpec, repeat: int = 0) -> list[Fold]:
    """The folds of rows, as the spec's split has them; other ones for each `repeat`, but in a split by time.

    By time, each fold is later than all rows that are fitted on. Otherwise labels are spread evenly, and rows of one
    unit are held out together. Raises DatasetRejected if the earliest rows lack a label.
    """
    return _forward(rows, spec) if TIME in rows else partition_rows(rows, spec, repeat)


def partition_rows(rows: pd.DataFrame, spec: ModelSpec, repeat: int = 0) -> list[Fold]:
    """Folds that hold out every row once; those of a table that is split by time are blocks of time."""
    truth, seed = rows[spec.target.name], spec.seed + repeat
    if TIME in rows:
        return list(KFold(spec.folds).split(rows))
    if UNIT in rows:
        labels = pd.factorize(truth)[0] if spec.target.labels else np.zeros(len(rows), dtype=np.intp)
        fold_of = _spread_units(rows[UNIT].to_numpy(), labels, spec.folds, seed)
        places = np.arange(len(rows))
        folds = [(places[fold_of != fold], places[fold_of == fold]) for fold in range(spec.folds)]
        _check_labels(folds, rows, spec)
        return folds
    kind = StratifiedKFold if spec.target.labels else KFold
    return list(kind(spec.folds, shuffle=True, random_state=seed).split(rows, truth))


def _check_labels(folds: list[Fold], rows: pd.DataFrame, spec: ModelSpec) -> None:
    """Raise DatasetRejected if a label is in so few units that some fold is fitted without it."""
    truth = rows[spec.target.name].to_numpy()
    for label in spec.target.labels:
        if not all((truth[fitted] == label).any() for fitted, _ in folds):
            message = (
                f"the training rows of {label} belong together, so that one fold has them all and none is left "
                "to learn from; add rows of it in other groups, or use fewer folds"
            )
            raise rejection("group", message, column=spec.target.name)


def _spread_units(units: Integers, labels: Integers, folds: int, seed: int) -> Integers:
    """The fold of each row [rows]: the largest units first, each to the fold with the fewest rows of its label.

    A unit's label is its most frequent one. Of such folds the one with the fewest rows is taken. Equally large units
    are in random order.
    """
    codes = pd.factorize(units)[0]
    counts = np.zeros((codes.max() + 1, labels.max() + 1), dtype=np.intp)
    np.add.at(counts, (codes, labels), 1)
    sizes, main = counts.sum(axis=1), counts.argmax(axis=1)
    order = np.lexsort((np.random.default_rng(seed).random(len(sizes)), -sizes))
    fold_of = np.zeros(len(sizes), dtype=np.intp)
    of_label = [[0] * folds for _ in range(counts.shape[1])]
    of_all = [0] * folds
    for unit in order.tolist():
        own = of_label[main[unit]]
        fold = min(range(folds), key=lambda each: (own[each], of_all[each]))
        fold_of[unit] = fold
        own[fold] += int(sizes[unit])
        of_all[fold] += int(sizes[unit])
    return fold_of[codes]


def _forward(rows: pd.DataFrame, spec: ModelSpec) -> list[Fold]:
    """Folds of later and later rows, each after all that is fitted on (forward chaining; rows of one time together)."""
    times = rows[TIME].to_numpy()
    edges = np.linspace(0, len(rows), spec.folds + 2).round().astype(int)
    starts = np.unique(np.searchsorted(times, times[edges[1:-1]], side="left"))
    starts = starts[starts > 0]
    if len(starts) < 2:
        message = (
            f"the training rows have {len(np.unique(times))} different times, or most of them the same one: "
            "too few for folds by time; use a column with more of them, or leave split='time' out"
        )
        raise rejection("time", message)
    folds = [
        (np.arange(start), np.arange(start, end)) for start, end in zip(starts, [*starts[1:], len(rows)], strict=True)
    ]
    if spec.target.labels:
        seen = set(rows[spec.target.name].iloc[folds[0][0]])
        lacking = [label for label in spec.target.labels if label not in seen]
        if lacking:
            message = (
                f"the earliest {len(folds[0][0]):,} training rows have no {', '.join(lacking)}, so the first fold by "
                "time has nothing to learn it from; add earlier rows of it, use fewer folds, or leave split='time' out"
            )
            raise rejection("time", message, column=spec.target.name)
    return folds
