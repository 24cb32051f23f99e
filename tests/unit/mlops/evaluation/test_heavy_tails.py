"""A mean error's interval allows for errors that were too rare to be seen."""

import numpy as np
import pytest

from mlops.evaluation.heavy_tails import interval_of_mean
from mlops.evaluation.metrics.answers import Floats
from mlops.evaluation.metrics.catalog import VALUE_METRICS
from mlops.evaluation.metrics.values import MAE, R2, RMSE
from mlops.registry.manifest.evidence import Interval
from tests.bench.interval_coverage import World, cover, normal, prices, truths_of_prices, values


def find(errors: Floats, power: int = 1) -> Interval | str:
    return interval_of_mean(np.asarray(errors, dtype=np.float64), 0.95, np.random.default_rng(0), power)


def found(errors: Floats, power: int = 1) -> Interval:
    interval = find(errors, power)
    assert isinstance(interval, Interval), interval
    return interval


def test_errors_without_a_tail_have_about_the_interval_of_a_normal_mean() -> None:
    errors = np.random.default_rng(1).uniform(0, 1, 4000)
    interval = found(errors)
    reach = 1.96 * errors.std() / np.sqrt(4000)
    assert interval.low == pytest.approx(errors.mean() - reach, abs=0.2 * reach)
    assert interval.high == pytest.approx(errors.mean() + reach, abs=0.2 * reach)


def test_a_heavier_tail_reaches_further_up_than_down() -> None:
    errors = np.random.default_rng(2).exponential(size=400)
    interval = found(errors)
    assert interval.high - errors.mean() > 1.2 * (errors.mean() - interval.low)


def test_the_interval_scales_with_the_errors() -> None:
    errors = np.abs(np.random.default_rng(3).normal(size=200))
    small, large = found(errors, 2), found(1e6 * errors, 2)
    assert (large.low, large.high) == pytest.approx((1e6 * small.low, 1e6 * small.high), rel=1e-9)


@pytest.mark.parametrize("counts", [(60, 30, 10), (10, 50, 40), (97, 2, 1), (0, 99, 1), (100, 0, 0)])
def test_errors_that_are_whole_numbers_have_an_interval_or_a_reason(counts: tuple[int, int, int]) -> None:
    errors = np.repeat([0.0, 1.0, 2.0], counts)

    def is_plausible(power: int) -> bool:
        interval = find(errors, power)
        if isinstance(interval, str):
            return "too few large errors" in interval
        value = float((errors**power).mean() ** (1 / power))
        return interval.low <= value <= interval.high and interval.low < interval.high

    assert not errors.any() or (is_plausible(1) and is_plausible(2))


def test_a_few_rows_with_all_of_the_error_are_too_few() -> None:
    errors = np.zeros(200)
    errors[:3] = (1.0, 2.0, 1.5)
    assert "2 rows have 78% of the error of 200" in str(find(errors))


def test_a_tail_that_may_have_no_mean_is_the_reason_for_no_interval() -> None:
    errors = np.random.default_rng(4).pareto(0.9, 2000)
    assert "so others may be far worse" in str(find(errors))
    assert "of the squared error of 2000" in str(find(errors, 2))


def test_a_few_rows_with_errors_of_every_size_are_too_few() -> None:
    errors = np.exp(2 * np.random.default_rng(5).normal(size=300))
    assert "a tenth of the errors are more than" in str(find(errors, 2))


@pytest.mark.parametrize(
    ("world", "least_given"),
    [
        (World("normal errors", values(normal), VALUE_METRICS), 140),
        (World("prices", prices(0.5), (MAE, RMSE, R2), truths_of_prices(0.5)), 75),
    ],
    ids=["normal", "prices"],
)
def test_a_hundred_errors_are_covered_where_they_have_an_interval(world: World, least_given: int) -> None:
    for name, coverage in cover(world, rows=100, samples=150, seed=1).items():
        assert coverage.given >= least_given, name
        assert coverage.held >= 0.897 * coverage.given, f"{name}: 95 %, less three standard errors of 150 samples"


def test_very_skewed_prices_have_no_interval_that_misses() -> None:
    coverage = cover(World("prices", prices(2.0), (RMSE,), truths_of_prices(2.0)), rows=100, samples=150, seed=1)[
        "rmse"
    ]
    assert coverage.given - coverage.held <= 2
