import gzip
import json
import re
import threading
from collections.abc import Mapping
from datetime import UTC, date, timedelta
from typing import Any

import duckdb
import obstore
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from obstore.store import LocalStore, MemoryStore

from mlops.contract import Contract
from mlops.records import objects
from mlops.records.read import read_feedback, read_predictions
from mlops.records.truths import Truth
from mlops.records.window import Window
from tests.unit.mlops.records.bucket import (
    CONTRACT,
    DAY,
    MODEL,
    NOON,
    REGRESSION,
    feedback,
    make_id,
    make_record,
    put_lines,
    put_records,
    put_truths,
)


def encode(record: Mapping[str, Any]) -> bytes:
    return json.dumps(record).encode()


def test_a_record_comes_back_with_the_types_of_the_contract() -> None:
    store = MemoryStore()
    put_records(store, [make_record(NOON)])
    (row,) = read_predictions(store, MODEL, CONTRACT, DAY).table().to_pylist()
    assert row["prediction_id"] == make_id(NOON)
    assert row["timestamp"] == NOON + timedelta(milliseconds=1)
    assert (row["model_version"], row["role"], row["latency_ms"]) == (3, "champion", 1.5)
    assert (row["label"], row["probability"], row["probabilities"]) == ("yes", 0.75, {"no": 0.25, "yes": 0.75})
    assert row["inputs"] == {
        "mean income": 1000.5,
        "age": 41.0,
        "plan": "family",
        "newsletter": True,
        "since": date(2025, 2, 1),
        "customer": "c0ffee",
    }


def test_a_regressor_has_values() -> None:
    store = MemoryStore()
    put_records(store, [make_record(NOON, label=None, probability=None, probabilities=None, value=12.5)])
    (row,) = read_predictions(store, MODEL, REGRESSION, DAY).table().to_pylist()
    assert row["value"] == 12.5
    assert "label" not in row


def test_inputs_that_were_not_recorded_are_null_and_missing_cells_too() -> None:
    store = MemoryStore()
    put_records(store, [make_record(NOON, 0, inputs=None), make_record(NOON, 1, inputs={"age": 3, "plan": None})])
    nothing, some = read_predictions(store, MODEL, CONTRACT, DAY).table()["inputs"].to_pylist()
    assert nothing is None
    assert (some["age"], some["plan"], some["since"]) == (3.0, None, None)


def test_only_records_of_the_window_come_whatever_object_they_are_in() -> None:
    store = MemoryStore()
    moments = [NOON + timedelta(minutes=20 * number) for number in range(-5, 6)]
    put_records(store, [make_record(moment, number) for number, moment in enumerate(moments)])
    window = Window(NOON, NOON + timedelta(hours=1))
    times = read_predictions(store, MODEL, CONTRACT, window).table()["timestamp"].to_pylist()
    assert times == [moment + timedelta(milliseconds=1) for moment in moments if moment in window]


def test_bounds_are_half_open_to_the_millisecond() -> None:
    store = MemoryStore()
    put_records(store, [make_record(NOON)])
    at = NOON + timedelta(milliseconds=1)
    assert read_predictions(store, MODEL, CONTRACT, Window(at, at + timedelta(milliseconds=1))).table().num_rows == 1
    assert read_predictions(store, MODEL, CONTRACT, Window(NOON, at)).table().num_rows == 0


def test_versions_fields_and_inputs_choose() -> None:
    store = MemoryStore()
    put_records(store, [make_record(NOON, number, model_version=number) for number in range(4)])
    reading = read_predictions(store, MODEL, CONTRACT, DAY, versions=[1, 3], fields=["label", "inputs"], inputs=["age"])
    table = reading.table()
    assert table["model_version"].to_pylist() == [1, 3]
    assert table.column_names == ["prediction_id", "timestamp", "model_version", "label", "inputs"]
    assert table["inputs"].to_pylist() == [{"age": 41.0}] * 2
    assert reading.report.records == 2


