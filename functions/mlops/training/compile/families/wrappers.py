"""Estimators around one other: searches, thresholds, self-training, transformed targets, and a curve by itself."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.semi_supervised import SelfTrainingClassifier

from mlops.spec.label_encoded import LabelEncoded
from mlops.training.compile.columns import Columns
from mlops.training.compile.families.distributions import powers_undone, quantiles_undone
from mlops.training.compile.families.functions import FUNCTIONS, known_function
from mlops.training.compile.numerics import interpolate
from mlops.training.compile.table import Part, Parts, Rule, given_or
from mlops.training.compile.tensors import Tensor, numbers
from mlops.training.compile.walk import Answer, Classification, Predictor, Regression, Transformer, Walk

type Undo = Callable[[Any, Tensor], Tensor]


def _best(estimator: Any, columns: Columns, walk: Walk) -> Answer:
    return walk.predict(estimator.best_estimator_, columns, "best_estimator_")


def _best_columns(estimator: Any, columns: Columns, walk: Walk) -> Columns:
    return walk.transform(estimator.best_estimator_, columns, "best_estimator_")


def _self_trained(estimator: SelfTrainingClassifier, columns: Columns, walk: Walk) -> Answer:
    return walk.predict(estimator.estimator_, columns)


def _label_encoded(estimator: LabelEncoded, columns: Columns, walk: Walk) -> Answer:
    answer = walk.predict(estimator.classifier_, columns)
    if isinstance(answer, Regression):
        raise walk.failure("its classifier is a regressor")
    # The classes within it are positions among the labels.
    return replace(answer, classes=estimator.classes_)


def _coded(estimator: LabelEncoded) -> Iterator[Part]:
    yield Part("classifier", estimator.classifier, "predict")


def _transformed(estimator: TransformedTargetRegressor, columns: Columns, walk: Walk) -> Answer:
    answer = walk.predict(estimator.regressor_, columns)
    if isinstance(answer, Classification):
        raise walk.failure("its regressor is a classifier")
    undone = _undo(estimator.transformer_, Tensor(walk.graph, answer.values))
    return Regression(undone.named(1))


def _undo(transformer: Any, values: Tensor) -> Tensor:
    return INVERSES[type(transformer)](transformer, values)


def _steps_undone(pipeline: Pipeline, values: Tensor) -> Tensor:
    for _, step in reversed(pipeline.steps):
        values = values if step in (None, "passthrough") else _undo(step, values)
    return values


def _function_undone(transformer: FunctionTransformer, values: Tensor) -> Tensor:
    return values if transformer.inverse_func is None else FUNCTIONS[transformer.inverse_func](values)


def _standard_undone(scaler: StandardScaler, values: Tensor) -> Tensor:
    scaled = values * scaler.scale_ if scaler.with_std else values
    return scaled + scaler.mean_ if scaler.with_mean else scaled


def _robust_undone(scaler: RobustScaler, values: Tensor) -> Tensor:
    scaled = values * scaler.scale_ if scaler.with_scaling else values
    return scaled + scaler.center_ if scaler.with_centering else scaled


INVERSES: dict[type, Undo] = {
    Pipeline: _steps_undone,
    FunctionTransformer: _function_undone,
    StandardScaler: _standard_undone,
    RobustScaler: _robust_undone,
    MaxAbsScaler: lambda scaler, values: values * scaler.scale_,
    MinMaxScaler: lambda scaler, values: (values - scaler.min_) / scaler.scale_,
    PowerTransformer: powers_undone,
    QuantileTransformer: quantiles_undone,
}
"""What transforms a target → how values are taken back."""


def _curve(estimator: IsotonicRegression, columns: Columns, walk: Walk) -> Answer:
    points = np.asarray(estimator.X_thresholds_, dtype=np.float64)
    walk.mark(columns[0], points)
    x = numbers(columns, walk)
    found = interpolate(x, points, np.asarray(estimator.y_thresholds_, dtype=np.float64))
    if estimator.out_of_bounds == "nan" and len(points) > 1:
        found = ((x < float(points[0])) | (x > float(points[-1]))).where(np.nan, found)
    return Regression(found.named(1))


def _bounded(estimator: IsotonicRegression) -> str | None:
    if estimator.out_of_bounds == "raise":
        return "it raises at values beyond those it was fitted on; use out_of_bounds='clip' or 'nan'"
    return None


def _invertible(estimator: TransformedTargetRegressor) -> str | None:
    if estimator.transformer is None:
        return known_function(estimator.inverse_func, None)
    return _uninvertible(estimator.transformer)


def _uninvertible(transformer: Any) -> str | None:
    if isinstance(transformer, Pipeline):
        reasons = (_uninvertible(step) for _, step in transformer.steps if step not in (None, "passthrough"))
        return next((reason for reason in reasons if reason), None)
    if type(transformer) not in INVERSES:
        known = ", ".join(sorted(kind.__name__ for kind in INVERSES))
        return f"what {type(transformer).__name__} does to the target can't be undone exactly; use one of {known}"
    if isinstance(transformer, FunctionTransformer):
        return known_function(transformer.inverse_func, transformer.inv_kw_args)
    return None


def _refitted(estimator: Any) -> str | None:
    return None if estimator.refit else "it keeps no best estimator; leave refit out"


def _within(estimator: Any) -> Iterator[Part]:
    role = "predict" if hasattr(estimator.estimator, "predict") else "transform"
    yield Part("estimator", estimator.estimator, "predict" if role == "predict" else "transform")


def _regressor(estimator: TransformedTargetRegressor) -> Iterator[Part]:
    yield Part("regressor", given_or(estimator.regressor, LinearRegression()), "predict")


PREDICTORS: dict[type, Predictor] = {
    GridSearchCV: _best,
    RandomizedSearchCV: _best,
    SelfTrainingClassifier: _self_trained,
    TransformedTargetRegressor: _transformed,
    LabelEncoded: _label_encoded,
    IsotonicRegression: _curve,
}
TRANSFORMERS: dict[type, Transformer] = {
    GridSearchCV: _best_columns,
    RandomizedSearchCV: _best_columns,
}
RULES: dict[type, Rule] = {
    GridSearchCV: _refitted,
    RandomizedSearchCV: _refitted,
    TransformedTargetRegressor: _invertible,
    IsotonicRegression: _bounded,
}
PARTS: dict[type, Parts] = {
    **dict.fromkeys((GridSearchCV, RandomizedSearchCV, SelfTrainingClassifier), _within),
    TransformedTargetRegressor: _regressor,
    LabelEncoded: _coded,
}
