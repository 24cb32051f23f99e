"""What a report draws of a distribution adds up, and is where the values are."""

import numpy as np
import pytest

from mlops.contract import Column
from mlops.monitoring.drift import make_reference
from mlops.monitoring.drift.cells import Cells
from mlops.monitoring.report.distribution import bins_of, quantile, spread_over

RNG = np.random.default_rng(3)
COLUMNS = {
    "normal": RNG.normal(5, 2, 2_000),
    "heavy tails": RNG.standard_cauchy(2_000),
    "few values": RNG.integers(0, 4, 2_000).astype(float),
    "mostly zero": np.where(RNG.random(2_000) < 0.9, 0.0, RNG.exponential(3, 2_000)),
    "constant": np.full(500, 7.0),
    "a single row": np.array([3.0]),
}


def cells_of(values: np.ndarray) -> Cells:
    reference = make_reference(values, Column(name="x"))
    assert reference is not None
    return reference.cells["values"]


def shares_of(cells: Cells, values: np.ndarray) -> list[float]:
    return [float(count) / len(values) for count in cells.expect(values)]


@pytest.mark.parametrize("name", COLUMNS)
def test_bins_have_all_of_the_rows(name: str) -> None:
    cells = cells_of(COLUMNS[name])
    bins = bins_of(cells)
    assert bins is not None
    assert (np.diff(bins) > 0).all()
    found = spread_over(bins, cells, shares_of(cells, COLUMNS[name]))
    assert found.sum() == pytest.approx(1)
    assert (found >= -1e-12).all()


def test_bins_of_training_rows_follow_their_histogram() -> None:
    values = COLUMNS["normal"]
    cells = cells_of(values)
    bins = bins_of(cells)
    assert bins is not None
    found = spread_over(bins, cells, shares_of(cells, values))[1:-1]
    wanted = np.histogram(values, bins)[0] / len(values)
    assert np.abs(found - wanted).max() < 0.015


def test_far_outliers_do_not_squeeze_the_other_rows_into_one_bin() -> None:
    cells = cells_of(COLUMNS["heavy tails"])
    bins = bins_of(cells)
    assert bins is not None
    found = spread_over(bins, cells, shares_of(cells, COLUMNS["heavy tails"]))
    assert bins[-1] - bins[0] < 0.1 * np.ptp(COLUMNS["heavy tails"])
    assert found.max() < 0.95


def test_values_beyond_all_training_values_are_counted_apart() -> None:
    cells = cells_of(COLUMNS["normal"])
    bins = bins_of(cells)
    assert bins is not None
    moved = np.r_[np.full(30, -1e6), np.full(50, 1e6), COLUMNS["normal"][:20]]
    found = spread_over(bins, cells, shares_of(cells, moved))
    assert (found[0], found[-1]) == (pytest.approx(0.3), pytest.approx(0.5))


@pytest.mark.parametrize("level", [0.25, 0.5, 0.75])
def test_quantiles_are_near_those_of_the_values(level: float) -> None:
    cells = cells_of(COLUMNS["normal"])
    moved = COLUMNS["normal"][:400] * 0.7 + 1
    assert quantile(cells, shares_of(cells, moved), level) == pytest.approx(np.quantile(moved, level), abs=0.25)


def test_quantiles_beyond_the_training_values_are_the_outermost_of_those() -> None:
    cells = cells_of(COLUMNS["normal"])
    for value, end in ((1e9, cells.edges[-1]), (-1e9, cells.edges[0])):
        assert quantile(cells, shares_of(cells, np.full(10, value)), 0.5) == end


def test_a_column_that_was_always_missing_has_no_bins() -> None:
    assert bins_of(cells_of(np.full(50, np.nan))) is None
