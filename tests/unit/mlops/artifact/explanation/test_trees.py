"""Contributions of trees against the definition of Shapley's value, coalition by coalition."""

import math
import tracemalloc
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from mlops.training.artifacts.explainer.nodes import make_trees
from mlops.training.compile.columns import Column
from mlops.training.compile.trees import Splits, Tree


def grow(rng: np.random.Generator, columns: int, depth: int) -> Tree:
    """A full tree with random splits, in which columns come again on a way and covers are uneven."""
    inner, total = 2**depth - 1, 2 ** (depth + 1) - 1
    leaf = np.arange(total) >= inner
    number = np.where(leaf, 0, np.arange(total))
    cover = np.zeros(total)
    cover[leaf] = rng.integers(1, 30, leaf.sum())
    for node in reversed(range(inner)):
        cover[node] = cover[2 * node + 1] + cover[2 * node + 2]
    return Tree(
        feature=np.where(leaf, 0, rng.integers(0, columns, total)),
        threshold=np.where(leaf, 0.0, rng.normal(size=total).round(1)),
        left=np.where(leaf, -1, 2 * number + 1),
        right=np.where(leaf, -1, 2 * number + 2),
        missing_left=rng.random(total) < 0.5,
        leaf=leaf,
        values=rng.normal(size=(total, 1)),
        cover=cover,
    )


def goes_left(tree: Tree, node: int, row: NDArray[np.float64]) -> bool:
    value = row[tree.feature[node]]
    return bool(tree.missing_left[node]) if math.isnan(value) else bool(value <= tree.threshold[node])


def expected(tree: Tree, features: tuple[int, ...], row: NDArray[np.float64], known: set[int], node: int = 0) -> float:
    """What the tree answers on average over the training rows if only some features of the row are known."""
    if tree.leaf[node]:
        return float(tree.values[node, 0])
    ways = [int(tree.left[node]), int(tree.right[node])]
    if features[tree.feature[node]] in known:
        return expected(tree, features, row, known, ways[0 if goes_left(tree, node, row) else 1])
    weights = tree.cover[ways] / tree.cover[node]
    shares: list[float] = weights.tolist()
    return sum(share * expected(tree, features, row, known, way) for share, way in zip(shares, ways, strict=True))


def shapley(splits: Splits, row: NDArray[np.float64]) -> list[float]:
    """Shapley's value of every feature, by its definition."""
    players = sorted(set(splits.features))
    found = []
    for player in players:
        others = [other for other in players if other != player]
        total = 0.0
        for size in range(len(players)):
            weight = 1 / (len(players) * math.comb(len(others), size))
            for coalition in combinations(others, size):
                gain = [
                    sum(expected(tree, splits.features, row, known) for tree in splits.trees)
                    for known in (set(coalition), {*coalition, player})
                ]
                total += weight * (gain[1] - gain[0])
        found.append(total)
    return found


def ensemble(seed: int, features: tuple[int, ...], depth: int = 4) -> Splits:
    rng = np.random.default_rng(seed)
    trees = tuple(grow(rng, len(features), depth) for _ in range(3))
    columns = tuple(Column("numbers", index, f"c{index}") for index in range(len(features)))
    return Splits(columns, trees, features, single=False)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "features", [(0, 1, 2, 3, 4), (0, 1, 2, 1, 1)], ids=["a column each", "columns of one feature"]
)
def test_contributions_are_the_shapley_values_of_the_trees(seed: int, features: tuple[int, ...]) -> None:
    splits = ensemble(seed, features)
    leaves = make_trees(splits, outputs=1, scale=1.0)
    rng = np.random.default_rng(seed)
    for _ in range(5):
        row = rng.normal(size=len(features)).round(1)
        row[rng.random(len(row)) < 0.2] = np.nan
        found = leaves.contributions(row, 0)
        np.testing.assert_allclose(found, shapley(splits, row), rtol=0, atol=1e-12)
        answer = sum(expected(tree, features, row, set(features)) for tree in splits.trees)
        assert leaves.base[0] + found.sum() == pytest.approx(answer, abs=1e-12)


def test_the_base_is_the_mean_over_the_training_rows() -> None:
    splits = ensemble(1, (0, 1, 2))
    mean = sum(float(np.average(tree.values[tree.leaf, 0], weights=tree.cover[tree.leaf])) for tree in splits.trees)
    assert make_trees(splits, 1, 0.5).base[0] == pytest.approx(0.5 * mean)


