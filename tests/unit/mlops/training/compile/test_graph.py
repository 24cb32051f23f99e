import numpy as np
from onnx import ModelProto, TensorProto, helper, load_from_string

from mlops.training.compile.columns import Column, Source
from mlops.training.compile.graph import Graph

NUMBERS = [helper.make_tensor_value_info("numbers", TensorProto.DOUBLE, ["N", 3])]
VALUE = helper.make_tensor_value_info("value", TensorProto.DOUBLE, ["N", 3])


def finished(graph: Graph, tensor: str) -> ModelProto:
    model: ModelProto = load_from_string(graph.finish(NUMBERS, tensor, VALUE))
    return model


def test_equal_nodes_are_added_once() -> None:
    graph = Graph()
    first, second = (graph.node("Add", "numbers", graph.constant([1.0, 2.0, 3.0])) for _ in range(2))
    assert first == second
    model = finished(graph, first)
    assert (len(model.graph.node), len(model.graph.initializer)) == (1, 1)


def test_constants_that_differ_in_type_or_shape_alone_are_apart() -> None:
    graph = Graph()
    names = {graph.constant(0.0), graph.constant([0.0]), graph.constant([0], np.int64), graph.constant([[0.0]])}
    assert len(names) == 4


def test_a_node_that_the_answer_does_not_need_is_left_out() -> None:
    graph = Graph()
    graph.node("Mul", "numbers", graph.constant(2.0))
    model = finished(graph, graph.node("Neg", "numbers"))
    assert [node.op_type for node in model.graph.node] == ["Neg"]
    assert not model.graph.initializer
    assert model.graph.node[0].output == ["value"]


def test_columns_in_place_need_no_gathering() -> None:
    graph = Graph()
    graph.declare("numbers", 3)
    columns = [Column("numbers", index, "area") for index in range(3)]
    assert graph.matrix(columns) == "numbers"
    model = finished(graph, graph.matrix(columns[::-1]))
    assert [node.op_type for node in model.graph.node] == ["Gather"]


def test_columns_of_several_tensors_are_joined_and_found_again() -> None:
    graph = Graph()
    graph.declare("numbers", 3)
    other = graph.node("Neg", "numbers", width=3)
    tensor, positions = graph.layout([Column(other, 1, "a"), Column("numbers", 2, "b"), Column(other, 0, "c")])
    assert positions == [1, 5, 0]
    assert finished(graph, tensor).graph.node[-1].op_type == "Concat"


def test_a_source_undoes_the_scalings_on_the_way() -> None:
    column = Column("numbers", 0, "area", source=Source("area")).rescaled(100.0, 50.0).rescaled(-1.0, 4.0)
    assert column.source is not None
    assert column.source.before(((250.0 - 100.0) / 50.0 + 1.0) / 4.0) == 250.0
