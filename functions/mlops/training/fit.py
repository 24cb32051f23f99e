"""Candidates → the one that cross-validates best, fitted on all training rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.model_selection import KFold, StratifiedKFold

from mlops.spec import ModelSpec
from mlops.training.evaluate import answer
from mlops.training.metrics.catalog import find_metric, measure
from mlops.tuning import as_candidate


@dataclass(frozen=True)
class Fitted:
    """The winning candidate, with what each candidate scored in cross-validation (mean over folds)."""

    name: str
    estimator: Any
    scores: dict[str, float]
    parameters: dict[str, Any]


def fit(train: pd.DataFrame, spec: ModelSpec) -> Fitted:
    """Choose among the spec's candidates by its metric on the training rows alone, and fit the winner on all of them.

    Seeded: every `random_state` in a candidate is the spec's seed. At a tie the candidate that stands first wins.
    """
    seeded = {name: _seed(candidate, spec.seed) for name, candidate in spec.candidates.items()}
    scores = {name: _score(estimator, train, spec) for name, estimator in seeded.items()}
    sign = find_metric(spec.metric, spec.target.task).sign
    winner = max(scores, key=lambda name: sign * scores[name])
    estimator = seeded[winner].fit(train[list(spec.contract.names)], train[spec.target.name])
    return Fitted(winner, estimator, scores, _parameters(estimator))


def _score(estimator: Any, train: pd.DataFrame, spec: ModelSpec) -> float:
    kind = StratifiedKFold if spec.target.labels else KFold
    folds = kind(spec.folds, shuffle=True, random_state=spec.seed)
    scores = []
    for seen, held_out in folds.split(train, train[spec.target.name]):
        rows = train.iloc[seen]
        fitted = clone(estimator).fit(rows[list(spec.contract.names)], rows[spec.target.name])
        scores.append(measure(answer(fitted, train.iloc[held_out], spec.contract))[spec.metric])
    return float(np.mean(scores))


def _seed(candidate: Any, seed: int) -> Any:
    copy = clone(as_candidate(candidate).estimator)
    names = [name for name in copy.get_params() if name.rpartition("__")[2] == "random_state"]
    return copy.set_params(**dict.fromkeys(names, seed))


def _parameters(estimator: Any) -> dict[str, Any]:
    """The estimator's parameters as plain values, steps left out."""
    plain = (str, int, float, bool, type(None))
    return {name: value for name, value in estimator.get_params().items() if isinstance(value, plain)}