BAD: list[tuple[bytes, str]] = [
    (b'{"prediction_id": "cut o', "Missing|Invalid|not closed"),
    (b"START RequestId: 1 Version: 2", "no JSON object"),
    (b"[1]", "no JSON object"),
    (b"null", "no JSON object"),
    (b" " + encode(make_record(NOON)), "no JSON object"),
    (encode(make_record(NOON)) * 2, "more than one value"),
    (encode(make_record(NOON)) + b"null", "more than one value"),
    (b'{"x":' + b"[" * 1_000_000, "."),
    (b"{}", "it has no prediction_id"),
    (encode(make_record(NOON, model_version="three")), "model_version"),
    (encode(make_record(NOON, timestamp="yesterday")), "yesterday"),
    (encode(make_record(NOON, inputs={"age": "old"})), "age"),
    (encode(make_record(NOON, inputs={"since": "2025-02-31"})), "2025-02-31"),
    (encode(make_record(NOON, label="x")).replace(b'"x"', b'"\xff"'), "UTF-8"),
]


@pytest.mark.parametrize(("line", "reason"), BAD)
def test_a_line_that_does_not_fit_is_named_and_the_others_come(line: bytes, reason: str) -> None:
    store = MemoryStore()
    good = [encode(make_record(NOON, number)) for number in range(7)]
    key = put_lines(store, "mixed", [*good[:4], line, *good[4:]])
    reading = read_predictions(store, MODEL, CONTRACT, DAY)
    assert reading.table()["prediction_id"].to_pylist() == [make_id(NOON, number) for number in range(7)]
    assert reading.report.unreadable == 1
    (example,) = reading.report.examples
    assert (example["object"], example["line"]) == (key, 5)
    assert re.search(reason, str(example["reason"])), example


def test_lines_of_other_versions_that_do_not_fit_are_passed_over() -> None:
    store = MemoryStore()
    old = [make_record(NOON, number, model_version=1, inputs={"age": "young"}) for number in range(3)]
    put_records(store, [*old, make_record(NOON, 9, model_version=2)])
    reading = read_predictions(store, MODEL, CONTRACT, DAY, versions=[2])
    assert reading.table().num_rows == 1
    assert reading.report.unreadable == 0
    assert read_predictions(store, MODEL, CONTRACT, DAY).table().num_rows == 1


def test_a_damaged_object_is_named_and_the_others_come() -> None:
    store = MemoryStore()
    whole = put_lines(store, "a-whole", [encode(make_record(NOON, 1))])
    cut = put_lines(store, "b-cut", [encode(make_record(NOON, 2))])
    obstore.put(store, cut, bytes(obstore.get(store, cut).bytes())[:-12])
    plain = cut.replace("b-cut", "c-plain")
    obstore.put(store, plain, encode(make_record(NOON, 3)))
    reading = read_predictions(store, MODEL, CONTRACT, DAY)
    assert reading.table()["prediction_id"].to_pylist() == [make_id(NOON, 1)]
    assert [each["object"] for each in reading.report.damaged] == [cut, plain]
    assert reading.report.objects == 3
    assert whole not in str(reading.report)


def test_examples_are_few_and_the_count_is_whole() -> None:
    store = MemoryStore()
    put_lines(store, "bad", [b"no"] * 300)
    reading = read_predictions(store, MODEL, CONTRACT, DAY)
    assert reading.table().num_rows == 0
    assert (reading.report.unreadable, len(reading.report.examples)) == (300, 20)


def test_an_object_of_nothing_but_nulls_is_bad_lines() -> None:
    store = MemoryStore()
    put_lines(store, "nulls", [b"null"] * 3)
    reading = read_predictions(store, MODEL, CONTRACT, DAY)
    assert reading.table().num_rows == 0
    assert reading.report.unreadable == 3


def test_an_empty_window_is_an_empty_table_with_its_columns() -> None:
    table = read_predictions(MemoryStore(), MODEL, CONTRACT, DAY).table()
    assert table.num_rows == 0
    assert {"prediction_id", "inputs"} <= {*table.column_names}


def test_reading_again_starts_again() -> None:
    store = MemoryStore()
    put_lines(store, "mixed", [encode(make_record(NOON)), b"no"])
    reading = read_predictions(store, MODEL, CONTRACT, DAY)
    assert reading.table() == reading.table()
    assert (reading.report.records, reading.report.unreadable) == (1, 1)


def test_a_reader_that_stops_early_leaves_no_threads(monkeypatch: pytest.MonkeyPatch) -> None:

    monkeypatch.setattr(objects, "BLOCK_BYTES", 1 << 10)
    store = MemoryStore()
    for name in range(20):
        put_lines(store, f"{name}", [encode(make_record(NOON, number)) for number in range(50)])
    tables = iter(read_predictions(store, MODEL, CONTRACT, DAY))
    next(tables)
    tables.close()  # type: ignore[attr-defined]
    assert not [each for each in threading.enumerate() if each.name.startswith(("fetch", "decode"))]


