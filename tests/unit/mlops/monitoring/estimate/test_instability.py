import numpy as np
import pytest

from mlops.monitoring.estimate.instability import Difference, PredictedDifference, predict_difference


def _past(values: list[float], noise: float = 0.01, start: int = 0) -> list[Difference]:
    return [Difference(place, value, noise) for place, value in enumerate(values, start)]


def _bias_error(found: PredictedDifference) -> float:
    """Half of the width that holds the bias with 68 %: the standard deviation, were it normal."""
    return (found.bias_quantile(0.8413447) - found.bias_quantile(0.1586553)) / 2


def test_without_a_past_nothing_is_corrected_and_the_reference_s_error_stays() -> None:
    found = predict_difference([], 0, noise=1e-6, reference_error=0.02)
    assert found.mean == 0
    assert _bias_error(found) == pytest.approx(0.02, rel=1e-3)


def test_what_two_methods_disagree_in_is_uncertain_in_full() -> None:
    found = predict_difference([], 0, noise=1e-6, reference_error=0.0, disagreement=0.08)
    assert _bias_error(found) == pytest.approx(0.08, rel=1e-3)


def test_a_disagreement_that_truth_was_seen_at_no_longer_counts() -> None:
    past = [Difference(place, 0.0, 0.01, 0.08) for place in range(20)]
    same, grown = (predict_difference(past, 20, 0.01, 0.01, now) for now in (0.08, 0.16))
    assert grown.deviations**2 - same.deviations**2 == pytest.approx(np.full(len(same.weights), 0.08**2))


def test_a_bias_that_stays_is_corrected() -> None:
    rng = np.random.default_rng(0)
    past = _past((0.05 + rng.normal(0, 0.01, 30)).tolist())
    found = predict_difference(past, 30, noise=0.01, reference_error=0.02)
    assert found.mean == pytest.approx(0.05, abs=0.01)
    assert _bias_error(found) < 0.02


def test_differences_that_noise_explains_are_hardly_corrected() -> None:
    rng = np.random.default_rng(1)
    found = predict_difference(_past(rng.normal(0, 0.01, 40).tolist()), 40, noise=0.01, reference_error=0.005)
    assert abs(found.mean) < 0.005
    assert _bias_error(found) < 0.008


def test_a_sudden_bias_is_followed_within_two_windows() -> None:
    rng = np.random.default_rng(2)
    past = _past([*rng.normal(0, 0.01, 20).tolist(), 0.1, 0.1])
    assert predict_difference(past, 22, noise=0.01, reference_error=0.005).mean > 0.07


def test_the_longer_ago_truth_came_the_wider() -> None:
    steps = np.cumsum(np.random.default_rng(3).normal(0, 0.03, 20))
    soon, late = (_bias_error(predict_difference(_past(steps.tolist()), place, 0.005, 0.01)) for place in (20, 40))
    assert late > 1.5 * soon


def test_scattered_differences_widen_what_is_expected_though_their_mean_is_zero() -> None:
    past = _past([0.1, -0.1] * 15)
    found = predict_difference(past, 30, noise=0.01, reference_error=0.01)
    assert abs(found.mean) < 0.04
    assert found.scatter == pytest.approx(0.1, rel=0.4)


def test_draws_have_the_mean_of_the_mixture() -> None:
    found = predict_difference(_past([0.05] * 20), 20, noise=0.01, reference_error=0.01)
    draws = found.draw(20_000, np.random.default_rng(0))
    assert draws.mean() == pytest.approx(found.mean, abs=0.002)


def test_the_order_in_which_differences_come_in_does_not_matter() -> None:
    past = _past([0.01, 0.03, -0.02, 0.05])
    assert predict_difference(past, 4, 0.01, 0.01).mean == predict_difference(past[::-1], 4, 0.01, 0.01).mean


def test_windows_in_which_the_metric_was_not_defined_are_passed_over() -> None:
    past = _past([0.05] * 10)
    gaps = [*past, Difference(10, float("nan"), 0.01)]
    assert predict_difference(gaps, 11, 0.01, 0.01).mean == predict_difference(past, 11, 0.01, 0.01).mean


def test_a_model_without_any_error_is_expected_to_stay_so() -> None:
    found = predict_difference([Difference(0, 0.0, 0.0)], 1, noise=0.0, reference_error=0.0)
    assert found.mean == 0
    assert _bias_error(found) < 1e-9


def test_a_further_error_widens_the_quantile_of_the_bias() -> None:
    """0.03 and 0.04 make 0.05; 97.5 % of a normal distribution lie below 1.96 deviations."""
    found = predict_difference([], 0, noise=1e-6, reference_error=0.03)
    assert found.bias_quantile(0.975, 0.04) == pytest.approx(1.959964 * 0.05, rel=1e-3)
    assert found.bias_quantile(0.025, 0.04) == pytest.approx(-1.959964 * 0.05, rel=1e-3)
