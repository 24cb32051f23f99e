"""Compiled models broken on purpose, each by one thing."""

from collections.abc import Callable

import numpy as np
from onnx import AttributeProto, ModelProto, NodeProto, TensorProto, helper, load_from_string, numpy_helper


def without_casts(model: bytes) -> bytes:
    """The trees see the numbers in float64: what a graph of a forest must not do."""

    def cut(graph: ModelProto) -> None:
        casts = {node.output[0]: node.input[0] for node in graph.graph.node if node.op_type == "Cast"}
        for node in graph.graph.node:
            while node.op_type == "TreeEnsemble" and node.input[0] in casts:
                node.input[0] = casts[node.input[0]]

    return _changed(model, cut)


def with_casts(model: bytes) -> bytes:
    """The trees see the numbers rounded to float32: what a graph of histogram boosting must not do."""

    def add(graph: ModelProto) -> None:
        trees = _trees(graph)
        casts = [
            helper.make_node("Cast", [trees.input[0]], ["narrow"], to=TensorProto.FLOAT),
            helper.make_node("Cast", ["narrow"], ["wide"], to=TensorProto.DOUBLE),
        ]
        trees.input[0] = "wide"
        at = list(graph.graph.node).index(trees)
        nodes = [*graph.graph.node[:at], *casts, *graph.graph.node[at:]]
        copies = [NodeProto.FromString(node.SerializeToString()) for node in nodes]
        del graph.graph.node[:]
        graph.graph.node.extend(copies)

    return _changed(model, add)


def with_missing_sent_the_other_way(model: bytes) -> bytes:
    """A missing value takes the other branch at every node."""

    def turn(graph: ModelProto) -> None:
        ways = _attribute(_trees(graph), "nodes_missing_value_tracks_true").ints
        ways[:] = [1 - way for way in ways]

    return _changed(model, turn)


def with_strict_comparisons(model: bytes) -> bytes:
    """A row at a threshold goes right: < in place of <=."""

    def strict(graph: ModelProto) -> None:
        modes = _attribute(_trees(graph), "nodes_modes").t
        modes.CopyFrom(numpy_helper.from_array(np.ones_like(numpy_helper.to_array(modes))))

    return _changed(model, strict)


def thresholds(model: bytes) -> int:
    """How many thresholds a compiled model has."""
    return len(numpy_helper.to_array(_attribute(_trees(load_from_string(model)), "nodes_splits").t))


def with_threshold_moved(model: bytes, position: int, move: Callable[[float], float]) -> bytes:
    """One threshold is another."""

    def shift(graph: ModelProto) -> None:
        tensor = _attribute(_trees(graph), "nodes_splits").t
        values = numpy_helper.to_array(tensor).copy()
        values[position] = move(float(values[position]))
        tensor.CopyFrom(numpy_helper.from_array(values))

    return _changed(model, shift)


def _changed(model: bytes, change: Callable[[ModelProto], None]) -> bytes:
    graph = load_from_string(model)
    change(graph)
    content: bytes = graph.SerializeToString()
    assert content != model
    return content


def _trees(graph: ModelProto) -> NodeProto:
    found: NodeProto = next(node for node in graph.graph.node if node.op_type == "TreeEnsemble")
    return found


def _attribute(node: NodeProto, name: str) -> AttributeProto:
    found: AttributeProto = next(attribute for attribute in node.attribute if attribute.name == name)
    return found
