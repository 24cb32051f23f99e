"""Columns that alone predict the target almost perfectly, where all others together don't.

A column can be a strong predictor and no leak: in iris the width of a petal alone predicts 96 % of the species. So a
column is a leak only if three things hold on rows that weren't fitted: its error is almost zero, and significantly so
for the number of rows; all other columns together, in many trees, are much worse; and the difference isn't chance.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binomtest, chi2
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict
from sklearn.tree import DecisionTreeClassifier

from mlops.contract import Column, Target

MAX_ROWS = 20_000
"""Rows that are looked at, drawn at random from more."""
CONFIDENCE = 0.95
NEAR_PERFECT = 0.02
"""A near-perfect column's errors, as a share of those of always answering the most frequent label."""
NEAR_PERFECT_FIT = 0.01
"""A near-perfect column's squared error, as a share of that of always answering the mean."""
BY_CHANCE = 0.001
FAR_AHEAD = 10
"""How many times the squared error all others must have; with 50 rows and more, chance makes no such ratio."""
MIN_VALUES = 50
FOLDS = 5
TREES = 50

type Floats = NDArray[np.float64]
type Flags = NDArray[np.bool_]


def find_predictors(
    rows: pd.DataFrame, suspects: Sequence[Column], columns: Sequence[Column], target: Target, seed: int
) -> dict[str, str]:
    """Suspect → how well it predicts the target, compared with all others of `columns` together."""
    sample = rows.sample(min(len(rows), MAX_ROWS), random_state=seed)
    inputs = {column.name: _as_numbers(sample[column.name]) for column in columns}
    find = _find_for_labels if target.labels else _find_for_values
    return find(inputs, [column.name for column in suspects], sample[target.name], seed)


def _as_numbers(values: pd.Series) -> Floats:
    """Numbers as they are, NaN where missing; texts as numbers of their own, a missing one too."""
    if pd.api.types.is_float_dtype(values):
        return values.to_numpy(np.float64)
    return pd.factorize(values, use_na_sentinel=False)[0].astype(np.float64)


def _find_for_labels(inputs: dict[str, Floats], suspects: list[str], truth: pd.Series, seed: int) -> dict[str, str]:
    labels = pd.factorize(truth, sort=True)[0]
    others = len(labels) - int(np.bincount(labels).max())
    most = next((k - 1 for k in range(others + 1) if _upper(k) > NEAR_PERFECT * others), others)
    if most < 0 or min(np.bincount(labels)) < FOLDS:
        return {}
    wrong = {name: _misses(inputs[name], labels, most, seed) for name in suspects}
    near = {name: misses for name, misses in wrong.items() if misses is not None and misses.sum() <= most}
    if not near:
        return {}
    rest = [values for name, values in inputs.items() if name not in near]
    rest_wrong = _cross_classify(ExtraTreesClassifier(TREES, min_samples_leaf=2, random_state=seed), rest, labels, seed)
    if rest_wrong.sum() <= NEAR_PERFECT * others:
        return {}
    others_right = f"all other columns together {1 - rest_wrong.mean():.1%}"
    return {
        name: f"alone predicts the {truth.name} of {1 - misses.mean():.1%} of the rows, and {others_right}"
        for name, misses in near.items()
        if _is_no_chance(misses, rest_wrong)
    }


def _upper(errors: int) -> float:
    """The most errors that are likely where this number was seen: the upper limit of a Poisson mean."""
    return float(chi2.ppf(CONFIDENCE, 2 * (errors + 1)) / 2)


def _misses(values: Floats, labels: NDArray[np.intp], most: int, seed: int) -> Flags | None:
    """Which rows a tree on one column gets wrong, in cross-validation; None if it fails on the rows it's fitted to."""
    tree = DecisionTreeClassifier(max_leaf_nodes=64, min_samples_leaf=2, random_state=seed)
    column = values.reshape(-1, 1)
    if (tree.fit(column, labels).predict(column) != labels).sum() > most:
        return None
    return _cross_classify(tree, [values], labels, seed)


def _cross_classify(model: Any, columns: list[Floats], labels: NDArray[np.intp], seed: int) -> Flags:
    if not columns:
        wrong: Flags = labels != np.bincount(labels).argmax()
        return wrong
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    answers: Flags = cross_val_predict(model, np.column_stack(columns), labels, cv=folds) != labels
    return answers


def _is_no_chance(misses: Flags, rest_misses: Flags) -> bool:
    """McNemar's exact test: of the rows that one gets right and the other wrong, too many are the column's."""
    ahead, behind = int((rest_misses & ~misses).sum()), int((misses & ~rest_misses).sum())
    if ahead + behind == 0:
        return False
    return bool(binomtest(ahead, ahead + behind, alternative="greater").pvalue < BY_CHANCE)


def _find_for_values(inputs: dict[str, Floats], suspects: list[str], truth: pd.Series, seed: int) -> dict[str, str]:
    values = truth.to_numpy(np.float64)
    total = float(((values - values.mean()) ** 2).sum())
    if len(values) < MIN_VALUES or total == 0:
        return {}
    errors = {name: _neighbour_error(inputs[name], values) for name in suspects}
    near = {name: error for name, error in errors.items() if error <= NEAR_PERFECT_FIT * total}
    if not near:
        return {}
    rest = [column for name, column in inputs.items() if name not in near]
    rest_error = total
    if rest:
        model = ExtraTreesRegressor(TREES, min_samples_leaf=2, random_state=seed)
        folds = KFold(FOLDS, shuffle=True, random_state=seed)
        answers = cross_val_predict(model, np.column_stack(rest), values, cv=folds)
        rest_error = float(((answers - values) ** 2).sum())
    explained = f"all other columns together {max(0, 1 - rest_error / total):.1%}"
    return {
        name: f"alone explains {1 - error / total:.1%} of the variance of {truth.name}, and {explained}"
        for name, error in near.items()
        if rest_error >= FAR_AHEAD * error
    }


def _neighbour_error(column: Floats, values: Floats) -> float:
    """The squared error of answering each row with the mean of the two next to it along the column (missing: last)."""
    ordered = values[np.argsort(column, kind="stable")]
    padded = np.concatenate([ordered[1:2], ordered, ordered[-2:-1]])
    return float((((padded[:-2] + padded[2:]) / 2 - ordered) ** 2).sum())
