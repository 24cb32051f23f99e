"""The test for a latency that creeps up."""

import json

import numpy as np

from mlops.monitoring.windows.latency import FEWEST_PREDICTIONS, REFERENCE_DAYS, LatencyTest


def watch(medians: list[float], predictions: int = 500) -> LatencyTest:
    """The test after days with these medians, its state written and read in between."""
    test = LatencyTest()
    for number, median in enumerate(medians):
        state = json.loads(json.dumps(test.to_dict()))
        test = LatencyTest.from_dict(state).observe(median, predictions, f"{number:04}")
    return test


def test_nothing_is_said_before_the_reference_days_are_over() -> None:
    assert watch([2.0] * REFERENCE_DAYS).facts() is None
    assert watch([2.0] * 30, predictions=FEWEST_PREDICTIONS - 1).facts() is None


def test_days_that_differ_at_random_are_slower_in_at_most_one_of_twenty_versions() -> None:
    rng = np.random.default_rng(0)
    alarms = 0
    for _ in range(100):
        facts = watch(np.exp(rng.normal(0.7, 0.1, 120)).tolist()).facts()
        assert facts
        alarms += facts.slower
    assert alarms <= 5


def test_a_jump_is_found_within_days_and_dated() -> None:
    facts = watch([2.0] * 20 + [4.0] * 3).facts()
    assert facts
    assert facts.slower
    assert facts.reference_p50 == 2.0
    assert facts.since == "0020"


def test_a_rise_within_the_tolerance_does_not_matter() -> None:
    facts = watch([2.0] * 20 + [2.4] * 60).facts()
    assert facts
    assert not facts.slower
