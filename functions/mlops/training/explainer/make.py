"""A fitted estimator → the files that explain its answers."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from onnx import TensorProto, helper
from sklearn.utils.validation import check_is_fitted

from mlops.contract import Contract
from mlops.errors import CompilationFailed
from mlops.explanation.explainer import Explainer, Part
from mlops.explanation.files import write_explainer, write_refusal
from mlops.training.compilation.compiler import graph_inputs
from mlops.training.compilation.converters import PREDICTORS, TRANSFORMERS
from mlops.training.compilation.parity import feed, open_model
from mlops.training.compilation.walk import Walk
from mlops.training.explainer.parts import Met, listening, make_model
from mlops.training.explainer.views import make_views

TOLERANCE = 1e-6
_CHECKED = 50  # rows

type Floats = NDArray[np.float64]


def make_explainer(estimator: Any, rows: pd.DataFrame, contract: Contract) -> dict[str, bytes]:
    """Name → content of the explainer of an estimator that was fitted on `rows`, and compiles.

    Where no exact one exists the only file says why.
    """
    try:
        return write_explainer(_explain(estimator, rows, contract))
    except CompilationFailed as error:
        return write_refusal(f"{error.step} can't be explained exactly: {error.reason}")


def _explain(estimator: Any, rows: pd.DataFrame, contract: Contract) -> Explainer:
    check_is_fitted(estimator)
    met: list[Met] = []
    walk = Walk(contract, TRANSFORMERS, listening(met, PREDICTORS))
    walk.predict(estimator, walk.inputs())
    unit, views = make_views(estimator, met, contract)
    graph = _graph(walk, contract, walk.graph.matrix([column for each in met for column in each.columns]))
    features = _run(graph, rows, contract)
    parts = []
    for each, own, view in zip(met, _split(features, met), views, strict=True):
        scores = _run(_graph(walk, contract, each.score), rows, contract)
        if each.is_logarithmic:
            scores = np.log(scores)
        model = make_model(each, own, scores)
        _check(each, model, own, scores)
        parts.append(Part(model, len(each.columns), _names(each), view))
    return Explainer(unit, contract.names, tuple(parts), graph)


def _graph(walk: Walk, contract: Contract, tensor: str) -> bytes:
    """The model from the inputs of the compiled model to a tensor [N, …] of doubles."""
    output = helper.make_tensor_value_info("features", TensorProto.DOUBLE, ["N", None])
    return walk.graph.finish(graph_inputs(contract), walk.graph.node("Identity", tensor), output)


def _run(graph: bytes, rows: pd.DataFrame, contract: Contract) -> Floats:
    answer: Floats = open_model(graph).run(None, feed(contract, rows))[0]
    return answer


def _split(features: Floats, met: list[Met]) -> list[Floats]:
    """Each part's own features."""
    return np.split(features, np.cumsum([len(each.columns) for each in met])[:-1], axis=1)


def _names(met: Met) -> tuple[str, ...]:
    """The contract's column behind each feature of the estimator."""
    if met.splits is None:
        return tuple(column.origin for column in met.columns)
    names = {feature: column.origin for feature, column in zip(met.splits.features, met.columns, strict=True)}
    return tuple(names[feature] for feature in sorted(names))


def _check(met: Met, model: Any, features: Floats, scores: Floats) -> None:
    """Raise CompilationFailed if base and contributions don't add up to the score of every row that is looked at."""
    for row, expected in zip(features[:_CHECKED], scores[:_CHECKED], strict=True):
        for output, score in enumerate(expected.tolist()):
            total = float(model.base[output] + model.contributions(row, output).sum())
            if not abs(total - score) <= TOLERANCE * max(1.0, abs(score)):
                kind = type(met.estimator).__name__
                raise CompilationFailed(kind, f"its contributions add up to {total}, and its score is {score}")
