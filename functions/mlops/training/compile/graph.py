"""An ONNX graph under construction."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

from mlops.training.compile.columns import Column, Columns

ML = "ai.onnx.ml"
MICROSOFT = "com.microsoft"
"""ONNX Runtime's own operators."""
# Version 5 of the ML operators brings TreeEnsemble in double precision; 21 is the ONNX release that came with it.
_OPSETS = {"": 21, ML: 5}
_IR_VERSION = 10
_PRODUCER = "mlops-on-lambda"


class Graph:
    """Nodes and constants; the same node or constant is added once. A tensor is known by its name.

    A graph within another one needs a prefix of its own for its names.
    """

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self._nodes: list[NodeProto] = []
        self._known: dict[tuple[object, ...], str] = {}
        self._constants: dict[str, NDArray[Any]] = {}
        self._tables: dict[str, Callable[[], NDArray[Any]]] = {}
        self._later: dict[str, Callable[[], dict[str, Any]]] = {}
        self._widths: dict[str, int] = {}

    def node(
        self,
        kind: str,
        *inputs: str,
        domain: str = "",
        width: int | None = None,
        later: Callable[[], dict[str, Any]] | None = None,
        others: Sequence[str] = (),
        **attributes: Any,
    ) -> str:
        """Add a node with one output, a tensor [N, width] unless `width` is None, and give its name.

        `later` gives attributes that are known only when the graph is complete. Further outputs have the name of the
        first with one of the endings `others`.
        """
        key = (kind, inputs, domain, tuple((name, _identity(value)) for name, value in sorted(attributes.items())))
        if key not in self._known:
            name = f"{self._prefix}{kind.lower()}_{len(self._nodes)}"
            outputs = [name, *(f"{name}{ending}" for ending in others)]
            self._nodes.append(helper.make_node(kind, list(inputs), outputs, name, domain=domain, **attributes))
            self._known[key] = name
            if later is not None:
                self._later[name] = later
        name = self._known[key]
        if width is not None:
            self.declare(name, width)
        return name

    def declare(self, tensor: str, width: int) -> None:
        """Declare that a tensor has `width` columns."""
        self._widths[tensor] = width

    def constant(self, values: Any, dtype: type[np.generic] = np.float64) -> str:
        """A constant tensor."""
        array = np.ascontiguousarray(np.asarray(values, dtype=object if dtype is np.str_ else dtype))
        array = array.reshape(np.shape(values))  # ascontiguousarray makes a vector of a scalar
        key = ("constant", _identity(array))
        if key not in self._known:
            self._known[key] = f"{self._prefix}constant_{len(self._constants)}"
            self._constants[self._known[key]] = array
        return self._known[key]

    def table(self, build: Callable[[], NDArray[Any]]) -> str:
        """A constant tensor that is built when the graph is complete."""
        name = f"table_{len(self._tables)}"
        self._tables[name] = build
        return name

    def layout(self, columns: Sequence[Column]) -> tuple[str, list[int]]:
        """One tensor that holds all the columns, and the position of each in it."""
        tensors = list(dict.fromkeys(column.tensor for column in columns))
        widths = [self._widths[tensor] for tensor in tensors]
        starts = dict(zip(tensors, np.cumsum([0, *widths]).tolist(), strict=False))
        joined = tensors[0] if len(tensors) == 1 else self.node("Concat", *tensors, axis=1, width=sum(widths))
        return joined, [starts[column.tensor] + column.index for column in columns]

    def matrix(self, columns: Sequence[Column]) -> str:
        """The tensor [N, len(columns)] of exactly these columns."""
        tensor, positions = self.layout(columns)
        if positions == list(range(self._widths[tensor])):
            return tensor
        return self.node("Gather", tensor, self.constant(positions, np.int64), axis=1, width=len(positions))

    def columns(self, tensor: str, like: Sequence[Column]) -> Columns:
        """The columns of a tensor that came from `like`, one by one."""
        self.declare(tensor, len(like))
        return tuple(column.moved(tensor, index) for index, column in enumerate(like))

    def finish(self, inputs: Sequence[ValueInfoProto], tensor: str, output: ValueInfoProto) -> bytes:
        """The model that answers `output` with a tensor, without the nodes that it doesn't need."""
        graph = self.assemble("estimator", inputs, {tensor: output})
        versions = _OPSETS | ({MICROSOFT: 1} if any(node.domain == MICROSOFT for node in graph.node) else {})
        opsets = [helper.make_opsetid(domain, version) for domain, version in versions.items()]
        model: ModelProto = helper.make_model(
            graph, opset_imports=opsets, ir_version=_IR_VERSION, producer_name=_PRODUCER, producer_version="1"
        )
        content: bytes = model.SerializeToString(deterministic=True)
        return content

    def assemble(
        self, name: str, inputs: Sequence[ValueInfoProto], outputs: Mapping[str, ValueInfoProto]
    ) -> GraphProto:
        """The graph from inputs to outputs, each by the name of its tensor, without the nodes that it doesn't need."""
        nodes = self._needed(outputs)
        names = {tensor: output.name for tensor, output in outputs.items()}
        for node in nodes:
            node.output[:] = [names.get(each, each) for each in node.output]
            node.input[:] = [names.get(each, each) for each in node.input]
        used = {each for node in nodes for each in node.input}
        constants = self._constants | {each: build() for each, build in self._tables.items() if each in used}
        return helper.make_graph(
            nodes,
            name,
            list(inputs),
            list(outputs.values()),
            [numpy_helper.from_array(array, each) for each, array in constants.items() if each in used],
        )

    def _needed(self, tensors: Iterable[str]) -> list[NodeProto]:
        wanted, nodes = set(tensors), []
        for node in reversed(self._nodes):
            if wanted & set(node.output):
                wanted |= set(node.input)
                copy = NodeProto()
                copy.CopyFrom(node)
                late = self._later[node.name]() if node.name in self._later else {}
                copy.attribute.extend(helper.make_attribute(name, value) for name, value in late.items())
                nodes.append(copy)
        return nodes[::-1]


def _identity(value: object) -> object:
    """The identity of an attribute's value or a constant, as something hashable."""
    if isinstance(value, TensorProto | GraphProto):
        return sha256(value.SerializeToString(deterministic=True)).digest()
    if isinstance(value, np.ndarray) and value.dtype == object:
        return value.shape, tuple(value.ravel().tolist())
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, sha256(value.tobytes()).digest()
    return tuple(value) if isinstance(value, list) else value
