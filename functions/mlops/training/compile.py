"""A fitted estimator → an ONNX model that is the same function, shown row by row."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import pandas as pd
from numpy.typing import NDArray
from onnx import TensorProto, helper
from onnx.compose import add_prefix
from onnxruntime import InferenceSession
from skl2onnx import to_onnx
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType
from skl2onnx.common.exceptions import MissingConverter, MissingShapeCalculator
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from mlops.contract import Contract
from mlops.errors import CompilationFailed
from mlops.training.evaluate import predict_probabilities

TOLERANCE = 1e-6
OPSET = 18
MAX_THRESHOLDS = 500

# Forests round their input to float32 themselves; in any other precision a row at a threshold takes another branch.
FORESTS = (RandomForestClassifier, ExtraTreesClassifier)
# What float64 converts exactly.
DOUBLES = (LogisticRegression, StandardScaler, MinMaxScaler)


@dataclass(frozen=True)
class Parity:
    """The largest difference in probability between estimator and compiled model over `rows` rows."""

    difference: float
    rows: int


def compile_model(estimator: Any, contract: Contract) -> bytes:
    """ONNX with input `numbers` float64 [N, columns] and output `probabilities` float64 [N, labels], in contract order.

    Raises CompilationFailed naming the step for which there's no exact conversion.
    """
    for step in estimator.steps if isinstance(estimator, Pipeline) else [("model", estimator)]:
        if not isinstance(step[1], (*FORESTS, *DOUBLES)):
            raise CompilationFailed(type(step[1]).__name__, "no exact conversion is known for it")
    width = len(contract.names)
    single = isinstance(estimator, FORESTS)
    kind = FloatTensorType if single else DoubleTensorType
    try:
        inner = to_onnx(
            estimator, initial_types=[("X", kind([None, width]))], options={"zipmap": False}, target_opset=OPSET
        )
    except (MissingConverter, MissingShapeCalculator, RuntimeError, ValueError) as error:
        raise CompilationFailed(type(estimator).__name__, str(error)) from error
    order = [list(estimator.classes_).index(label) for label in contract.target.labels]
    compiled: bytes = _wrap(inner, width, order).SerializeToString(deterministic=True)
    return compiled


def check_parity(estimator: Any, model: bytes, rows: pd.DataFrame, contract: Contract, seed: int) -> Parity:
    """Compare both on the rows, and on rows put at, just below and just above the forest's own thresholds."""
    probes = pd.concat([rows[list(contract.names)], _threshold_rows(estimator, rows, contract, seed)])
    expected = predict_probabilities(estimator, probes, contract)
    observed = run(model, probes.to_numpy(np.float64))
    return Parity(float(np.max(np.abs(observed - expected))), len(probes))


def run(model: bytes, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """[rows, labels] probabilities of the compiled model."""
    session = InferenceSession(model, providers=["CPUExecutionProvider"])
    probabilities: NDArray[np.float64] = session.run(["probabilities"], {"numbers": numbers})[0]
    return probabilities


def _wrap(inner: onnx.ModelProto, width: int, order: list[int]) -> onnx.ModelProto:
    """Put the graph between the interface's own input and output: float64 outside, labels in contract order."""
    inner = add_prefix(inner, "estimator/")
    graph = inner.graph
    precision = graph.input[0].type.tensor_type.elem_type
    names = [node.name for node in graph.output]
    before = helper.make_node("Cast", ["numbers"], [graph.input[0].name], to=precision)
    nodes = [
        helper.make_node("Gather", [names[1], "label_order"], ["ordered"], axis=1),
        helper.make_node("Cast", ["ordered"], ["probabilities"], to=TensorProto.DOUBLE),
    ]
    wrapped = helper.make_graph(
        [before, *graph.node, *nodes],
        "model",
        [helper.make_tensor_value_info("numbers", TensorProto.DOUBLE, [None, width])],
        [helper.make_tensor_value_info("probabilities", TensorProto.DOUBLE, [None, len(order)])],
        [*graph.initializer, helper.make_tensor("label_order", TensorProto.INT64, [len(order)], order)],
    )
    model = helper.make_model(wrapped, opset_imports=inner.opset_import, producer_name="mlops")
    model.ir_version = inner.ir_version
    onnx.checker.check_model(model)
    return model


def _threshold_rows(estimator: Any, rows: pd.DataFrame, contract: Contract, seed: int) -> pd.DataFrame:
    """Copies of rows, each with one column at, or one step of float64 or float32 beside, a split's threshold."""
    model = estimator.steps[-1][1] if isinstance(estimator, Pipeline) else estimator
    names = list(contract.names)
    if not isinstance(model, FORESTS):
        return rows[names].head(0)
    splits = [
        (int(column), float(threshold))
        for tree in model.estimators_
        for column, threshold in zip(tree.tree_.feature, tree.tree_.threshold, strict=True)
        if column >= 0
    ]
    random = np.random.default_rng(seed)
    chosen = random.choice(len(splits), size=min(MAX_THRESHOLDS, len(splits)), replace=False)
    base = rows[names].to_numpy(np.float64)
    probes = []
    for index in chosen:
        column, threshold = splits[index]
        for value in _beside(threshold):
            probe = base[random.integers(len(base))].copy()
            probe[column] = value
            probes.append(probe)
    return pd.DataFrame(probes, columns=names)


def _beside(threshold: float) -> list[float]:
    single = np.float32(threshold)
    infinity = np.float32(np.inf)
    return [
        threshold,
        float(np.nextafter(threshold, -np.inf)),
        float(np.nextafter(threshold, np.inf)),
        float(np.nextafter(single, -infinity)),
        float(np.nextafter(single, infinity)),
    ]
