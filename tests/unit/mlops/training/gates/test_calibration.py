"""Claims must come true; what chance does on few rows isn't held against them."""

import numpy as np

from mlops.training.evaluation.metrics.answers import ClassAnswers
from mlops.training.gates.calibration import gate_calibration


def answers(rows: int, boldness: float, seed: int = 1) -> ClassAnswers:
    rng = np.random.default_rng(seed)
    logit = rng.normal(0, 1.5, rows)
    truth = (rng.random(rows) < 1 / (1 + np.exp(-logit))).astype(np.intp)
    claimed = 1 / (1 + np.exp(-boldness * logit))
    return ClassAnswers(truth, np.column_stack([1 - claimed, claimed]), ("no", "yes"))


def test_claims_that_come_true_pass() -> None:
    assert gate_calibration(answers(1000, 1), np.random.default_rng(0)).passed


def test_claims_that_are_far_too_bold_fail_with_their_error() -> None:
    gate = gate_calibration(answers(1000, 4), np.random.default_rng(0))
    assert not gate.passed
    assert isinstance(gate.observed, float)
    assert gate.observed > 0.1


def test_a_small_error_that_many_rows_reveal_does_not_matter() -> None:
    gate = gate_calibration(answers(50_000, 1.2), np.random.default_rng(0))
    assert gate.passed
    assert "(p = 0.00" in (gate.detail or ""), "it's beyond doubt, and yet it doesn't matter"
