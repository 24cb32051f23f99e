"""Looks: what drifts is found, and a state that depends on the windows alone."""

import json
from dataclasses import replace

import numpy as np
import pytest

from mlops.contract import Column
from mlops.monitoring.drift import DriftState, Finding, Reference, Tolerance, Window, look, p_value, significant
from mlops.monitoring.drift.look import MOST_ROWS
from mlops.monitoring.drift.reference import Values
from tests.unit.mlops.monitoring.drift.columns import CASES, IDENTIFIERS, Case, day, reference_of

type Looks = list[tuple[Window, dict[str, Values]]]


def run(
    references: dict[str, Reference], looks: Looks, seed: int = 7, state: DriftState | None = None
) -> tuple[DriftState, tuple[Finding, ...]]:
    findings: tuple[Finding, ...] = ()
    for window, columns in looks:
        state, findings = look(state, references, columns, window, seed)
    assert state is not None
    return state, findings


def live(case: Case, calm: int, drifted: int, seed: int = 1, rows: int = 200) -> tuple[dict[str, Reference], Looks]:
    """The references of a case, and looks at calm days and then at drifted ones."""
    rng = np.random.default_rng(seed)
    references = {"x": reference_of(case.calm(2_000, rng), case.column)}
    draws = [case.calm] * calm + [case.drifted] * drifted
    return references, [(day(number), {"x": draw(rows, rng)}) for number, draw in enumerate(draws)]


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("calm", [0, 20])
def test_drift_of_every_kind_of_column_is_found_and_calm_is_not(name: str, calm: int) -> None:
    references, looks = live(CASES[name], calm, drifted=3)
    state, findings = run(references, looks[:calm]) if calm else (None, ())
    assert findings == ()
    state, findings = run(references, looks[calm:], state=state)
    assert [finding.column for finding in findings] == ["x"]
    assert findings[0].matters
    assert findings[0].p_value <= 0.05
    assert abs((findings[0].since - looks[calm][0].start.date()).days) <= 1
    assert len(json.dumps(state.to_dict(), allow_nan=False).encode()) < 6_000


def test_identifiers_are_no_drift_though_each_is_new() -> None:
    references, looks = live(IDENTIFIERS, calm=30, drifted=0)
    _, findings = run(references, looks)
    assert findings == ()


def test_a_change_within_the_tolerance_is_significant_but_doesnt_matter() -> None:
    case = replace(CASES["number"], drifted=lambda rows, rng: rng.normal(13.7, 2, rows))
    references, looks = live(case, calm=5, drifted=5, rows=1_000)
    state, findings = run(references, looks)
    assert [finding.column for finding in findings] == ["x"]
    wide = Tolerance(shift=0.5, spread=0.5, shape=0.5, share=0.5, outside=0.5)
    window, columns = looks[-1]
    _, findings = look(state, references, columns, window, 7, tolerance=wide)
    assert [finding.matters for finding in findings] == [False]


def test_a_drift_that_is_over_doesnt_matter_any_more() -> None:
    references, looks = live(CASES["number"], calm=5, drifted=3)
    rng = np.random.default_rng(5)
    state, findings = run(references, looks)
    assert findings[0].matters
    later: Looks = [(day(8 + number), {"x": CASES["number"].calm(200, rng)}) for number in range(10)]
    _, findings = run(references, later, state=state)
    assert [finding.matters for finding in findings] == [False]


def test_looking_twice_is_looking_once() -> None:
    references, looks = live(CASES["number"], calm=2, drifted=2)
    state, findings = run(references, looks)
    again, same = look(state, references, looks[-1][1], looks[-1][0], 7)
    assert again is state
    assert same == findings
    first, nothing = look(None, references, looks[0][1], looks[0][0], 7)
    assert look(first, references, looks[0][1], looks[0][0], 7) == (first, nothing)


@pytest.mark.parametrize("name", CASES)
def test_a_state_that_was_json_goes_on_as_if_it_hadnt_been(name: str) -> None:
    references, looks = live(CASES[name], calm=2, drifted=2)
    straight, findings = run(references, looks)
    half, _ = run(references, looks[:2])
    copy = DriftState.from_dict(json.loads(json.dumps(half.to_dict(), allow_nan=False)))
    copied = {"x": Reference.from_dict(json.loads(json.dumps(references["x"].to_dict())))}
    resumed, same = run(copied, looks[2:], state=copy)
    assert resumed.to_dict() == straight.to_dict()
    assert same == findings


