"""A floor is passed at its value and failed just beside it, with evidence either way."""

import math

import pytest

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
    (gate,) = gate_floors({metric: observed}, {metric: 0.95})
    assert gate.passed is passed
    assert gate.name == f"floor/{metric}"
    assert gate.required == 0.95


def test_each_floor_has_a_gate_with_its_evidence() -> None:
    gates = gate_floors({"accuracy": 0.9, "recall": 0.5, "f1": 0.1}, {"accuracy": 0.8, "recall": 0.6})
    assert [(gate.name, gate.observed, gate.passed) for gate in gates] == [
        ("floor/accuracy", 0.9, True),
        ("floor/recall", 0.5, False),
    ]
    assert gates[1].detail == "recall on held-out rows is 0.5000; at least 0.6 is asked"


def test_parity_passes_within_its_tolerance_only() -> None:
    assert gate_parity(1e-6, 1e-6, 10).passed
    assert not gate_parity(1.1e-6, 1e-6, 10).passed
    assert not gate_parity(math.nan, 1e-6, 10).passed
