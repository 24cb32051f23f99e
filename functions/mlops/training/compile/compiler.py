"""A fitted estimator → the bytes of an ONNX model."""

from typing import Any

import numpy as np
from onnx import TensorProto, ValueInfoProto, helper
from sklearn.utils.validation import check_is_fitted

from mlops.artifact.inputs import CATEGORIES, NUMBERS, input_columns
from mlops.contract import Contract
from mlops.errors.training import CompilationFailed
from mlops.training.compile.converters import CONVERTERS
from mlops.training.compile.estimator import label_order
from mlops.training.compile.links import probabilities_of
from mlops.training.compile.walk import Answer, Classification, Walk


def compile_estimator(estimator: Any, contract: Contract) -> bytes:
    """The ONNX model that is the same function as an estimator fitted on a frame with the contract's columns.

    Inputs: `numbers` float64 [N, columns that aren't categories] in the contract's order (booleans 0 or 1, dates in
    days since 1970-01-01, NaN where missing) and `categories` text [N, category columns] ("" where missing), each only
    if there are such columns. Output: `probabilities` float64 [N, k] in the order of the contract's labels, or `value`
    float64 [N]. The same fitted estimator gives the same bytes. Raises CompilationFailed, which names the step that has
    no exact conversion.
    """
    walk, answer = walk_through(estimator, contract)
    tensor, output = _output(answer, walk, estimator, contract)
    return walk.graph.finish(graph_inputs(contract), tensor, output)


def walk_through(estimator: Any, contract: Contract) -> tuple[Walk, Answer]:
    """Convert every step of an estimator. Raises CompilationFailed, and NotFittedError if it wasn't fitted."""
    check_is_fitted(estimator)
    names = getattr(estimator, "feature_names_in_", None)
    if names is not None and tuple(names) != contract.names:
        raise CompilationFailed(
            type(estimator).__name__,
            f"it was fitted on the columns {list(names)}, and the contract has {list(contract.names)}; "
            "fit it on the contract's columns, in their order",
        )
    width = getattr(estimator, "n_features_in_", len(contract.names))
    if width != len(contract.names):
        reason = f"it was fitted on {width} columns, and the contract has {len(contract.names)}"
        raise CompilationFailed(type(estimator).__name__, reason)
    walk = Walk(contract, CONVERTERS)
    return walk, walk.predict(estimator, walk.inputs())


def graph_inputs(contract: Contract) -> list[ValueInfoProto]:
    """The inputs that a contract makes."""
    types = {NUMBERS: TensorProto.DOUBLE, CATEGORIES: TensorProto.STRING}
    return [
        helper.make_tensor_value_info(name, types[name], ["N", len(columns)])
        for name, columns in input_columns(contract).items()
    ]


def _output(answer: Answer, walk: Walk, estimator: Any, contract: Contract) -> tuple[str, ValueInfoProto]:
    labels = contract.target.labels
    if not labels:
        if isinstance(answer, Classification):
            raise CompilationFailed(
                type(estimator).__name__, "it is a classifier, and the contract's target is a number"
            )
        value = walk.graph.node("Reshape", answer.values, walk.graph.constant([-1], np.int64))
        return value, helper.make_tensor_value_info("value", TensorProto.DOUBLE, ["N"])
    if not isinstance(answer, Classification):
        raise CompilationFailed(type(estimator).__name__, "it is a regressor, and the contract's target has labels")
    order = label_order(estimator, answer.classes, contract)
    tensor = probabilities_of(answer, walk)
    if order != list(range(len(labels))):
        tensor = walk.graph.node("Gather", tensor, walk.graph.constant(order, np.int64), axis=1)
    return tensor, helper.make_tensor_value_info("probabilities", TensorProto.DOUBLE, ["N", len(labels)])
