"""Estimators made of estimators: Pipeline, ColumnTransformer, FeatureUnion and FrozenEstimator."""

from collections.abc import Iterator
from typing import Any

from sklearn.compose import ColumnTransformer
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import FeatureUnion, Pipeline

from mlops.training.compile.columns import Columns
from mlops.training.compile.table import Part, Parts, Role
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
    result: list[Any] = []
    weights = estimator.transformer_weights or {}
    for name, step, _ in estimator.transformers_:
        # The fitted object resolves names, masks, slices and callables to positions, and keeps them only here.
        chosen = tuple(columns[position] for position in estimator._transformer_to_input_indices[name])
        if not chosen or step == "drop":
            continue
        given = chosen if step == "passthrough" else walk.transform(step, chosen, name)
        result += _weighed(given, weights.get(name), walk)
    return tuple(result)


def _union(estimator: FeatureUnion, columns: Columns, walk: Walk) -> Columns:
    result: list[Any] = []
    weights = estimator.transformer_weights or {}
    for name, step in estimator.transformer_list:
        if step == "drop":
            continue
        given = columns if step == "passthrough" else walk.transform(step, columns, name)
        result += _weighed(given, weights.get(name), walk)
    return tuple(result)


def _weighed(columns: Columns, weight: float | None, walk: Walk) -> Columns:
    """The columns times a weight, if there is one."""
    if weight is None or not columns:
        return columns
    tensor = walk.graph.node("Mul", walk.graph.matrix(walk.numbers(columns)), walk.graph.constant(float(weight)))
    scale = 1 / weight if weight else 0.0
    return walk.graph.columns(tensor, [column.rescaled(0.0, scale) for column in columns])


def _frozen(estimator: FrozenEstimator, columns: Columns, walk: Walk) -> Columns:
    return walk.transform(estimator.estimator, columns)


def _frozen_answer(estimator: FrozenEstimator, columns: Columns, walk: Walk) -> Answer:
    return walk.predict(estimator.estimator, columns)


TRANSFORMERS: dict[type, Transformer] = {
    Pipeline: _pipeline,
    ColumnTransformer: _column_transformer,
    FeatureUnion: _union,
    FrozenEstimator: _frozen,
}
PREDICTORS: dict[type, Predictor] = {Pipeline: _pipeline_answer, FrozenEstimator: _frozen_answer}


def _steps(estimator: Pipeline) -> Iterator[Part]:
    named = [(name, step) for name, step in estimator.steps if step is not None and step != "passthrough"]
    for name, step in named:
        final = step is estimator.steps[-1][1] and hasattr(step, "predict")
        yield Part(name, step, "predict" if final else "transform")


def _branches(estimator: ColumnTransformer | FeatureUnion) -> Iterator[Part]:
    if isinstance(estimator, FeatureUnion):
        given = estimator.transformer_list
    else:
        given = [*estimator.transformers, ("remainder", estimator.remainder)]
    for name, step, *_ in given:
        if not isinstance(step, str):
            yield Part(name, step, "transform")


def _within(estimator: FrozenEstimator) -> Iterator[Part]:
    role: Role = "predict" if hasattr(estimator.estimator, "predict") else "transform"
    yield Part("estimator", estimator.estimator, role)


PARTS: dict[type, Parts] = {
    Pipeline: _steps,
    ColumnTransformer: _branches,
    FeatureUnion: _branches,
    FrozenEstimator: _within,
}
