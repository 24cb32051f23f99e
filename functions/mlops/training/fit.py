"""Candidates → the one that cross-validates best, fitted on all training rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.model_selection import StratifiedKFold, cross_val_score

from mlops.spec import ModelSpec

# scikit-learn's names of the metrics that a spec may choose by
SCORING = {
    "accuracy": "accuracy",
    "precision": "precision",
    "recall": "recall",
    "f1": "f1",
    "roc_auc": "roc_auc",
    "log_loss": "neg_log_loss",
}


@dataclass(frozen=True)
class Fitted:
    """The winning candidate, with what each candidate scored in cross-validation (mean over folds; more is better)."""

    name: str
    estimator: Any
    scores: dict[str, float]
    parameters: dict[str, Any]


def fit(train: pd.DataFrame, spec: ModelSpec) -> Fitted:
    """Choose among the spec's candidates by its metric on the training rows alone, and fit the winner on all of them.

    Seeded: every `random_state` in a candidate is the spec's seed. At a tie the candidate that stands first wins.
    """
    columns, labels = train[list(spec.contract.names)], _encode(train, spec)
    folds = StratifiedKFold(spec.folds, shuffle=True, random_state=spec.seed)
    seeded = {name: _seed(estimator, spec.seed) for name, estimator in spec.candidates.items()}
    scores = {
        name: float(np.mean(cross_val_score(estimator, columns, labels, cv=folds, scoring=SCORING[spec.metric])))
        for name, estimator in seeded.items()
    }
    winner = max(scores, key=lambda name: scores[name])
    estimator = seeded[winner].fit(columns, train[spec.target.name])
    return Fitted(winner, estimator, scores, _parameters(estimator))


def _encode(train: pd.DataFrame, spec: ModelSpec) -> pd.Series:
    """The target for scoring: 1 for the positive label and 0 for the other, or the labels as they are."""
    target = train[spec.target.name]
    return target if spec.target.positive is None else (target == spec.target.positive).astype(int)


def _seed(estimator: Any, seed: int) -> Any:
    copy = clone(estimator)
    names = [name for name in copy.get_params() if name.rpartition("__")[2] == "random_state"]
    return copy.set_params(**dict.fromkeys(names, seed))


def _parameters(estimator: Any) -> dict[str, Any]:
    """The estimator's parameters as plain values, steps left out."""
    plain = (str, int, float, bool, type(None))
    return {name: value for name, value in estimator.get_params().items() if isinstance(value, plain)}
