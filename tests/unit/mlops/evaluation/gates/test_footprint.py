"""A compiled model is measured in a fresh process, and held to the spec's limits."""

import pandas as pd
import pytest
from sklearn.ensemble import RandomForestRegressor

from mlops.artifact.frames import frame_inputs
from mlops.contract import Column, Contract, Target
from mlops.errors.training import CompilationFailed
from mlops.evaluation.gates.footprint import MEGABYTE, Footprint, gate_footprint, measure_footprint
from mlops.spec.expectations import Limits
from mlops.training.compile import compile_estimator

CONTRACT = Contract(
    columns=(Column(name="x"), Column(name="site", kind="category", required=False)),
    target=Target(name="y", task="regression"),
)
ROWS = pd.DataFrame({"x": range(400), "site": [None, "north"] * 200, "y": range(400)})


def graph(trees: int) -> bytes:
    contract = CONTRACT.model_copy(update={"columns": CONTRACT.columns[:1]})
    estimator = RandomForestRegressor(trees, random_state=0).fit(ROWS[["x"]], ROWS["y"])
    return compile_estimator(estimator, contract)


def test_size_time_and_memory_are_those_of_the_model() -> None:
    contract = CONTRACT.model_copy(update={"columns": CONTRACT.columns[:1]})
    small, large = (measure_footprint(graph(trees), frame_inputs(contract, ROWS.head(1))) for trees in (2, 400))
    assert small.size_mb == len(graph(2)) / MEGABYTE
    assert large.memory_mb > small.memory_mb + large.size_mb
    for found in (small, large):
        assert found.load_seconds > 0
        assert found.latency_ms > 0


def test_a_file_that_no_process_can_load_is_refused_with_the_reason() -> None:
    with pytest.raises(CompilationFailed, match="can't load it"):
        measure_footprint(b"no graph", frame_inputs(CONTRACT, ROWS.head(1)))


def test_each_limit_is_a_gate_at_its_value() -> None:
    found = Footprint(size_mb=60, load_seconds=0.5, memory_mb=401, latency_ms=1)
    gates = list(gate_footprint(found, Limits(size_mb=60, load_seconds=2, memory_mb=400, latency_ms=20)))
    assert {gate.name: gate.passed for gate in gates} == {
        "limit/size_mb": True,
        "limit/load_seconds": True,
        "limit/memory_mb": False,
        "limit/latency_ms": True,
    }
    assert gates[2].detail == "loading it and answering a row takes 401 MB of memory; at most 400 is allowed"
