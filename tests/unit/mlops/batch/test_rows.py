"""Cells of files as rows of the contract: read as a dataset's are, checked as a request's are."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from mlops.artifact.matrix import Matrix
from mlops.batch.rows import TableReader
from mlops.contract import Column, Contract, Target

TARGET = Target(name="y", task="regression")


def read(table: dict[str, Any], *columns: Column) -> tuple[list[dict[str, Any]], dict[int, list[str]]]:
    """The rows that keep the contract, and the rules that the others break."""
    found = TableReader(Contract(columns=columns, target=TARGET)).read(pa.table(table))
    rejected = {place: [each.rule for each in violations] for place, violations in found.rejected.items()}
    assert sorted([*found.places.tolist(), *rejected]) == list(range(len(next(iter(table.values())))))
    return [*found.rows], rejected


def test_numbers_of_any_type_are_the_same_numbers() -> None:
    wanted = [{"n": 1.0}, {"n": -2.0}]
    for cells in (
        pa.array([1, -2], pa.int8()),
        pa.array([1.0, -2.0], pa.float32()),
        pa.array([Decimal("1.00"), Decimal("-2.00")]),
        pa.array(["1", "-2.0"]),
        pa.array(["+1", " -2 "]),
        pa.array(["1", "-2"], pa.large_string()),
        pa.array(["1", "-2"]).dictionary_encode(),
    ):
        assert read({"n": cells}, Column(name="n")) == (wanted, {})
    assert read({"n": ["1,000", "2"]}, Column(name="n"))[0] == [{"n": 1000.0}, {"n": 2.0}]


def test_a_missing_value_is_an_empty_cell_a_null_a_nan_or_a_word_for_it() -> None:
    optional = Column(name="n", required=False, missing_values=("-999",))
    rows, rejected = read({"n": ["1", "", "NA", "-", "-999"]}, optional)
    assert [row["n"] == row["n"] for row in rows] == [True, False, False, False, False]
    assert rejected == {}
    assert read({"n": [1.0, None, float("nan")]}, Column(name="n"))[1] == {1: ["null"], 2: ["null"]}
    texts = Column(name="t", kind="category", required=False, missing_values=("none",))
    assert read({"t": ["a", "", None, "None"]}, texts)[0] == [{"t": "a"}, *[{"t": None}] * 3]


@pytest.mark.parametrize(
    ("column", "cells", "rules"),
    [
        (Column(name="n", minimum=0, maximum=1), [0.0, 1.0, -0.1, 1.1], [None, None, "minimum", "maximum"]),
        (Column(name="n"), [0.0, float("inf")], [None, "finite"]),
        (Column(name="n", kind="integer"), [1.0, 1.5], [None, "type"]),
        (Column(name="n", kind="integer"), ["1", "1.0", "1.5", "x"], [None, None, "type", "type"]),
        (Column(name="n", kind="boolean"), ["true", "No", "1", "maybe"], [None, None, None, "type"]),
        (Column(name="n", kind="category", categories=("a", "b")), ["a", " b ", "c"], [None, None, "category"]),
        (Column(name="n", kind="date"), ["2026-11-29", "2026-02-30", "x"], [None, "type", "type"]),
        (Column(name="n", kind="time"), ["08:30", "25:00"], [None, "type"]),
    ],
)  # fmt: skip
def test_rows_break_the_rules_that_they_break_in_a_request(column: Column, cells: list[Any], rules: list[Any]) -> None:
    rows, rejected = read({"n": cells}, column)
    assert rejected == {place: [rule] for place, rule in enumerate(rules) if rule}
    assert len(rows) == rules.count(None)


def test_dates_and_times_of_parquet_are_those_of_json() -> None:
    columns = Column(name="d", kind="date"), Column(name="m", kind="datetime"), Column(name="t", kind="time")
    moment = datetime(2026, 11, 29, 8, 30, 0, 5, tzinfo=UTC)
    table = {"d": [date(2026, 11, 29)], "m": [moment], "t": [time(8, 30, 1)]}
    texts = {"d": ["2026-11-29"], "m": ["2026-11-29T08:30:00.000005Z"], "t": ["08:30:01"]}
    assert read(table, *columns) == read(texts, *columns)
    midnight = {**table, "d": pa.array([datetime(2026, 11, 29, tzinfo=UTC)], pa.timestamp("us"))}
    assert read(midnight, *columns) == read(texts, *columns)
    assert read({**table, "d": pa.array([moment], pa.timestamp("us"))}, *columns)[1] == {0: ["type"]}


def test_a_category_of_numbers_is_spelt_alike_whatever_other_rows_a_piece_has() -> None:
    column = Column(name="c", kind="category")
    whole, mixed = pa.array([1.0, None]), pa.array([1.0, 2.5])
    optional = Column(name="c", kind="category", required=False)
    assert read({"c": whole}, optional)[0] == [{"c": "1"}, {"c": None}]
    assert read({"c": mixed}, column)[0] == [{"c": "1"}, {"c": "2.5"}]
    assert read({"c": [True, False]}, column)[0] == [{"c": "true"}, {"c": "false"}]


def test_numbers_alone_are_one_matrix_and_a_column_that_isnt_there_is_missing_in_it() -> None:
    contract = Contract(columns=(Column(name="a"), Column(name="b", required=False)), target=TARGET)
    found = TableReader(contract).read(pa.table({"a": [1.0, 2.0]}))
    assert isinstance(found.rows, Matrix)
    assert found.rows.numbers[:, 0].tolist() == [1.0, 2.0]
    assert all(row["b"] != row["b"] for row in found.rows)
    mixed = Contract(columns=(Column(name="a"), Column(name="c", kind="category", required=False)), target=TARGET)
    assert [*TableReader(mixed).read(pa.table({"a": [1.0]})).rows] == [{"a": 1.0, "c": None}]


def test_what_arrow_owns_isnt_written_to() -> None:
    cells = pa.array([1.0, float("inf")])
    assert read({"n": cells}, Column(name="n"))[1] == {1: ["finite"]}
    assert cells.to_pylist() == [1.0, float("inf")]
