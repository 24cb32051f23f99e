"""Candidate and champion as procedures, repeated on folds of the training rows, so that all rows are evidence.

Each fold is answered by both procedures fitted on the other folds: the candidate's on all of their rows, the champion's
on those of them that it was trained on. Fresh rows are few, a quarter of a table at most; with these the comparison is
on all rows. (Cross-fitting: M. Schick, Annals of Statistics 14, 1986. That cross-validation estimates how well a
procedure does, on as many rows as a fold leaves: S. Bates, T. Hastie, R. Tibshirani, JASA 119, 2024.)
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops.data.row_digests import TIME
from mlops.evaluation.metrics.answers import Answers, ClassAnswers, Integers, ValueAnswers
from mlops.spec import ModelSpec
from mlops.training.evaluation.procedure import Procedure
from mlops.training.search.cores import Cores
from mlops.training.search.partition import Fold, split_rows

MOST_ROWS = 20_000
"""Beyond, fresh rows are enough by themselves, and folds would cost as much as a search."""
REPEATS = ((4_000, 4), (10_000, 2))
"""Up to so many rows, so many times with other folds.

Two fits of one procedure to nearly the same rows differ by chance, by more than what a few more rows are worth: the
mean over repeats has less of that (R. Bouckaert and E. Frank, PAKDD 2004).
"""
PROCEDURES = 3
"""How many are repeated: the candidate's, the champion's and the best version's."""
OTHER_FOLDS = 1
"""The first ones: not the search's, on which the candidate was chosen."""


@dataclass(frozen=True)
class CrossFit:
    """Both procedures' answers to training rows that were held out, one for each repeat, and the rows' positions."""

    candidate: tuple[Answers, ...]
    other: tuple[Answers, ...]
    rows: Integers


def count_repeats(train: pd.DataFrame) -> int:
    """How many times to hold out each row; once in a table that is split by time, whose folds are always the same."""
    return 1 if TIME in train else next((count for most, count in REPEATS if len(train) <= most), 1)


def rows_of_folds(train: pd.DataFrame, spec: ModelSpec) -> Integers:
    """The positions of the rows that `answer_folds` answers, in its order: all, or by time those after the first."""
    return np.sort(np.concatenate([held for _, held in split_rows(train, spec, repeat=OTHER_FOLDS)]))


def find_lacking(train: pd.DataFrame, known: NDArray[np.bool_], spec: ModelSpec) -> str | None:
    """A label that no row to fit on has in some fold, where only the rows that are `known` [rows] may be fitted on."""
    truth = train[spec.target.name].to_numpy()
    for repeat in range(count_repeats(train)):
        for seen, _ in split_rows(train, spec, repeat=OTHER_FOLDS + repeat):
            found = set(truth[seen[known[seen]]])
            for label in spec.target.labels:
                if label not in found:
                    return label
    return None


def answer_folds(
    procedure: Procedure,
    train: pd.DataFrame,
    known: NDArray[np.bool_],
    spec: ModelSpec,
    repeats: int,
    seconds: float | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> tuple[Answers, ...]:
    """A procedure's answers to each fold of the rows, fitted on the others that it may know [rows], for each repeat.

    There are as many of the `repeats` as three procedures have time for in so many `seconds`, and one at least.
    """

    def answer(fold: Fold) -> Answers:
        seen, held = fold
        return procedure.answer(train.iloc[seen[known[seen]]], train.iloc[held], spec)

    found: list[Answers] = []
    with Cores() as cores:
        began = clock()
        for repeat in range(repeats):
            folds = split_rows(train, spec, repeat=OTHER_FOLDS + repeat)
            order = np.argsort(np.concatenate([held for _, held in folds]))
            found.append(join(cores.map(answer, folds)).take(order))
            each = (clock() - began) / len(found)
            if seconds is not None and PROCEDURES * each * (len(found) + 1) > seconds:
                break
    return tuple(found)


def join(parts: list[Any]) -> Any:
    """The answers to several parts' rows as one."""
    units = [part.units for part in parts]
    joined = None if any(each is None for each in units) else np.concatenate(units)
    truth = np.concatenate([part.truth for part in parts])
    if isinstance(parts[0], ClassAnswers):
        first = parts[0]
        probabilities = np.concatenate([part.probabilities for part in parts])
        return ClassAnswers(truth, probabilities, first.labels, first.positive, first.threshold, joined)
    return ValueAnswers(truth, np.concatenate([part.predictions for part in parts]), joined)
