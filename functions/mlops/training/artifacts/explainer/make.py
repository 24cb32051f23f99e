"""A fitted estimator → the files that explain its answers."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from onnx import TensorProto, helper
from sklearn.utils.validation import check_is_fitted

from mlops.artifact.explanation.explainer import Explainer, Part
from mlops.artifact.explanation.files import write_explainer, write_refusal
from mlops.artifact.explanation.trees import Trees
from mlops.artifact.frames import frame_inputs
from mlops.artifact.session import open_session
from mlops.contract import Contract
from mlops.errors.training import CompilationFailed
from mlops.training.artifacts.explainer.parts import ExplainedEstimator, make_model, recording
from mlops.training.artifacts.explainer.views import make_views
from mlops.training.compile.compiler import graph_inputs
from mlops.training.compile.converters import CONVERTERS
from mlops.training.compile.walk import Walk

TOLERANCE = 1e-6
_SINGLE_TOLERANCE = 1e-5
_CHECKED = 20  # rows
_MOST_CHECKS = 500_000_000
"""Nodes times points times outputs times rows that are looked at to check a part: some ten seconds."""
_AT_ONCE = 50_000  # rows

type Floats = NDArray[np.float64]


def make_explainer(estimator: Any, rows: pd.DataFrame, contract: Contract) -> dict[str, bytes]:
    """Name → content of the explainer of an estimator that was fitted on `rows`, and compiles.

    Where no exact one exists the only file contains the reason.
    """
    try:
        return write_explainer(_explain(estimator, rows, contract))
    except CompilationFailed as error:
        return write_refusal(f"{error.step} can't be explained exactly: {error.reason}")


def _explain(estimator: Any, rows: pd.DataFrame, contract: Contract) -> Explainer:
    check_is_fitted(estimator)
    found: list[ExplainedEstimator] = []
    walk = Walk(contract, replace(CONVERTERS, predictors=recording(found, CONVERTERS.predictors)))
    walk.predict(estimator, walk.inputs())
    unit, views = make_views(estimator, found, contract)
    graph = _graph(walk, contract, walk.graph.matrix([column for each in found for column in each.columns]))
    means = _split(_mean(graph, rows, contract), found)
    checked = rows.head(_CHECKED)
    features = _split(_run(graph, checked, contract), found)
    parts = []
    for each, mean, own, view in zip(found, means, features, views, strict=True):
        scores = _run(_graph(walk, contract, each.score), checked, contract)
        if each.is_logarithmic and not each.is_of_library:
            scores = np.log(scores)
        model = make_model(each, mean[0], own, scores)
        _check(each, model, own, scores)
        parts.append(Part(model, len(each.columns), _names(each), view))
    return Explainer(unit, contract.names, tuple(parts), graph)


def _mean(graph: bytes, rows: pd.DataFrame, contract: Contract) -> Floats:
    """[1, features]: the mean over all rows, of which a million are too many to hold at once."""
    starts = range(0, len(rows), _AT_ONCE)
    sums = [_run(graph, rows.iloc[start : start + _AT_ONCE], contract).sum(axis=0, keepdims=True) for start in starts]
    mean: Floats = np.sum(sums, axis=0) / len(rows)
    return mean


def _graph(walk: Walk, contract: Contract, tensor: str) -> bytes:
    """The model from the inputs of the compiled model to a tensor [N, …] of doubles."""
    output = helper.make_tensor_value_info("features", TensorProto.DOUBLE, ["N", None])
    return walk.graph.finish(graph_inputs(contract), walk.graph.node("Identity", tensor), output)


def _run(graph: bytes, rows: pd.DataFrame, contract: Contract) -> Floats:
    answer: Floats = open_session(graph).run(None, frame_inputs(contract, rows))[0]
    return answer


def _split(features: Floats, found: list[ExplainedEstimator]) -> list[Floats]:
    """Each part's own features."""
    return np.split(features, np.cumsum([len(each.columns) for each in found])[:-1], axis=1)


def _names(found: ExplainedEstimator) -> tuple[str, ...]:
    """The contract's column behind each feature of the estimator."""
    if any(not column.origin for column in found.columns):
        kind = type(found.estimator).__name__
        raise CompilationFailed(kind, "a step before it mixes columns, so that no contribution is one column's")
    if found.splits is None:
        return tuple(column.origin for column in found.columns)
    names = {feature: column.origin for feature, column in zip(found.splits.features, found.columns, strict=True)}
    return tuple(names[feature] for feature in sorted(names))


def _check(found: ExplainedEstimator, model: Any, features: Floats, scores: Floats) -> None:
    """Raise CompilationFailed if base and contributions don't add up to the score of each row that is checked."""
    # A library that adds up in float32 is itself no closer to the sum of its trees.
    tolerance = _SINGLE_TOLERANCE if found.is_of_library and found.splits and found.splits.single else TOLERANCE
    cost = model.cost * scores.shape[1] if isinstance(model, Trees) else 0
    rows = max(1, min(len(features), _MOST_CHECKS // max(1, cost)))
    for row, expected in zip(features[:rows], scores[:rows], strict=True):
        for output, score in enumerate(expected.tolist()):
            total = float(model.base[output] + model.contributions(row, output).sum())
            if not abs(total - score) <= tolerance * max(1.0, abs(score)):
                kind = type(found.estimator).__name__
                raise CompilationFailed(kind, f"its contributions add up to {total}, and its score is {score}")
