"""Tensors of a graph under construction, written as formulas."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from mlops.training.compile.columns import Column, Columns
from mlops.training.compile.graph import Graph
from mlops.training.compile.walk import Walk

type Operand = "Tensor | float | NDArray[Any]"


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """A tensor of a graph by its name: rows first, float64 unless a comparison or a cast made it another type.

    Numbers and arrays become constants. Every operation adds one node, or none if the graph has it.
    """

    graph: Graph
    name: str

    def node(self, kind: str, *others: Operand, **attributes: Any) -> Self:
        """The output of an ONNX operator whose first input this is."""
        inputs = [other.name if isinstance(other, Tensor) else self.graph.constant(other) for other in others]
        return type(self)(self.graph, self.graph.node(kind, self.name, *inputs, **attributes))

    def constant(self, values: Any, dtype: type[np.generic] = np.float64) -> Self:
        """A constant in the same graph."""
        return type(self)(self.graph, self.graph.constant(values, dtype))

    def __add__(self, other: Operand) -> Self:
        return self.node("Add", other)

    def __sub__(self, other: Operand) -> Self:
        return self.node("Sub", other)

    def __rsub__(self, other: float) -> Self:
        return self.constant(other).node("Sub", self)

    def __mul__(self, other: Operand) -> Self:
        return self.node("Mul", other)

    def __truediv__(self, other: Operand) -> Self:
        return self.node("Div", other)

    def __rtruediv__(self, other: float) -> Self:
        return self.constant(other).node("Div", self)

    def __pow__(self, other: Operand) -> Self:
        return self.node("Pow", other)

    def __matmul__(self, other: Operand) -> Self:
        return self.node("MatMul", other)

    def __neg__(self) -> Self:
        return self.node("Neg")

    def __lt__(self, other: Any) -> Self:
        return self.node("Less", other)

    def __le__(self, other: Any) -> Self:
        return self.node("LessOrEqual", other)

    def __gt__(self, other: Any) -> Self:
        return self.node("Greater", other)

    def __ge__(self, other: Any) -> Self:
        return self.node("GreaterOrEqual", other)

    def __and__(self, other: "Tensor") -> Self:
        return self.node("And", other)

    def __or__(self, other: "Tensor") -> Self:
        return self.node("Or", other)

    def __invert__(self) -> Self:
        return self.node("Not")

    def equals(self, other: Operand) -> Self:
        """Where both are the same."""
        return self.node("Equal", other)

    def where(self, yes: Operand, no: Operand) -> Self:
        """`yes` where this is true, else `no`."""
        return self.node("Where", yes, no)

    def is_nan(self) -> Self:
        """Where there is no number."""
        return self.node("IsNaN")

    def exp(self) -> Self:
        """The exponential."""
        return self.node("Exp")

    def log(self) -> Self:
        """The natural logarithm."""
        return self.node("Log")

    def sqrt(self) -> Self:
        """The square root."""
        return self.node("Sqrt")

    def abs(self) -> Self:
        """The absolute value."""
        return self.node("Abs")

    def square(self) -> Self:
        """The product with itself."""
        return self * self

    def clip(self, low: float, high: float) -> Self:
        """`low` or `high` beyond them; no number stays none."""
        lifted = (self < low).where(low, self)
        return (lifted > high).where(high, lifted)

    def sum(self, axis: int = 1, *, keep: bool = True) -> Self:
        """The sum along an axis."""
        return self._reduce("ReduceSum", axis, keep=keep)

    def max(self, axis: int = 1) -> Self:
        """The greatest along an axis, which stays with length 1."""
        return self._reduce("ReduceMax", axis, keep=True)

    def min(self, axis: int = 1) -> Self:
        """The least along an axis, which stays with length 1."""
        return self._reduce("ReduceMin", axis, keep=True)

    def softmax(self) -> Self:
        """Each row's exponentials, divided by their sum."""
        return self.node("Softmax", axis=1)

    def argmax(self) -> Self:
        """[N]: the position of each row's greatest."""
        return self.node("ArgMax", axis=1, keepdims=0)

    def nearest(self, count: int) -> tuple[Self, Self]:
        """[N, count] each: a row's least values in ascending order, the first of equal ones, and their positions."""
        size = self.constant([count], np.int64)
        first = self.node("TopK", size, axis=1, largest=0, sorted=1, others=("_at",))
        return first, type(self)(self.graph, f"{first.name}_at")

    def pick(self, positions: Sequence[int], axis: int = 1) -> Self:
        """The columns at these positions."""
        return self.node("Gather", self.constant(positions, np.int64), axis=axis)

    def lookup(self, table: Any) -> Self:
        """The rows of a table at these positions, which are whole numbers."""
        return self.constant(table).node("Gather", self, axis=0)

    def expand(self, axis: int) -> Self:
        """With a new axis of length 1."""
        return self.node("Unsqueeze", self.constant([axis], np.int64))

    def squeeze(self, axis: int) -> Self:
        """Without an axis of length 1."""
        return self.node("Squeeze", self.constant([axis], np.int64))

    def whole(self) -> Self:
        """As int64, cut towards 0."""
        return self.node("Cast", to=TensorProto.INT64)

    def double(self) -> Self:
        """As float64."""
        return self.node("Cast", to=TensorProto.DOUBLE)

    def single(self) -> Self:
        """As float32."""
        return self.node("Cast", to=TensorProto.FLOAT)

    def beside(self, *others: "Tensor") -> Self:
        """With the columns of others after its own."""
        return self.node("Concat", *others, axis=1) if others else self

    def named(self, width: int) -> str:
        """Its name, known to the graph to have so many columns."""
        self.graph.declare(self.name, width)
        return self.name

    def columns(self, like: Columns) -> Columns:
        """Its columns, where each one comes from one of `like` and has no threshold of it left."""
        self.graph.declare(self.name, len(like))
        return tuple(Column(self.name, index, column.origin) for index, column in enumerate(like))

    def mixed(self, width: int) -> Columns:
        """Its columns, where each one comes from several."""
        self.graph.declare(self.name, width)
        return tuple(Column(self.name, index, "") for index in range(width))

    def _reduce(self, kind: str, axis: int, *, keep: bool) -> Self:
        return self.node(kind, self.constant([axis], np.int64), keepdims=int(keep))


def numbers(columns: Columns, walk: Walk) -> Tensor:
    """The tensor [N, columns] of columns that must all be numbers. Raises CompilationFailed if a text is among them."""
    return Tensor(walk.graph, walk.graph.matrix(walk.numbers(columns)))


def joined(tensors: Sequence[Tensor]) -> Tensor:
    """The columns of several tensors, one after another."""
    return tensors[0].beside(*tensors[1:])