def test_feedback_comes_back_as_it_was_stored() -> None:
    store = MemoryStore()
    truth = Truth(make_id(NOON), "yes", NOON + timedelta(microseconds=7))
    put_truths(store, [truth], NOON + timedelta(hours=1))
    (row,) = read_feedback(store, MODEL, CONTRACT, feedback(store).received).table().to_pylist()
    assert row == {
        "prediction_id": make_id(NOON),
        "truth": "yes",
        "at": NOON + timedelta(microseconds=7),
        "received_at": NOON + timedelta(hours=1),
        "source": "api",
    }
    assert row["at"].tzinfo is not None


cells = st.fixed_dictionaries(
    {},
    optional={
        "mean income": st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53) | st.none(),
        "plan": st.text(st.characters(exclude_categories=["Cs"]), max_size=10) | st.none(),
        "newsletter": st.booleans() | st.none(),
        "since": st.dates().map(str) | st.none(),
    },
)


@given(st.lists(cells | st.none(), min_size=1, max_size=20), st.integers(200, 2000))
@settings(max_examples=60, deadline=None)
def test_arrow_reads_what_json_reads(rows: list[dict[str, Any] | None], block: int) -> None:
    store = MemoryStore()
    put_records(store, [make_record(NOON, number, inputs=row) for number, row in enumerate(rows)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(objects, "BLOCK_BYTES", block)
        found = read_predictions(
            store, MODEL, CONTRACT, DAY, inputs=["mean income", "plan", "newsletter", "since"]
        ).table()
    expected = [
        row
        and {
            "mean income": None if row.get("mean income") is None else float(row["mean income"]),
            "plan": row.get("plan"),
            "newsletter": row.get("newsletter"),
            "since": date.fromisoformat(row["since"]) if row.get("since") else None,
        }
        for row in rows
    ]
    empty = dict.fromkeys(("mean income", "plan", "newsletter", "since"))
    assert found["inputs"].to_pylist() == [empty if row == {} else row for row in expected]


def test_duckdb_reads_the_layout_as_it_lies_and_agrees(tmp_path: Any) -> None:
    """What Athena sees: the Hive partitions and the lines, read by an engine that knows none of our code."""
    store = LocalStore(tmp_path)
    records = [make_record(NOON + timedelta(hours=7 * number), number) for number in range(20)]
    put_records(store, records)
    window = Window(NOON, NOON + timedelta(days=30))
    ours = read_predictions(store, MODEL, CONTRACT, window).table()
    relation = duckdb.sql(
        f"""SELECT prediction_id, CAST("timestamp" AS TIMESTAMPTZ) AS moment, CAST(day AS VARCHAR) AS day, model,
            CAST(inputs."mean income" AS DOUBLE) AS income
        FROM read_json('{tmp_path}/records/kind=prediction/**/*.json.gz', hive_partitioning = true) ORDER BY moment"""
    )
    assert relation is not None
    theirs = relation.to_arrow_table()
    assert theirs["prediction_id"].to_pylist() == ours["prediction_id"].to_pylist()
    assert theirs["income"].to_pylist() == [row["mean income"] for row in ours["inputs"].to_pylist()]
    assert theirs["day"].to_pylist() == [
        each.astimezone(UTC).date().isoformat() for each in ours["timestamp"].to_pylist()
    ]
    assert {*theirs["model"].to_pylist()} == {MODEL}


def test_a_contract_whose_columns_are_all_dropped_has_no_inputs() -> None:
    hidden = Contract(columns=CONTRACT.columns[-1:], target=CONTRACT.target)
    store = MemoryStore()
    put_records(store, [make_record(NOON, inputs={})])
    table = read_predictions(store, MODEL, hidden, DAY).table()
    assert isinstance(table, pa.Table)
    assert "inputs" not in table.column_names
    assert table.num_rows == 1


def test_gzip_of_many_streams_is_read_whole() -> None:
    store = MemoryStore()
    key = put_lines(store, "two", [encode(make_record(NOON, 1))])
    obstore.put(
        store, key, bytes(obstore.get(store, key).bytes()) + gzip.compress(encode(make_record(NOON, 2)) + b"\n")
    )
    assert read_predictions(store, MODEL, CONTRACT, DAY).table().num_rows == 2
