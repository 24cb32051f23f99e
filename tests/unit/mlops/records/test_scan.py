"""What records of all versions have in common, with each record's line as it lies in the object."""

import gzip
import json
from datetime import timedelta

import obstore
import pytest
from obstore.store import MemoryStore

from mlops.records import objects
from mlops.records.decode import LINE
from mlops.records.layout import PREDICTION, day_prefix
from mlops.records.read import BUFFERED, scan_predictions
from mlops.records.window import Window
from tests.unit.mlops.records.bucket import DAY, MODEL, NOON, make_record, put_lines


def encode(number: int, **changes: object) -> bytes:
    return json.dumps(make_record(NOON + timedelta(seconds=number), number, **changes), ensure_ascii=False).encode()


LINES = [
    encode(0),
    encode(1, model_version=9, inputs={"another column": "ä"}),
    encode(2, inputs=None),
    encode(3, label=None, probability=None, probabilities=None, value=3.5),
    encode(4, inputs={}),
    encode(5, challenger_version=4, challenger_label="no"),
]


@pytest.mark.parametrize("bad", [b"", b"{broken", b"[1]", b"\xff"], ids=["empty", "broken", "list", "no UTF-8"])
@pytest.mark.parametrize("block", [1, 1 << 24], ids=["small blocks", "one block"])
def test_each_record_comes_with_its_own_line_whatever_lies_around_it(
    bad: bytes, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects, "BLOCK_BYTES", block)
    store = MemoryStore()
    put_lines(store, "first", LINES[:3])
    put_lines(store, "second", [LINES[3], bad, LINES[4]])
    key = f"{day_prefix(PREDICTION, MODEL, NOON.date())}third.json.gz"
    obstore.put(store, key, gzip.compress(LINES[5]))  # no end of the line
    reading = scan_predictions(store, MODEL, DAY)
    rows = [row for table in reading for row in table.to_pylist()]
    assert [row[LINE].rstrip(b"\n") for row in rows] == LINES
    assert [row["prediction_id"] for row in rows] == [json.loads(line)["prediction_id"] for line in LINES]
    assert [row["model_version"] for row in rows] == [3, 9, 3, 3, 3, 3]
    assert [row["inputs"] is None for row in rows] == [False, False, True, False, False, False]
    assert (rows[3]["label"], rows[3]["value"], rows[5]["challenger_version"]) == (None, 3.5, 4)
    assert reading.report.unreadable == bool(bad)


def test_objects_that_arrived_too_early_to_have_records_of_the_window_are_not_fetched() -> None:
    store = MemoryStore()
    hour = Window.of_hour(NOON)
    names = [(NOON - BUFFERED + timedelta(seconds=late)).strftime("records-1-%Y-%m-%d-%H-%M-%S-x") for late in (0, 1)]
    for number, name in enumerate(names):
        put_lines(store, name, [encode(number)])
    put_lines(store, "recovered", [encode(7)])
    reading = scan_predictions(store, MODEL, hour)
    found = [row["prediction_id"] for table in reading for row in table.to_pylist()]
    assert found == [json.loads(encode(number))["prediction_id"] for number in (1, 7)]
    assert reading.report.objects == 2
