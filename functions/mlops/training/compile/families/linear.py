"""Linear models: one matrix product in float64, then the link of the model."""

from typing import Any

import numpy as np
from sklearn._loss.link import IdentityLink
from sklearn.linear_model import (
    ARDRegression,
    BayesianRidge,
    ElasticNet,
    ElasticNetCV,
    GammaRegressor,
    HuberRegressor,
    Lars,
    LarsCV,
    Lasso,
    LassoCV,
    LassoLars,
    LassoLarsCV,
    LassoLarsIC,
    LinearRegression,
    LogisticRegression,
    LogisticRegressionCV,
    OrthogonalMatchingPursuit,
    OrthogonalMatchingPursuitCV,
    PassiveAggressiveClassifier,
    PassiveAggressiveRegressor,
    Perceptron,
    PoissonRegressor,
    QuantileRegressor,
    Ridge,
    RidgeClassifier,
    RidgeClassifierCV,
    RidgeCV,
    SGDClassifier,
    SGDRegressor,
    TheilSenRegressor,
    TweedieRegressor,
)
from sklearn.svm import LinearSVC, LinearSVR

from mlops.training.compile.columns import Columns
from mlops.training.compile.links import likeliest, normalized, two_classes
from mlops.training.compile.walk import Answer, Classification, Predictor, Regression, Walk


def _decision(estimator: Any, columns: Columns, walk: Walk) -> str:
    """Columns @ coef_.T + intercept_, [N, outputs]."""
    weights = np.atleast_2d(estimator.coef_).astype(np.float64)
    bias = np.broadcast_to(np.atleast_1d(estimator.intercept_).astype(np.float64), len(weights))
    graph = walk.graph
    tensor = graph.matrix(walk.numbers(columns))
    return graph.node("Gemm", tensor, graph.constant(weights.T), graph.constant(bias), width=len(weights))


def _logistic(estimator: Any, columns: Columns, walk: Walk) -> Answer:
    decision = _decision(estimator, columns, walk)
    if len(estimator.classes_) == 2:
        probabilities = two_classes(walk.graph, walk.graph.node("Sigmoid", decision))
    else:
        probabilities = walk.graph.node("Softmax", decision, axis=1)
    return Classification(estimator.classes_, probabilities, decision)


def _stochastic(estimator: SGDClassifier, columns: Columns, walk: Walk) -> Answer:
    if estimator.loss not in ("log_loss", "modified_huber"):
        return _scored(estimator, columns, walk)
    decision = _decision(estimator, columns, walk)
    if estimator.loss == "log_loss":
        chances = walk.graph.node("Sigmoid", decision)
    else:
        clipped = walk.graph.node("Clip", decision, walk.graph.constant(-1.0), walk.graph.constant(1.0))
        shifted = walk.graph.node("Add", clipped, walk.graph.constant(1.0))
        chances = walk.graph.node("Div", shifted, walk.graph.constant(2.0), width=len(estimator.coef_))
    if len(estimator.classes_) == 2:
        probabilities = two_classes(walk.graph, chances)
    else:
        probabilities = normalized(walk.graph, chances, len(estimator.classes_))
    return Classification(estimator.classes_, probabilities, decision)


def _scored(estimator: Any, columns: Columns, walk: Walk) -> Answer:
    """A classifier that gives scores and no probabilities."""
    decision = _decision(estimator, columns, walk)
    label = likeliest(walk.graph, decision, len(estimator.classes_))
    return Classification(estimator.classes_, None, decision, label)


def _regression(estimator: Any, columns: Columns, walk: Walk) -> Answer:
    if np.atleast_2d(estimator.coef_).shape[0] != 1:
        raise walk.failure("it predicts several targets; fit it on one")
    return Regression(_decision(estimator, columns, walk))


def _log_linear(estimator: Any, columns: Columns, walk: Walk) -> Answer:
    return Regression(walk.graph.node("Exp", _decision(estimator, columns, walk)))


def _tweedie(estimator: TweedieRegressor, columns: Columns, walk: Walk) -> Answer:
    identity = isinstance(estimator._base_loss.link, IdentityLink)
    return (_regression if identity else _log_linear)(estimator, columns, walk)


_SCORED = (LinearSVC, PassiveAggressiveClassifier, Perceptron, RidgeClassifier, RidgeClassifierCV)
_IDENTITY = (
    ARDRegression,
    BayesianRidge,
    ElasticNet,
    ElasticNetCV,
    HuberRegressor,
    Lars,
    LarsCV,
    Lasso,
    LassoCV,
    LassoLars,
    LassoLarsCV,
    LassoLarsIC,
    LinearRegression,
    LinearSVR,
    OrthogonalMatchingPursuit,
    OrthogonalMatchingPursuitCV,
    PassiveAggressiveRegressor,
    QuantileRegressor,
    Ridge,
    RidgeCV,
    SGDRegressor,
    TheilSenRegressor,
)
PREDICTORS: dict[type, Predictor] = {
    LogisticRegression: _logistic,
    LogisticRegressionCV: _logistic,
    SGDClassifier: _stochastic,
    PoissonRegressor: _log_linear,
    GammaRegressor: _log_linear,
    TweedieRegressor: _tweedie,
    **dict.fromkeys(_SCORED, _scored),
    **dict.fromkeys(_IDENTITY, _regression),
}
