"""False alarms stay within their budget, for every kind of column and for models of dependent columns."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops.contract import Column
from mlops.monitoring.drift import DriftState, look, p_value
from mlops.monitoring.drift.reference import Values
from tests.unit.mlops.monitoring.drift.columns import CASES, IDENTIFIERS, Case, day, reference_of

DAYS = 30


def least_p_value(case: Case, seed: int, training: int = 300, rows: int = 50) -> float:
    """The least p-value of a column without drift over DAYS."""
    rng = np.random.default_rng(seed)
    references = {"x": reference_of(case.calm(training, rng), case.column)}
    state: DriftState | None = None
    for number in range(DAYS):
        state, _ = look(state, references, {"x": case.calm(rows, rng)}, day(number), seed)
    assert state is not None
    return p_value(state.columns["x"], references["x"])


@pytest.mark.parametrize("case", [*CASES.values(), IDENTIFIERS], ids=[*CASES, "identifiers"])
def test_p_values_are_rarely_small_however_often_one_looks(case: Case) -> None:
    found = np.array([least_p_value(case, seed) for seed in range(24)])
    # Of 24, at most 4.8 are expected below 0.2 and 1.2 below 0.05: so many have a chance of at most 1.5 %.
    assert (found <= 0.2).sum() < 10
    assert (found <= 0.05).sum() < 5


def test_dependent_columns_alarm_no_oftener_than_one() -> None:
    alarms = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)

        def draw(rows: int, rng: np.random.Generator = rng) -> dict[str, Values]:
            factor = rng.normal(size=rows)
            return {f"c{place}": factor + 0.3 * rng.normal(size=rows) for place in range(6)}

        references = {name: reference_of(values, Column(name=name)) for name, values in draw(300).items()}
        state: DriftState | None = None
        ever = False
        for number in range(DAYS):
            state, findings = look(state, references, draw(50), day(number), seed)
            ever |= bool(findings)
        alarms += ever
    # 5 % of 20 are 1: 5 or more have a chance of 0.3 %.
    assert alarms < 5


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(
        (lambda rng, rows: rng.normal(size=rows), lambda rng, rows: rng.integers(0, 4, rows).astype(float))
    ),
    st.sampled_from((1, 5, 30, 400)),
    st.lists(st.integers(0, 300), min_size=1, max_size=8),
    st.integers(0, 2**32 - 1),
)
def test_any_sizes_of_reference_and_windows_give_sound_evidence(
    draw: Callable[[np.random.Generator, int], np.ndarray], training: int, windows: list[int], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    references = {"x": reference_of(draw(rng, training), Column(name="x"))}
    state: DriftState | None = None
    for number, rows in enumerate(windows):
        state, _ = look(state, references, {"x": draw(rng, rows)}, day(number), seed)
    assert state is not None
    # A chance of at most 1e-9 an example.
    assert 1e-9 < p_value(state.columns["x"], references["x"]) <= 1
