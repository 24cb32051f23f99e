import json

import numpy as np
import pytest

from mlops.evaluation.answered_rows import AnsweredRows
from mlops.evaluation.metrics.answers import ClassAnswers, ValueAnswers
from mlops.evaluation.metrics.catalog import measure
from mlops.monitoring.estimate.instability import Difference
from mlops.monitoring.estimate.window import backtest, estimate_window, prepare, without_truth


def _rows(rows: int, rng: np.random.Generator, ordered: bool = False) -> AnsweredRows:
    chance = 1 / (1 + np.exp(-rng.normal(0, 2, rows)))
    truth = (rng.random(rows) < chance).astype(np.intp)
    return AnsweredRows(ClassAnswers(truth, np.column_stack([1 - chance, chance]), ("n", "y")), ordered=ordered)


def test_the_interval_holds_the_realised_metric_in_95_of_100_windows_and_is_no_wider_than_it_must_be() -> None:
    """Where nothing is known of the stability of the estimates, it's half as wide again as the noise alone."""
    rng, held, widths = np.random.default_rng(0), 0, []
    for _ in range(10):
        estimator = prepare(_rows(600, rng), rng, ("accuracy", "roc_auc"))
        for place in range(20):
            window = _rows(200, rng)
            found, realised = estimate_window(estimator, window, place, {}, rng), measure(window.answers)
            held += sum(found[name].low <= realised[name] <= found[name].high for name in ("accuracy", "roc_auc"))
            widths += [(each.high - each.low) / (2 * 1.96 * each.noise) for each in found.values()]
    assert held >= 380
    assert np.mean(widths) < 1.7


def test_the_same_seed_gives_the_same_json() -> None:
    estimator = prepare(_rows(300, np.random.default_rng(0)), np.random.default_rng(1))
    window = _rows(100, np.random.default_rng(2))
    once, again = (estimate_window(estimator, window, 0, {}, np.random.default_rng(3)) for _ in range(2))
    assert once == again
    assert json.loads(json.dumps(once["f1"].to_dict()))["metric"] == "f1"


def test_a_window_of_too_few_rows_has_no_estimates() -> None:
    estimator = prepare(_rows(300, np.random.default_rng(0)), np.random.default_rng(1))
    assert estimate_window(estimator, _rows(29, np.random.default_rng(2)), 0, {}, np.random.default_rng(3)) == {}


def test_earlier_truth_shifts_the_estimate_by_the_bias_it_showed() -> None:
    rng = np.random.default_rng(4)
    estimator = prepare(_rows(1000, rng), rng, ("accuracy",))
    past = {"accuracy": [Difference(place, -0.1, 0.01) for place in range(10)]}
    found = estimate_window(estimator, _rows(500, rng), 10, past, rng)["accuracy"]
    assert found.value == pytest.approx(found.uncorrected - 0.1, abs=0.01)
    assert found.low < found.value < found.high


def test_estimates_stay_within_what_a_metric_can_be() -> None:
    rng = np.random.default_rng(5)
    answers = ClassAnswers(np.ones(400, dtype=np.intp), np.tile([0.01, 0.99], (400, 1)), ("n", "y"))
    past = {"accuracy": [Difference(0, 0.2, 0.01)]}
    found = estimate_window(prepare(AnsweredRows(answers), rng), AnsweredRows(answers), 1, past, rng)["accuracy"]
    assert found.value <= 1
    assert found.high <= 1


def test_a_large_window_is_sampled() -> None:
    rng = np.random.default_rng(6)
    estimator = prepare(_rows(300, rng), rng, ("accuracy",))
    assert estimate_window(estimator, _rows(25_000, rng), 0, {}, rng)["accuracy"].rows == 20_000


def test_a_reference_in_order_shows_how_unstable_the_estimates_were() -> None:
    """The first half is right as often as it claims, of the second half every other truth is a coin."""
    rng = np.random.default_rng(7)
    rows = _rows(2000, rng, ordered=True)
    assert isinstance(rows.answers, ClassAnswers)
    truth = rows.answers.truth.copy()
    truth[1000::2] = rng.integers(0, 2, 500)
    answers = ClassAnswers(truth, rows.answers.probabilities, rows.answers.labels)
    history = backtest(AnsweredRows(answers, ordered=True), rng)["accuracy"]
    assert [each.place for each in history] == list(range(-10, 0))
    assert np.mean([each.value for each in history[:5]]) > 0.03
    assert np.mean([each.value for each in history[5:]]) < -0.03


def test_a_reference_without_order_or_of_few_rows_has_no_history() -> None:
    rng = np.random.default_rng(8)
    assert backtest(_rows(2000, rng), rng) == {}
    assert backtest(_rows(150, rng, ordered=True), rng) == {}


def test_answers_without_truth_keep_all_else() -> None:
    answers = ClassAnswers(np.array([1, 1]), np.array([[0.2, 0.8], [0.6, 0.4]]), ("n", "y"), 0, 0.3)
    bare = without_truth(answers)
    assert isinstance(bare, ClassAnswers)
    assert bare.truth.tolist() == [0, 0]
    assert bare.decided.tolist() == answers.decided.tolist()
    values = without_truth(ValueAnswers(np.array([1.0]), np.array([2.0])))
    assert isinstance(values, ValueAnswers)
    assert values.truth.tolist() == [2.0]