def test_trees_that_count_for_outputs_in_turn_explain_each_its_own() -> None:
    splits = ensemble(2, (0, 1, 2))
    row = np.array([0.1, -0.3, 0.7])
    together = make_trees(splits, outputs=3, scale=1.0)
    for number, tree in enumerate(splits.trees):
        alone = make_trees(replace(splits, trees=(tree,)), outputs=1, scale=1.0)
        np.testing.assert_allclose(together.contributions(row, number), alone.contributions(row, 0), atol=1e-14)
        assert together.base[number] == pytest.approx(alone.base[0])


def test_a_column_that_lies_on_a_threshold_in_float32_alone_goes_the_way_that_float32_goes() -> None:
    splits = ensemble(3, (0, 1), depth=1)
    threshold = float(np.float32(0.1))
    tree = replace(splits.trees[0], threshold=np.array([threshold, 0, 0]))
    above = np.nextafter(threshold, 1.0)
    row = np.full(2, above)
    for single in (True, False):
        leaves = make_trees(Splits(splits.columns, (tree,), (0, 1), single), 1, 1.0)
        total = leaves.base[0] + leaves.contributions(row, 0).sum()
        assert total == pytest.approx(tree.values[1 if single else 2, 0])


def test_a_lone_root_moves_nothing() -> None:
    nothing, no = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.bool_)
    lone = Tree(
        feature=nothing,
        threshold=np.zeros(1),
        left=nothing,
        right=nothing,
        missing_left=no,
        leaf=~no,
        values=np.array([[5.0]]),
        cover=np.ones(1),
    )
    leaves = make_trees(Splits((Column("numbers", 0, "a"),), (lone,), (0,), single=True), 1, 1.0)
    assert leaves.base.tolist() == [5.0]
    assert leaves.contributions(np.array([1.0]), 0).tolist() == [0.0]


@pytest.mark.parametrize("outputs", [1, 3])
def test_how_trees_are_grouped_and_how_many_points_are_held_at_once_changes_nothing(
    outputs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    splits = ensemble(4, (0, 1, 2, 1, 3), depth=6)
    row = np.array([0.1, np.nan, 0.7, -0.2, 1.1])
    together = make_trees(splits, outputs, 1.0)
    assert len(together.nodes) == outputs
    monkeypatch.setattr("mlops.training.artifacts.explainer.nodes._GROUP", 1)
    monkeypatch.setattr("mlops.artifact.explanation.trees._CELLS_AT_ONCE", 1)
    apart = make_trees(splits, outputs, 1.0)
    assert len(apart.nodes) == len(splits.trees)
    np.testing.assert_allclose(apart.base, together.base, atol=1e-14)
    for output in range(outputs):
        np.testing.assert_allclose(apart.contributions(row, output), together.contributions(row, output), atol=1e-14)


def test_a_way_on_which_no_training_row_went_has_finite_contributions_that_add_up() -> None:
    splits = ensemble(5, (0, 0, 0), depth=5)
    empty = [
        replace(tree, cover=np.where(np.arange(len(tree.leaf)) % 3 == 0, tree.cover, 0.0)) for tree in splits.trees
    ]
    made = make_trees(replace(splits, trees=tuple(empty)), 1, 1.0)
    for cell in (-1.0, 0.0, 1.0, np.nan):
        row = np.full(3, cell)
        total = made.base[0] + made.contributions(row, 0).sum()
        assert total == pytest.approx(sum(expected(tree, (0, 0, 0), row, {0}) for tree in splits.trees), abs=1e-9)


def test_memory_does_not_grow_with_the_number_of_trees() -> None:
    rng = np.random.default_rng(6)
    features = tuple(range(10))
    columns = tuple(Column("numbers", index, f"c{index}") for index in features)
    tree = grow(rng, len(features), depth=12)
    peaks = []
    for count in (4, 40):
        made = make_trees(Splits(columns, (tree,) * count, features, single=False), 1, 1.0)
        assert len(made.values) == count * 2**12
        tracemalloc.start()
        made.contributions(rng.normal(size=len(features)), 0)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]
    assert peaks[1] < 32_000_000
