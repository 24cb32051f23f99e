import numpy as np
import pytest

from mlops.evaluation.answered_rows import AnsweredRows
from mlops.evaluation.metrics.answers import ClassAnswers, Floats
from mlops.evaluation.metrics.catalog import measure
from mlops.monitoring.estimate.classes import METRICS, expand_labels, expected_metrics, prepare_classes


def _calibrated(rows: int, rng: np.random.Generator, spread: float = 2.0) -> ClassAnswers:
    chance = 1 / (1 + np.exp(-rng.normal(0, spread, rows)))
    return ClassAnswers((rng.random(rows) < chance).astype(np.intp), np.column_stack([1 - chance, chance]), ("n", "y"))


def _window(chances: list[float]) -> tuple[ClassAnswers, Floats]:
    both = np.column_stack([1 - np.array(chances), chances])
    return ClassAnswers(np.zeros(len(chances), dtype=np.intp), both, ("n", "y")), both


def test_the_expected_confusion_matrix_gives_the_metrics_of_decisions() -> None:
    """Positive are 0.9 and 0.6: 1.5 hits, 0.5 false alarms; of 0.2 + 0.1 missed. So 1.5/2, 1.5/1.8, (1.5 + 1.7)/4."""
    found = expected_metrics(*_window([0.9, 0.6, 0.2, 0.1]))
    assert found["precision"] == pytest.approx(1.5 / 2)
    assert found["recall"] == pytest.approx(1.5 / 1.8)
    assert found["accuracy"] == pytest.approx(3.2 / 4)
    assert found["f1"] == pytest.approx(3 / (2 + 1.8))


def test_the_expected_metrics_of_probabilities_are_those_of_their_own_spread() -> None:
    chances = np.array([0.9, 0.6, 0.2])
    found = expected_metrics(*_window(chances.tolist()))
    assert found["brier"] == pytest.approx((chances * (1 - chances)).mean())
    entropy = -(chances * np.log(chances) + (1 - chances) * np.log(1 - chances)).mean()
    assert found["log_loss"] == pytest.approx(entropy)


def test_the_expected_roc_area_counts_pairs_by_their_chances() -> None:
    """Pairs in order: row 0 positive and row 1 negative, 0.8 * 0.7; against it 0.3 * 0.2; each row with itself half."""
    found = expected_metrics(*_window([0.8, 0.3]))
    pairs = 0.8 * 0.7 + 0.5 * (0.8 * 0.2 + 0.3 * 0.7)
    assert found["roc_auc"] == pytest.approx(pairs / (1.1 * 0.9))


def test_certain_chances_give_the_realised_metrics() -> None:
    answers = _calibrated(400, np.random.default_rng(0))
    found, realised = expected_metrics(answers, np.eye(2)[answers.truth]), measure(answers)
    assert found == pytest.approx({metric.name: realised[metric.name] for metric in METRICS})


def test_certain_chances_give_the_realised_metrics_of_several_labels() -> None:
    rng = np.random.default_rng(0)
    answers = ClassAnswers(rng.integers(0, 3, 300), rng.dirichlet([1, 1, 1], 300), ("a", "b", "c"))
    found, realised = expected_metrics(answers, np.eye(3)[answers.truth]), measure(answers)
    assert found == pytest.approx({metric.name: realised[metric.name] for metric in METRICS})


def test_each_row_stands_once_for_each_label() -> None:
    every = expand_labels(ClassAnswers(np.array([1]), np.array([[0.2, 0.3, 0.5]]), ("a", "b", "c")))
    assert every.truth.tolist() == [0, 1, 2]
    assert every.probabilities.tolist() == [[0.2, 0.3, 0.5]] * 3


def test_the_truth_of_a_window_is_not_looked_at() -> None:
    rng = np.random.default_rng(1)
    estimator = prepare_classes(AnsweredRows(_calibrated(500, rng)), rng)
    window = _calibrated(200, rng)
    turned = ClassAnswers(1 - window.truth, window.probabilities, window.labels)
    one, other = (estimator.outcomes(AnsweredRows(each), np.random.default_rng(2)) for each in (window, turned))
    assert {name: each.value for name, each in one.items()} == {name: each.value for name, each in other.items()}


def test_over_confident_probabilities_are_estimated_by_how_often_they_came_true() -> None:
    rng = np.random.default_rng(3)
    truth = (rng.random(6000) < 0.7).astype(np.intp)
    answers = ClassAnswers(truth, np.tile([0.01, 0.99], (6000, 1)), ("n", "y"))
    estimator = prepare_classes(AnsweredRows(answers.take(np.arange(3000))), rng, ("accuracy",))
    found = estimator.outcomes(AnsweredRows(answers.take(np.arange(3000, 6000))), rng)
    assert list(found) == ["accuracy"]
    assert found["accuracy"].value == pytest.approx(truth[:3000].mean(), abs=0.005)


def test_noise_and_error_of_the_reference_are_those_of_a_share() -> None:
    """All chances are 0.7: 400 rows scatter by √(0.21 / 400), and 1,000 held-out rows know it to √(0.21 / 1000)."""
    rng = np.random.default_rng(4)
    truth = (np.arange(1000) < 700).astype(np.intp)
    reference = ClassAnswers(truth, np.tile([0.3, 0.7], (1000, 1)), ("n", "y"))
    window = ClassAnswers(np.zeros(400, dtype=np.intp), np.tile([0.3, 0.7], (400, 1)), ("n", "y"))
    found = prepare_classes(AnsweredRows(reference), rng).outcomes(AnsweredRows(window), rng)["accuracy"]
    assert found.noise.std() == pytest.approx(np.sqrt(0.21 / 400), rel=0.15)
    assert found.reference_error == pytest.approx(np.sqrt(0.21 / 1000), rel=0.35)
    assert found.change_error < 0.1 * found.reference_error
    assert found.window_error == pytest.approx(0, abs=1e-9)


def test_inputs_tell_where_probabilities_are_wrong() -> None:
    """At one place the model is right, at another it guesses, and says 0.8 at both; the window is all of the latter."""
    rng = np.random.default_rng(5)

    def draw(rows: int, place: float) -> AnsweredRows:
        bad = rng.random(rows) < place
        truth = (rng.random(rows) < np.where(bad, 0.5, 1.0)).astype(np.intp)
        return AnsweredRows(ClassAnswers(truth, np.tile([0.2, 0.8], (rows, 1)), ("n", "y")), bad[:, None].astype(float))

    reference, window = draw(3000, 0.4), draw(500, 1.0)
    found = prepare_classes(reference, rng).outcomes(window, rng)["accuracy"]
    assert found.value == pytest.approx((0.8 + 0.5) / 2, abs=0.02)
    assert found.disagreement == pytest.approx(-0.3, abs=0.04)


def test_a_window_without_the_inputs_of_the_reference_is_refused() -> None:
    rng = np.random.default_rng(6)
    answers = _calibrated(200, rng)
    estimator = prepare_classes(AnsweredRows(answers, np.zeros((200, 1))), rng)
    with pytest.raises(ValueError, match="the window's rows have none"):
        estimator.outcomes(AnsweredRows(answers), rng)
