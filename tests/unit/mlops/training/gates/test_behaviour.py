"""Answers hold still, or follow, as a spec says; a model that doesn't is found out."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from mlops.contract import Column, Contract, Target
from mlops.spec.expectations import Direction, Invariance
from mlops.training.compile import compile_estimator
from mlops.training.evaluation.compiled_model import CompiledModel
from mlops.training.gates.behaviour import gate_behaviour, gate_direction, gate_invariance

CONTRACT = Contract(
    columns=(Column(name="rooms", minimum=1, maximum=9), Column(name="noise"), Column(name="new", kind="boolean")),
    target=Target(name="price", task="regression", unit="EUR"),
)


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "rooms": rng.uniform(1, 9, 80),
            "noise": rng.normal(size=80),
            "new": rng.integers(0, 2, 80).astype(float),
        }
    )


@pytest.fixture(scope="module")
def model(rows: pd.DataFrame) -> CompiledModel:
    """price = 10 rooms + 5 new, and the noise means nothing."""
    estimator = LinearRegression().fit(rows, 10 * rows["rooms"] + 5 * rows["new"])
    estimator.coef_ = np.array([10.0, 0.0, 5.0])
    return CompiledModel(compile_estimator(estimator, CONTRACT), CONTRACT)


def test_a_column_that_means_nothing_may_be_swapped(model: CompiledModel, rows: pd.DataFrame) -> None:
    gate = gate_invariance(model, rows, Invariance(columns=("noise",)), np.random.default_rng(0))
    assert (gate.name, gate.passed, gate.observed) == ("invariance/noise", True, 0.0)


def test_a_column_that_means_something_may_not(model: CompiledModel, rows: pd.DataFrame) -> None:
    gate = gate_invariance(model, rows, Invariance(columns=("rooms",)), np.random.default_rng(0))
    assert not gate.passed
    assert "violated by" in (gate.detail or "")


@pytest.mark.parametrize(("tolerance", "passed"), [(1.0, True), (0.01, False)])
def test_a_little_noise_moves_answers_a_little(
    model: CompiledModel, rows: pd.DataFrame, tolerance: float, passed: bool
) -> None:
    test = Invariance(columns=("rooms",), noise=0.01, tolerance=tolerance)
    assert gate_invariance(model, rows, test, np.random.default_rng(0)).passed is passed


@pytest.mark.parametrize(
    ("test", "passed"),
    [
        (Direction(column="rooms", answer="rises", step=1), True),
        (Direction(column="rooms", answer="falls", step=1), False),
        (Direction(column="rooms", answer="falls", step=-1), True),
        (Direction(column="rooms", answer="falls", step=1, tolerance=10), True),
        (Direction(column="new", answer="rises", values=(False, True)), True),
        (Direction(column="new", answer="falls", values=(False, True)), False),
        (Direction(column="noise", answer="rises", step=1), True),
    ],
)
def test_the_answer_must_move_in_the_direction_of_the_spec(
    model: CompiledModel, rows: pd.DataFrame, test: Direction, passed: bool
) -> None:
    assert gate_direction(model, rows, test).passed is passed


def test_a_change_that_no_row_allows_is_not_taken_for_granted(model: CompiledModel, rows: pd.DataFrame) -> None:
    gate = gate_direction(model, rows, Direction(column="rooms", answer="rises", step=100))
    assert (gate.passed, gate.observed) == (False, "untested")


def test_each_test_of_a_spec_is_a_gate_and_exceptions_are_counted(model: CompiledModel, rows: pd.DataFrame) -> None:
    tests = (Invariance(columns=("noise",)), Invariance(columns=("rooms",), exceptions=1.0))
    gates = list(
        gate_behaviour(
            model, rows, tests, (Direction(column="rooms", answer="rises", step=1),), np.random.default_rng(0)
        )
    )
    assert [gate.name for gate in gates] == ["invariance/noise", "invariance/rooms", "direction/rooms"]
    assert all(gate.passed for gate in gates)
