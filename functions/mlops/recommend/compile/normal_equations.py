"""The normal equations of a factor model's fold-in as nodes: their solution, and what each item of a history adds.

(D + C' W C) x = C' w has the factors C [H, f] of the history's items, the diagonal matrix W of their weights w, and the
diagonal matrix D of the regularization and the items' Gram matrix. With B = W^1/2 C D^-1/2 and r = W^1/2 1 that is
(1 + B'B) D^1/2 x = B'r, and B' (1 + BB')^-1 = (1 + B'B)^-1 B': of the two matrices the smaller one is inverted.
"""

import numpy as np
from onnx import GraphProto

from mlops.recommend.compile.graph import MICROSOFT, Graph, declare

_VECTOR: tuple[str, list[int | None]] = ("tensor(double)", [None])


class NormalEquations:
    """The equations for the graph's input `weights` [H]."""

    def __init__(self, graph: Graph, chosen: str, diagonal: str, width: int) -> None:
        """Adds what all solutions share; `chosen` [H, f] is C, `diagonal` [f] is that of D, `width` is f."""
        self._graph = graph
        self._width = width
        self._spread = graph.node("Sqrt", diagonal)
        self._roots = graph.node("Sqrt", "weights")
        self._column = graph.column(self._roots)
        self._scaled = graph.node("Div", graph.node("Mul", self._column, chosen), self._spread)

    def solve(self) -> str:
        """Add the nodes of the solution; the name of x [f]."""
        graph = self._graph
        is_short = graph.node("LessOrEqual", graph.node("Shape", "weights"), graph.integers(self._width))
        branches = {"then_branch": self._solve_by_items(), "else_branch": self._solve_by_factors()}
        return graph.node("Div", graph.node("If", is_short, **branches), self._spread)

    def contributions(self, graph: Graph, factors: str) -> str:
        """Add the nodes of what each item of the history adds to the scores of others, by their `factors` [K, f].

        The name of the contributions [H, K]: the item h adds w_h y_h A^-1 y_i to the score of i, where A is the
        equations' matrix (Y. Hu, Y. Koren and C. Volinsky, ICDM 2008, section 5).
        """
        inverse = self._invert_by_factors(graph)
        theirs = graph.node("Transpose", graph.node("Div", factors, self._spread), perm=[1, 0])
        solved = graph.node("MatMul", inverse, theirs)
        return graph.node("Mul", self._column, graph.node("MatMul", self._scaled, solved))

    def _solve_by_items(self) -> GraphProto:
        inner = Graph("by_items_")
        product = inner.node("MatMul", self._scaled, inner.node("Transpose", self._scaled, perm=[1, 0]))
        matrix = inner.node("Add", product, inner.node("EyeLike", product))
        inverse = inner.node("Inverse", matrix, domain=MICROSOFT)
        solved = inner.node("MatMul", inner.node("MatMul", inverse, self._roots), self._scaled)
        return inner.finish("by_items", [], declare({solved: _VECTOR}))

    def _solve_by_factors(self) -> GraphProto:
        inner = Graph("by_factors_")
        sides = inner.node("MatMul", self._roots, self._scaled)
        solved = inner.node("MatMul", self._invert_by_factors(inner), sides)
        return inner.finish("by_factors", [], declare({solved: _VECTOR}))

    def _invert_by_factors(self, graph: Graph) -> str:
        product = graph.node("MatMul", graph.node("Transpose", self._scaled, perm=[1, 0]), self._scaled)
        return graph.node("Inverse", graph.node("Add", product, graph.constant(np.eye(self._width))), domain=MICROSOFT)