@pytest.mark.parametrize("name", CASES)
def test_the_order_of_rows_doesnt_matter(name: str) -> None:
    references, looks = live(CASES[name], calm=1, drifted=2)
    rng = np.random.default_rng(9)
    shuffled: Looks = [
        (window, {"x": [columns["x"][place] for place in rng.permutation(len(columns["x"]))]})
        for window, columns in looks
    ]
    (one, found), (other, same) = run(references, looks), run(references, shuffled)
    assert one.to_dict() == other.to_dict()
    assert found == same


def test_another_seed_gives_about_the_same_evidence() -> None:
    references, looks = live(CASES["integer"], calm=3, drifted=2)
    peaks = [run(references, looks, seed)[0].columns["x"].evidence["values"].log_peak for seed in range(8)]
    assert np.std(peaks) < 0.15 * np.mean(peaks)


def test_hours_find_what_days_find() -> None:
    rng = np.random.default_rng(3)
    case = CASES["number"]
    references = {"x": reference_of(case.calm(2_000, rng), case.column)}
    draws = [case.calm] * 24 + [case.drifted] * 24
    hours: Looks = [(day(number // 24, number % 24, 1), {"x": draw(8, rng)}) for number, draw in enumerate(draws)]
    _, findings = run(references, hours)
    assert [finding.column for finding in findings] == ["x"]
    assert findings[0].since == day(1).start.date()
    assert findings[0].rows == 192


def test_only_the_columns_that_drift_are_named_most_certain_first() -> None:
    rng = np.random.default_rng(4)
    calm = CASES["number"]
    references = {f"c{place}": reference_of(calm.calm(2_000, rng), Column(name=f"c{place}")) for place in range(12)}
    looks: Looks = [
        (day(number), {name: rng.normal({"c3": 17, "c8": 15}.get(name, 13.4), 2, 200) for name in references})
        for number in range(3)
    ]
    state, findings = run(references, looks)
    assert [finding.column for finding in findings] == ["c3", "c8"]
    assert significant(state, references) == ["c3", "c8"]
    assert p_value(state.columns["c3"], references["c3"]) < p_value(state.columns["c8"], references["c8"])


def test_a_column_without_rows_is_as_it_was() -> None:
    references, looks = live(CASES["number"], calm=1, drifted=0)
    state, _ = run(references, [*looks, (day(1), {}), (day(2), {"x": []})])
    assert state.columns["x"].evidence["values"].balls.sum() == 2_001 + 200


def test_a_drift_still_matters_on_a_day_without_rows() -> None:
    references, looks = live(CASES["number"], calm=0, drifted=3)
    _, findings = run(references, [*looks, (day(3), {})])
    assert [change.kind for change in findings[0].changes] == ["shape"]


def test_no_more_rows_than_needed_are_looked_at() -> None:
    references, looks = live(CASES["missing"], calm=1, drifted=0, rows=5 * MOST_ROWS)
    state, _ = run(references, looks)
    assert state.columns["x"].evidence["missing"].balls.sum() == 1_501 + MOST_ROWS


def test_a_window_that_was_looked_at_before_is_refused() -> None:
    references, looks = live(CASES["number"], calm=3, drifted=0)
    state, _ = run(references, looks)
    for window in (looks[0][0], day(2, 12), Window(day(2).start, day(5).end)):
        with pytest.raises(ValueError, match="looked at before"):
            look(state, references, {}, window, 7)


def test_other_references_than_the_states_are_refused() -> None:
    references, looks = live(CASES["number"], calm=1, drifted=0)
    state, _ = run(references, looks)
    with pytest.raises(ValueError, match="y"):
        look(state, {**references, "y": references["x"]}, {}, day(1), 7)


def test_gaps_between_windows_are_allowed() -> None:
    references, looks = live(CASES["number"], calm=1, drifted=1)
    state, findings = run(references, [looks[0], (day(40), looks[1][1])])
    assert findings[0].since == day(40).start.date()
    assert list(state.columns["x"].days) == ["2026-11-01", "2026-12-11"]
