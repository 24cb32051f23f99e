import numpy as np
import pytest

from mlops.evaluation.metrics.answers import ClassAnswers
from mlops.monitoring.calibration import calibration_bins


def _answers(rows: int, claim: float, seed: int = 0) -> ClassAnswers:
    """Logits are `claim` times what they should be."""
    rng = np.random.default_rng(seed)
    logit = rng.normal(0, 2, rows)
    truth = (rng.random(rows) < 1 / (1 + np.exp(-logit))).astype(np.intp)
    chance = 1 / (1 + np.exp(-claim * logit))
    return ClassAnswers(truth, np.column_stack([1 - chance, chance]), ("no", "yes"))


def test_bins_hold_equally_many_rows_in_the_order_of_their_probabilities() -> None:
    found = calibration_bins(_answers(1000, 1.0))
    assert [each.rows for each in found] == [100] * 10
    assert [each.predicted for each in found] == sorted(each.predicted for each in found)


def test_probabilities_that_are_right_lie_in_nearly_all_intervals_and_wild_ones_in_few() -> None:
    right = [
        each.low <= each.predicted <= each.high
        for seed in range(10)
        for each in calibration_bins(_answers(1000, 1.0, seed))
    ]
    wild = [
        each.low <= each.predicted <= each.high
        for seed in range(10)
        for each in calibration_bins(_answers(1000, 4.0, seed))
    ]
    assert np.mean(right) > 0.88
    assert np.mean(wild) < 0.5


def test_few_rows_make_one_bin_whose_share_is_theirs() -> None:
    answers = _answers(30, 1.0)
    (only,) = calibration_bins(answers)
    assert only.rows == 30
    assert only.observed == pytest.approx(answers.truth.mean())


def test_of_many_labels_the_most_probable_is_looked_at() -> None:
    answers = ClassAnswers(np.array([0, 1, 2, 2]), np.tile([0.2, 0.3, 0.5], (4, 1)), ("a", "b", "c"))
    (only,) = calibration_bins(answers)
    assert only.predicted == pytest.approx(0.5)
    assert only.observed == 0.5
