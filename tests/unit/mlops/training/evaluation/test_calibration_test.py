"""Chance and real miscalibration are told apart."""

import numpy as np
import pytest

from mlops.training.evaluation.calibration_test import check_calibration
from mlops.training.evaluation.metrics.answers import ClassAnswers

LABELS = ("no", "yes")


def _answers(rows: int, seed: int, boldness: float = 1.0) -> ClassAnswers:
    rng = np.random.default_rng(seed)
    logit = rng.normal(0, 1.5, rows)
    truth = (rng.random(rows) < 1 / (1 + np.exp(-logit))).astype(np.intp)
    claimed = 1 / (1 + np.exp(-boldness * logit))
    return ClassAnswers(truth, np.column_stack([1 - claimed, claimed]), LABELS)


def test_calibrated_answers_show_an_error_that_chance_explains() -> None:
    found = [check_calibration(_answers(150, seed), np.random.default_rng(seed), 400) for seed in range(60)]
    assert np.mean([evidence.error for evidence in found]) == pytest.approx(
        np.mean([evidence.expected for evidence in found]), rel=0.15
    )
    assert sum(evidence.p_value < 0.05 for evidence in found) <= 7


def test_overconfident_answers_are_found_out() -> None:
    found = check_calibration(_answers(1000, 1, boldness=3), np.random.default_rng(1), 400)
    assert found.error > found.limit > found.expected
    assert found.p_value < 0.01


def test_the_same_seed_gives_the_same_evidence() -> None:
    answers = _answers(200, 3)
    first, second = (check_calibration(answers, np.random.default_rng(9), 200) for _ in range(2))
    assert first == second
    assert first.to_dict()["rows"] == 200
