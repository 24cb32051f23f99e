"""Intervals hold the truth as often as they say, and say when they can't."""

import json

import numpy as np
import pytest
from scipy.stats import bootstrap as reference_bootstrap

from mlops.evaluation.intervals import estimate, wilson
from mlops.evaluation.metrics.answers import ClassAnswers
from mlops.evaluation.metrics.catalog import CLASS_METRICS, VALUE_METRICS
from mlops.evaluation.metrics.decisions import ACCURACY, F1, RECALL
from mlops.evaluation.metrics.metric import Metric
from mlops.evaluation.metrics.ranking import ROC_AUC
from mlops.evaluation.metrics.values import MAE, RMSE
from tests.unit.mlops.evaluation.metrics.samples import draw_class_answers, draw_value_answers


def _perfect(rows: int) -> ClassAnswers:
    truth = np.arange(rows) % 2
    return ClassAnswers(truth, np.eye(2)[truth], ("no", "yes"))


def test_every_metric_lies_in_its_interval() -> None:
    for seed in range(3):
        classes = estimate(draw_class_answers(seed, classes=3), CLASS_METRICS, np.random.default_rng(seed), 300)
        values = estimate(draw_value_answers(seed), VALUE_METRICS, np.random.default_rng(seed), 300)
        for found in (*classes.values(), *values.values()):
            assert found.interval is not None, found
            assert found.value is not None
            assert found.interval.low <= found.value <= found.interval.high
            assert found.interval.low < found.interval.high


def test_the_interval_is_that_of_an_independent_implementation() -> None:
    answers = draw_value_answers(seed=2, rows=80)
    errors = np.abs(answers.residuals)
    expected = reference_bootstrap(
        (errors,), np.mean, n_resamples=20_000, method="BCa", rng=np.random.default_rng(1)
    ).confidence_interval
    found = estimate(answers, [MAE], np.random.default_rng(2), resamples=20_000)["mae"].interval
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
    assert found["roc_auc"].interval is None
    assert "the same in every resample" in str(found["roc_auc"].reason)


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
