"""A floor is passed at its value and failed just beside it, with evidence either way."""

import math

import pytest

from mlops.registry.manifest.evidence import Estimate, Interval, Slice
from mlops.training.gates.floors import gate_floors


def found(**values: float | None) -> dict[str, Estimate]:
    return {name: Estimate(value=value, rows=100, reason="not defined") for name, value in values.items()}


def in_slice(where: str, value: float, low: float, high: float) -> Slice:
    interval = Interval(low=low, high=high, level=0.95, method="BCa")
    return Slice(where=where, rows=40, estimates={"accuracy": Estimate(value=value, rows=40, interval=interval)})


@pytest.mark.parametrize(
    ("metric", "observed", "passed"),
    [
        ("accuracy", 0.95, True),
        ("accuracy", math.nextafter(0.95, 0), False),
        ("accuracy", 0.96, True),
        ("log_loss", 0.95, True),
        ("log_loss", math.nextafter(0.95, 1), False),
        ("log_loss", 0.1, True),
    ],
)
def test_a_metric_at_its_floor_passes_and_one_beyond_it_fails(metric: str, observed: float, passed: bool) -> None:
    (gate,) = gate_floors(found(**{metric: observed}), {metric: 0.95}, "binary")
    assert gate.passed is passed
    assert gate.name == f"floor/{metric}"
    assert gate.required == 0.95


def test_each_floor_has_a_gate_with_its_evidence() -> None:
    estimates = found(accuracy=0.9, recall=0.5, f1=0.1)
    gates = list(gate_floors(estimates, {"accuracy": 0.8, "recall": 0.6}, "binary"))
    assert [(gate.name, gate.observed, gate.passed) for gate in gates] == [
        ("floor/accuracy", 0.9, True),
        ("floor/recall", 0.5, False),
    ]
    assert gates[1].detail == "recall on held-out rows is 0.5000; at least 0.6 is required"


def test_a_metric_that_is_not_defined_fails_its_floor() -> None:
    (gate,) = gate_floors(found(roc_auc=None), {"roc_auc": 0.9}, "binary")
    assert not gate.passed
    assert gate.detail == "roc_auc on held-out rows is not defined"


def test_a_regressions_floors_know_their_direction() -> None:
    gates = gate_floors(found(rmse=3.0, r2=0.5), {"rmse": 2.0, "r2": 0.4}, "regression")
    assert [gate.passed for gate in gates] == [False, True]


def test_a_slice_fails_a_floor_that_its_whole_interval_lies_beyond_and_not_by_bad_luck() -> None:
    unlucky, broken = in_slice("site = north", 0.75, 0.6, 0.88), in_slice("site = south", 0.5, 0.35, 0.65)
    for slices, passed, worst in (([unlucky], True, "north"), ([unlucky, broken], False, "south")):
        overall, gate = gate_floors(found(accuracy=0.85), {"accuracy": 0.8}, "binary", slices)
        assert overall.passed
        assert (gate.name, gate.passed) == ("floor/accuracy/slices", passed)
        assert f"where site = {worst}" in (gate.detail or "")
    assert "(0.3500 to 0.6500)" in (gate.detail or "")
