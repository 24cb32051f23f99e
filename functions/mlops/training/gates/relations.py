"""Columns whose relation with the target is, in new rows, the reverse of what a model learnt."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from mlops.contract import Contract
from mlops.evaluation.metrics.answers import ClassAnswers, Floats
from mlops.privacy import is_public
from mlops.training.evaluation.compiled_model import CompiledModel

LEARNT = 0.3
"""The least rank correlation of a column with the model's answers that is a relation the model learnt."""
REVERSED = 0.15
"""The least rank correlation with the truth, of the other sign, that reverses it."""
ALPHA = 0.001
MOST_VALUES = 10
LEAST_ROWS = 30


@dataclass(frozen=True)
class Reversed:
    """A column whose rank correlation with the target is `seen`, where the model's answers have `learnt`."""

    column: str
    target: str
    learnt: float
    seen: float

    def __str__(self) -> str:
        verbs = ("falls", "rises") if self.learnt > 0 else ("rises", "falls")
        return (
            f"{self.target} {verbs[0]} with {self.column} (rank correlation {self.seen:+.2f}) where it {verbs[1]} by "
            f"the model ({self.learnt:+.2f})"
        )


def find_reversed(model: CompiledModel, rows: pd.DataFrame) -> list[Reversed]:
    """The public columns of the rows whose relation with the truth is reversed, at ALPHA over all of them (Bonferroni).

    On the same rows, Spearman's correlation of a column with the model's answers is what the model learnt, and that
    with the truth is what these rows show. Of texts each frequent value is tested.
    """
    scores = list(_scores(model, rows))
    columns = list(_columns(rows, model.contract))
    tests = max(1, len(scores) * len(columns))
    least = NormalDist().inv_cdf(1 - ALPHA / (2 * tests)) / math.sqrt(max(1, len(rows) - 3))
    found = []
    for name, cells in columns:
        known = np.isfinite(cells)
        if known.sum() < LEAST_ROWS:
            continue
        for target, answered, truth in scores:
            learnt = _correlate(cells[known], answered[known])
            seen = _correlate(cells[known], truth[known])
            if (
                abs(learnt) >= LEARNT
                and learnt * seen < 0
                and math.atanh(min(abs(seen), 0.999)) >= max(REVERSED, least)
            ):
                found.append(Reversed(name, target, learnt, seen))
    return found


def _scores(model: CompiledModel, rows: pd.DataFrame) -> Iterator[tuple[str, Floats, Floats]]:
    """What is predicted, the model's answers [rows] and the truth [rows]: of two labels the positive one, or each."""
    answers = model.answer(rows)
    target = model.contract.target
    if not isinstance(answers, ClassAnswers):
        yield target.name, answers.predictions, answers.truth
        return
    labels = [answers.positive] if answers.binary else range(len(answers.labels))
    for label in labels:
        name = f"{target.name} = {answers.labels[label]}"
        truth: Floats = np.asarray(answers.truth == label, dtype=np.float64)
        yield name, answers.probabilities[:, label], truth


def _columns(rows: pd.DataFrame, contract: Contract) -> Iterator[tuple[str, Floats]]:
    """Each public column's name and cells as numbers [rows], NaN where missing; each frequent value of a text's."""
    for column in contract.columns:
        cells = rows[column.name]
        if not is_public(column):
            continue
        if column.kind != "category":
            yield column.name, cells.to_numpy(np.float64)
            continue
        for value, count in cells.value_counts().head(MOST_VALUES).items():
            if LEAST_ROWS <= count <= len(rows) - LEAST_ROWS:
                indicator: Floats = np.asarray(cells == value, dtype=np.float64)
                yield f"{column.name} = {value}", indicator


def _correlate(one: Floats, other: Floats) -> float:
    """Spearman's rank correlation; 0 where one of them doesn't vary."""
    ranks = rankdata(one), rankdata(other)
    if not (np.ptp(ranks[0]) and np.ptp(ranks[1])):
        return 0.0
    return float(np.corrcoef(*ranks)[0, 1])
