"""An ONNX graph under construction: nodes with one output each, and constants."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import GraphProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

# Version 21 is of the ONNX release that the other compiled models are made for; see mlops.training.compile.graph.
OPSET = 21
IR_VERSION = 10
MICROSOFT = "com.microsoft"
"""The domain of ONNX Runtime's own operators."""

INT32 = TensorProto.INT32
SINGLE = TensorProto.FLOAT
ELEMENTS = {
    "tensor(int64)": TensorProto.INT64,
    "tensor(double)": TensorProto.DOUBLE,
    "tensor(bool)": TensorProto.BOOL,
}


class Graph:
    """Nodes and constants. A tensor is known by its name, which no other graph within the same model may have."""

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self._nodes: list[NodeProto] = []
        self._constants: list[TensorProto] = []

    def name(self, tensor: str) -> str:
        """A name for a tensor of this graph that no other graph has."""
        return f"{self._prefix}{tensor}"

    def node(self, kind: str, *inputs: str, outputs: Sequence[str] = (), **attributes: Any) -> str:
        """Add a node, and give the name of its first output."""
        names = list(outputs) or [f"{self._prefix}{kind.lower()}_{len(self._nodes)}"]
        self._nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names[0]

    def constant(self, values: NDArray[np.generic]) -> str:
        """A constant tensor of the array's own type."""
        name = f"{self._prefix}constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(values, name))
        return name

    def numbers(self, *values: float) -> str:
        """A constant vector of doubles."""
        return self.constant(np.array(values, dtype=np.float64))

    def integers(self, *values: int) -> str:
        """A constant vector of integers."""
        return self.constant(np.array(values, dtype=np.int64))

    def column(self, tensor: str) -> str:
        """A vector [N] as a column, [N, 1]."""
        return self.node("Unsqueeze", tensor, self.integers(1))

    def doubles(self, tensor: str) -> str:
        """A tensor's values as doubles."""
        return self.node("Cast", tensor, to=TensorProto.DOUBLE)

    def finish(self, name: str, inputs: Sequence[ValueInfoProto], outputs: Sequence[ValueInfoProto]) -> GraphProto:
        """The graph from inputs to outputs, whose names are tensors."""
        return helper.make_graph(self._nodes, name, list(inputs), list(outputs), self._constants)


def declare(tensors: Mapping[str, tuple[str, list[int | None]]]) -> list[ValueInfoProto]:
    """Inputs or outputs by name, ONNX type and shape."""
    return [helper.make_tensor_value_info(name, ELEMENTS[kind], shape) for name, (kind, shape) in tensors.items()]
