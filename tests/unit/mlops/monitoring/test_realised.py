import json

import numpy as np
import pytest

from mlops.evaluation.intervals import estimate
from mlops.evaluation.metrics.answers import ClassAnswers
from mlops.evaluation.metrics.catalog import CLASS_METRICS
from mlops.evaluation.slices import Slice
from mlops.monitoring.realised import OVERALL, compare, measure_realised
from mlops.registry.manifest.evidence import Estimate, Interval

ACCURACY = next(metric for metric in CLASS_METRICS if metric.name == "accuracy")


def _answers(hits: int, misses: int) -> ClassAnswers:
    truth = np.array([1] * hits + [0] * misses, dtype=np.intp)
    return ClassAnswers(truth, np.tile([0.2, 0.8], (hits + misses, 1)), ("no", "yes"))


def _estimate(value: float, low: float, high: float) -> Estimate:
    return Estimate(value=value, rows=200, interval=Interval(low=low, high=high, level=0.95, method="BCa"))


def test_a_metric_is_measured_overall_and_on_each_slice() -> None:
    part = Slice("site", "north", np.arange(40))
    found = measure_realised(_answers(90, 10), 150, {}, [part], np.random.default_rng(0))
    assert (found.labelled, found.predictions) == (100, 150)
    assert found.overall.estimates["accuracy"].value == pytest.approx(0.9)
    assert found.slices[0].where == "site = north"
    assert found.slices[0].estimates["accuracy"].value == 1.0


def test_too_few_rows_are_not_measured_and_say_so() -> None:
    found = measure_realised(_answers(25, 4), 29, {}, [], np.random.default_rng(0))
    assert found.overall.estimates == {}
    assert found.overall.reason == "29 rows with truth are too few to measure: 30 are needed"


def test_a_window_without_truth_says_so() -> None:
    found = measure_realised(None, 500, {}, [], np.random.default_rng(0))
    assert (found.labelled, found.overall.reason) == (0, "no row has a truth yet")


def test_a_slice_of_too_few_rows_is_not_measured_while_all_rows_are() -> None:
    found = measure_realised(
        _answers(90, 10), 100, {}, [Slice("site", "south", np.arange(5))], np.random.default_rng(0)
    )
    assert found.overall.reason is None
    assert found.slices[0].reason is not None


def test_the_change_is_now_minus_training_and_its_interval_combines_both() -> None:
    found = compare("accuracy", _estimate(0.9, 0.86, 0.93), _estimate(0.8, 0.77, 0.84))
    assert found is not None
    assert found.difference == pytest.approx(-0.1)
    assert found.low == pytest.approx(-0.1 - np.hypot(0.03, 0.03))
    assert found.high == pytest.approx(-0.1 + np.hypot(0.04, 0.04))
    assert found.significantly_worse


def test_the_change_of_an_error_is_negative_where_the_error_grew() -> None:
    found = compare("mae", _estimate(1.0, 0.9, 1.1), _estimate(1.5, 1.3, 1.8))
    assert found is not None
    assert found.difference == pytest.approx(-0.5)
    assert found.low == pytest.approx(-0.5 - np.hypot(0.3, 0.1))
    assert found.high == pytest.approx(-0.5 + np.hypot(0.2, 0.1))


def test_nothing_is_compared_with_a_metric_that_had_no_interval() -> None:
    before = Estimate(value=None, rows=10, reason="not defined for these rows")
    assert compare("accuracy", before, _estimate(0.8, 0.7, 0.9)) is None


def test_the_result_is_json_and_the_same_for_the_same_seed() -> None:
    trained = {OVERALL: {"accuracy": _estimate(0.95, 0.9, 0.98)}}
    once, again = (
        measure_realised(_answers(90, 10), 100, trained, [], np.random.default_rng(3)).to_dict() for _ in range(2)
    )
    assert json.dumps(once) == json.dumps(again)
    assert once["overall"]["changes"]["accuracy"]["difference"] == pytest.approx(-0.05)


def test_the_interval_of_a_change_holds_the_true_one() -> None:
    rng, held = np.random.default_rng(0), 0
    for _ in range(200):
        before, now = (
            estimate(_answers(hits, 200 - hits), [ACCURACY], rng, 300)["accuracy"]
            for hits in (rng.binomial(200, 0.9), rng.binomial(200, 0.8))
        )
        change = compare("accuracy", before, now)
        assert change is not None
        held += change.low <= -0.1 <= change.high
    assert 182 <= held <= 199


def test_of_very_many_rows_a_sample_is_measured_and_said_so() -> None:
    found = measure_realised(_answers(54_000, 6_000), 60_000, {}, [], np.random.default_rng(0))
    assert (found.labelled, found.overall.rows) == (60_000, 60_000)
    accuracy = found.overall.estimates["accuracy"]
    assert accuracy.rows == 50_000
    assert accuracy.value == pytest.approx(0.9, abs=0.005)
