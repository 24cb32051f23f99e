import json

import pytest

from mlops.monitoring.estimate.assessment import AssessedEstimate, assess
from mlops.monitoring.estimate.window import Estimated


def _assessed(place: int, value: float, realised: float, half: float = 0.05) -> AssessedEstimate:
    estimated = Estimated(
        "accuracy", 100, value, value - half, value + half, 0.95, value + 0.01, 0.02, 0.01, 0.01, 0.004
    )
    return AssessedEstimate("accuracy", place, estimated, realised)


def test_estimates_are_assessed_by_coverage_error_and_bias() -> None:
    found = assess([_assessed(0, 0.9, 0.92), _assessed(1, 0.9, 0.8), _assessed(2, 0.9, 0.88)])["accuracy"]
    assert (found.windows, found.covered) == (3, 2)
    assert found.mean_error == pytest.approx(0.14 / 3)
    assert found.mean_difference == pytest.approx(-0.1 / 3)
    assert found.low < 2 / 3 < found.high
    assert json.loads(json.dumps(found.to_dict()))["windows"] == 3


def test_estimates_that_often_miss_are_not_trustworthy() -> None:
    assert not assess([_assessed(place, 0.9, 0.8) for place in range(10)])["accuracy"].trustworthy
    assert assess([_assessed(place, 0.9, 0.9) for place in range(10)])["accuracy"].trustworthy


def test_later_estimates_learn_from_the_uncorrected_difference() -> None:
    found = _assessed(7, 0.9, 0.85).difference
    assert (found.place, found.noise, found.disagreement) == (7, 0.02, 0.004)
    assert found.value == pytest.approx(0.85 - 0.91)


def test_windows_in_which_the_metric_was_not_defined_do_not_count() -> None:
    found = assess([_assessed(0, 0.9, 0.92), _assessed(1, 0.9, float("nan"))])["accuracy"]
    assert (found.windows, found.covered) == (1, 1)
