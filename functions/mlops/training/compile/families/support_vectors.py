"""Support vector machines with kernels; their probabilities couple pairwise ones as libsvm does, step by step."""

from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper
from sklearn.svm import SVC, SVR, NuSVC, NuSVR

from mlops.training.compile.columns import Columns
from mlops.training.compile.distances import kernel
from mlops.training.compile.families.multiclass import over_rest
from mlops.training.compile.graph import Graph
from mlops.training.compile.links import likeliest
from mlops.training.compile.table import Rule
from mlops.training.compile.tensors import Tensor, joined, numbers
from mlops.training.compile.walk import Answer, Classification, Predictor, Regression, Walk

_KERNELS = ("linear", "poly", "rbf", "sigmoid")
_LEAST = 1e-7  # libsvm keeps pairwise probabilities that far from 0 and 1
_ROUNDS = 100


def _kernel(estimator: Any, columns: Columns, walk: Walk) -> Tensor:
    """[N, support vectors]."""
    vectors = estimator.support_vectors_
    known = np.asarray(vectors.toarray() if hasattr(vectors, "toarray") else vectors, dtype=np.float64)
    options = {"gamma": estimator._gamma, "degree": estimator.degree, "coef0": estimator.coef0}
    return kernel(numbers(columns, walk), known, estimator.kernel, **options)


def _dual(estimator: Any) -> NDArray[np.float64]:
    dual = estimator._dual_coef_
    return np.asarray(dual.toarray() if hasattr(dual, "toarray") else dual, dtype=np.float64)


def _regressor(estimator: SVR | NuSVR, columns: Columns, walk: Walk) -> Answer:
    value = _kernel(estimator, columns, walk) @ _dual(estimator).T + estimator._intercept_
    return Regression(value.named(1))


def _pairwise(estimator: SVC | NuSVC, columns: Columns, walk: Walk) -> Tensor:
    """[N, pairs]: libsvm's decision between each two classes, above 0 for the first of them."""
    found, dual = _kernel(estimator, columns, walk), _dual(estimator)
    ends = np.cumsum([0, *estimator._n_support])
    weights = []
    for first, second in combinations(range(len(estimator.classes_)), 2):
        own = np.zeros(dual.shape[1])
        own[ends[first] : ends[first + 1]] = dual[second - 1, ends[first] : ends[first + 1]]
        own[ends[second] : ends[second + 1]] = dual[first, ends[second] : ends[second + 1]]
        weights.append(own)
    pairs: Tensor = found @ np.array(weights).T + estimator._intercept_
    return pairs


def _classifier(estimator: SVC | NuSVC, columns: Columns, walk: Walk) -> Answer:
    pairs = _pairwise(estimator, columns, walk)
    count = len(estimator.classes_)
    if count == 2:
        decision = -pairs
        label = likeliest(walk.graph, decision.name, 2)
    else:
        votes, confidences = over_rest((pairs < 0.0).double(), -pairs, count)
        ovr = estimator.decision_function_shape == "ovr"
        decision = votes + confidences if ovr else pairs
        # libsvm decides by votes alone, a tie for the first class.
        label = (decision if estimator.break_ties and ovr else _strict_votes(pairs, count)).argmax().name
    chances = _coupled(estimator, pairs, count) if len(estimator._probA) else None
    named = decision.named(1 if count == 2 else pairs_or_classes(estimator, count))
    return Classification(estimator.classes_, chances.named(count) if chances else None, named, label)


def pairs_or_classes(estimator: SVC | NuSVC, count: int) -> int:
    """How many numbers the decision function gives."""
    return count if estimator.decision_function_shape == "ovr" else count * (count - 1) // 2


def _strict_votes(pairs: Tensor, count: int) -> Tensor:
    """[N, classes]: how many decisions each class wins."""
    wins = (pairs > 0.0).double()
    first, second = (np.zeros((count * (count - 1) // 2, count)) for _ in range(2))
    for position, (i, j) in enumerate(combinations(range(count), 2)):
        first[position, i] = second[position, j] = 1.0
    return wins @ first + (1.0 - wins) @ second


def _coupled(estimator: SVC | NuSVC, pairs: Tensor, count: int) -> Tensor:
    """[N, classes]: the probabilities that pairwise ones agree on (Wu, Lin and Weng, 2004, algorithm 2)."""
    odds: Tensor = pairs * estimator._probA + estimator._probB
    chance = (-odds).node("Sigmoid").clip(_LEAST, 1 - _LEAST)
    grid: dict[tuple[int, int], Tensor] = {}
    for position, (i, j) in enumerate(combinations(range(count), 2)):
        grid[i, j] = chance.pick([position])
        grid[j, i] = 1.0 - grid[i, j]
    rows = []
    for t in range(count):
        others = [grid[j, t].square() for j in range(count) if j != t]
        diagonal = others[0]
        for other in others[1:]:
            diagonal = diagonal + other
        rows.append(joined([diagonal if j == t else -(grid[j, t] * grid[t, j]) for j in range(count)]).expand(1))
    matrix = rows[0].node("Concat", *rows[1:], axis=1)
    start = chance.pick([0]) * 0.0 + np.full(count, 1 / count)
    limit = chance.constant(max(_ROUNDS, count), np.int64)
    always = chance.constant(True, np.bool_)
    return limit.node("Loop", always, start, matrix, others=("_matrix",), body=_round(count))


def _round(count: int) -> Any:
    """The body of the loop: one round over all classes, for the rows whose error is still too large."""
    graph = Graph("round_")
    chances, matrix = Tensor(graph, "chances"), Tensor(graph, "matrix")
    products = (matrix * chances.expand(1)).sum(2, keep=False)
    mean = (chances * products).sum()
    active = (products - mean).abs().max() >= 0.005 / count
    updated, weighed, total = chances, products, mean
    for t in range(count):
        row = matrix.pick([t]).squeeze(1)
        own, at = row.pick([t]), weighed.pick([t])
        step = (total - at) / own
        total = (total + step * (step * own + at * 2.0)) / (step + 1.0) / (step + 1.0)
        weighed = (weighed + row * step) / (step + 1.0)
        updated = (updated + step * np.eye(count)[t]) / (step + 1.0)
    after = active.where(updated, chances)
    go_on = Tensor(graph, "condition").node("Identity")
    kept = matrix.node("Identity")
    double = TensorProto.DOUBLE
    shape: list[str | int] = ["N", count]
    inputs = [
        helper.make_tensor_value_info("round", TensorProto.INT64, []),
        helper.make_tensor_value_info("condition", TensorProto.BOOL, []),
        helper.make_tensor_value_info("chances", double, shape),
        helper.make_tensor_value_info("matrix", double, [*shape, count]),
    ]
    outputs = {
        go_on.name: helper.make_tensor_value_info("condition_out", TensorProto.BOOL, []),
        after.name: helper.make_tensor_value_info("chances_out", double, shape),
        kept.name: helper.make_tensor_value_info("matrix_out", double, [*shape, count]),
    }
    return graph.assemble("round", inputs, outputs)


def _known(estimator: Any) -> str | None:
    if estimator.kernel in _KERNELS:
        return None
    return f"its kernel {estimator.kernel!r} has no exact conversion; use one of {', '.join(_KERNELS)}"


PREDICTORS: dict[type, Predictor] = {
    SVC: _classifier,
    NuSVC: _classifier,
    SVR: _regressor,
    NuSVR: _regressor,
}
RULES: dict[type, Rule] = dict.fromkeys((SVC, NuSVC, SVR, NuSVR), _known)
