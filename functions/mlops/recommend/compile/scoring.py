"""The scores of each item model as nodes, and the contributions to them where scores are sums over the history."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import singledispatch

import numpy as np
from numpy.typing import NDArray

from mlops.errors.training import CompilationFailed
from mlops.recommend.compile.graph import INT32, Graph
from mlops.recommend.compile.normal_equations import NormalEquations
from mlops.recommend.compile.shortlist import Estimate, bound_error, singles
from mlops.recommend.models import DenseItems, Factors, ItemModel, Popularity, SparseItems

_WIDENED_BYTES = 64_000_000  # ONNX Runtime widens a constant of so few bytes once, when it's loaded, and no rows later

type Contributions = Callable[[Graph, str], str]


@dataclass(frozen=True, slots=True)
class Scoring:
    """How all items are scored: `scores` adds the tensor of the scores, doubles [I], to a graph.

    The scores of what's left out are minus infinity. Where there's an `estimate`, few scores have to be exact.
    `contributions` takes the tensor of the ranked items [K] and gives that of the contributions [H, K], within a graph.
    """

    scores: Callable[[Graph], str]
    contributions: Contributions | None = None
    estimate: Estimate | None = None


@singledispatch
def add_scores(model: ItemModel, graph: Graph, base: NDArray[np.float64], left_out: str) -> Scoring:  # noqa: ARG001
    """Add the nodes that score all items for the inputs `items` [H] and `weights` [H].

    `base` [I] is added to the scores: 0, or minus infinity for an item that is never recommended; `left_out` is the
    tensor of the items that aren't recommended for these inputs.
    """
    raise CompilationFailed(type(model).__name__, "there is no graph for such an item model")


@add_scores.register
def _(model: Popularity, graph: Graph, base: NDArray[np.float64], left_out: str) -> Scoring:  # noqa: ARG001
    return Scoring(lambda inner: _mask(inner, inner.constant(model.popularity + base), left_out))


@add_scores.register
def _(model: DenseItems, graph: Graph, base: NDArray[np.float64], left_out: str) -> Scoring:
    stored = graph.constant(model.weights)
    is_small = model.weights.size * 8 <= _WIDENED_BYTES
    rows = graph.node("Gather", graph.doubles(stored) if is_small else stored, "items")

    def scores(inner: Graph) -> str:
        return _mask(inner, _add(inner, inner.node("MatMul", "weights", widen(inner, rows)), base), left_out)

    def score(inner: Graph, chosen: str) -> str:
        return inner.node("MatMul", "weights", widen(inner, inner.node("Gather", rows, chosen, axis=1)))

    def contributions(inner: Graph, ranked: str) -> str:
        return inner.node("Mul", inner.column("weights"), widen(inner, inner.node("Gather", rows, ranked, axis=1)))

    def widen(inner: Graph, tensor: str) -> str:
        return tensor if is_small else inner.doubles(tensor)

    if is_small:
        return Scoring(scores, contributions)
    estimates = graph.node("MatMul", singles(graph, "weights"), rows)
    largest = graph.constant(np.abs(model.weights).max(axis=1, initial=0.0).astype(np.float64))
    size = graph.node("MatMul", "weights", graph.node("Gather", largest, "items"))
    error = bound_error(graph, graph.doubles(graph.node("Shape", "items")), size)
    return Scoring(scores, contributions, Estimate(_add(graph, estimates, base.astype(np.float32)), error, score))


@add_scores.register
def _(model: SparseItems, graph: Graph, base: NDArray[np.float64], left_out: str) -> Scoring:
    places = graph.node("Gather", graph.constant(model.indices), "items")
    values = graph.doubles(graph.node("Gather", graph.constant(model.values), "items"))
    weighted = graph.node("Mul", graph.column("weights"), values)
    flat = graph.integers(-1)
    never = graph.node("Expand", graph.numbers(-np.inf), graph.node("Shape", left_out))
    # Both in one pass over all items: whatever is added to minus infinity, it stays so.
    added = (
        graph.node("Concat", graph.node("Reshape", places, flat), graph.node("Cast", left_out, to=INT32), axis=0),
        graph.node("Concat", graph.node("Reshape", weighted, flat), never, axis=0),
    )
    scores = graph.node("ScatterElements", graph.constant(base), *added, reduction="add")

    def contributions(inner: Graph, ranked: str) -> str:
        # [H, m, 1] against [K]: where a pair of the history's item leads to a ranked one.
        pairs = inner.node("Unsqueeze", places, inner.integers(2))
        meets = inner.node("Equal", pairs, inner.node("Cast", ranked, to=INT32))
        found = inner.node("Where", meets, inner.node("Unsqueeze", weighted, inner.integers(2)), inner.numbers(0.0))
        return inner.node("ReduceSum", found, inner.integers(1), keepdims=0)

    return Scoring(lambda _: scores, contributions)


@add_scores.register
def _(model: Factors, graph: Graph, base: NDArray[np.float64], left_out: str) -> Scoring:
    stored = graph.constant(model.factors)
    total = graph.node("ReduceSum", "weights", graph.integers(0), keepdims=1)
    mass = graph.node("Add", total, graph.numbers(model.unobserved * model.count))
    power = graph.node("Pow", mass, graph.numbers(model.exponent))
    ridge = graph.node("Mul", power, graph.numbers(model.regularization))
    diagonal = graph.node("Add", graph.constant(model.unobserved * model.gram), ridge)
    chosen = graph.doubles(graph.node("Gather", stored, "items"))
    equations = NormalEquations(graph, chosen, diagonal, len(model.gram))
    solution = equations.solve()
    # ONNX Runtime multiplies a vector by a matrix in a tenth of the time of a matrix by a vector; it turns the constant
    # once, when it's loaded.
    turned = graph.node("Transpose", stored, perm=[1, 0])
    estimates = graph.node("MatMul", singles(graph, solution), turned)
    longest = float(np.linalg.norm(model.factors.astype(np.float64), axis=1).max(initial=0.0))
    length = graph.node("Sqrt", graph.node("MatMul", solution, solution))
    width = graph.numbers(float(len(model.gram)))
    error = bound_error(graph, width, graph.node("Mul", length, graph.numbers(longest)))

    def scores(inner: Graph) -> str:
        return _mask(inner, _add(inner, inner.node("MatMul", solution, inner.doubles(turned)), base), left_out)

    def score(inner: Graph, items: str) -> str:
        theirs = inner.doubles(inner.node("Gather", stored, items))
        return inner.node("MatMul", solution, inner.node("Transpose", theirs, perm=[1, 0]))

    def contributions(inner: Graph, ranked: str) -> str:
        return equations.contributions(inner, inner.doubles(inner.node("Gather", stored, ranked)))

    return Scoring(scores, contributions, Estimate(_add(graph, estimates, base.astype(np.float32)), error, score))


def _mask(graph: Graph, scores: str, left_out: str) -> str:
    never = graph.node("Expand", graph.numbers(-np.inf), graph.node("Shape", left_out))
    return graph.node("ScatterElements", scores, left_out, never)


def _add(graph: Graph, scores: str, base: NDArray[np.floating]) -> str:
    return graph.node("Add", scores, graph.constant(base)) if base.any() else scores
