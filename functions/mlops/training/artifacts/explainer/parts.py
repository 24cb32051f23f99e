"""A fitted estimator that was met on the way through a model → its part of the explainer."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn._loss.link import LogLink
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import GammaRegressor, PoissonRegressor, SGDClassifier

from mlops.artifact.explanation.linear import Linear
from mlops.artifact.explanation.trees import Leaves
from mlops.contract import Target
from mlops.errors import CompilationFailed
from mlops.training.artifacts.explainer.leaves import MAX_LEAVES, make_leaves
from mlops.training.compile.columns import Columns
from mlops.training.compile.families import dummy, forests, histograms, linear
from mlops.training.compile.table import Kind
from mlops.training.compile.trees import Splits
from mlops.training.compile.walk import Answer, Classification, Predictor, Walk

type Floats = NDArray[np.float64]

_BOOSTED = ("GradientBoosting", "HistGradientBoosting")


@dataclass(frozen=True, slots=True)
class Met:
    """An estimator on the way, the columns that reach it, the tensor of its score, and its trees if it has any."""

    estimator: Any
    columns: Columns
    score: str
    splits: Splits | None

    @property
    def is_boosted(self) -> bool:
        """Whether its trees add up, not to a mean."""
        return type(self.estimator).__name__.startswith(_BOOSTED)

    @property
    def is_logarithmic(self) -> bool:
        """Whether its score is the exponential of what its features add up to."""
        if isinstance(self.estimator, PoissonRegressor | GammaRegressor):
            return True
        boosted = isinstance(self.estimator, HistGradientBoostingRegressor)
        return boosted and isinstance(self.estimator._loss.link, LogLink)


def listening(met: list[Met], converters: Mapping[Kind, Predictor]) -> dict[Kind, Predictor]:
    """The converters, but those of estimators that can be explained also write down whom they met."""
    known = {*linear.PREDICTORS, *forests.PREDICTORS, *histograms.PREDICTORS, *dummy.PREDICTORS}
    return {kind: _listening(convert, met) if kind in known else convert for kind, convert in converters.items()}


def _listening(convert: Predictor, met: list[Met]) -> Predictor:
    def note(estimator: Any, columns: Columns, walk: Walk) -> Answer:
        before = len(walk.splits)
        answer = convert(estimator, columns, walk)
        score = answer.decision if isinstance(answer, Classification) else answer.values
        splits = walk.splits[before] if len(walk.splits) > before else None
        met.append(Met(estimator, splits.columns if splits else columns, score, splits))
        return answer

    return note


def unit_of(met: Met, target: Target) -> str:
    """What the score of an estimator is measured in."""
    estimator = met.estimator
    if not target.labels:
        value = target.unit or "value"
        return f"logarithm of {value}" if met.is_logarithmic else value
    if isinstance(estimator, DummyClassifier) or (type(estimator) in forests.PREDICTORS and not met.is_boosted):
        return "probability"
    if len(target.labels) == 2:
        return "log-odds"
    return "log-odds against the rest" if isinstance(estimator, SGDClassifier) else "logit"


def make_model(met: Met, means: Floats, features: Floats, scores: Floats) -> Linear | Leaves:
    """What explains an estimator.

    `means` [columns] are those of its features over the training rows; `features` [N, columns] and `scores`
    [N, outputs] are those of some rows. Raises CompilationFailed if it is too large.
    """
    outputs = scores.shape[1]
    if met.splits is not None:
        return _trees(met, met.splits, features, scores)
    if isinstance(met.estimator, DummyClassifier | DummyRegressor):
        return Linear(np.zeros((outputs, len(means))), means, scores[0])
    weights = np.atleast_2d(met.estimator.coef_).astype(np.float64)
    return Linear(weights, means, np.atleast_1d(met.estimator.intercept_) + weights @ means)


def _trees(met: Met, splits: Splits, features: Floats, scores: Floats) -> Leaves:
    count = sum(int(tree.leaf.sum()) for tree in splits.trees)
    if count > MAX_LEAVES:
        reason = f"its {count:,} leaves are too many to explain an answer in time; {MAX_LEAVES:,} are allowed"
        raise CompilationFailed(type(met.estimator).__name__, reason)
    outputs = scores.shape[1]
    scale = 1.0 if met.is_boosted else 1 / len(splits.trees)
    leaves = make_leaves(splits, outputs, scale)
    if not met.is_boosted:
        return leaves
    # What it started from is what its trees leave unexplained, the same for every row.
    told = np.array([leaves.base[k] + leaves.contributions(features[0], k).sum() for k in range(outputs)])
    return replace(leaves, base=leaves.base + scores[0] - told)
