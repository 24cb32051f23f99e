"""Probabilities must match frequencies; an error that chance explains on few rows passes."""

import numpy as np
import pytest

from mlops.evaluation.metrics.answers import ClassAnswers
from mlops.training.gates.calibration import gate_calibration, measure_calibration


def answers(rows: int, boldness: float, seed: int = 1) -> ClassAnswers:
    rng = np.random.default_rng(seed)
    logit = rng.normal(0, 1.5, rows)
    truth = (rng.random(rows) < 1 / (1 + np.exp(-logit))).astype(np.intp)
    claimed = 1 / (1 + np.exp(-boldness * logit))
    return ClassAnswers(truth, np.column_stack([1 - claimed, claimed]), ("no", "yes"))


def test_calibrated_probabilities_pass() -> None:
    assert gate_calibration(answers(1000, 1), np.random.default_rng(0)).passed


def test_overconfident_probabilities_fail_with_their_error() -> None:
    gate = gate_calibration(answers(1000, 4), np.random.default_rng(0))
    assert not gate.passed
    assert isinstance(gate.observed, float)
    assert gate.observed > 0.1


def test_a_small_error_that_is_significant_on_many_rows_passes() -> None:
    gate = gate_calibration(answers(50_000, 1.2), np.random.default_rng(0))
    assert gate.passed
    assert "(p = 0.00" in (gate.detail or ""), "it is significant, and too small to matter"


def test_calibrated_answers_show_an_error_that_chance_explains() -> None:
    found = [measure_calibration(answers(150, 1, seed=seed), np.random.default_rng(seed), 400) for seed in range(60)]
    assert np.mean([evidence.error for evidence in found]) == pytest.approx(
        np.mean([evidence.expected for evidence in found]), rel=0.15
    )
    assert sum(evidence.p_value < 0.05 for evidence in found) <= 7


def test_overconfident_answers_are_found_out() -> None:
    found = measure_calibration(answers(1000, 3, seed=1), np.random.default_rng(1), 400)
    assert found.error > found.limit > found.expected
    assert found.p_value < 0.01


def test_the_same_seed_gives_the_same_evidence() -> None:
    given = answers(200, 1, seed=3)
    first, second = (measure_calibration(given, np.random.default_rng(9), 200) for _ in range(2))
    assert first == second
    assert first.rows == 200


def rare(factor: float, seed: int, rows: int = 4_000) -> ClassAnswers:
    """Answers to rows of which one in a hundred is positive, with claims that are so many times what is true."""
    rng = np.random.default_rng(seed)
    chance = np.minimum(0.01 * rng.exponential(size=rows), 0.18)
    truth = (rng.random(rows) < chance).astype(np.intp)
    claimed = factor * chance
    return ClassAnswers(truth, np.column_stack([1 - claimed, claimed]), ("no", "yes"))


@pytest.mark.parametrize(("factor", "least", "most"), [(1.0, 0, 1), (5.0, 20, 20), (3.0, 19, 20), (0.2, 17, 20)])
def test_claims_about_a_rare_label_must_not_be_many_times_too_high_or_low(factor: float, least: int, most: int) -> None:
    failed = sum(not gate_calibration(rare(factor, seed), np.random.default_rng(seed)).passed for seed in range(20))
    assert least <= failed <= most


def test_what_is_allowed_for_a_rare_label_is_in_the_evidence() -> None:
    gate = gate_calibration(rare(5.0, 1), np.random.default_rng(0))
    assert "half of how often the rarer label is true (" in (gate.detail or "")
    assert "0.0500 more are allowed" in (gate_calibration(answers(1000, 1), np.random.default_rng(0)).detail or "")
