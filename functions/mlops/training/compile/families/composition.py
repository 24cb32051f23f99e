"""Estimators made of estimators: Pipeline, ColumnTransformer, FrozenEstimator, and functions that do nothing."""

from typing import Any

from sklearn.compose import ColumnTransformer
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from mlops.training.compile.columns import Columns
from mlops.training.compile.walk import Answer, Predictor, Transformer, Walk


def _through(steps: list[tuple[str, Any]], columns: Columns, walk: Walk) -> Columns:
    for name, step in steps:
        if step is not None and step != "passthrough":
            columns = walk.transform(step, columns, name)
    return columns


def _pipeline(estimator: Pipeline, columns: Columns, walk: Walk) -> Columns:
    return _through(estimator.steps, columns, walk)


def _pipeline_answer(estimator: Pipeline, columns: Columns, walk: Walk) -> Answer:
    name, model = estimator.steps[-1]
    return walk.predict(model, _through(estimator.steps[:-1], columns, walk), name)


def _column_transformer(estimator: ColumnTransformer, columns: Columns, walk: Walk) -> Columns:
    if estimator.transformer_weights:
        raise walk.failure("it weighs its transformers; leave transformer_weights out")
    result: list[Any] = []
    for name, step, _ in estimator.transformers_:
        # The fitted object resolves names, masks, slices and callables to positions, and keeps them only here.
        chosen = tuple(columns[position] for position in estimator._transformer_to_input_indices[name])
        if not chosen or step == "drop":
            continue
        result += chosen if step == "passthrough" else walk.transform(step, chosen, name)
    return tuple(result)


def _function(estimator: FunctionTransformer, columns: Columns, walk: Walk) -> Columns:
    if estimator.func is not None:
        raise walk.failure("it calls a Python function; compute that column in the dataset, or use a transformer")
    return columns


def _frozen(estimator: FrozenEstimator, columns: Columns, walk: Walk) -> Columns:
    return walk.transform(estimator.estimator, columns)


def _frozen_answer(estimator: FrozenEstimator, columns: Columns, walk: Walk) -> Answer:
    return walk.predict(estimator.estimator, columns)


TRANSFORMERS: dict[type, Transformer] = {
    Pipeline: _pipeline,
    ColumnTransformer: _column_transformer,
    FunctionTransformer: _function,
    FrozenEstimator: _frozen,
}
PREDICTORS: dict[type, Predictor] = {Pipeline: _pipeline_answer, FrozenEstimator: _frozen_answer}
