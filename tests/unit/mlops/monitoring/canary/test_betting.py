"""Evidence that holds at every look."""

from collections.abc import Sequence

import numpy as np
import pytest

from mlops.evaluation.metrics.answers import Floats
from mlops.monitoring.canary.betting import evidence_above, evidence_below, mean_interval
from mlops.monitoring.canary.observe import make_blocks

RNG = np.random.default_rng(1)


def draw(rng: np.random.Generator, count: int, chances: Sequence[float]) -> Floats:
    """Differences of -1, 0 and 1 with such chances."""
    return rng.choice(np.array([-1.0, 0.0, 1.0]), count, p=chances)


def test_without_observations_there_is_no_evidence_and_no_bound() -> None:
    assert evidence_above(np.zeros(0), 0, -1) == 0
    assert mean_interval(np.zeros(0), -1, 1, 0.05) == pytest.approx((-1, 1), abs=1e-6)


def test_evidence_of_what_is_so_grows_and_of_what_isnt_doesnt() -> None:
    values = draw(RNG, 2000, [0.05, 0.8, 0.15])
    found = [evidence_above(values[:count], 0, -1) for count in (100, 500, 2000)]
    assert found == sorted(found)
    assert found[-1] > np.log(1e6)
    assert evidence_below(values, 0, 1) < np.log(100)
    assert evidence_above(values, 0.2, -1) < np.log(100)


def test_later_observations_take_nothing_back() -> None:
    values = np.concatenate([np.full(50, 0.5), np.full(500, -0.5)])
    assert evidence_above(values, 0, -1) == evidence_above(values[:50], 0, -1)


def test_below_is_the_mirror_image_of_above() -> None:
    values = RNG.uniform(-1, 1, 300)
    assert evidence_below(values, 0.1, 1) == evidence_above(-values, -0.1, -1)


def test_equal_means_are_rarely_refuted_however_often_one_looks() -> None:
    wrong = 0
    for seed in range(400):
        values = draw(np.random.default_rng(seed), 2000, [0.05, 0.9, 0.05])
        wrong += evidence_above(values, 0, -1) >= np.log(1 / 0.05)
    assert wrong <= 400 * 0.05


def test_the_interval_has_the_mean_and_narrows() -> None:
    values = draw(RNG, 4000, [0.1, 0.7, 0.2])
    widths = []
    for count in (100, 1000, 4000):
        low, high = mean_interval(values[:count], -1, 1, 0.05)
        assert low < 0.1 < high
        widths.append(high - low)
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < 0.08


def test_bounds_and_evidence_agree() -> None:
    values = draw(RNG, 500, [0.05, 0.8, 0.15])
    low, high = mean_interval(values, -1, 1, 0.05)
    assert evidence_above(values, low - 1e-6, -1) >= np.log(40) > evidence_above(values, low + 1e-6, -1)
    assert evidence_below(values, high + 1e-6, 1) >= np.log(40) > evidence_below(values, high - 1e-6, 1)


@pytest.mark.parametrize(("values", "mean"), [([-1.5], 0.0), ([0.5], -1.0), ([float("nan")], 0.0)])
def test_what_cannot_be_bet_on_is_refused(values: list[float], mean: float) -> None:
    with pytest.raises(ValueError, match="must be above"):
        evidence_above(np.array(values), mean, -1)


def test_a_row_is_compared_with_the_champions_since_the_one_before() -> None:
    losses = np.array([1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0])
    theirs = np.array([False, False, True, True, False, True, False])
    assert make_blocks(losses, theirs).tolist() == [0.5, 1.0]
    assert len(make_blocks(losses, np.zeros(7, np.bool_))) == 0
    assert len(make_blocks(losses, np.ones(7, np.bool_))) == 0
