"""Answers at the edges of what the metrics are defined for."""

import numpy as np
import pytest

from mlops.contract import Target
from mlops.evaluation.metrics.answers import ClassAnswers, class_answers, value_answers
from mlops.evaluation.metrics.catalog import measure
from mlops.evaluation.metrics.probabilities import CALIBRATION_ERROR, equal_mass_bins
from mlops.evaluation.metrics.values import pinball
from tests.unit.mlops.evaluation.metrics.samples import draw_class_answers

TARGET = Target(name="diagnosis", task="binary", labels=("benign", "malignant"), positive="malignant")


def test_precision_is_that_of_the_positive_label_whatever_its_position() -> None:
    flipped = Target(name="diagnosis", task="binary", labels=("malignant", "benign"), positive="malignant")
    truth = ["malignant", "malignant", "benign", "benign", "benign"]
    sure = np.array([0.9, 0.4, 0.8, 0.2, 0.1])
    one = measure(class_answers(TARGET, truth, np.column_stack([1 - sure, sure])))
    other = measure(class_answers(flipped, truth, np.column_stack([sure, 1 - sure])))
    assert one == pytest.approx(other)
    assert (one["precision"], one["recall"], one["accuracy"]) == pytest.approx((0.5, 0.5, 0.6))


def test_a_lower_threshold_finds_more_positives() -> None:
    probabilities = [[0.7, 0.3], [0.4, 0.6], [0.9, 0.1], [0.75, 0.25]]
    truth = ["malignant", "malignant", "benign", "benign"]
    assert measure(class_answers(TARGET, truth, probabilities))["recall"] == 0.5
    assert measure(class_answers(TARGET, truth, probabilities, threshold=0.3))["recall"] == 1.0


def test_the_first_of_equally_probable_labels_wins() -> None:
    assert class_answers(TARGET, ["benign"], [[0.5, 0.5]]).decided.tolist() == [0]


def test_nothing_predicted_positive_has_no_precision() -> None:
    answers = class_answers(TARGET, ["malignant", "benign"], [[0.9, 0.1], [0.8, 0.2]])
    assert (measure(answers)["precision"], measure(answers)["f1"]) == (0.0, 0.0)


def test_rows_without_a_positive_have_no_recall_rather_than_none_found() -> None:
    quiet = measure(class_answers(TARGET, ["benign", "benign"], [[0.9, 0.1], [0.8, 0.2]]))
    assert np.isnan([quiet["precision"], quiet["recall"], quiet["f1"]]).all()
    alarmed = measure(class_answers(TARGET, ["benign", "benign"], [[0.9, 0.1], [0.2, 0.8]]))
    assert (alarmed["precision"], alarmed["f1"]) == (0.0, 0.0)
    assert np.isnan(alarmed["recall"])


def test_areas_of_a_single_class_are_undefined_rather_than_wrong() -> None:
    values = measure(class_answers(TARGET, ["benign", "benign"], [[0.9, 0.1], [0.8, 0.2]]))
    assert np.isnan(values["roc_auc"])
    assert np.isnan(values["pr_auc"])
    assert values["accuracy"] == 1.0


def test_a_constant_truth_has_no_r_squared() -> None:
    values = measure(value_answers([2.1, 2.1, 2.1], [2.0, 2.2, 2.1]))
    assert np.isnan(values["r2"])
    assert values["mae"] == pytest.approx(0.2 / 3)


def test_a_certain_and_wrong_answer_costs_much_but_not_infinitely() -> None:
    assert measure(class_answers(TARGET, ["benign"], [[0.0, 1.0]]))["log_loss"] == pytest.approx(36.04, abs=0.01)


def test_the_pinball_loss_weighs_too_low_against_too_high() -> None:
    low, high = value_answers([10.0], [9.0]), value_answers([10.0], [11.0])
    assert pinball(0.9).value(low) == pytest.approx(9 * pinball(0.9).value(high))
    with pytest.raises(ValueError, match="between 0 and 1"):
        pinball(90)


def test_calibration_error_is_the_gap_by_hand() -> None:
    probability = np.repeat([0.1, 0.6], 50)
    truth = np.r_[np.arange(50) < 10, np.arange(50) < 20].astype(np.intp)  # 20 % and 40 % come true
    answers = ClassAnswers(truth, np.column_stack([1 - probability, probability]), ("no", "yes"))
    assert CALIBRATION_ERROR.value(answers) == pytest.approx((0.1 + 0.2) / 2)


def test_a_constant_answer_is_one_bin_whatever_the_order_of_rows() -> None:
    truth = (np.arange(100) < 30).astype(np.intp)
    answers = ClassAnswers(truth, np.tile([0.7, 0.3], (100, 1)), ("no", "yes"))
    assert CALIBRATION_ERROR.value(answers) == pytest.approx(0, abs=1e-12)


def test_bins_hold_equal_numbers_of_rows() -> None:
    claimed = np.random.default_rng(2).random(600)
    assert np.bincount(equal_mass_bins(claimed)).tolist() == [40] * 15
    assert np.bincount(equal_mass_bins(claimed[:65])).size == 3


def test_overconfidence_shows_as_calibration_error() -> None:
    fair = draw_class_answers(seed=9, rows=3000, classes=3)
    bold = fair.probabilities**4
    overconfident = ClassAnswers(fair.truth, bold / bold.sum(axis=1, keepdims=True), fair.labels)
    assert CALIBRATION_ERROR.value(overconfident) > CALIBRATION_ERROR.value(fair) + 0.05


@pytest.mark.parametrize(
    ("truth", "probabilities", "message"),
    [
        ([], [], "no rows"),
        (["benign"], [[0.2, 0.3, 0.5]], r"shape \(1, 2\)"),
        (["benign"], [[0.5, 0.6]], "add up to one"),
        (["benign"], [[np.nan, 1.0]], "not a number"),
        (["bening"], [[0.5, 0.5]], r"\['bening'\] are not among"),
    ],
)
def test_answers_that_make_no_sense_are_refused(
    truth: list[str], probabilities: list[list[float]], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        class_answers(TARGET, truth, probabilities)


def test_values_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match=r"truth \(2,\) and predictions \(1,\)"):
        value_answers([1, 2], [1])
    with pytest.raises(ValueError, match="not a number"):
        value_answers([1.0], [np.nan])
