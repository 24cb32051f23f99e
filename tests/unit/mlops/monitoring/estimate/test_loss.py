from dataclasses import replace

import numpy as np
import pytest

from mlops.monitoring.estimate.instability import Difference
from mlops.monitoring.estimate.loss import Trained, observe_estimate
from mlops.monitoring.estimate.window import Estimated

ACCURACY = Trained("accuracy", value=0.9, error=0.01, margin=0.01)


def _estimated(
    value: float, metric: str = "accuracy", window_error: float = 0.01, change_error: float = 0.005
) -> Estimated:
    bounds = (value - 0.03, value + 0.03, 0.95)
    return Estimated(metric, 200, value, *bounds, value, 0.02, window_error, change_error, 0.0)


def _alarms(trained: Trained, estimated: Estimated, past: list[Difference], looks: int = 30) -> bool:
    test = trained.start()
    for place in range(looks):
        test = observe_estimate(test, trained, estimated, place, past)
    return test.alarm


@pytest.mark.parametrize(("value", "alarm"), [(0.9, False), (0.885, False), (0.8, True), (0.99, False)])
def test_an_estimate_below_margin_and_error_alarms(value: float, alarm: bool) -> None:
    assert _alarms(ACCURACY, _estimated(value), []) == alarm


def test_an_error_in_the_target_s_unit_alarms_when_it_grows_by_more_than_a_share() -> None:
    trained = Trained("mae", value=100.0, error=2.0, margin=0.05)
    assert trained.absolute_margin == 5
    assert not _alarms(trained, _estimated(104.0, "mae", 3.0, 1.0), [])
    assert _alarms(trained, _estimated(115.0, "mae", 3.0, 1.0), [])


def test_a_bias_that_truth_showed_is_no_loss() -> None:
    """The estimates are 10 points too low, as truth has shown over ten windows; without that truth it's an alarm."""
    estimated = _estimated(0.8)
    past = [Difference(place, 0.1, 0.02) for place in range(10)]
    assert _alarms(ACCURACY, estimated, [], looks=10)
    assert not _alarms(ACCURACY, estimated, past, looks=10)


def test_an_uncertain_reference_never_alarms_however_many_windows_agree() -> None:
    assert not _alarms(ACCURACY, _estimated(0.86, change_error=0.03), [], looks=300)


def test_a_window_without_sampling_error_is_no_look() -> None:
    test = ACCURACY.start()
    assert observe_estimate(test, ACCURACY, _estimated(0.5, window_error=0.0), 0, []) is test


def test_estimates_that_only_sample_around_the_value_at_training_do_not_alarm() -> None:
    rng, alarms = np.random.default_rng(0), 0
    for _ in range(100):
        test = ACCURACY.start()
        for place in range(60):
            test = observe_estimate(test, ACCURACY, _estimated(float(rng.normal(0.9, 0.01))), place, [])
        alarms += test.alarm
    assert alarms <= 5


def test_a_disagreement_of_the_two_methods_is_no_alarm() -> None:
    """Six points less by one method and none by the other may be the method's fault."""
    doubtful = replace(_estimated(0.87), disagreement=-0.06)
    assert _alarms(ACCURACY, _estimated(0.87), [], looks=60)
    assert not _alarms(ACCURACY, doubtful, [], looks=60)


def test_stretches_of_the_reference_that_scattered_slow_the_alarm_down() -> None:
    calm, wild = ([Difference(place, value * (-1) ** place, 0.02) for place in range(-10, 0)] for value in (0.0, 0.2))
    assert _alarms(ACCURACY, _estimated(0.8), calm)
    assert not _alarms(ACCURACY, _estimated(0.8), wild)
