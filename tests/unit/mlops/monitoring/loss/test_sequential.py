import json
import math
from datetime import date, timedelta

import numpy as np
import pytest

from mlops.evaluation.metrics.answers import Floats
from mlops.monitoring.loss.sequential import SIZES, Baseline, LossTest, Margin

DAY = "2026-01-01"


def _misses(rng: np.random.Generator, rows: int, share: float) -> Floats:
    return (rng.random(rows) < share).astype(np.float64)


def test_the_weights_of_all_beginnings_add_up_to_one() -> None:
    """A look that changes nothing (a factor of one) must leave an e-value of one."""
    test = LossTest.start(0.01)
    for _ in range(50):
        test = test._bet([0.0] * len(SIZES), DAY)
    assert test.e_value == pytest.approx(1.0)


def test_the_first_look_multiplies_half_of_the_wealth_by_the_bets() -> None:
    losses, limit, deviation = np.array([1.0, 0.0, 1.0]), 0.2, 0.4
    bets = [min(0.05 * size / (deviation**2 + (0.05 * size) ** 2), 0.9 / limit) for size in SIZES]
    products = [math.prod(1 + bet * (loss - limit) for loss in losses) for bet in bets]
    after = LossTest.start(0.05).observe_rows(losses, limit, deviation, DAY)
    assert after.e_value == pytest.approx(0.5 * np.mean(products) + 0.5)


def test_a_window_is_bet_on_by_the_normal_likelihood_ratio() -> None:
    after = LossTest.start(0.1).observe_window(0.5, 0.2, 0.3, DAY)
    ratios = [math.exp((0.1 * size * 0.2 - (0.1 * size) ** 2 / 2) / 0.04) for size in SIZES]
    assert after.e_value == pytest.approx(0.5 * np.mean(ratios) + 0.5)


def test_the_order_of_a_look_s_rows_does_not_matter() -> None:
    losses = np.random.default_rng(0).exponential(1.0, 500)
    one, other = (LossTest.start(0.1).observe_rows(rows, 0.8, 1.0, DAY) for rows in (losses, losses[::-1]))
    assert one.e_value == pytest.approx(other.e_value)


def test_no_rows_are_no_look() -> None:
    test = LossTest.start(0.01)
    assert test.observe_rows(np.array([]), 0.2, 0.4, DAY) is test


def test_negative_losses_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 0"):
        LossTest.start(0.01).observe_rows(np.array([-0.1]), 0.2, 0.4, DAY)


def test_the_state_goes_through_json_without_loss() -> None:
    rng = np.random.default_rng(0)
    test = LossTest.start(0.01)
    assert LossTest.from_dict(json.loads(json.dumps(test.to_dict()))) == test
    for _ in range(5):
        test = test.observe_rows(_misses(rng, 100, 0.3), 0.2, 0.4, DAY)
    assert LossTest.from_dict(json.loads(json.dumps(test.to_dict()))) == test


def test_an_alarm_stays_when_the_loss_is_over() -> None:
    rng = np.random.default_rng(0)
    test = LossTest.start(0.05)
    while not test.alarm:
        test = test.observe_rows(_misses(rng, 200, 0.5), 0.2, 0.4, DAY)
    for _ in range(50):
        test = test.observe_rows(_misses(rng, 200, 0.05), 0.2, 0.4, DAY)
    assert test.alarm
    assert test.e_value < 1 / test.alpha


def test_the_look_at_which_a_loss_began_is_found() -> None:
    rng = np.random.default_rng(0)
    test = LossTest.start(0.02)
    for day in range(80):
        window = str(date(2026, 1, 1) + timedelta(day))
        test = test.observe_rows(_misses(rng, 300, 0.15 if day < 40 else 0.3), 0.18, 0.36, window)
    assert test.since is not None
    assert abs(date.fromisoformat(test.since) - date(2026, 2, 10)) <= timedelta(2)


def test_without_an_alarm_no_beginning_is_named() -> None:
    assert LossTest.start(0.01).since is None


def test_the_bound_of_a_share_is_that_of_clopper_and_pearson() -> None:
    """With no miss in n rows the bound is 1 - 0.025^(1 / n)."""
    found = Baseline.from_losses(np.zeros(50), share=True)
    assert found.upper == pytest.approx(1 - 0.025 ** (1 / 50))
    assert found.deviation > 0
    assert Baseline.from_losses(np.ones(50), share=True).upper == 1.0


def test_the_bound_of_other_losses_is_the_normal_one() -> None:
    losses = np.array([1.0, 2.0, 3.0, 4.0])
    found = Baseline.from_losses(losses, share=False)
    assert found.upper == pytest.approx(2.5 + 1.959964 * losses.std(ddof=1) / 2)


def test_one_test_row_is_too_few() -> None:
    with pytest.raises(ValueError, match="1 test rows are too few"):
        Baseline.from_losses(np.array([0.3]), share=False)


@pytest.mark.parametrize(("margin", "limit"), [(Margin(addend=0.01), 0.21), (Margin(factor=1.1), 0.22)])
def test_a_margin_is_added_or_a_share(margin: Margin, limit: float) -> None:
    assert margin.limit(0.2) == pytest.approx(limit)


def test_at_the_limit_itself_few_of_many_streams_ever_alarm() -> None:
    """The worst case of the hypothesis, at a limit that is known, looked at 100 times: 2.5 % may alarm."""
    alarms = 0
    for stream in np.random.SeedSequence(0).spawn(200):
        rng, test = np.random.default_rng(stream), LossTest.start(0.02)
        for _ in range(100):
            test = test.observe_rows(_misses(rng, 60, 0.2), 0.2, 0.4, DAY)
        alarms += test.alarm
    assert alarms <= 10


def test_heavy_tailed_losses_at_the_limit_seldom_alarm_either() -> None:
    alarms = 0
    for stream in np.random.SeedSequence(1).spawn(200):
        rng, test = np.random.default_rng(stream), LossTest.start(0.1)
        for _ in range(50):
            test = test.observe_rows(rng.pareto(2.2, 40), 1 / 1.2, 2.0, DAY)
        alarms += test.alarm
    assert alarms <= 10


def test_a_real_loss_is_found_in_nearly_all_streams() -> None:
    found = 0
    for stream in np.random.SeedSequence(2).spawn(40):
        rng, test = np.random.default_rng(stream), LossTest.start(0.02)
        for _ in range(30):
            test = test.observe_rows(_misses(rng, 200, 0.27), 0.2, 0.4, DAY)
        found += test.alarm
    assert found >= 39
