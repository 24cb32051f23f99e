import numpy as np
import pytest

from mlops.evaluation.answered_rows import AnsweredRows
from mlops.evaluation.metrics.answers import ValueAnswers
from mlops.evaluation.metrics.catalog import measure
from mlops.monitoring.estimate.values import prepare_values


def _rows(rows: int, rng: np.random.Generator, hard: float) -> AnsweredRows:
    """Errors are normal with a deviation of 1, and of 4 on the share `hard` of rows, which an input marks."""
    marked = rng.random(rows) < hard
    predicted = rng.normal(50, 10, rows)
    truth = predicted + np.where(marked, 4.0, 1.0) * rng.normal(0, 1, rows)
    return AnsweredRows(ValueAnswers(truth, predicted), marked[:, np.newaxis].astype(np.float64))


def test_a_window_of_harder_rows_is_estimated_from_the_hard_rows_held_out() -> None:
    rng = np.random.default_rng(0)
    estimator = prepare_values(_rows(4000, rng, 0.3), rng)
    window = _rows(2000, rng, 0.8)
    found, realised = estimator.outcomes(window, rng), measure(window.answers)
    for metric in ("mae", "rmse", "pinball"):
        assert found[metric].value == pytest.approx(realised[metric], rel=0.06)
    assert found["r2"].value == pytest.approx(realised["r2"], abs=0.03)


def test_r2_follows_from_the_window_s_own_predictions() -> None:
    """The same errors on predictions that vary twice as much as those held out."""
    rng = np.random.default_rng(6)

    def draw(rows: int, deviation: float) -> AnsweredRows:
        predicted = rng.normal(50, deviation, rows)
        return AnsweredRows(ValueAnswers(predicted + rng.normal(0, 4, rows), predicted))

    found = prepare_values(draw(3000, 8), rng, ("r2",)).outcomes(draw(2000, 16), rng)["r2"]
    assert found.value == pytest.approx(1 - 4**2 / (16**2 + 4**2), abs=0.005)
    assert found.noise.std() < 0.005


def test_without_inputs_the_estimate_follows_the_predictions() -> None:
    rng = np.random.default_rng(1)

    def draw(rows: int, low: float) -> AnsweredRows:
        predicted = rng.uniform(low, 10, rows)
        return AnsweredRows(ValueAnswers(predicted * (1 + rng.normal(0, 0.1, rows)), predicted))

    window = draw(1000, 8)
    found = prepare_values(draw(3000, 1), rng).outcomes(window, rng)
    assert found["mae"].value == pytest.approx(measure(window.answers)["mae"], rel=0.1)


def test_the_weights_of_the_held_out_rows_add_up_to_one_and_lie_on_similar_rows() -> None:
    rng = np.random.default_rng(2)
    reference = _rows(1000, rng, 0.5)
    assert reference.inputs is not None
    estimator = prepare_values(reference, rng)
    described = np.column_stack([np.full(20, 50.0), np.ones(20)])
    weights = estimator.weigh(estimator.reach(described))
    assert weights.sum() == pytest.approx(1)
    assert weights[reference.inputs[:, 0] == 1].sum() > 0.98


def test_the_noise_is_that_of_a_mean_over_the_window_and_shrinks_with_its_rows() -> None:
    rng = np.random.default_rng(3)
    estimator = prepare_values(_rows(3000, rng, 0.0), rng, ("mae",))
    small, large = (estimator.outcomes(_rows(rows, rng, 0.0), rng)["mae"].noise.std() for rows in (100, 1600))
    assert small == pytest.approx(np.sqrt(1 - 2 / np.pi) / 10, rel=0.2)
    assert small / large == pytest.approx(4, rel=0.25)


def test_a_window_without_the_inputs_of_the_reference_is_refused() -> None:
    rng = np.random.default_rng(4)
    estimator = prepare_values(_rows(200, rng, 0.5), rng)
    with pytest.raises(ValueError, match="the window's rows have none"):
        estimator.outcomes(AnsweredRows(_rows(50, rng, 0.5).answers), rng)


def test_exact_answers_are_estimated_to_be_exact() -> None:
    rng = np.random.default_rng(5)
    values = rng.normal(0, 1, 300)
    found = prepare_values(AnsweredRows(ValueAnswers(values, values)), rng).outcomes(
        AnsweredRows(ValueAnswers(values[:50], values[:50])), rng
    )
    assert found["rmse"].value == 0
    assert found["rmse"].noise.max() == 0
