"""From scores to probabilities."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops.training.compile.graph import Graph
from mlops.training.compile.walk import Classification


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
