"""Partial least squares, and RANSAC: linear models that keep their weights elsewhere."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.cross_decomposition import CCA, PLSCanonical, PLSRegression
from sklearn.linear_model import LinearRegression, RANSACRegressor

from mlops.training.compile.columns import Columns
from mlops.training.compile.table import Part, Parts, given_or
from mlops.training.compile.tensors import numbers
from mlops.training.compile.walk import Answer, Predictor, Regression, Walk


def _partial(estimator: Any, columns: Columns, walk: Walk) -> Answer:
    if len(estimator.coef_) != 1:
        raise walk.failure("it predicts several targets; fit it on one")
    centred = numbers(columns, walk) - estimator._x_mean
    return Regression((centred @ estimator.coef_.T + np.ravel(estimator.intercept_)).named(1))


def _consensus(estimator: RANSACRegressor, columns: Columns, walk: Walk) -> Answer:
    return walk.predict(estimator.estimator_, columns)


def _within(estimator: RANSACRegressor) -> Iterator[Part]:
    yield Part("estimator", given_or(estimator.estimator, LinearRegression()), "predict")


PREDICTORS: dict[type, Predictor] = {
    **dict.fromkeys((CCA, PLSCanonical, PLSRegression), _partial),
    RANSACRegressor: _consensus,
}
PARTS: dict[type, Parts] = {RANSACRegressor: _within}
