"""Trees → their leaves, each with the conditions that lead to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np

from mlops.artifact.explanation.trees import Leaves
from mlops.training.compile.trees import Splits, Tree

# Above it a row takes a tenth of a second to explain, and the explainer outweighs the model.
MAX_LEAVES = 50_000

_LEAST_RATIO = 1e-200  # in place of 0: it divides
_UNSEEN_RATIO = 0.5  # of either side, where no training row came


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold of a column: low < value <= high, or, if `missing`, that it has none."""

    low: float = -np.inf
    high: float = np.inf
    missing: bool = True


@dataclass(frozen=True, slots=True)
class Way:
    """The way to a leaf: conditions by column, and by feature the share of rows that its conditions let through."""

    node: int
    conditions: dict[int, Condition]
    ratios: dict[int, float]


def make_leaves(splits: Splits, outputs: int, scale: float) -> Leaves:
    """The leaves of an ensemble whose trees have a value for each output, or count for the outputs in turn.

    Values are multiplied by `scale`.
    """
    base = np.zeros(outputs)
    values, targets, ways = [], [], []
    for number, tree in enumerate(splits.trees):
        for way in _ways(tree, splits.features):
            value = tree.values[way.node] * scale
            target = number % outputs
            unknown = value * np.prod([*way.ratios.values()])
            if len(value) == outputs:
                base += unknown
            else:
                base[target] += unknown[0]
            if way.conditions:
                values.append(value)
                targets.append(target)
                ways.append(way)
    longest = max((len(way.ratios) for way in ways), default=1)
    points, weights = np.polynomial.legendre.leggauss((longest + 1) // 2)
    grouped = [_by_feature(way, splits.features) for way in ways]
    players = [*chain.from_iterable(grouped)]
    conditions = [condition for _, _, own in players for condition in own]
    return Leaves(
        column=np.array([column for column, _ in conditions], dtype=np.int32),
        low=np.array([condition.low for _, condition in conditions], dtype=np.float64),
        high=np.array([condition.high for _, condition in conditions], dtype=np.float64),
        missing=np.array([condition.missing for _, condition in conditions], dtype=np.bool_),
        condition=_starts([len(own) for _, _, own in players]),
        feature=np.array([feature for feature, _, _ in players], dtype=np.int32),
        ratio=np.array([ratio for _, ratio, _ in players], dtype=np.float64),
        player=_starts([len(own) for own in grouped]),
        values=np.array(values, dtype=np.float64).reshape(len(ways), splits.trees[0].values.shape[1]),
        output=np.array(targets, dtype=np.int32),
        base=base,
        points=(points + 1) / 2,
        weights=weights / 2,
        single=splits.single,
        features=max(splits.features, default=-1) + 1,
    )


def _ways(tree: Tree, features: tuple[int, ...]) -> Iterator[Way]:
    """The ways to all leaves of a tree."""
    waiting = [Way(0, {}, {})]
    while waiting:
        way = waiting.pop()
        if tree.leaf[way.node]:
            yield way
            continue
        column = int(tree.feature[way.node])
        threshold, missing_left = float(tree.threshold[way.node]), bool(tree.missing_left[way.node])
        seen = way.conditions.get(column, Condition())
        left = Condition(seen.low, min(seen.high, threshold), seen.missing and missing_left)
        right = Condition(max(seen.low, threshold), seen.high, seen.missing and not missing_left)
        whole = tree.cover[way.node]
        for node, condition in ((int(tree.left[way.node]), left), (int(tree.right[way.node]), right)):
            share = max(float(tree.cover[node] / whole), _LEAST_RATIO) if whole else _UNSEEN_RATIO
            ratio = way.ratios.get(features[column], 1.0) * share
            waiting.append(Way(node, way.conditions | {column: condition}, way.ratios | {features[column]: ratio}))


def _by_feature(way: Way, features: tuple[int, ...]) -> list[tuple[int, float, list[tuple[int, Condition]]]]:
    """Feature, ratio, and conditions with their columns."""
    return [
        (feature, ratio, [pair for pair in way.conditions.items() if features[pair[0]] == feature])
        for feature, ratio in way.ratios.items()
    ]


def _starts(sizes: list[int]) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.cumsum([0, *sizes])[:-1].astype(np.int32)
