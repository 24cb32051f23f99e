import json
from dataclasses import replace

import numpy as np
import pytest

from mlops.evaluation.metrics.answers import ClassAnswers
from mlops.monitoring.estimate.instability import Difference
from mlops.monitoring.estimate.window import Estimated
from mlops.monitoring.loss.estimated import EstimatedLoss
from mlops.monitoring.loss.trained import Trained
from tests.unit.mlops.monitoring.loss.days import day

ACCURACY = Trained("accuracy", value=0.9, error=0.01, margin=0.01)


def _estimated(
    value: float, metric: str = "accuracy", window_error: float = 0.01, change_error: float = 0.005
) -> Estimated:
    bounds = (value - 0.03, value + 0.03, 0.95)
    return Estimated(metric, 200, value, *bounds, value, 0.02, window_error, change_error, 0.0)


def _alarms(trained: Trained, estimated: Estimated, past: list[Difference], looks: int = 30) -> bool:
    state = EstimatedLoss.of(trained)
    for place in range(looks):
        state = state.observe(estimated, place, past, day(place))
    return state.test.alarm


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
    before = EstimatedLoss.of(ACCURACY)
    after = before.observe(_estimated(0.5, window_error=0.0), 0, [], day(0))
    assert (after.test, after.window) == (before.test, day(0))


def test_estimates_that_only_sample_around_the_value_at_training_do_not_alarm() -> None:
    rng, alarms = np.random.default_rng(0), 0
    for _ in range(100):
        state = EstimatedLoss.of(ACCURACY)
        for place in range(60):
            state = state.observe(_estimated(float(rng.normal(0.9, 0.01))), place, [], day(place))
        alarms += state.test.alarm
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


def test_the_window_observed_last_changes_nothing_and_an_earlier_one_is_refused() -> None:
    once = EstimatedLoss.of(ACCURACY).observe(_estimated(0.8), 3, [], day(3))
    assert once.observe(_estimated(0.2), 3, [], day(3)) is once
    with pytest.raises(ValueError, match="window 2026-01-03 comes after 2026-01-04 was observed"):
        once.observe(_estimated(0.8), 2, [], day(2))


def test_the_state_goes_through_json_without_loss() -> None:
    state = EstimatedLoss.of(ACCURACY)
    for place in range(5):
        assert EstimatedLoss.from_dict(json.loads(json.dumps(state.to_dict()))) == state
        state = state.observe(_estimated(0.8), place, [], day(place))


def test_the_metric_at_training_is_that_of_the_held_out_rows() -> None:
    held_out = ClassAnswers(np.array([1] * 90 + [0] * 10), np.tile([0.2, 0.8], (100, 1)), ("no", "yes"))
    state = EstimatedLoss.start("accuracy", held_out, 0.01, np.random.default_rng(0))
    assert state is not None
    assert state.trained.value == pytest.approx(0.9)
    assert state.trained.error == pytest.approx(0.03, rel=0.15)
    assert EstimatedLoss.start("roc_auc", held_out.take(np.arange(90)), 0.01, np.random.default_rng(0)) is None
