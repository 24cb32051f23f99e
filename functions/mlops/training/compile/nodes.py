"""The nodes of an ensemble's trees: drawing some of them, and finding rows that reach them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from onnx import TensorProto, ValueInfoProto, helper

from mlops.artifact.session import open_session
from mlops.training.compile.columns import Source
from mlops.training.compile.trees import Splits, Tree
from mlops.training.compile.walk import Walk

LARGEST = float(np.finfo(np.float32).max)
"""The largest number that trees of float32 know."""


@dataclass(frozen=True, slots=True)
class Node:
    """A split of a tree by a number that comes from a column of the contract."""

    splits: Splits
    tree: Tree
    position: int
    source: Source

    @property
    def value(self) -> float:
        """The value of the contract's column that is at the threshold; costly behind some transformers."""
        return self.source.before(float(self.tree.threshold[self.position]))


def sample_nodes(ensembles: Sequence[Splits], rng: Generator, count: int) -> list[Node]:
    """About `count` nodes, at random: one of every tree and one of every feature in any case."""
    by_tree = [[*_nodes(splits, tree)] for splits in ensembles for tree in splits.trees]
    chosen = [nodes[rng.integers(len(nodes))] for nodes in by_tree if nodes]
    covered = {node.source.name for node in chosen}
    rest = [node for nodes in by_tree for node in nodes]
    order = [rest[position] for position in rng.permutation(len(rest)).tolist()]
    taken = set(map(id, chosen))
    for node in order:
        if id(node) not in taken and (node.source.name not in covered or len(chosen) < count):
            chosen.append(node)
            covered.add(node.source.name)
    return chosen


def reached_by(
    nodes: Sequence[Node],
    walk: Walk,
    inputs: Sequence[ValueInfoProto],
    values: Mapping[str, NDArray[Any]],
    rng: Generator,
) -> Iterator[tuple[Node, int]]:
    """Each node with a row that reaches it: one drawn from those that do, or from all if none does."""
    seen: dict[int, NDArray[np.float64]] = {}
    total = len(next(iter(values.values())))
    for node in nodes:
        key = id(node.splits)
        if key not in seen:
            seen[key] = _features(node.splits, walk, inputs, values)
        rows = np.flatnonzero(_reach(node, seen[key]))
        yield node, int(rng.choice(rows)) if len(rows) else int(rng.integers(total))


def _nodes(splits: Splits, tree: Tree) -> Iterator[Node]:
    for position in np.flatnonzero(~tree.leaf).tolist():
        source = splits.columns[tree.feature[position]].source
        # A split between numbers and missing ones has a threshold that no number is above.
        if source is not None and abs(tree.threshold[position]) < LARGEST:
            yield Node(splits, tree, position, source)


def _features(
    splits: Splits, walk: Walk, inputs: Sequence[ValueInfoProto], values: Mapping[str, NDArray[Any]]
) -> NDArray[np.float64]:
    """The features [N, columns] that the trees see of rows, by running the graph so far."""
    tensor = walk.graph.node("Identity", walk.graph.matrix(splits.columns))
    output = helper.make_tensor_value_info("features", TensorProto.DOUBLE, ["N", len(splits.columns)])
    features: NDArray[np.float64] = open_session(walk.graph.finish(inputs, tensor, output)).run(None, dict(values))[0]
    return features


def _reach(node: Node, features: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which rows come to a node, on the way up from it to the root."""
    tree = node.tree
    reached = np.ones(len(features), dtype=np.bool_)
    position = node.position
    while position != 0:
        parent = int(np.flatnonzero(~tree.leaf & ((tree.left == position) | (tree.right == position)))[0])
        column = features[:, tree.feature[parent]]
        left = np.where(np.isnan(column), tree.missing_left[parent], column <= tree.threshold[parent])
        reached &= left if tree.left[parent] == position else ~left
        position = parent
    return reached
