"""References: made of training rows of any kind, small, and ready for JSON."""

import json
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.contract import Column
from mlops.monitoring.drift import Reference, make_reference
from tests.unit.mlops.monitoring.drift.columns import CASES, reference_of

MOST_BYTES = 2_000


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("rows", [0, 1, 3, 40, 5_000])
def test_a_reference_is_small_and_the_same_after_json(name: str, rows: int) -> None:
    case = CASES[name]
    reference = reference_of(case.calm(rows, np.random.default_rng(1)), case.column)
    text = json.dumps(reference.to_dict(), allow_nan=False)
    assert len(text.encode()) <= MOST_BYTES
    assert Reference.from_dict(json.loads(text)).to_dict() == reference.to_dict()
    assert reference.rows == rows


def test_many_long_categories_stay_small() -> None:
    rng = np.random.default_rng(0)
    values = [f"{'ü' * 90} {number}" for number in rng.zipf(1.3, 5_000) % 500]
    reference = reference_of(values, Column(name="text", kind="category"))
    assert len(json.dumps(reference.to_dict(), ensure_ascii=False).encode()) <= MOST_BYTES
    assert reference.names
    assert sum(reference.counts) == 5_000


def test_a_dropped_column_has_no_reference() -> None:
    assert make_reference([1.0, 2.0], Column(name="secret", privacy="drop")) is None


def test_a_hashed_number_is_compared_for_equality_only() -> None:
    reference = reference_of(["a1", "b2", "a1", "a1"] * 10, Column(name="age", privacy="hash"))
    assert reference.form == "shares"
    assert set(reference.names) <= {"a1", "b2"}


def test_the_same_values_give_the_same_reference() -> None:
    values = np.random.default_rng(2).normal(size=300)
    one, other = (reference_of(values, Column(name="x")).to_dict() for _ in range(2))
    assert one == other


@pytest.mark.parametrize(
    ("column", "forms"),
    [
        (Column(name="x"), ([1.0, None, 2.5], np.array([1, np.nan, 2.5]), pd.Series([1.0, np.inf, 2.5]))),
        (
            Column(name="x", kind="boolean"),
            ([True, None, False], np.array([1.0, np.nan, 0.0]), pd.Series([True, None, False], dtype=object)),
        ),
        (
            Column(name="x", kind="category"),
            (["a", None, "b"], ["a", "", "b"], pd.Series(["a", None, "b"], dtype="str"), np.array(["a", "", "b"])),
        ),
        (
            Column(name="x", kind="date"),
            (
                ["1970-01-02", None, "1970-01-03"],
                [date(1970, 1, 2), None, date(1970, 1, 3)],
                [1.0, None, 2.0],
                np.array(["1970-01-02", "NaT", "1970-01-03"], "datetime64[D]"),
                pd.Series(["1970-01-02", None, "1970-01-03"], dtype="datetime64[s]"),
            ),
        ),
    ],
    ids=["number", "boolean", "category", "date"],
)
def test_values_mean_the_same_in_every_form(column: Column, forms: tuple[Any, ...]) -> None:
    reference = reference_of(list(forms[0]) * 20, column)
    parsed = [reference.parse(form) for form in forms]
    for other in parsed[1:]:
        np.testing.assert_array_equal(other, parsed[0])
    assert len(set(np.nan_to_num(parsed[0], nan=-1))) == 3


def test_text_in_a_column_of_numbers_is_refused() -> None:
    reference = reference_of([1.0, 2.0], Column(name="x"))
    with pytest.raises(ValueError, match="could not convert string to float: 'four'"):
        reference.parse([1.0, "four"])


@given(
    st.lists(st.one_of(st.none(), st.floats(), st.integers(-(2**40), 2**40)), max_size=60),
    st.sampled_from(("number", "integer", "boolean", "date")),
)
def test_any_numbers_make_a_reference(values: list[float | None], kind: Any) -> None:
    reference = reference_of(values, Column(name="x", kind=kind))
    json.dumps(reference.to_dict(), allow_nan=False)
    parts = reference.split(reference.parse(values))
    assert parts.keys() == reference.tests.keys()
    if reference.form != "shares":
        assert len(parts["values"]) == reference.rows - reference.missing
