import json
from datetime import UTC, datetime, timedelta

import obstore
import pytest
from obstore.store import MemoryStore

from mlops.records import find
from mlops.records.find import find_prediction
from tests.unit.mlops.records.bucket import MODEL, NOON, make_id, make_record, put_lines, put_records


def test_a_prediction_is_found_by_its_id_alone() -> None:
    store = MemoryStore()
    records = [make_record(NOON + timedelta(seconds=number), number) for number in range(50)]
    put_records(store, records)
    assert find_prediction(store, str(records[31]["prediction_id"])) == records[31]
    assert find_prediction(store, str(records[31]["prediction_id"]), [MODEL]) == records[31]
    assert find_prediction(store, str(records[31]["prediction_id"]), ["other"]) is None


def test_an_unknown_id_is_not_found() -> None:
    store = MemoryStore()
    put_records(store, [make_record(NOON)])
    assert find_prediction(store, make_id(NOON, 9)) is None
    assert find_prediction(store, make_id(NOON - timedelta(days=9))) is None
    assert find_prediction(MemoryStore(), make_id(NOON)) is None


def test_a_record_that_was_written_after_midnight_is_found() -> None:
    store = MemoryStore()
    midnight = datetime(2026, 11, 29, tzinfo=UTC)
    record = make_record(midnight - timedelta(milliseconds=1))
    assert str(record["timestamp"]).startswith("2026-11-29T00:00:00.000")
    put_records(store, [record])
    assert find_prediction(store, str(record["prediction_id"])) == record


def test_only_objects_near_the_ids_time_are_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a day's objects, that one comes first whose name says that it arrived then."""
    store = MemoryStore()
    asked: list[str] = []

    def spy(store: object, objects: list[tuple[str, int]]) -> object:
        for key, _ in objects:
            asked.append(key)
            yield from fetch(store, [(key, 0)])

    fetch = vars(find)["fetch_objects"]
    monkeypatch.setattr(find, "fetch_objects", spy)

    for hour in range(24):
        moment = NOON.replace(hour=hour)
        name = f"mlops-1-{moment.strftime('%Y-%m-%d-%H-%M-%S')}-c0ffee"
        put_lines(store, name, [json.dumps(make_record(moment + timedelta(minutes=2))).encode()])
    assert find_prediction(store, make_id(NOON.replace(hour=17) + timedelta(minutes=2)), [MODEL])
    assert len(asked) == 1
    assert "2026-11-29-17-00-00" in asked[0]


def test_another_line_that_repeats_the_id_is_not_the_record() -> None:

    store = MemoryStore()
    record = make_record(NOON)
    other = make_record(NOON, 1, request_id=make_id(NOON))
    put_lines(store, "lines", [make_id(NOON).encode(), json.dumps(other).encode(), json.dumps(record).encode()])
    assert find_prediction(store, make_id(NOON)) == record


def test_a_damaged_object_does_not_hide_the_others() -> None:
    store = MemoryStore()
    key = put_lines(store, "a", [b"x" * 100])
    obstore.put(store, key, b"no gzip")
    put_records(store, [make_record(NOON)])
    assert find_prediction(store, make_id(NOON)) == make_record(NOON)


def test_a_text_that_is_no_id_is_refused() -> None:
    with pytest.raises(ValueError, match="version 7"):
        find_prediction(MemoryStore(), "42")
