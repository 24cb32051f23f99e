"""A floor is passed at its value and failed just beside it, with evidence either way."""

import math

import pytest

from mlops.training.compilation import Parity
from mlops.training.gate import gate_floors, gate_parity


@pytest.mark.parametrize(
    ("metric", "observed", "passed"),
    [
        ("accuracy", 0.95, True),
        ("accuracy", math.nextafter(0.95, 0), False),
        ("accuracy", 0.96, True),
        ("log_loss", 0.95, True),
        ("log_loss", math.nextafter(0.95, 1), False),
        ("log_loss", 0.1, True),
        ("accuracy", math.nan, False),
        ("log_loss", math.nan, False),
    ],
)
def test_a_metric_at_its_floor_passes_and_one_beyond_it_fails(metric: str, observed: float, passed: bool) -> None:
    (gate,) = gate_floors({metric: observed}, {metric: 0.95}, "binary")
    assert gate.passed is passed
    assert gate.name == f"floor/{metric}"
    assert gate.required == 0.95


def test_each_floor_has_a_gate_with_its_evidence() -> None:
    gates = gate_floors({"accuracy": 0.9, "recall": 0.5, "f1": 0.1}, {"accuracy": 0.8, "recall": 0.6}, "binary")
    assert [(gate.name, gate.observed, gate.passed) for gate in gates] == [
        ("floor/accuracy", 0.9, True),
        ("floor/recall", 0.5, False),
    ]
    assert gates[1].detail == "recall on held-out rows is 0.5000; at least 0.6 is asked"


def test_a_metric_that_is_not_defined_fails_its_floor() -> None:
    (gate,) = gate_floors({}, {"roc_auc": 0.9}, "binary")
    assert not gate.passed
    assert gate.detail == "roc_auc is not defined on the held-out rows"


def test_a_regressions_floors_know_their_direction() -> None:
    gates = gate_floors({"rmse": 3.0, "r2": 0.5}, {"rmse": 2.0, "r2": 0.4}, "regression")
    assert [gate.passed for gate in gates] == [False, True]


def test_parity_passes_within_its_tolerance_only() -> None:
    assert gate_parity(Parity(1e-6, 10, None)).passed
    assert not gate_parity(Parity(1.1e-6, 10, {})).passed
    assert not gate_parity(Parity(math.inf, 10, {})).passed
