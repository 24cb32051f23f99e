import json

import numpy as np
import pytest

from mlops.evaluation.answered_rows import AnsweredRows
from mlops.evaluation.metrics.answers import ClassAnswers
from mlops.evaluation.metrics.catalog import measure
from mlops.monitoring.estimate.history import KEPT, EstimateHistory
from mlops.monitoring.estimate.instability import Difference
from mlops.monitoring.estimate.window import Estimator, prepare

NAMES = ("accuracy", "roc_auc")


def _rows(rows: int, rng: np.random.Generator, flip: float = 0.0) -> AnsweredRows:
    """Probabilities that are right, but for the share `flip` of rows, whose truth is a coin's."""
    chance = 1 / (1 + np.exp(-rng.normal(0, 2, rows)))
    truth = np.where(rng.random(rows) < flip, rng.random(rows) < 0.5, rng.random(rows) < chance)
    return AnsweredRows(ClassAnswers(truth.astype(np.intp), np.column_stack([1 - chance, chance]), ("no", "yes")))


@pytest.fixture(scope="module")
def estimator() -> Estimator:
    rng = np.random.default_rng(0)
    return prepare(_rows(1500, rng), rng, NAMES)


def _day(number: int) -> str:
    return f"2026-03-{number + 1:02d}"


def test_a_window_s_estimates_are_found_and_judged_when_truth_comes(estimator: Estimator) -> None:
    rng = np.random.default_rng(1)
    rows = _rows(400, rng)
    estimated = EstimateHistory().estimate(_day(0), estimator, rows, rng)
    found = estimated.find(_day(0))
    assert found is not None
    assert set(found.estimated) == set(NAMES)
    assert (found.realised, found.assessed) == (None, [])
    judged = estimated.judge(_day(0), estimator, rows, rng).find(_day(0))
    assert judged is not None
    assert judged.estimated == found.estimated
    assert judged.realised is not None
    assert judged.realised["accuracy"] == measure(rows.answers)["accuracy"]
    assert [each.covered for each in judged.assessed] == [True, True]


def test_later_estimates_learn_from_the_truth_of_earlier_windows(estimator: Estimator) -> None:
    rng = np.random.default_rng(2)
    history = EstimateHistory()
    for number in range(8):
        rows = _rows(400, rng, flip=0.4)
        history = history.estimate(_day(number), estimator, rows, rng).judge(_day(number), estimator, rows, rng)
    first, last = history.windows[0].estimated["accuracy"], history.windows[-1].estimated["accuracy"]
    assert first.value == pytest.approx(first.uncorrected)
    assert last.value < last.uncorrected - 0.05
    assert not history.assess()["roc_auc"].trustworthy or history.assess()["roc_auc"].covered >= 6


def test_only_truth_of_windows_before_counts(estimator: Estimator) -> None:
    rng = np.random.default_rng(3)
    history = EstimateHistory()
    for number in (0, 5):
        rows = _rows(300, rng)
        history = history.estimate(_day(number), estimator, rows, rng).judge(_day(number), estimator, rows, rng)
    assert [each.place for each in history.past("accuracy", _day(5))] == [0]
    assert [each.place for each in history.past("accuracy", _day(7))] == [0, 5]
    assert history.past("accuracy", _day(0)) == []


def test_some_of_a_window_s_truth_is_compared_with_the_estimate_of_those_rows(estimator: Estimator) -> None:
    """The truth came for the sure half alone: nothing is wrong with the estimates, though that half is better."""
    rng = np.random.default_rng(4)
    rows = _rows(2000, rng)
    assert isinstance(rows.answers, ClassAnswers)
    sure = rows.take(np.flatnonzero(np.abs(rows.answers.probabilities[:, 1] - 0.5) > 0.35))
    history = EstimateHistory().estimate(_day(0), estimator, rows, rng).judge(_day(0), estimator, sure, rng)
    found = history.find(_day(0))
    assert found is not None
    assert found.realised is not None
    assert found.differences is not None
    assert found.realised["accuracy"] - found.estimated["accuracy"].value > 0.05
    assert abs(found.differences["accuracy"].value) < 0.03


def test_an_interval_holds_the_metric_of_a_part_of_the_rows_in_95_of_100_windows(estimator: Estimator) -> None:
    held = windows = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        rows = _rows(500, rng)
        history = EstimateHistory().estimate(_day(0), estimator, rows, rng)
        history = history.judge(_day(0), estimator, rows.take(np.arange(50)), rng)
        (window,) = history.windows
        held += sum(each.covered for each in window.assessed)
        windows += len(window.assessed)
    assert windows == 120
    assert held >= 112


def test_few_truths_or_hardly_more_than_before_change_nothing(estimator: Estimator) -> None:
    rng = np.random.default_rng(5)
    rows = _rows(400, rng)
    estimated = EstimateHistory().estimate(_day(0), estimator, rows, rng)
    assert estimated.judge(_day(0), estimator, rows.take(np.arange(29)), rng) is estimated
    assert estimated.judge(_day(1), estimator, rows, rng) is estimated
    judged = estimated.judge(_day(0), estimator, rows.take(np.arange(200)), rng)
    assert judged.judge(_day(0), estimator, rows.take(np.arange(210)), rng) is judged
    again = judged.judge(_day(0), estimator, rows.take(np.arange(230)), rng).find(_day(0))
    assert again is not None
    assert again.labelled == 230


def test_a_window_that_is_estimated_again_with_the_same_seed_ends_in_the_same_state(estimator: Estimator) -> None:
    rows = _rows(300, np.random.default_rng(6))
    once = EstimateHistory().estimate(_day(0), estimator, rows, np.random.default_rng(7))
    assert once.estimate(_day(0), estimator, rows, np.random.default_rng(7)) == once
    judged = once.judge(_day(0), estimator, rows, np.random.default_rng(8))
    assert judged.estimate(_day(0), estimator, rows, np.random.default_rng(7)) == judged


def test_the_state_goes_through_json_without_loss(estimator: Estimator) -> None:
    rng = np.random.default_rng(9)
    history = EstimateHistory(before={"accuracy": (Difference(-1, 0.01, 0.02, 0.003),)})
    for number in range(3):
        rows = _rows(200, rng)
        assert EstimateHistory.from_dict(json.loads(json.dumps(history.to_dict()))) == history
        history = history.estimate(_day(number), estimator, rows, rng)
        if number == 1:
            history = history.judge(_day(number), estimator, rows, rng)
    assert EstimateHistory.from_dict(json.loads(json.dumps(history.to_dict()))) == history


def test_hours_and_days_are_counted_from_the_version_s_first_window() -> None:
    assert EstimateHistory("2026-02-27").place("2026-03-02") == 3
    assert EstimateHistory("2026-02-28T22").place("2026-03-01T01") == 3


def test_only_the_latest_windows_are_kept(estimator: Estimator) -> None:
    rng = np.random.default_rng(10)
    rows, history = _rows(60, rng), EstimateHistory()
    for number in range(KEPT + 3):
        history = history.estimate(f"2026-03-{1 + number // 24:02d}T{number % 24:02d}", estimator, rows, rng)
    assert [each.place for each in history.windows] == list(range(3, KEPT + 3))
