import json
from collections.abc import Callable

import numpy as np
import pytest

from mlops.evaluation.metrics.answers import Answers, ClassAnswers, ValueAnswers
from mlops.evaluation.metrics.catalog import measure
from mlops.monitoring.loss.realised import FEWEST_ROWS, MOST_WAITING, RealisedLoss
from tests.unit.mlops.monitoring.loss.days import day


def draw_classes(rows: int, rng: np.random.Generator, broken: float = 0.0) -> ClassAnswers:
    """A model whose probabilities are right, but for the share `broken` of rows, whose truth is a coin's."""
    chance = 1 / (1 + np.exp(-rng.normal(0, 2.5, rows)))
    truth = np.where(rng.random(rows) < broken, rng.random(rows) < 0.5, rng.random(rows) < chance)
    return ClassAnswers(truth.astype(np.intp), np.column_stack([1 - chance, chance]), ("no", "yes"))


def draw_values(rows: int, rng: np.random.Generator, noise: float = 1.0) -> ValueAnswers:
    predicted = rng.normal(10, 3, rows)
    return ValueAnswers(predicted + noise * rng.standard_t(5, rows), predicted)


def _start(metric: str, held_out: Answers, margin: float = 0.01) -> RealisedLoss:
    state = RealisedLoss.start(metric, held_out, margin, np.random.default_rng(0))
    assert state is not None
    return state


def _watch(
    state: RealisedLoss, draw: Callable[[int, int], Answers], days: int, rows: int, rng: np.random.Generator
) -> RealisedLoss:
    for number in range(days):
        state = state.observe(draw(rows, number), day(number), rng)
    return state


@pytest.mark.parametrize("metric", ["accuracy", "recall", "brier", "log_loss", "f1", "roc_auc"])
def test_a_classifier_as_good_as_at_training_seldom_alarms_and_a_broken_one_nearly_always(metric: str) -> None:
    false_alarms = found = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        state = _start(metric, draw_classes(2000, rng))
        false_alarms += _watch(state, lambda rows, _, rng=rng: draw_classes(rows, rng), 60, 100, rng).test.alarm  # type: ignore[misc]
        broken = _watch(state, lambda rows, _, rng=rng: draw_classes(rows, rng, 0.5), 60, 100, rng)  # type: ignore[misc]
        found += broken.test.alarm
    assert false_alarms <= 1
    assert found >= 11


@pytest.mark.parametrize("metric", ["mae", "rmse", "r2"])
def test_a_regression_as_good_as_at_training_seldom_alarms_and_a_broken_one_nearly_always(metric: str) -> None:
    false_alarms = found = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        state = _start(metric, draw_values(2000, rng))
        false_alarms += _watch(state, lambda rows, _, rng=rng: draw_values(rows, rng), 60, 100, rng).test.alarm  # type: ignore[misc]
        found += _watch(state, lambda rows, _, rng=rng: draw_values(rows, rng, 1.6), 60, 100, rng).test.alarm  # type: ignore[misc]
    assert false_alarms <= 1
    assert found >= 11


def test_the_window_in_which_a_loss_began_is_named() -> None:
    rng = np.random.default_rng(0)
    state = _start("accuracy", draw_classes(5000, rng))
    state = _watch(state, lambda rows, number: draw_classes(rows, rng, 0.0 if number < 30 else 0.5), 45, 300, rng)
    assert state.test.since in {day(number) for number in range(28, 33)}


def test_rows_of_a_metric_that_is_no_mean_wait_until_they_are_enough() -> None:
    rng = np.random.default_rng(0)
    state = _start("roc_auc", draw_classes(1000, rng))
    windows = [draw_classes(rows, rng) for rows in (80, 80, 80)]
    for number, window in enumerate(windows):
        assert state.test.looks == 0
        state = state.observe(window, day(number), rng)
    assert (state.test.looks, state.waiting) == (1, None)
    assert FEWEST_ROWS == 200


