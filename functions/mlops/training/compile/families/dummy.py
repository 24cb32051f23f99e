"""The models that look at no column: what every other one must beat."""

import numpy as np
from onnx import TensorProto, helper
from sklearn.dummy import DummyClassifier, DummyRegressor

from mlops.training.compile.columns import Columns
from mlops.training.compile.table import Rule
from mlops.training.compile.walk import Answer, Classification, Predictor, Regression, Walk


def _classifier(estimator: DummyClassifier, columns: Columns, walk: Walk) -> Answer:
    row = np.zeros((1, len(columns)))
    chances = _repeated(estimator.predict_proba(row), columns, walk)
    second = walk.graph.node("Gather", chances, walk.graph.constant([1], np.int64), axis=1, width=1)
    return Classification(estimator.classes_, chances, second if len(estimator.classes_) == 2 else chances)


def _regressor(estimator: DummyRegressor, columns: Columns, walk: Walk) -> Answer:
    if np.size(estimator.constant_) != 1:
        raise walk.failure("it predicts several targets; fit it on one")
    return Regression(_repeated(np.reshape(estimator.constant_, (1, 1)), columns, walk))


def _repeated(row: np.ndarray[tuple[int, int], np.dtype[np.float64]], columns: Columns, walk: Walk) -> str:
    """One row [1, k] for each row of the columns."""
    graph = walk.graph
    tensor = columns[0].tensor
    rows = graph.node("Slice", graph.node("Shape", tensor), *(graph.constant([i], np.int64) for i in (0, 1)))
    width = graph.constant([row.shape[1]], np.int64)
    zeros = graph.node(
        "ConstantOfShape",
        graph.node("Concat", rows, width, axis=0),
        value=helper.make_tensor("value", TensorProto.DOUBLE, [1], [0.0]),
    )
    return graph.node("Add", zeros, graph.constant(row), width=row.shape[1])


PREDICTORS: dict[type, Predictor] = {DummyClassifier: _classifier, DummyRegressor: _regressor}


def _certain(estimator: DummyClassifier) -> str | None:
    return "it answers at random; use strategy='prior'" if estimator.strategy == "stratified" else None


RULES: dict[type, Rule] = {DummyClassifier: _certain}
