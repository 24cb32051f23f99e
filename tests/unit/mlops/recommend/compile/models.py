"""Small item models of every kind, and histories for them."""

import numpy as np
from onnx import helper, load_from_string, numpy_helper

from mlops.artifact.history import History
from mlops.recommend.models import DenseItems, Factors, ItemModel, Popularity, SparseItems

ITEMS = 60


def make_models(*, whole: bool = False) -> dict[str, ItemModel]:
    """One of each kind. With `whole` the numbers are small whole ones: sums are exact in any order, and many tie."""
    rng = np.random.default_rng(11)

    def numbers(*shape: int) -> np.ndarray:
        return rng.integers(-2, 3, shape).astype(np.float64) if whole else rng.normal(size=shape)

    dense = numbers(ITEMS, ITEMS).astype(np.float32)
    np.fill_diagonal(dense, 0)
    indices = np.argsort(rng.random((ITEMS, ITEMS)), axis=1)[:, :7].astype(np.int32)
    values = numbers(ITEMS, 7).astype(np.float32)
    indices[::3, 5:], values[::3, 5:] = 0, 0
    raw = numbers(ITEMS, 6)
    _, rotation = np.linalg.eigh(raw.T @ raw)
    factors = (raw @ rotation).astype(np.float32)
    gram = (factors.astype(np.float64) ** 2).sum(axis=0)
    return {
        "popularity": Popularity(numbers(ITEMS)),
        "dense": DenseItems(dense),
        "sparse": SparseItems(indices, values),
        "factors": Factors(factors, gram, unobserved=0.05, regularization=0.01, exponent=0.7),
    }


def make_history(count: int, disliked: int = 0, seed: int = 5, *, whole: bool = False) -> History:
    """A history of so many items."""
    rng = np.random.default_rng(seed)
    chosen = rng.choice(ITEMS, count + disliked, replace=False).astype(np.int64)
    weights = rng.integers(0, 4, count).astype(np.float64) if whole else rng.uniform(0, 3, count)
    return History(np.sort(chosen[:count]), weights, np.sort(chosen[count:]))


def double_contributions(graph: bytes) -> bytes:
    """The same graph with contributions that are twice what adds up to the scores."""
    model = load_from_string(graph)
    (last,) = [node for node in model.graph.node if "contributions" in node.output]
    last.output[0] = "right"
    model.graph.initializer.append(numpy_helper.from_array(np.array(2.0), "two"))
    model.graph.node.append(helper.make_node("Mul", ["right", "two"], ["contributions"]))
    content: bytes = model.SerializeToString()
    return content
