import numpy as np
import pytest
from onnx import TensorProto, helper

from mlops.artifact.session import open_session
from mlops.training.compile.graph import Graph
from mlops.training.compile.links import normalized, two_classes


def answer(graph: Graph, tensor: str, numbers: list[list[float]]) -> list[list[float]]:
    """What a tensor of a graph over `numbers` is."""
    width = len(numbers[0])
    given = helper.make_tensor_value_info("numbers", TensorProto.DOUBLE, ["N", width])
    asked = helper.make_tensor_value_info("answer", TensorProto.DOUBLE, None)
    session = open_session(graph.finish([given], tensor, asked))
    values: list[list[float]] = session.run(None, {"numbers": np.array(numbers, dtype=np.float64)})[0].tolist()
    return values


def test_chances_are_divided_by_their_sum_and_are_equal_where_it_is_zero() -> None:
    graph = Graph()
    rows = answer(graph, normalized(graph, "numbers", 4), [[1, 1, 2, 0], [0, 0, 0, 0]])
    assert rows == [[0.25, 0.25, 0.5, 0.0], [0.25, 0.25, 0.25, 0.25]]


def test_two_classes_share_the_certainty() -> None:
    graph = Graph()
    rows = answer(graph, two_classes(graph, "numbers"), [[0.25], [1.0]])
    assert rows == [pytest.approx([0.75, 0.25]), [0.0, 1.0]]
