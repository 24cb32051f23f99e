"""Cells: cut at fixed ranks, with chances that are known whatever the values."""

import json
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.monitoring.drift.cells import Cells, Floats

VALUES = st.lists(st.sampled_from((-1.5, 0.0, 0.0, 2.0, 7.25)), min_size=1, max_size=40)


def same_cells(one: Cells, other: Cells) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ("edges", "ties", "gaps"))


@given(VALUES, st.integers(0, 2**32 - 1), st.data())
def test_the_reference_values_fill_all_gaps_but_one(values: list[float], seed: int, data: st.DataObject) -> None:
    ranks = data.draw(st.lists(st.integers(1, len(values)), max_size=6))
    cells = Cells.cut(np.array(values), ranks, np.random.default_rng(seed))
    assert cells.gaps.sum() == len(values) + 1
    assert (cells.gaps > 0).all()
    assert len(cells.gaps) == len(cells.edges) + 1 == len(set(ranks)) + 1
    assert (np.diff(cells.edges) >= 0).all()


def test_a_value_between_two_edges_falls_between_them() -> None:
    cells = Cells.cut(np.arange(1.0, 100.0), [25, 50, 75], np.random.default_rng(0))
    assert cells.edges.tolist() == [25, 50, 75]
    assert cells.gaps.tolist() == [25, 25, 25, 25]
    placed = cells.place(np.array([-1e9, 24.9, 25.1, 60, 1e9]), np.random.default_rng(1))
    assert sorted(placed.tolist()) == [0, 0, 1, 2, 3]


def test_ranks_beyond_the_values_are_refused() -> None:
    with pytest.raises(ValueError, match="ranks 0 to 1 of 3 values"):
        Cells.cut(np.arange(3.0), [0, 1], np.random.default_rng(0))


@pytest.mark.parametrize(
    "draw",
    [
        lambda rows, rng: rng.normal(size=rows),
        lambda rows, rng: rng.poisson(0.7, rows).astype(float),
        lambda rows, rng: np.full(rows, 3.0),
        lambda rows, rng: (rng.random(rows) < 0.03).astype(float),
    ],
    ids=["continuous", "few values", "constant", "rare"],
)
def test_the_chances_of_the_cells_are_those_of_the_urn(draw: Callable[[int, np.random.Generator], Floats]) -> None:
    rng = np.random.default_rng(8)
    rounds, ranks = 4_000, [1, 5, 10, 20, 29]
    found, pairs = np.zeros(6), np.zeros(6)
    for _ in range(rounds):
        cells = Cells.cut(draw(29, rng), ranks, rng)
        first, second = cells.place(draw(2, rng), rng)
        found[first] += 1
        pairs[first] += first == second
    gaps = np.array([1, 4, 5, 10, 9, 1])
    chances = gaps / 30
    assert np.abs(found / rounds - chances).max() < 4 * 0.5 / np.sqrt(rounds)
    # A second row falls into the cell of the first more often than by its chance alone, as the urn has one ball more.
    both = chances * (gaps + 1) / 31
    errors = np.sqrt(both * (1 - both) / rounds)
    assert (np.abs(pairs / rounds - both) < 4 * errors).all()


@given(VALUES, st.randoms(use_true_random=False))
def test_the_order_of_rows_doesnt_matter(values: list[float], random: object) -> None:
    cells = Cells.cut(np.array([0.0, 0.0, 1.0, 2.0, 2.0, 5.0]), [1, 2, 4, 5], np.random.default_rng(3))
    shuffled = list(values)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    placed = [cells.place(np.array(each), np.random.default_rng(5)).tolist() for each in (values, shuffled)]
    assert placed[0] == placed[1]


@given(VALUES, st.integers(0, 2**32 - 1))
def test_cells_are_expected_as_they_come(values: list[float], seed: int) -> None:
    cells = Cells.cut(np.array([0.0, 0.0, 0.0, 1.0, 2.0, 2.0, 5.0]), [1, 2, 4, 6], np.random.default_rng(seed))
    expected = cells.expect(np.array(values))
    assert expected.sum() == pytest.approx(len(values))
    many = cells.place(np.repeat(values, 300), np.random.default_rng(seed + 1))
    found = np.bincount(many, minlength=5) / 300
    assert np.abs(found - expected).max() <= 5 * np.sqrt(len(values) / 4 / 300)


def test_cells_are_the_same_after_json() -> None:
    cells = Cells.cut(np.random.default_rng(0).normal(size=50), [1, 7, 50], np.random.default_rng(1))
    assert same_cells(Cells.from_dict(json.loads(json.dumps(cells.to_dict()))), cells)
