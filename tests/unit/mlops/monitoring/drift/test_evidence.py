"""Evidence: a martingale under no drift, exactly; it grows under drift, late or early."""

import json
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.monitoring.drift.alternatives import Alternatives, share_alternatives, value_alternatives
from mlops.monitoring.drift.cells import Cells, Ints
from mlops.monitoring.drift.evidence import Evidence, opened_share

DAY = 86_400


def cells_of(rows: int, ranks: list[int]) -> Cells:
    return Cells.cut(np.arange(rows, dtype=np.float64), ranks, np.random.default_rng(0))


def total(evidence: Evidence, alternatives: Alternatives) -> float:
    """All wealth, bet and kept."""
    return float(alternatives.weights @ np.exp(evidence.log_wealth)) + 1 - evidence.opened


def chance_in_urn(gaps: Ints, sequence: tuple[int, ...]) -> float:
    balls, chance = gaps.astype(float), 1.0
    for cell in sequence:
        chance *= balls[cell] / balls.sum()
        balls[cell] += 1
    return chance


@pytest.mark.parametrize("make", [value_alternatives, share_alternatives])
def test_the_expected_wealth_is_what_it_was_whatever_the_looks(make: object) -> None:
    cells = cells_of(9, [2, 7])
    alternatives: Alternatives = make(cells)  # type: ignore[operator]
    start = Evidence.begin(cells.gaps, alternatives)
    expected = 0.0
    for sequence in product(range(3), repeat=4):
        rows = np.array(sequence)
        evidence = start.open(opened_share(0), 0, 0).add(rows[:1], alternatives)
        evidence = evidence.open(opened_share(1), DAY, 1).add(rows[1:3], alternatives)
        evidence = evidence.open(opened_share(2.5), 2 * DAY, 1.5).add(rows[3:], alternatives)
        expected += chance_in_urn(cells.gaps, sequence) * total(evidence, alternatives)
    # Rounding to 4 digits goes down only.
    assert expected == pytest.approx(1, abs=3e-4)
    assert expected <= 1 + 1e-12


@given(st.floats(0, 1e5), st.floats(0, 1e5))
def test_never_more_than_all_is_bet(one: float, other: float) -> None:
    early, late = sorted((one, other))
    assert 0 < opened_share(early) <= opened_share(late) < 1


def drift(evidence: Evidence, alternatives: Alternatives, days: int, chances: list[float], seed: int = 0) -> Evidence:
    rng = np.random.default_rng(seed)
    for day in range(days):
        rows = rng.choice(len(chances), 100, p=chances)
        share = evidence.opened + (opened_share(day + 1) - opened_share(day)) if evidence.opened else opened_share(0)
        evidence = evidence.open(share, day * DAY, 1).add(rows, alternatives)
    return evidence


def test_power_comes_back_after_a_long_quiet_time() -> None:
    cells = cells_of(999, [250, 500, 750])
    alternatives = value_alternatives(cells)
    quiet = drift(Evidence.begin(cells.gaps, alternatives), alternatives, 100, [0.25] * 4)
    assert quiet.log_peak < np.log(20)
    drifted = drift(quiet, alternatives, 3, [0.1, 0.2, 0.3, 0.4], seed=1)
    assert drifted.log_peak > np.log(1_000)


def test_the_start_of_the_drift_is_found() -> None:
    cells = cells_of(999, [250, 500, 750])
    alternatives = value_alternatives(cells)
    evidence = Evidence.begin(cells.gaps, alternatives)
    rng = np.random.default_rng(4)
    for day in range(30):
        chances = [0.25] * 4 if day < 20 else [0.1, 0.2, 0.3, 0.4]
        rows = rng.choice(4, 100, p=chances)
        evidence = evidence.open(opened_share(day), day * DAY, 1).add(rows, alternatives)
    assert abs(evidence.start(alternatives) / DAY - 20) <= 1


def test_a_peak_between_two_looks_counts() -> None:
    cells = cells_of(99, [50])
    alternatives = value_alternatives(cells)
    evidence = Evidence.begin(cells.gaps, alternatives).open(opened_share(0), 0, 0)
    high, low = np.full(60, 1), np.full(60, 0)
    assert evidence.add(np.append(high, low), alternatives).log_peak == pytest.approx(
        evidence.add(high, alternatives).log_peak
    )


def test_no_rows_change_nothing_but_the_stakes() -> None:
    cells = cells_of(99, [50])
    alternatives = value_alternatives(cells)
    evidence = Evidence.begin(cells.gaps, alternatives).open(opened_share(0), 0, 0)
    after = evidence.add(np.array([], np.int64), alternatives)
    assert total(after, alternatives) == pytest.approx(1, abs=1e-3)
    assert after.balls.tolist() == evidence.balls.tolist()
    assert after.log_peak == evidence.log_peak == 0


def test_evidence_is_the_same_after_json() -> None:
    cells = cells_of(99, [20, 50])
    alternatives = share_alternatives(cells)
    fresh = Evidence.begin(cells.gaps, alternatives)
    for evidence in (fresh, drift(fresh, alternatives, 3, [0.2, 0.3, 0.5])):
        copy = Evidence.from_dict(json.loads(json.dumps(evidence.to_dict(), allow_nan=False)))
        assert copy.to_dict() == evidence.to_dict()
        assert (
            drift(copy, alternatives, 2, [0.3, 0.3, 0.4]).to_dict()
            == drift(evidence, alternatives, 2, [0.3, 0.3, 0.4]).to_dict()
        )
