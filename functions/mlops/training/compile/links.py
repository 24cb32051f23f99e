"""From scores to probabilities."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from mlops.training.compile.graph import Graph
from mlops.training.compile.walk import Classification, Walk


def two_classes(graph: Graph, positive: str) -> str:
    """[N, 2] from the probability [N, 1] of the second class."""
    return graph.node("Concat", graph.node("Sub", graph.constant([[1.0]]), positive), positive, axis=1, width=2)


def normalized(graph: Graph, chances: str, classes: int) -> str:
    """Each row of [N, classes] divided by its sum; all equal where the sum is 0."""
    total = graph.node("ReduceSum", chances, graph.constant([1], np.int64), keepdims=1)
    nothing = graph.node("Equal", total, graph.constant(0.0))
    return graph.node("Where", nothing, graph.constant(1 / classes), graph.node("Div", chances, total), width=classes)


def linked(graph: Graph, classes: NDArray[Any], raw: str) -> Classification:
    """The answer of a classifier whose raw scores are log odds [N, 1] for two classes, or [N, k] before a softmax."""
    if len(classes) == 2:
        return Classification(classes, two_classes(graph, graph.node("Sigmoid", raw)), raw)
    return Classification(classes, graph.node("Softmax", raw, axis=1), raw)


def probabilities_of(answer: Classification, walk: Walk) -> str:
    """[N, k]: the probabilities of a classifier. Raises CompilationFailed where it gives none."""
    if answer.probabilities is None:
        raise walk.failure(
            "it gives no probabilities; put it into CalibratedClassifierCV, which makes them of its scores"
        )
    return answer.probabilities


def label_of(answer: Classification, walk: Walk) -> str:
    """[N]: the position among its classes of the one that a classifier predicts."""
    if answer.label is not None:
        return answer.label
    return walk.graph.node("ArgMax", probabilities_of(answer, walk), axis=1, keepdims=0)


def likeliest(graph: Graph, decision: str, classes: int) -> str:
    """[N]: the position of the class that scores decide for, [N, 1] against 0 or [N, classes] against each other."""
    if classes > 2:
        return graph.node("ArgMax", decision, axis=1, keepdims=0)
    above = graph.node("Greater", decision, graph.constant(0.0))
    return graph.node("Squeeze", graph.node("Cast", above, to=TensorProto.INT64), graph.constant([1], np.int64))
