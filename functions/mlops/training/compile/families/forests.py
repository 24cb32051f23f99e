"""Decision trees, random forests and extra trees, and their gradient boosting: all compare in float32."""

from collections.abc import Iterator, Sequence
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
from mlops.training.compile.links import linked, probabilities_of, two_classes
from mlops.training.compile.table import Part, Parts
from mlops.training.compile.tensors import Tensor
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
        # The second class's share is enough: half the numbers.
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
    trees = [tree_of(member, scale=estimator.learning_rate) for member in estimator.estimators_.ravel()]
    ensemble = Ensemble(trees, walk.numbers(columns), walk, single=True)
    total = ensemble.sums([*range(outputs)] * stages, outputs, start.tolist())
    if isinstance(estimator.init_, DummyClassifier | DummyRegressor | str):
        return total
    return (_begun(estimator, columns, walk) + Tensor(walk.graph, total)).named(outputs)


def _begun(estimator: Any, columns: Columns, walk: Walk) -> Tensor:
    """The raw scores [N, outputs] of the estimator that gradient boosting starts from, which sees float32."""
    narrow = Tensor(walk.graph, walk.graph.matrix(walk.numbers(columns))).single().double()
    answer = walk.predict(estimator.init_, walk.graph.columns(narrow.name, columns), "init")
    if isinstance(answer, Regression):
        return Tensor(walk.graph, answer.values)
    eps = float(np.finfo(np.float64).eps)
    chances = Tensor(walk.graph, probabilities_of(answer, walk)).clip(eps, 1 - eps)
    if len(answer.classes) > 2:
        logs = chances.log()
        return logs - logs.sum() / float(len(answer.classes))
    second = chances.pick([1])
    odds = (second / (1.0 - second)).log()
    return odds * 0.5 if estimator.loss == "exponential" else odds


def _boosted_classifier(estimator: GradientBoostingClassifier, columns: Columns, walk: Walk) -> Answer:
    raw = _boosted(estimator, columns, walk)
    if estimator.loss == "log_loss":
        return linked(walk.graph, estimator.classes_, raw)
    # The exponential loss takes half the log odds for its scores.
    odds = walk.graph.node("Mul", raw, walk.graph.constant(2.0))
    return Classification(estimator.classes_, two_classes(walk.graph, walk.graph.node("Sigmoid", odds)), raw)


def _boosted_regressor(estimator: GradientBoostingRegressor, columns: Columns, walk: Walk) -> Answer:
    return Regression(_boosted(estimator, columns, walk))


_CLASSIFIERS = (DecisionTreeClassifier, ExtraTreeClassifier, ExtraTreesClassifier, RandomForestClassifier)
_REGRESSORS = (DecisionTreeRegressor, ExtraTreeRegressor, ExtraTreesRegressor, RandomForestRegressor)


def _beginning(estimator: Any) -> Iterator[Part]:
    if estimator.init is not None and not isinstance(estimator.init, str):
        yield Part("init", estimator.init, "predict")


PREDICTORS: dict[type, Predictor] = {
    **dict.fromkeys(_CLASSIFIERS, _classifier),
    **dict.fromkeys(_REGRESSORS, _regressor),
    GradientBoostingClassifier: _boosted_classifier,
    GradientBoostingRegressor: _boosted_regressor,
}
PARTS: dict[type, Parts] = dict.fromkeys((GradientBoostingClassifier, GradientBoostingRegressor), _beginning)
