"""Decision trees, random forests and extra trees, and their gradient boosting: all compare in float32."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.ensemble._gb import _init_raw_predictions
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor

from mlops.training.compile.columns import Columns
from mlops.training.compile.families.ensemble import Ensemble
from mlops.training.compile.links import linked, two_classes
from mlops.training.compile.trees import Tree
from mlops.training.compile.walk import Answer, Classification, Predictor, Regression, Walk

_LEAF = -1


def tree_of(estimator: Any, outputs: slice = slice(None), scale: float = 1.0) -> Tree:
    """A fitted decision tree of scikit-learn, with the values of some of its outputs, scaled."""
    fitted = estimator.tree_
    leaf = fitted.children_left == _LEAF
    return Tree(
        feature=np.where(leaf, 0, fitted.feature),
        threshold=np.where(leaf, 0.0, fitted.threshold),
        left=fitted.children_left,
        right=fitted.children_right,
        missing_left=fitted.missing_go_to_left.astype(np.bool_),
        leaf=leaf,
        values=fitted.value[:, 0, outputs] * scale,
        cover=fitted.weighted_n_node_samples,
    )


def _members(estimator: Any, walk: Walk) -> Sequence[Any]:
    if estimator.n_outputs_ != 1:
        raise walk.failure("it predicts several targets; fit it on one")
    return getattr(estimator, "estimators_", None) or [estimator]


def _classifier(estimator: Any, columns: Columns, walk: Walk) -> Answer:
    members = _members(estimator, walk)
    classes = len(estimator.classes_)
    if classes == 2:
        # The second class's share says everything: half the numbers.
        trees = [tree_of(member, slice(1, 2)) for member in members]
        chance = Ensemble(trees, walk.numbers(columns), walk, single=True).means(1)
        return Classification(estimator.classes_, two_classes(walk.graph, chance), chance)
    trees = [tree_of(member) for member in members]
    chances = Ensemble(trees, walk.numbers(columns), walk, single=True).means(classes)
    return Classification(estimator.classes_, chances, chances)


def _regressor(estimator: Any, columns: Columns, walk: Walk) -> Answer:
    trees = [tree_of(member) for member in _members(estimator, walk)]
    return Regression(Ensemble(trees, walk.numbers(columns), walk, single=True).means(1))


def _boosted(estimator: Any, columns: Columns, walk: Walk) -> str:
    """The raw scores [N, outputs] of gradient boosting."""
    stages, outputs = estimator.estimators_.shape
    start = np.zeros(outputs)
    if isinstance(estimator.init_, DummyClassifier | DummyRegressor):
        nothing = np.zeros((1, estimator.n_features_in_))
        classifies = isinstance(estimator, GradientBoostingClassifier)
        start = _init_raw_predictions(nothing, estimator.init_, estimator._loss, classifies)[0]
    elif estimator.init_ != "zero":
        raise walk.failure("it starts from another estimator; leave init out, or use init='zero'")
    trees = [tree_of(member, scale=estimator.learning_rate) for member in estimator.estimators_.ravel()]
    ensemble = Ensemble(trees, walk.numbers(columns), walk, single=True)
    return ensemble.sums([*range(outputs)] * stages, outputs, start.tolist())


def _boosted_classifier(estimator: GradientBoostingClassifier, columns: Columns, walk: Walk) -> Answer:
    if estimator.loss != "log_loss":
        raise walk.failure(f"its loss {estimator.loss!r} has no exact conversion; use loss='log_loss'")
    raw = _boosted(estimator, columns, walk)
    return linked(walk.graph, estimator.classes_, raw)


def _boosted_regressor(estimator: GradientBoostingRegressor, columns: Columns, walk: Walk) -> Answer:
    return Regression(_boosted(estimator, columns, walk))


_CLASSIFIERS = (DecisionTreeClassifier, ExtraTreeClassifier, ExtraTreesClassifier, RandomForestClassifier)
_REGRESSORS = (DecisionTreeRegressor, ExtraTreeRegressor, ExtraTreesRegressor, RandomForestRegressor)
PREDICTORS: dict[type, Predictor] = {
    **dict.fromkeys(_CLASSIFIERS, _classifier),
    **dict.fromkeys(_REGRESSORS, _regressor),
    GradientBoostingClassifier: _boosted_classifier,
    GradientBoostingRegressor: _boosted_regressor,
}
