"""Columns of a file as arrays: the same cells in every spelling and format are the same values."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from mlops.recommend.data.columns import ABSENT, UNREADABLE, read_events, read_ids, read_numbers, read_times

NOON = 1_577_880_000_000  # 2020-01-01 12:00 UTC


def cells(*values: Any, of: pa.DataType | None = None) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(values, of)])


def test_ids_are_stripped_and_whole_numbers_are_one_id_however_spelled() -> None:
    found = read_ids(cells(" a", "a\t", "7", "7.0", None, "A"), fold_case=False)
    assert found.texts[found.codes].tolist() == ["a", "a", "7", "7", "", "A"]
    assert found.texts.tolist() == ["", "7", "A", "a"]


@pytest.mark.parametrize(
    "given",
    [
        cells(1, 2, None),
        cells(1.0, 2.0, None),
        cells("1", "2.0", ""),
        pa.chunked_array([pa.array(["1"]).dictionary_encode(), pa.array(["2", None]).dictionary_encode()]),
        pa.chunked_array([pa.array(["1", "2"]), pa.array([""])]),
    ],
    ids=["integers", "floats", "texts", "dictionaries", "chunks"],
)
def test_ids_are_the_same_in_every_type(given: pa.ChunkedArray) -> None:
    found = read_ids(given, fold_case=False)
    assert found.texts[found.codes].tolist() == ["1", "2", ""]


def test_case_and_inner_blanks_are_folded_where_the_contract_says_so() -> None:
    found = read_ids(cells("Red  Shoe", "red shoe"), fold_case=True)
    assert found.texts.tolist() == ["red shoe"]


def test_a_column_without_cells_has_no_ids() -> None:
    found = read_ids(pa.chunked_array([], pa.string()), fold_case=False)
    assert (len(found.texts), len(found.codes)) == (0, 0)


def test_taking_rows_keeps_the_texts_that_they_have() -> None:
    found = read_ids(cells("b", "a", "c", "a"), fold_case=False).take(np.array([True, False, True, False]))
    assert found.texts.tolist() == ["b", "c"]
    assert found.codes.tolist() == [0, 1]


def test_events_are_in_small_letters() -> None:
    found = read_events(cells(" View", "VIEW", "buy"))
    assert found.texts[found.codes].tolist() == ["view", "view", "buy"]


@pytest.mark.parametrize(
    "given",
    [
        cells("2020-01-01T12:00:00", "2020-01-01"),
        cells("2020-01-01 12:00:00Z", "2020-01-01T01:00:00+01:00"),
        cells("1577880000", "1577836800"),
        cells("1577880000000", "1577836800000"),
        cells(1_577_880_000, 1_577_836_800),
        cells(1_577_880_000_000.0, 1_577_836_800_000.0),
        cells(1_577_880_000_000_000, 1_577_836_800_000_000),
        cells(1_577_880_000_000_000_000, 1_577_836_800_000_000_000),
        cells(NOON * 1000, 1_577_836_800_000_000, of=pa.int64()).cast(pa.timestamp("us", "UTC")),
        cells(NOON, 1_577_836_800_000, of=pa.int64()).cast(pa.timestamp("ms")),
    ],
    ids=["iso", "zones", "s text", "ms text", "s", "ms floats", "us", "ns", "timestamps of a zone", "timestamps"],
)
def test_a_time_is_the_same_in_every_spelling(given: pa.ChunkedArray) -> None:
    assert read_times(given).tolist() == [NOON, 1_577_836_800_000]


def test_times_that_are_missing_or_none_are_told_apart() -> None:
    assert read_times(cells("2020-01-01T12:00:00Z", "", "noon")).tolist() == [NOON, ABSENT, UNREADABLE]
    assert read_times(cells(1_577_880_000, None)).tolist() == [NOON, ABSENT]
    assert read_times(cells(float("inf"), 1_577_880_000.0, float("nan"))).tolist() == [UNREADABLE, NOON, ABSENT]


def test_counts_and_dates_in_one_column_are_both_read() -> None:
    given = cells("1577880000", "1577880000", "2020-01-01T12:00:00Z", "x", "")
    assert read_times(given).tolist() == [NOON, NOON, NOON, UNREADABLE, ABSENT]


def test_ratings_are_numbers_or_missing_or_neither() -> None:
    numbers, missing, unreadable = read_numbers(cells("4.5", "", "four"))
    assert (numbers[0], missing.tolist(), unreadable.tolist()) == (4.5, [False, True, False], [False, False, True])
