"""Intervals: those of the papers, and sizes that are what they are called."""

from statistics import NormalDist

import numpy as np
import pytest

from mlops.monitoring.drift.intervals import difference_of_shares, distance_of, shift_of, spread_of, wilson


def test_wilsons_interval_is_that_of_its_formula() -> None:
    # z is 1.6449 at 90 %: (15 + z²/2) / (148 + z²) -+ z / (148 + z²) * √(15 * 133 / 148 + z²/4)
    share, low, high = wilson(15, 148)
    assert (round(share, 4), round(low, 4), round(high, 4)) == (0.1014, 0.0674, 0.1496)


def test_a_difference_of_shares_is_as_certain_as_both() -> None:
    effect, low, high = difference_of_shares((100, 1_000), (30, 200))
    assert effect == pytest.approx(0.05)
    assert 0 < low < effect < high
    _, wider, _ = difference_of_shares((100, 1_000), (30, 200), comparisons=16)
    assert wider < low


@pytest.mark.parametrize("shift", [-0.5, 0.0, 0.25])
@pytest.mark.parametrize("spread", [0.8, 1.0, 1.2])
def test_normal_rows_that_moved_have_their_shift_and_spread(shift: float, spread: float) -> None:
    expected = np.full(200, 1 / 200)
    bounds = [NormalDist().inv_cdf(share) for share in np.cumsum(expected)[:-1].tolist()]
    found = np.diff([0.0, *map(NormalDist(shift, spread).cdf, bounds), 1.0])
    size, low, high = shift_of(expected, found, 1_000, 1_000)
    assert size == pytest.approx(shift * np.sqrt(2 / (1 + spread**2)), abs=0.003)
    # As for the difference of two means of 1,000 rows.
    assert high - low == pytest.approx(2 * 1.645 * np.sqrt(2 / 1_000), rel=0.15)
    ratio, low, high = spread_of(expected, found, 1_000, 1_000)
    assert ratio == pytest.approx(spread - 1, abs=0.02)
    assert low < ratio < high


def test_the_distance_is_that_of_the_distribution_functions() -> None:
    expected, found = np.array([0.25, 0.25, 0.25, 0.25]), np.array([0.45, 0.25, 0.15, 0.15])
    distance, low, high = distance_of(expected, found, 200, 1_000)
    assert distance == pytest.approx(0.2)
    assert low == pytest.approx(0.2 - 1.224 * np.sqrt(0.006))
    assert high == pytest.approx(0.2 + 1.224 * np.sqrt(0.006))
