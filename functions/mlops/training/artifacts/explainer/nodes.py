"""Trees → their nodes, level by level, as an explainer walks through them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops.artifact.explanation.trees import EVERY_OUTPUT, Trees
from mlops.training.compile.trees import Splits, Tree

MAX_LEAVES = 1_000_000
"""With more, a row would take seconds to explain, and the explainer 100 MB of the server's memory."""

_GROUP = 1 << 14
"""Nodes that are walked through together, if trees are smaller: their arrays stay in the processor's cache."""
_LEAST_RATIO = 1e-200  # in place of 0: it divides
_UNSEEN_RATIO = 0.5  # of either side, where no training row came

type Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Nodes:
    """A group's nodes, as Trees has them: `depth` is the most features on the way to one."""

    roots: int
    output: int
    split: NDArray[np.bool_]
    column: Integers
    threshold: NDArray[np.float64]
    missing_left: NDArray[np.bool_]
    previous: Integers
    ratio: NDArray[np.float64]
    values: NDArray[np.float64]
    depth: int


def make_trees(splits: Splits, outputs: int, scale: float) -> Trees:
    """An ensemble whose trees have a value for each output, or count for the outputs in turn.

    Values are multiplied by `scale`.
    """
    feature = np.array(splits.features, dtype=np.int64)
    width = splits.trees[0].values.shape[1]
    base = np.zeros(outputs)
    grown: dict[int, list[Tree]] = {}
    for number, tree in enumerate(splits.trees):
        output = EVERY_OUTPUT if width == outputs else number % outputs
        if tree.leaf[0]:
            base[slice(None) if output == EVERY_OUTPUT else output] += (
                tree.values[0] * scale if width > 1 else (tree.values[0, 0] * scale)
            )
        else:
            grown.setdefault(output, []).append(tree)
    groups = [_lay_out(group, feature, output) for output, trees in grown.items() for group in _in_groups(trees)]
    points, weights = np.polynomial.legendre.leggauss((max((group.depth for group in groups), default=1) + 1) // 2)
    made = Trees(
        split=_join([group.split for group in groups], np.bool_),
        column=_smallest(_join([group.column for group in groups], np.int64)),
        threshold=_smallest(_join([group.threshold for group in groups], np.float64)),
        missing_left=_join([group.missing_left for group in groups], np.bool_),
        previous=_smallest(_join([group.previous for group in groups], np.int64)),
        ratio=_join([group.ratio for group in groups], np.float64),
        values=np.concatenate([np.zeros((0, width)), *(group.values for group in groups)]) * scale,
        nodes=np.array([len(group.split) for group in groups], dtype=np.int64),
        roots=np.array([group.roots for group in groups], dtype=np.int64),
        output=np.array([group.output for group in groups], dtype=np.int64),
        feature=feature,
        base=base,
        points=(points + 1) / 2,
        weights=weights / 2,
        single=splits.single,
        features=max(splits.features, default=-1) + 1,
    )
    return replace(made, base=base + [made.unknown(output) for output in range(outputs)])


def _in_groups(trees: Sequence[Tree]) -> Iterator[list[Tree]]:
    group: list[Tree] = []
    for tree in trees:
        if group and sum(len(each.leaf) for each in group) + len(tree.leaf) > _GROUP:
            yield group
            group = []
        group.append(tree)
    if group:
        yield group


def _lay_out(trees: Sequence[Tree], feature_of: Integers, output: int) -> _Nodes:
    """The trees' nodes in the order of their level."""
    starts = np.cumsum([0, *(len(tree.leaf) for tree in trees)])[:-1]
    leaf, cover = _gather(trees, "leaf"), _gather(trees, "cover")
    column, threshold = _gather(trees, "feature"), _gather(trees, "threshold")
    below = [
        np.concatenate([getattr(tree, side) + start for tree, start in zip(trees, starts, strict=True)])
        for side in ("left", "right")
    ]
    # Of each place in the new order: the node, the place above it, and the feature whose condition leads to it.
    levels, parents, reached = [starts], [np.zeros(len(starts), np.int64)], [np.full(len(starts), -1)]
    ratios = [np.ones(len(starts))]
    previous: list[Integers] = []
    deepest = [np.zeros(len(starts), np.int64)]
    count = first = 0
    while len(levels[-1]):
        first, count = count, count + len(levels[-1])
        inner = np.flatnonzero(~leaf[levels[-1]])
        nodes, places = levels[-1][inner], first + inner
        features = feature_of[column[nodes]]
        above, ratio = np.concatenate(parents), np.concatenate(ratios)
        nearest = _find_nearest(places, features, above, np.concatenate(reached))
        sides = np.column_stack([below[0][nodes], below[1][nodes]])
        whole = cover[nodes][:, np.newaxis]
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = np.where(whole > 0, np.maximum(cover[sides] / whole, _LEAST_RATIO), _UNSEEN_RATIO)
        previous.append(nearest)
        levels.append(sides.ravel())
        parents.append(np.repeat(places, 2))
        reached.append(np.repeat(features, 2))
        ratios.append(np.maximum((ratio[nearest][:, np.newaxis] * shares).ravel(), _LEAST_RATIO))
        deepest.append(np.repeat(deepest[-1][inner] + (np.concatenate(reached[:-1])[nearest] < 0), 2))
    order = np.concatenate(levels)
    inner_nodes = order[~leaf[order]]
    return _Nodes(
        roots=len(starts),
        output=output,
        split=~leaf[order],
        column=column[inner_nodes],
        threshold=threshold[inner_nodes],
        missing_left=_gather(trees, "missing_left")[inner_nodes],
        previous=np.concatenate(previous),
        ratio=np.concatenate(ratios),
        values=np.concatenate([tree.values for tree in trees])[order[leaf[order]]],
        depth=int(max(each.max(initial=0) for each in deepest)),
    )


def _find_nearest(places: Integers, features: Integers, above: Integers, reached: Integers) -> Integers:
    """The nearest place at or above each of `places` that a condition on its feature leads to; 0 where there's none."""
    found = places.copy()
    waiting = np.flatnonzero(reached[found] != features)
    while len(waiting):
        at_root = reached[found[waiting]] < 0
        found[waiting[at_root]] = 0
        waiting = waiting[~at_root]
        found[waiting] = above[found[waiting]]
        waiting = waiting[reached[found[waiting]] != features[waiting]]
    return found


def _gather(trees: Sequence[Tree], name: str) -> NDArray[Any]:
    return np.concatenate([getattr(tree, name) for tree in trees])


def _join(parts: Sequence[NDArray[Any]], kind: Any) -> NDArray[Any]:
    return np.concatenate([np.zeros(0, dtype=kind), *parts]).astype(kind)


def _smallest(values: NDArray[Any]) -> NDArray[Any]:
    """The same values in the smallest type that has them all exactly."""
    smaller = (np.float32,) if values.dtype == np.float64 else (np.int16, np.int32)
    for kind in smaller:
        with np.errstate(over="ignore"):
            if np.array_equal(values.astype(kind).astype(values.dtype), values):
                return values.astype(kind)
    return values
