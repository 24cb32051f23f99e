"""A fitted estimator within a model → its part of the explainer."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn._loss.link import LogLink
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import GammaRegressor, PoissonRegressor, SGDClassifier, TweedieRegressor

from mlops.artifact.explanation.linear import Linear
from mlops.artifact.explanation.trees import Trees
from mlops.contract import Target
from mlops.errors.training import CompilationFailed
from mlops.training.artifacts.explainer.nodes import MAX_LEAVES, make_trees
from mlops.training.compile.columns import Columns
from mlops.training.compile.families import (
    catboost_trees,
    dummy,
    forests,
    histograms,
    lightgbm_trees,
    linear,
    xgboost_trees,
)
from mlops.training.compile.table import Kind
from mlops.training.compile.trees import Splits
from mlops.training.compile.walk import Answer, Classification, Predictor, Regression, Walk
from mlops.training.search.boosting import OPTIONS

type Floats = NDArray[np.float64]

_BOOSTED = ("GradientBoosting", "HistGradientBoosting")


@dataclass(frozen=True, slots=True)
class ExplainedEstimator:
    """An estimator within a model, the columns that reach it, the tensor of its score, and its trees if it has any."""

    estimator: Any
    columns: Columns
    score: str
    splits: Splits | None
    answer: Answer

    @property
    def is_boosted(self) -> bool:
        """Whether its trees add up, not to a mean."""
        return type(self.estimator).__name__.startswith(_BOOSTED) or self.is_of_library

    @property
    def is_of_library(self) -> bool:
        """Whether it is of a boosting library."""
        return type(self.estimator).__module__ in OPTIONS

    @property
    def is_logarithmic(self) -> bool:
        """Whether its value is the exponential of what its features add up to."""
        if isinstance(self.answer, Regression) and self.answer.logarithm is not None:
            return True
        if isinstance(self.estimator, PoissonRegressor | GammaRegressor):
            return True
        if isinstance(self.estimator, TweedieRegressor):
            return isinstance(self.estimator._base_loss.link, LogLink)
        boosted = isinstance(self.estimator, HistGradientBoostingRegressor)
        return boosted and isinstance(self.estimator._loss.link, LogLink)


def recording(found: list[ExplainedEstimator], converters: Mapping[Kind, Predictor]) -> dict[Kind, Predictor]:
    """The converters; those of estimators that can be explained also append to `found`."""
    known: set[Kind] = {*linear.PREDICTORS, *forests.PREDICTORS, *histograms.PREDICTORS, *dummy.PREDICTORS}
    known |= {*xgboost_trees.PREDICTORS, *lightgbm_trees.PREDICTORS, *catboost_trees.PREDICTORS}
    return {kind: _recording(convert, found) if kind in known else convert for kind, convert in converters.items()}


def _recording(convert: Predictor, found: list[ExplainedEstimator]) -> Predictor:
    def note(estimator: Any, columns: Columns, walk: Walk) -> Answer:
        before = len(walk.splits)
        answer = convert(estimator, columns, walk)
        splits = walk.splits[before] if len(walk.splits) > before else None
        explained = splits.columns if splits else columns
        found.append(ExplainedEstimator(estimator, explained, _score(answer), splits, answer))
        return answer

    return note


def _score(answer: Answer) -> str:
    """What an estimator's features add up to; for some the exponential of it."""
    if isinstance(answer, Classification):
        return answer.score or answer.decision
    return answer.logarithm or answer.values


def unit_of(found: ExplainedEstimator, target: Target) -> str:
    """What the score of an estimator is measured in."""
    estimator = found.estimator
    if not target.labels:
        value = target.unit or "value"
        return f"logarithm of {value}" if found.is_logarithmic else value
    if isinstance(estimator, DummyClassifier) or (type(estimator) in forests.PREDICTORS and not found.is_boosted):
        return "probability"
    if isinstance(found.answer, Classification) and found.answer.probabilities is None:
        return "score"
    if len(target.labels) == 2:
        return "log-odds"
    return "log-odds against the rest" if isinstance(estimator, SGDClassifier) else "logit"


def make_model(found: ExplainedEstimator, means: Floats, features: Floats, scores: Floats) -> Linear | Trees:
    """What explains an estimator.

    `means` [columns] are those of its features over the training rows; `features` [N, columns] and `scores`
    [N, outputs] are those of some rows. Raises CompilationFailed if it is too large.
    """
    outputs = scores.shape[1]
    if found.splits is not None:
        return _trees(found, found.splits, features, scores)
    if isinstance(found.estimator, DummyClassifier | DummyRegressor):
        return Linear(np.zeros((outputs, len(means))), means, scores[0])
    weights = np.atleast_2d(found.estimator.coef_).astype(np.float64)
    return Linear(weights, means, np.atleast_1d(found.estimator.intercept_) + weights @ means)


def _trees(found: ExplainedEstimator, splits: Splits, features: Floats, scores: Floats) -> Trees:
    count = sum(int(tree.leaf.sum()) for tree in splits.trees)
    if count > MAX_LEAVES:
        reason = f"its {count:,} leaves are too many to explain an answer in time; {MAX_LEAVES:,} are allowed"
        raise CompilationFailed(type(found.estimator).__name__, reason)
    outputs = scores.shape[1]
    scale = 1.0 if found.is_boosted else 1 / len(splits.trees)
    trees = make_trees(splits, outputs, scale)
    if not found.is_boosted:
        return trees
    # Its initial score is what its trees don't explain, the same for every row.
    explained = np.array([trees.base[k] + trees.contributions(features[0], k).sum() for k in range(outputs)])
    return replace(trees, base=trees.base + scores[0] - explained)
