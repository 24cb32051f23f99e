"""A dataset cut into the parts that are judged by themselves."""

import numpy as np
import pandas as pd
import pytest

from mlops.contract import Column, Contract, Target
from mlops.evaluation.slices import Slices, cut_slices, match_slices, readable


def _sizes(slices: Slices) -> dict[str, int]:
    return {str(part): len(part) for part in slices.judged}


def test_each_category_is_a_slice_and_missing_is_one_too() -> None:
    data = pd.DataFrame({"site": ["north"] * 40 + ["south"] * 50 + [None] * 35})
    found = cut_slices(data, ["site"])
    assert _sizes(found) == {"site = north": 40, "site = south": 50, "site = missing": 35}
    assert found.judged[1].rows.tolist() == list(range(40, 90))


def test_numbers_are_cut_at_their_quantiles_in_order() -> None:
    data = pd.DataFrame({"age": np.arange(200, dtype=float)})
    found = cut_slices(data, ["age"])
    names = [part.value for part in found.judged]
    assert names == ["up to 49.75", "49.75 to 99.5", "99.5 to 149.25", "above 149.25"]
    assert [len(part) for part in found.judged] == [50] * 4
    assert data["age"].iloc[found.judged[1].rows].between(49.75, 99.5).all()


def test_a_number_on_an_edge_belongs_to_the_range_below() -> None:
    data = pd.DataFrame({"age": np.arange(201, dtype=float)})
    first, second, *_ = cut_slices(data, ["age"]).judged
    assert (first.value, data["age"].iloc[first.rows].max()) == ("up to 50", 50)
    assert (second.value, data["age"].iloc[second.rows].min()) == ("50 to 100", 51)


def test_numbers_of_few_values_are_slices_by_value() -> None:
    data = pd.DataFrame({"floors": [1.0, 2.0, 10.0] * 30})
    assert list(_sizes(cut_slices(data, ["floors"]))) == ["floors = 1", "floors = 2", "floors = 10"]


def test_a_number_that_is_mostly_zero_still_partitions_the_rows() -> None:
    data = pd.DataFrame({"debt": np.r_[np.zeros(150), np.arange(1, 51)]})
    found = cut_slices(data, ["debt"])
    rows = np.concatenate([part.rows for part in found.judged])
    assert sorted(rows) == list(range(200))


def test_dates_and_booleans_are_cut_and_written_plainly() -> None:
    data = pd.DataFrame(
        {"seen": pd.date_range("2026-01-01", periods=120), "member": pd.array([True, False] * 60, dtype="boolean")}
    )
    names = [str(part) for part in cut_slices(data, ["seen", "member"], minimum_rows=20, number_bins=2).judged]
    assert names == ["seen = up to 2026-03-01", "seen = above 2026-03-01", "member = false", "member = true"]


def test_booleans_and_dates_of_a_table_are_written_as_such() -> None:
    contract = Contract(
        columns=(Column(name="wet", kind="boolean", required=False), Column(name="since", kind="date")),
        target=Target(name="kind", task="regression"),
    )
    table = pd.DataFrame({"wet": [1.0, 0.0, None] * 20, "since": [0.0, 20_000.0, 20_000.0] * 20})
    names = [str(part) for part in cut_slices(readable(table, contract), ["wet", "since"], minimum_rows=5).judged]
    assert names == ["wet = false", "wet = true", "wet = missing", "since = 1970-01-01", "since = 2024-10-04"]


def test_slices_too_small_to_judge_are_named() -> None:
    data = pd.DataFrame({"site": ["north"] * 60 + ["south"] * 5})
    found = cut_slices(data, ["site"])
    assert [str(part) for part in found.judged] == ["site = north"]
    assert [str(part) for part in found.too_small] == ["site = south"]


def test_only_the_largest_of_many_values_are_judged() -> None:
    data = pd.DataFrame({"shop": [f"s{place:02d}" for place in range(30) for _ in range(30 + place)]})
    found = cut_slices(data, ["shop"], most=3)
    assert [part.value for part in found.judged] == ["s27", "s28", "s29"]
    assert len(found.too_small) == 27


def test_a_misspelt_column_is_named_with_the_likely_one() -> None:
    with pytest.raises(ValueError, match="no column 'sight' to slice by: did you mean 'site'"):
        cut_slices(pd.DataFrame({"site": ["north"]}), ["sight"])


def _mixed(rows: int, seed: int) -> pd.DataFrame:
    """A table of each kind of column, with missing values, as training has it."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "age": np.where(rng.random(rows) < 0.1, np.nan, rng.integers(-60, 61, rows) / 4),
            "floors": rng.integers(1, 4, rows).astype(float),
            "site": rng.choice(np.array(["north", "south = far", "up to 5", None], dtype=object), rows),
            "wet": rng.choice([0.0, 1.0, np.nan], rows),
            "since": rng.integers(0, 400, rows).astype(float),
            "doctor": rng.choice(["a", "b"], rows),
        }
    )


MIXED = Contract(
    columns=(
        Column(name="age", required=False),
        Column(name="floors"),
        Column(name="site", kind="category", required=False),
        Column(name="wet", kind="boolean", required=False),
        Column(name="since", kind="date"),
        Column(name="doctor", kind="category", privacy="hash"),
    ),
    target=Target(name="price", task="regression"),
)


def test_slices_are_found_again_by_their_names_in_the_rows_that_they_were_cut_in() -> None:
    rows = _mixed(400, 0)
    cut = cut_slices(readable(rows, MIXED), ["age", "floors", "site", "wet", "since"], minimum_rows=1).judged
    found = match_slices(rows, MIXED, [str(part) for part in cut])
    assert [(part.column, part.value, part.rows.tolist()) for part in found] == [
        (part.column, part.value, part.rows.tolist()) for part in cut
    ]


def test_other_rows_fall_into_the_ranges_that_the_names_say() -> None:
    rows = pd.DataFrame({**_mixed(4, 1), "age": [-20.0, 3.0, 3.001, np.nan]})
    found = match_slices(rows, MIXED, ["age = up to 3", "age = above 3", "age = missing", "site = east"])
    assert [part.rows.tolist() for part in found] == [[0, 1], [2], [3], []]


def test_slices_of_private_columns_are_not_matched() -> None:
    assert match_slices(_mixed(10, 2), MIXED, ["doctor = part 1"]) == ()
