"""Two versions' training rows compared by their references alone, next to what the rows themselves say."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pytest

from mlops.contract import Column
from mlops.monitoring.drift import Change, Reference, Tolerance, make_reference
from mlops.monitoring.drift.between import compare_references, quantiles_of

RNG = np.random.default_rng(7)


def reference(values: Sequence[Any] | np.ndarray, kind: Literal["number", "category"] = "number") -> Reference:
    found = make_reference(values, Column(name="x", kind=kind))
    assert found
    return found


def mattering(before: Reference, after: Reference) -> list[Change]:
    return [each for each in compare_references(before, after, Tolerance()) if each.matters]


def test_values_of_a_reference_have_the_rows_quantiles() -> None:
    rows = RNG.gamma(2.0, size=4_000)
    found = quantiles_of(reference(rows), 1_000)
    levels = (0.05, 0.25, 0.5, 0.75, 0.95)
    assert np.quantile(found, levels) == pytest.approx(np.quantile(rows, levels), rel=0.02)
    assert found.min() >= rows.min()
    assert found.max() <= rows.max()


@pytest.mark.parametrize(
    "draw",
    [
        lambda rng: rng.normal(10, 2, 1_500),
        lambda rng: rng.lognormal(0, 2, 1_500),
        lambda rng: rng.integers(0, 6, 1_500).astype(float),
        lambda rng: np.where(rng.random(1_500) < 0.9, 0.0, rng.exponential(5, 1_500)),
        lambda rng: np.where(rng.random(1_500) < 0.1, np.nan, rng.normal(0, 1, 1_500)),
        lambda rng: np.full(1_500, 3.0),
    ],
)
def test_samples_of_one_population_are_alike(draw: Any) -> None:
    different = [
        (seed, each)
        for seed in range(20)
        for each in mattering(
            reference(draw(np.random.default_rng(seed))), reference(draw(np.random.default_rng(seed + 100)))
        )
    ]
    # "Four in five sure" of a tolerance that no sample of one population is expected to reach.
    assert len(different) <= 2, different


def test_a_shift_is_measured_as_on_the_rows() -> None:
    before, after = RNG.normal(10, 2, 2_000), RNG.normal(11, 2, 3_000)
    (shift,) = [each for each in mattering(reference(before), reference(after)) if each.kind == "shift"]
    assert shift.effect == pytest.approx(0.5, abs=0.08)
    assert (shift.before, shift.now) == pytest.approx((np.median(before), np.median(after)), abs=0.05)
    assert shift.low < 0.5 < shift.high


def test_values_beyond_the_earlier_range_are_counted_in_the_later_rows_number() -> None:
    before, after = RNG.random(1_000), RNG.random(20_000) * 1.25
    (above,) = [each for each in mattering(reference(before), reference(after)) if each.kind == "above"]
    assert above.now == pytest.approx(0.2, abs=0.01)
    assert above.rows == 20_000


def test_missing_values_are_compared_by_their_counts() -> None:
    before, after = RNG.random(1_000), np.where(np.arange(1_000) < 300, np.nan, RNG.random(1_000))
    (missing,) = [each for each in mattering(reference(before), reference(after)) if each.kind == "missing"]
    assert (missing.before, missing.now) == (0.0, 0.3)


def test_a_column_that_lost_all_values_has_missing_values_only() -> None:
    empty = reference(np.full(500, np.nan))
    assert {each.kind for each in mattering(reference(RNG.random(500)), empty)} == {"missing"}
    assert {each.kind for each in mattering(empty, reference(RNG.random(500)))} == {"missing"}


def test_shares_of_names_are_compared_by_their_counts() -> None:
    before = reference(["a"] * 500 + ["b"] * 500, "category")
    after = reference(["a"] * 800 + ["b"] * 100 + ["new"] * 100, "category")
    found = {each.name or each.kind: (each.before, each.now) for each in mattering(before, after)}
    assert found == {"a": (0.5, 0.8), "b": (0.5, 0.1), "unseen": (0.0, 0.1)}


def test_names_that_are_among_the_others_once_arent_compared() -> None:
    common = ["a"] * 600
    before = reference(common + [f"early {place}" for place in range(14)] * 30, "category")
    after = reference(common + [f"late {place}" for place in range(200)] * 3, "category")
    assert after.counts[-1] > 0
    assert {each.name for each in compare_references(before, after, Tolerance())} <= {"a", *after.names}


def test_the_same_references_give_the_same_changes() -> None:
    before, after = reference(RNG.normal(size=800)), reference(RNG.normal(size=800))
    assert compare_references(before, after, Tolerance()) == compare_references(before, after, Tolerance())


def test_a_number_that_became_a_category_cant_be_compared() -> None:
    with pytest.raises(ValueError, match="numbers can't be compared with shares"):
        compare_references(reference(RNG.random(50)), reference(["a"] * 50, "category"), Tolerance())


def test_no_rows_no_changes() -> None:
    assert compare_references(reference([]), reference(RNG.random(50)), Tolerance()) == []