def test_rows_of_one_label_alone_wait_but_not_without_end() -> None:
    rng = np.random.default_rng(0)
    state = _start("roc_auc", draw_classes(1000, rng))
    only_yes = ClassAnswers(np.ones(150, np.intp), np.tile([0.2, 0.8], (150, 1)), ("no", "yes"))
    for number in range(20):
        state = state.observe(only_yes, day(number), rng)
    assert state.waiting is not None
    assert len(state.waiting) == MOST_WAITING
    state = state.observe(draw_classes(150, rng), day(20), rng)
    assert (state.test.looks, state.waiting) == (1, None)


def test_windows_that_waited_are_one_look_at_all_their_rows() -> None:
    held_out = draw_classes(1000, np.random.default_rng(0))
    rows = draw_classes(240, np.random.default_rng(1))
    at_once = _start("roc_auc", held_out).observe(rows, day(1), np.random.default_rng(2))
    first, second = rows.take(np.arange(90)), rows.take(np.arange(90, 240))
    waited = _start("roc_auc", held_out).observe(first, day(0), np.random.default_rng(2))
    waited = RealisedLoss.from_dict(json.loads(json.dumps(waited.to_dict())))
    assert waited.observe(second, day(1), np.random.default_rng(2)).test == at_once.test


def test_a_perfect_model_s_first_miss_is_no_alarm() -> None:
    """Its area under the curve doesn't vary at all on the held-out rows."""
    chance = np.tile([0.1, 0.9], 500)
    perfect = ClassAnswers(np.tile([0, 1], 500), np.column_stack([1 - chance, chance]), ("no", "yes"))
    state = _start("roc_auc", perfect, margin=0.0)
    truth = perfect.truth[:300].copy()
    truth[0] = 1
    once_wrong = ClassAnswers(truth, perfect.probabilities[:300], perfect.labels)
    assert measure(once_wrong)["roc_auc"] < 1
    assert not state.observe(once_wrong, day(0), np.random.default_rng(0)).test.alarm


def test_an_error_s_margin_is_a_share_of_it() -> None:
    rng = np.random.default_rng(0)
    held_out = draw_values(2000, rng)
    tight, loose = _start("rmse", held_out, 0.01), _start("rmse", held_out, 0.5)
    assert loose.limit / tight.limit == pytest.approx((1.5 / 1.01) ** 2)


def test_a_regression_without_any_error_at_training_is_not_tested() -> None:
    values = np.arange(50.0)
    assert RealisedLoss.start("mae", ValueAnswers(values, values), 0.01, np.random.default_rng(0)) is None


def test_a_metric_that_is_not_defined_on_the_held_out_rows_is_not_tested() -> None:
    only_yes = ClassAnswers(np.ones(50, np.intp), np.tile([0.2, 0.8], (50, 1)), ("no", "yes"))
    assert RealisedLoss.start("roc_auc", only_yes, 0.01, np.random.default_rng(0)) is None


def test_the_window_observed_last_changes_nothing_and_an_earlier_one_is_refused() -> None:
    rng = np.random.default_rng(0)
    once = _start("accuracy", draw_classes(500, rng)).observe(draw_classes(50, rng), day(3), rng)
    assert once.observe(draw_classes(50, rng, 1.0), day(3), rng) is once
    with pytest.raises(ValueError, match="window 2026-01-03 comes after 2026-01-04 was observed"):
        once.observe(draw_classes(50, rng), day(2), rng)


@pytest.mark.parametrize(("metric", "draw"), [("accuracy", draw_classes), ("f1", draw_classes), ("r2", draw_values)])
def test_the_state_goes_through_json_without_loss(
    metric: str, draw: Callable[[int, np.random.Generator], Answers]
) -> None:
    rng = np.random.default_rng(0)
    state = _start(metric, draw(500, rng))
    for number in range(4):
        written = state.to_dict()
        assert RealisedLoss.from_dict(json.loads(json.dumps(written))).to_dict() == written
        state = state.observe(draw(90, rng), day(number), rng)


def test_a_window_without_truth_is_no_look() -> None:
    rng = np.random.default_rng(0)
    before = _start("accuracy", draw_classes(500, rng))
    after = before.observe(None, day(0), rng)
    assert (after.test, after.window) == (before.test, day(0))
