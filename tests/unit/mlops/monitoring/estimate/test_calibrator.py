import numpy as np
import numpy.typing as npt
import pytest
from scipy.special import expit, logit

from mlops.evaluation.metrics.answers import ClassAnswers, Floats
from mlops.monitoring.estimate.calibrator import Form, choose_form, fit


def _binary(chance: Floats, truth: npt.NDArray[np.generic]) -> ClassAnswers:
    return ClassAnswers(truth.astype(np.intp), np.column_stack([1 - chance, chance]), ("no", "yes"))


def _stretched(
    rows: int, rng: np.random.Generator, slope: float = 0.5, offset: float = 0.3
) -> tuple[ClassAnswers, Floats]:
    chance = rng.uniform(0.02, 0.98, rows)
    true = expit(slope * logit(chance) + offset)
    return _binary(chance, rng.random(rows) < true), true


def test_the_sigmoid_finds_slope_and_offset_of_the_logit() -> None:
    answers, _ = _stretched(50_000, np.random.default_rng(0))
    curve = fit(answers, "sigmoid").curves[0]
    assert curve.slope == pytest.approx(0.5, abs=0.03)  # type: ignore[union-attr]
    assert curve.offset == pytest.approx(0.3, abs=0.03)  # type: ignore[union-attr]


def test_the_isotonic_curve_is_the_pooled_share_of_hits() -> None:
    """Chances 0.2, 0.4, 0.6 with hits 1/2, 1/4, 1: the first two violate the order and are pooled to 2/6."""
    chance = np.array([0.2] * 2 + [0.4] * 4 + [0.6])
    truth = np.array([1, 0, 1, 0, 0, 0, 1.0])
    calibrated = fit(_binary(chance, truth), "isotonic").apply(np.array([[0.8, 0.2], [0.6, 0.4], [0.4, 0.6]]))
    assert calibrated[:, 1].tolist() == pytest.approx([1 / 3, 1 / 3, 1.0])
    assert calibrated.sum(axis=1).tolist() == pytest.approx([1, 1, 1])


@pytest.mark.parametrize("form", ["sigmoid", "isotonic"])
def test_a_weight_of_two_is_a_row_twice(form: Form) -> None:
    answers, _ = _stretched(200, np.random.default_rng(1))
    counts = np.arange(200) % 3
    twice = answers.take(np.repeat(np.arange(200), counts))
    weighted = fit(answers, form, counts.astype(np.float64)).apply(answers.probabilities)
    assert weighted == pytest.approx(fit(twice, form).apply(answers.probabilities), abs=1e-6)


def test_few_rows_get_a_sigmoid_and_many_of_a_crooked_curve_isotonic_regression() -> None:
    rng = np.random.default_rng(2)
    assert choose_form(_stretched(999, rng)[0], rng) == "sigmoid"
    chance = rng.uniform(0.02, 0.98, 5000)
    assert choose_form(_binary(chance, rng.random(5000) < np.where(chance > 0.7, 0.9, 0.1)), rng) == "isotonic"


def test_rows_that_all_have_one_label_are_calibrated_to_nearly_one() -> None:
    answers = _binary(np.linspace(0.3, 0.7, 40), np.ones(40))
    calibrated = fit(answers, "sigmoid").apply(answers.probabilities)[:, 1]
    assert np.isfinite(calibrated).all()
    assert calibrated == pytest.approx(np.full(40, 41 / 42), abs=0.02)


def test_several_labels_are_calibrated_one_by_one_and_add_up_to_one() -> None:
    rng = np.random.default_rng(3)
    claimed = rng.dirichlet([1, 1, 1], 20_000)
    true = np.array([0.5, 0.3, 0.2]) * 0.5 + claimed * 0.5
    truth = (rng.random((20_000, 1)) > np.cumsum(true, axis=1)[:, :2]).sum(axis=1)
    calibrated = fit(ClassAnswers(truth, claimed, ("a", "b", "c")), "sigmoid").apply(claimed)
    assert calibrated.sum(axis=1) == pytest.approx(np.ones(20_000))
    assert calibrated.mean(axis=0) == pytest.approx(true.mean(axis=0), abs=0.01)
