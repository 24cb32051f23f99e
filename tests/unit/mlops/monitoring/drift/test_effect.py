"""Effects: sizes that are right, intervals that hold what they promise, and a tolerance."""

import numpy as np
import pytest

from mlops.contract import Column
from mlops.monitoring.drift.effect import Change, Sample, Tolerance, compare, take_sample
from mlops.monitoring.drift.reference import Reference, Values
from tests.unit.mlops.monitoring.drift.columns import reference_of


def effects(training: Values, values: Values, column: Column) -> dict[str, Change]:
    """The effects by kind, or by the category's name."""
    reference = reference_of(training, column)
    return {change.name or change.kind: change for change in _compare(reference, values)}


def _compare(reference: Reference, values: Values) -> list[Change]:
    rng = np.random.default_rng(0)
    parsed = reference.parse(values)
    return compare(reference, take_sample(reference, parsed), parsed, Tolerance(), rng)


@pytest.mark.parametrize("shift", [-0.5, 0.0, 0.3])
@pytest.mark.parametrize("spread", [0.8, 1.0, 1.3])
def test_a_shift_and_a_spread_of_normal_values_are_measured(shift: float, spread: float) -> None:
    rng = np.random.default_rng(1)
    found = effects(rng.normal(50, 10, 20_000), rng.normal(50 + 10 * shift, 10 * spread, 4_000), Column(name="x"))
    equivalent = shift * np.sqrt(2 / (1 + spread**2))
    assert found["shift"].low - 0.02 < equivalent < found["shift"].high + 0.02
    assert found["shift"].now_low < 50 + 10 * shift < found["shift"].now_high
    if "spread" in found:
        assert found["spread"].low - 0.03 < spread - 1 < found["spread"].high + 0.03


def test_the_intervals_hold_what_they_promise() -> None:
    rng = np.random.default_rng(2)
    rounds = 100
    covered = {"shift": 0, "spread": 0, "missing": 0}
    for _ in range(rounds):
        training, values = rng.normal(0, 1, 500), rng.normal(0.3, 1, 300)
        values[rng.random(300) < 0.05] = np.nan
        found = effects(training, values, Column(name="x"))
        covered["shift"] += found["shift"].low < 0.3 < found["shift"].high
        covered["missing"] += found["missing"].low < 0.05 < found["missing"].high
        found = effects(training, rng.normal(0, 1.2, 300), Column(name="x"))
        covered["spread"] += found["spread"].low < 0.2 < found["spread"].high
    # 90 % are promised; 80 % or fewer of 100 would have a chance of 0.2 %.
    assert min(covered.values()) / rounds > 0.8, covered


def test_no_change_is_within_the_tolerance_for_any_kind_of_values() -> None:
    rng = np.random.default_rng(3)
    draws = (
        rng.normal(size=8_000),
        rng.poisson(0.5, 8_000),
        np.full(8_000, 3.0),
        np.where(rng.random(8_000) < 0.7, 0, 1),
    )
    for values in draws:
        found = effects(values[:4_000], values[4_000:], Column(name="x"))
        assert not any(change.matters for change in found.values())


def test_the_random_order_of_equal_values_is_no_effect() -> None:
    for seed in range(50):
        training = np.random.default_rng(seed).permutation(np.repeat([0.0, 1.0], [240, 160]))
        found = effects(training, np.repeat([0.0, 1.0], [120, 80]), Column(name=f"x{seed}"))
        assert abs(found["shift"].effect) < 0.1


def test_rows_beyond_the_training_range_are_counted_on_their_side() -> None:
    training = np.arange(1_000.0)
    found = effects(training, np.append(training[:190], np.full(10, 5e6)), Column(name="x"))
    assert found["above"].now == pytest.approx(0.05)
    assert found["above"].matters
    assert found["below"].now == 0
    assert not found["below"].matters


def test_shares_are_compared_by_category() -> None:
    column = Column(name="x", kind="category", required=False)
    training = ["a"] * 600 + ["b"] * 300 + [None] * 100
    found = effects(training, ["a"] * 250 + ["b"] * 200 + [None] * 40 + ["new"] * 10, column)
    assert {"a", "b", "missing", "unseen"} == found.keys()
    assert found["a"].effect == pytest.approx(-0.1)
    assert found["a"].high < -0.02
    assert found["a"].matters
    assert not found["missing"].matters
    assert found["unseen"].now == pytest.approx(0.02)


def test_rare_categories_at_training_are_no_news() -> None:
    training = [f"id {number}" for number in range(1_000)]
    found = effects(training, [f"id {number}" for number in range(5_000, 5_200)], Column(name="x", kind="category"))
    assert "unseen" not in found
    assert not any(change.matters for change in found.values())


def test_the_interval_of_a_median_and_of_a_quartile_distance_holds_it() -> None:
    rng = np.random.default_rng(11)
    held = np.zeros(2)
    for _ in range(200):
        found = effects(rng.normal(size=200), rng.normal(size=150), Column(name="x"))
        held[0] += found["shift"].now_low <= 0 <= found["shift"].now_high
        held[1] += found["spread"].now_low <= 1.349 <= found["spread"].now_high
    # 90 % of 200 are 180.
    assert (np.abs(held - 180) < 17).all(), held


def test_nothing_to_compare_is_no_effect() -> None:
    assert effects([], [1.0, 2.0], Column(name="x")) == {}
    assert effects([1.0, 2.0], [], Column(name="x")) == {}
    assert effects([1.0, 2.0], [None, None], Column(name="x")).keys() == {"missing"}


def test_samples_add_up() -> None:
    one = Sample(3, np.array([1.0, 2.0]), below=1, missing=0)
    other = Sample(5, np.array([0.0, 4.0]), above=2, missing=1)
    assert (one + other).to_dict() == {"rows": 8, "counts": [1, 6], "below": 1, "above": 2, "missing": 1}
    assert Sample.from_dict(one.to_dict()).to_dict() == one.to_dict()
