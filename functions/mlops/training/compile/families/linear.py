"""Linear models: one matrix product in float64, then the link of the model."""

from typing import Any

import numpy as np
from sklearn.linear_model import (
    ElasticNet,
    ElasticNetCV,
    GammaRegressor,
    HuberRegressor,
    Lasso,
    LassoCV,
    LinearRegression,
    LogisticRegression,
    LogisticRegressionCV,
    PoissonRegressor,
    Ridge,
    RidgeCV,
    SGDClassifier,
    SGDRegressor,
)

from mlops.training.compile.columns import Columns
from mlops.training.compile.links import normalized, two_classes
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
    if estimator.loss != "log_loss":
        raise walk.failure(f"its loss {estimator.loss!r} gives no probabilities; use loss='log_loss'")
    decision = _decision(estimator, columns, walk)
    chances = walk.graph.node("Sigmoid", decision)
    if len(estimator.classes_) == 2:
        probabilities = two_classes(walk.graph, chances)
    else:
        probabilities = normalized(walk.graph, chances, len(estimator.classes_))
    return Classification(estimator.classes_, probabilities, decision)


def _regression(estimator: Any, columns: Columns, walk: Walk) -> Answer:
    if np.atleast_2d(estimator.coef_).shape[0] != 1:
        raise walk.failure("it predicts several targets; fit it on one")
    return Regression(_decision(estimator, columns, walk))


def _log_linear(estimator: Any, columns: Columns, walk: Walk) -> Answer:
    return Regression(walk.graph.node("Exp", _decision(estimator, columns, walk)))


_IDENTITY = (ElasticNet, ElasticNetCV, HuberRegressor, Lasso, LassoCV, LinearRegression, Ridge, RidgeCV, SGDRegressor)
PREDICTORS: dict[type, Predictor] = {
    LogisticRegression: _logistic,
    LogisticRegressionCV: _logistic,
    SGDClassifier: _stochastic,
    PoissonRegressor: _log_linear,
    GammaRegressor: _log_linear,
    **dict.fromkeys(_IDENTITY, _regression),
}
