"""Alternatives: what the tests look for, as factors on the cells' chances."""

from collections.abc import Callable
from statistics import NormalDist

import numpy as np
import pytest

from mlops.monitoring.drift.alternatives import ADAPTIVE, SHIFTS, Alternatives, share_alternatives, value_alternatives
from mlops.monitoring.drift.cells import Cells


def cells_of(rows: int, ranks: list[int]) -> Cells:
    return Cells.cut(np.arange(rows, dtype=np.float64), ranks, np.random.default_rng(0))


@pytest.mark.parametrize("make", [value_alternatives, share_alternatives])
@pytest.mark.parametrize(("rows", "ranks"), [(0, []), (1, [1]), (99, [1, 10, 50, 99])])
def test_weights_sum_to_one_and_tilts_are_positive(
    make: Callable[[Cells], Alternatives], rows: int, ranks: list[int]
) -> None:
    alternatives = make(cells_of(rows, ranks))
    assert alternatives.weights.sum() == pytest.approx(1)
    assert (alternatives.weights > 0).all()
    assert (alternatives.tilts > 0).all()
    assert len(alternatives.weights) == len(alternatives.tilts) + len(ADAPTIVE)
    assert alternatives.tilts.shape[1] == len(ranks) + 1


def test_a_shift_tilts_the_chances_as_a_normal_distribution_that_moved() -> None:
    alternatives = value_alternatives(cells_of(99, [50]))
    down, up = alternatives.tilts[:2] / 2
    assert up[1] == pytest.approx(1 - NormalDist().cdf(-SHIFTS[0][0]))
    assert down[0] == pytest.approx(up[1])
    assert up.sum() == pytest.approx(1)


def test_each_share_may_rise_or_fall() -> None:
    tilts = share_alternatives(cells_of(99, [30, 60])).tilts
    for cell in range(3):
        alone = np.delete(tilts, cell, axis=1)
        mine = tilts[(alone == 1).all(axis=1), cell]
        assert (mine > 1).any()
        assert (mine < 1).any()
