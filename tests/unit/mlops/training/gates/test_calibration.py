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


def fails_on(test: list[ClassAnswers], held_out: list[ClassAnswers | None]) -> int:
    pairs = enumerate(zip(test, held_out, strict=True))
    return sum(not gate_calibration(own, np.random.default_rng(seed), held).passed for seed, (own, held) in pairs)


def test_what_120_test_rows_show_by_chance_must_be_seen_on_the_rows_of_cross_validation_too() -> None:
    slightly_bold = [answers(120, 1.5, seed=seed) for seed in range(300)]
    alone = fails_on(slightly_bold, [None] * 300)
    with_others = fails_on(slightly_bold, [answers(360, 1.5, seed=1_000 + seed) for seed in range(300)])
    assert alone >= 6, "so often do few rows refuse a model that is off by less than is allowed"
    assert with_others <= alone / 3


def test_a_model_that_is_off_by_far_is_refused_with_the_rows_of_cross_validation_as_without() -> None:
    far_too_bold = [answers(400, 5, seed=seed) for seed in range(30)]
    assert fails_on(far_too_bold, [None] * 30) == 30
    assert fails_on(far_too_bold, [answers(1_200, 5, seed=100 + seed) for seed in range(30)]) == 30


def test_both_looks_are_in_the_evidence() -> None:
    gate = gate_calibration(answers(1000, 4), np.random.default_rng(0), answers(3000, 4, seed=2))
    detail = gate.detail or ""
    assert not gate.passed
    assert "on 1000 rows" in detail
    assert "with the rows held out in cross-validation, the calibration error is" in detail
    assert "on 4000 rows" in detail
