"""Trees → one TreeEnsemble node (ai.onnx.ml, version 5) in float64."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, numpy_helper

from mlops.training.compile.columns import Columns
from mlops.training.compile.graph import ML
from mlops.training.compile.trees import Splits, Tree
from mlops.training.compile.walk import Walk

_SUM, _NO_TRANSFORM = 1, 0  # TreeEnsemble's enumerations
_LESS_OR_EQUAL = 0


class Ensemble:
    """Trees over columns, and what of their leaves is added up.

    `single` rounds the columns to float32 first, as scikit-learn does for every tree but those of histogram boosting: a
    value just above a threshold in float64 may equal it in float32, and goes the other way. `features` is the feature
    behind each column, by default each its own.
    """

    def __init__(
        self,
        trees: Sequence[Tree],
        columns: Columns,
        walk: Walk,
        *,
        single: bool,
        features: Sequence[int] | None = None,
    ) -> None:
        numbered = tuple(range(len(columns)) if features is None else features)
        walk.splits.append(Splits(columns, tuple(trees), numbered, single))
        self._graph = walk.graph
        self._trees = trees
        # Features are renumbered to their positions, which saves a Gather.
        self._tensor, self._positions = walk.graph.layout(columns)
        if single:
            narrow = self._graph.node("Cast", self._tensor, to=TensorProto.FLOAT)
            self._tensor = self._graph.node("Cast", narrow, to=TensorProto.DOUBLE)

    def sums(self, targets: Sequence[int], outputs: int, start: Sequence[float] | None = None) -> str:
        """[N, outputs]: the sum of the leaves reached, tree t's counting for output `targets[t]`.

        `start` [outputs] is added up first and the trees after it in their order, as scikit-learn does, so that not
        even the rounding differs.
        """
        return self._added_up(targets, outputs, start, self._tensor, np.float64)

    def single_sums(self, targets: Sequence[int], outputs: int, start: Sequence[float]) -> str:
        """[N, outputs] float32: as `sums`, but added up in float32, as XGBoost does."""
        narrow = self._graph.node("Cast", self._tensor, to=TensorProto.FLOAT)
        return self._added_up(targets, outputs, start, narrow, np.float32)

    def _added_up(
        self,
        targets: Sequence[int],
        outputs: int,
        start: Sequence[float] | None,
        tensor: str,
        dtype: type[np.floating[Any]],
    ) -> str:
        starts = [_stump(value) for value in start or ()]
        trees = [*starts, *self._trees]
        leaves = [tree.values[tree.leaf, 0] for tree in trees]
        return self._node(trees, leaves, [*range(len(starts)), *targets], outputs, tensor, dtype)

    def means(self, outputs: int) -> str:
        """[N, outputs]: the mean over the trees of the leaves' values, which have `outputs` numbers each."""
        count = self._graph.constant(float(len(self._trees)))
        if outputs == 1:
            return self._graph.node("Div", self.sums([0] * len(self._trees), 1), count, width=1)
        return self._graph.node("Div", self.totals(outputs), count, width=outputs)

    def totals(self, outputs: int) -> str:
        """[N, outputs]: the sum over the trees of the leaves' values, which have `outputs` numbers each."""
        # A leaf of TreeEnsemble holds one number. So each tree answers the number of its leaf, which finds the values
        # in a table: much smaller and faster than one copy of the forest an output.
        table = np.concatenate([tree.values[tree.leaf] for tree in self._trees])
        sizes = [int(tree.leaf.sum()) for tree in self._trees]
        starts = np.cumsum([0, *sizes])
        numbers = [np.arange(start, start + size, dtype=np.float64) for start, size in zip(starts, sizes, strict=False)]
        leaves = self._node(self._trees, numbers, range(len(self._trees)), len(self._trees))
        reached = self._graph.node("Cast", leaves, to=TensorProto.INT64)
        values = self._graph.node("Gather", self._graph.constant(table), reached, axis=0)
        total = self._graph.node("ReduceSum", values, self._graph.constant([1], np.int64), keepdims=0)
        self._graph.declare(total, outputs)
        return total

    def leaves(self) -> str:
        """[N, trees]: the number, as its tree counts nodes, of the leaf that each row reaches."""
        numbers = [np.flatnonzero(tree.leaf).astype(np.float64) for tree in self._trees]
        return self._node(self._trees, numbers, range(len(self._trees)), len(self._trees))

    def _node(
        self,
        trees: Sequence[Tree],
        leaves: Sequence[NDArray[np.float64]],
        targets: Sequence[int],
        outputs: int,
        tensor: str | None = None,
        dtype: type[np.floating[Any]] = np.float64,
    ) -> str:
        encoded = _encode(trees, np.array(self._positions))
        per_leaf = np.repeat(np.array(targets), [len(values) for values in leaves])
        return self._graph.node(
            "TreeEnsemble",
            tensor or self._tensor,
            domain=ML,
            width=outputs,
            aggregate_function=_SUM,
            post_transform=_NO_TRANSFORM,
            n_targets=outputs,
            leaf_targetids=per_leaf.tolist(),
            leaf_weights=numpy_helper.from_array(np.concatenate(leaves).astype(dtype)),
            nodes_modes=numpy_helper.from_array(np.full(len(encoded["splits"]), _LESS_OR_EQUAL, dtype=np.uint8)),
            nodes_splits=numpy_helper.from_array(encoded.pop("splits").astype(dtype)),
            tree_roots=encoded.pop("roots").tolist(),
            **{f"nodes_{name}": values.tolist() for name, values in encoded.items()},
        )


def _encode(trees: Sequence[Tree], positions: NDArray[np.int64]) -> dict[str, NDArray[np.int64] | NDArray[np.float64]]:
    """The node attributes of TreeEnsemble: inner nodes and leaves are numbered apart, each through all trees."""
    parts = []
    nodes = leaves = 0
    for tree in trees:
        parts.append(_encode_one(tree, positions, nodes, leaves))
        nodes += len(parts[-1]["splits"])
        leaves += int(tree.leaf.sum())
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return joined | {"roots": np.cumsum([0, *(len(part["splits"]) for part in parts[:-1])])}


def _encode_one(tree: Tree, positions: NDArray[np.int64], nodes: int, leaves: int) -> dict[str, NDArray[np.int64]]:
    number = np.where(tree.leaf, np.cumsum(tree.leaf) - 1 + leaves, np.cumsum(~tree.leaf) - 1 + nodes)
    inner = ~tree.leaf
    if not inner.any():  # a lone leaf is written as a node whose two ways lead to it
        inner = np.array([True])
        left = right = np.array([0])
    else:
        left, right = tree.left[inner], tree.right[inner]
    return {
        "featureids": positions[tree.feature[inner]],
        "splits": tree.threshold[inner],
        "missing_value_tracks_true": tree.missing_left[inner].astype(np.int64),
        "truenodeids": number[left],
        "trueleafs": tree.leaf[left].astype(np.int64),
        "falsenodeids": number[right],
        "falseleafs": tree.leaf[right].astype(np.int64),
    }


def _stump(value: float) -> Tree:
    """A tree that answers `value` to every row."""
    nothing = np.zeros(1, dtype=np.int64)
    return Tree(
        feature=nothing,
        threshold=np.zeros(1),
        left=nothing,
        right=nothing,
        missing_left=np.zeros(1, dtype=np.bool_),
        leaf=np.ones(1, dtype=np.bool_),
        values=np.array([[value]]),
        cover=np.ones(1),
    )
