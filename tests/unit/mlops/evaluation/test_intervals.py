"""Intervals hold the truth as often as they say, and say when they can't."""

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import bootstrap as reference_bootstrap

from mlops.evaluation.closed_form import wilson
from mlops.evaluation.intervals import estimate
from mlops.evaluation.metrics.answers import ClassAnswers, Integers, ValueAnswers
from mlops.evaluation.metrics.catalog import CLASS_METRICS, VALUE_METRICS
from mlops.evaluation.metrics.decisions import ACCURACY, F1, RECALL
from mlops.evaluation.metrics.metric import Metric
from mlops.evaluation.metrics.probabilities import LOG_LOSS
from mlops.evaluation.metrics.ranking import PR_AUC, ROC_AUC
from mlops.evaluation.metrics.values import MAE, RMSE
from tests.unit.mlops.evaluation.metrics.samples import draw_class_answers, draw_value_answers


def _perfect(rows: int) -> ClassAnswers:
    truth = np.arange(rows) % 2
    return ClassAnswers(truth, np.eye(2)[truth], ("no", "yes"))


def test_every_metric_lies_in_its_interval() -> None:
    for seed in range(3):
        classes = estimate(draw_class_answers(seed, classes=3), CLASS_METRICS, np.random.default_rng(seed), 300)
        values = estimate(draw_value_answers(seed), VALUE_METRICS, np.random.default_rng(seed), 300)
        assert "no interval would hold" in str(classes.pop("calibration_error").reason)
        for found in (*classes.values(), *values.values()):
            assert found.interval is not None, found
            assert found.value is not None
            assert found.interval.low <= found.value <= found.interval.high
            assert found.interval.low < found.interval.high


def test_the_interval_is_that_of_an_independent_implementation() -> None:
    answers = draw_class_answers(seed=2, rows=80)
    errors = -np.log(answers.probabilities[np.arange(80), answers.truth])
    expected = reference_bootstrap(
        (errors,), np.mean, n_resamples=20_000, method="BCa", rng=np.random.default_rng(1)
    ).confidence_interval
    found = estimate(answers, [LOG_LOSS], np.random.default_rng(2), resamples=20_000)["log_loss"].interval
    assert found is not None
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.005)


@pytest.mark.parametrize("metric", [ACCURACY, F1, ROC_AUC], ids=lambda metric: metric.name)
def test_intervals_hold_the_truth_about_95_times_in_100(metric: Metric[ClassAnswers]) -> None:
    truth = metric.value(draw_class_answers(seed=1000, rows=200_000))
    held = 0
    for seed in range(200):
        found = estimate(draw_class_answers(seed, rows=150), [metric], np.random.default_rng(seed), 400)
        interval = found[metric.name].interval
        assert interval is not None
        held += interval.low <= truth <= interval.high
    assert 181 <= held <= 198  # 95 % of 200, give or take three standard errors


def test_more_rows_narrow_the_interval() -> None:
    few = estimate(draw_value_answers(1, rows=50), [RMSE], np.random.default_rng(1), 500)["rmse"].interval
    many = estimate(draw_value_answers(1, rows=5000), [RMSE], np.random.default_rng(1), 500)["rmse"].interval
    assert few is not None
    assert many is not None
    assert (many.high - many.low) < (few.high - few.low) / 5


