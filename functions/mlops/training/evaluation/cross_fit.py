"""Candidate and champion as procedures, repeated on folds of the training rows, so that all rows are evidence.

Each fold is answered by both procedures fitted on the other folds: the candidate's on all of their rows, the champion's
on those of them that it was trained on. Fresh rows are few, a quarter of a table at most; with these the comparison is
on all rows. (Cross-fitting: M. Schick, Annals of Statistics 14, 1986. That cross-validation estimates how well a
procedure does, on as many rows as a fold leaves: S. Bates, T. Hastie, R. Tibshirani, JASA 119, 2024.)
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops.evaluation.metrics.answers import Answers, ClassAnswers, Integers, ValueAnswers
from mlops.spec import ModelSpec
from mlops.training.evaluation.procedure import Procedure
from mlops.training.search.cores import Cores
from mlops.training.search.partition import split_rows

MOST_ROWS = 20_000
"""Beyond, fresh rows are enough by themselves, and folds would cost as much as a search."""
OTHER_FOLDS = 1
"""Not the search's folds, on which the candidate was chosen."""


@dataclass(frozen=True)
class CrossFit:
    """Both procedures' answers to training rows that were held out, and the rows' positions."""

    candidate: Answers
    other: Answers
    rows: Integers


def order_of_folds(train: pd.DataFrame, spec: ModelSpec) -> Integers:
    """The positions of the rows in the order in which `answer_folds` answers them."""
    return np.concatenate([held for _, held in split_rows(train, spec, repeat=OTHER_FOLDS)])


def find_lacking(train: pd.DataFrame, known: NDArray[np.bool_], spec: ModelSpec) -> str | None:
    """A label that no row to fit on has in some fold, where only the rows that are `known` [rows] may be fitted on."""
    truth = train[spec.target.name].to_numpy()
    for seen, _ in split_rows(train, spec, repeat=OTHER_FOLDS):
        found = set(truth[seen[known[seen]]])
        for label in spec.target.labels:
            if label not in found:
                return label
    return None


def answer_folds(procedure: Procedure, train: pd.DataFrame, known: NDArray[np.bool_], spec: ModelSpec) -> Answers:
    """A procedure's answers to each fold of the rows, fitted on the others that it may know [rows]."""

    def answer(fold: tuple[Integers, Integers]) -> Answers:
        seen, held = fold
        return procedure.answer(train.iloc[seen[known[seen]]], train.iloc[held], spec)

    with Cores() as cores:
        answered: Answers = join(cores.map(answer, split_rows(train, spec, repeat=OTHER_FOLDS)))
    return answered


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
