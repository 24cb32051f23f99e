"""Invented cells keep the contract, whatever it allows, and never come from data."""

from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.artifact.inputs import days_since_epoch
from mlops.artifact.spelling import strip
from mlops.contract import Column, Contract, Target
from mlops.serving.rows.reader import RowReader
from mlops.training.artifacts.invented import invent_cells
from mlops.training.artifacts.package import to_requests

FIRST, LAST = days_since_epoch(date.min), days_since_epoch(date.max)
BOUNDS = {
    "number": st.floats(-1e300, 1e300),
    "integer": st.integers(-(10**15), 10**15),
    "date": st.integers(FIRST, LAST),
}


@st.composite
def columns(draw: st.DrawFn) -> Column:
    kind = draw(st.sampled_from(["number", "integer", "date", "boolean", "category"]))
    more: dict[str, Any] = {}
    if kind in BOUNDS:
        ends = sorted((draw(BOUNDS[kind]), draw(BOUNDS[kind])))
        more = {name: end for name, end in zip(("minimum", "maximum"), ends, strict=True) if draw(st.booleans())}
    elif kind == "category":
        # Specs refuse texts with white space around them.
        texts = st.text(min_size=1).map(strip).filter(bool)
        more = {"categories": draw(st.lists(texts, unique=True, max_size=4))}
    return Column.model_validate(
        {"name": draw(st.text(min_size=1)), "kind": kind, "required": draw(st.booleans()), **more}
    )


@given(column=columns(), count=st.integers(1, 60))
def test_the_server_takes_invented_cells_of_any_contract(column: Column, count: int) -> None:
    cells = invent_cells(column, count)
    assert cells == invent_cells(column, count)
    target = Target(name=f"{column.name} answer", task="regression")
    contract = Contract(columns=(column,), target=target)
    rows = to_requests(pd.DataFrame({column.name: pd.Series(cells)}), contract)
    assert len(RowReader(contract, max_rows=count).check(rows)) == count


@pytest.mark.parametrize(
    ("column", "low", "high"),
    [
        (Column(name="a", minimum=10, maximum=20), 11, 19),
        (Column(name="a", kind="integer", minimum=10, maximum=20), 11, 18),
        (Column(name="a", minimum=5), 6, 1e5),
        (Column(name="a", maximum=5), -1e5, 4),
        (Column(name="a"), -1e5, 1e5),
        (Column(name="a", kind="date", minimum=0, maximum=100), 10, 90),
    ],
    ids=lambda value: value.model_dump_json(exclude_defaults=True) if isinstance(value, Column) else "",
)
def test_invented_numbers_are_spread_over_what_the_contract_allows(column: Column, low: float, high: float) -> None:
    cells = [cell for cell in invent_cells(column, 100) if isinstance(cell, float)]
    assert min(cells) < low
    assert max(cells) > high


def test_columns_of_one_kind_are_not_in_step() -> None:
    first, second = (invent_cells(Column(name=name, minimum=0, maximum=1), 50) for name in "ab")
    assert first != second
    assert sorted(map(str, first)) == sorted(map(str, second))


def test_texts_are_those_of_the_contract_or_invented_and_gaps_stand_where_they_may() -> None:
    listed = invent_cells(Column(name="a", kind="category", categories=("x", "y"), required=False), 40)
    assert set(listed) == {"x", "y", None}
    assert all(str(text).startswith("invented ") for text in invent_cells(Column(name="a", kind="category"), 40))
    assert set(invent_cells(Column(name="a", kind="boolean"), 40)) == {0.0, 1.0}