def test_the_same_seed_gives_the_same_interval() -> None:
    answers = draw_class_answers(seed=1)
    first, again, other = (estimate(answers, CLASS_METRICS, np.random.default_rng(seed), 200) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_a_perfect_score_is_not_a_certain_one() -> None:
    found = estimate(_perfect(50), [ACCURACY, RECALL, ROC_AUC], np.random.default_rng(1), 200)
    assert found["accuracy"].interval == wilson(1.0, 50)
    assert found["accuracy"].interval is not None
    assert found["accuracy"].interval.low == pytest.approx(0.929, abs=0.001)
    assert found["recall"].interval == wilson(1.0, 25)
    area = found["roc_auc"].interval
    assert area is not None
    assert 0.8 < area.low < area.high == 1.0


def test_what_is_the_same_in_every_resample_has_no_interval() -> None:
    found = estimate(_perfect(50), [F1], np.random.default_rng(1), 200)["f1"]
    assert found.interval is None
    assert "the same in every resample" in str(found.reason)


def test_a_label_too_rare_for_an_interval_is_the_reason_for_none() -> None:
    truth = np.r_[1, np.zeros(60, dtype=np.intp)]
    claimed = np.linspace(0.9, 0.1, 61)
    answers = ClassAnswers(truth, np.column_stack([1 - claimed, claimed]), ("no", "yes"))
    found = estimate(answers, [ROC_AUC], np.random.default_rng(1), 500)["roc_auc"]
    assert found.value == 1.0
    assert found.interval is None
    assert "too few rows of a label" in str(found.reason)


def test_an_undefined_metric_has_no_number_in_json() -> None:
    answers = ClassAnswers(np.zeros(20, dtype=np.intp), np.tile([0.8, 0.2], (20, 1)), ("no", "yes"))
    found = estimate(answers, [ROC_AUC], np.random.default_rng(1), 200)["roc_auc"]
    assert found.value is None
    assert json.loads(found.model_dump_json())["value"] is None
    assert found.reason == "not defined for these rows"


def test_one_row_gives_an_estimate_without_pretence() -> None:
    answers = draw_value_answers(seed=1, rows=1)
    assert estimate(answers, [MAE], np.random.default_rng(1), 200)["mae"].interval is None


def _rare(rows: int, seed: int) -> ClassAnswers:
    """Calibrated answers to rows of which two in a hundred are positive."""
    rng = np.random.default_rng([seed, rows])
    chance = 1 / (1 + np.exp(5.3 - 1.7 * rng.normal(size=rows)))
    truth: Integers = (rng.random(rows) < chance).astype(np.intp)
    return ClassAnswers(truth, np.column_stack([1 - chance, chance]), ("no", "yes"))


@pytest.mark.parametrize("metric", [ROC_AUC, PR_AUC], ids=lambda metric: metric.name)
@pytest.mark.parametrize("rows", [500, 1000])
def test_areas_of_rare_positives_are_covered(metric: Metric[ClassAnswers], rows: int) -> None:
    truth = metric.value(_rare(400_000, 0))
    held, given = 0, 0
    for seed in range(1, 301):
        interval = estimate(_rare(rows, seed), [metric], np.random.default_rng(seed), 2)[metric.name].interval
        if interval is not None:
            given += 1
            held += interval.low <= truth <= interval.high
    assert given > 270
    assert held / given > 0.912, "95 %, less three standard errors of 300 tries"


def _prices(rows: int, seed: int, spread: float) -> ValueAnswers:
    """Prices that are lognormal around what is predicted; `spread` is that of their logarithm."""
    rng = np.random.default_rng([seed, rows])
    known, chance = rng.normal(0, spread, size=(2, rows))
    return ValueAnswers(np.exp(known + chance), np.exp(known + spread**2 / 2))


def test_errors_with_a_heavy_tail_have_no_interval_of_their_square_but_a_reason() -> None:
    given = 0
    for seed in range(60):
        found = estimate(_prices(600, seed, 1.0), [RMSE, MAE], np.random.default_rng(seed), 200)
        given += found["rmse"].interval is not None
        if found["rmse"].interval is None:
            assert "of the squared error of 600" in str(found["rmse"].reason)
    assert given == 0


@pytest.mark.parametrize(("metric", "spread"), [(RMSE, 0.25), (MAE, 0.7)], ids=["rmse", "mae"])
def test_skewed_errors_are_covered_where_they_have_an_interval(metric: Metric[ValueAnswers], spread: float) -> None:
    truth = metric.value(_prices(2_000_000, 0, spread))
    held, given = 0, 0
    for seed in range(1, 201):
        interval = estimate(_prices(600, seed, spread), [metric], np.random.default_rng(seed), 2)[metric.name].interval
        if interval is not None:
            given += 1
            held += interval.low <= truth <= interval.high
    assert given > 120
    assert held / given > 0.90


def test_rows_of_a_unit_make_a_wider_interval_than_independent_ones() -> None:
    answers = draw_class_answers(seed=3, rows=100)
    copied = answers.take(np.repeat(np.arange(100), 5))
    units = np.repeat(np.arange(100), 5)
    alone = estimate(copied, [ACCURACY], np.random.default_rng(0), 1000)["accuracy"].interval
    together = estimate(replace(copied, units=units), [ACCURACY], np.random.default_rng(0), 1000)["accuracy"].interval
    true = estimate(answers, [ACCURACY], np.random.default_rng(0), 1000)["accuracy"].interval
    assert alone is not None
    assert together is not None
    assert true is not None
    assert together.high - together.low == pytest.approx(true.high - true.low, rel=0.15)
    assert together.high - together.low > 1.8 * (alone.high - alone.low)
