import base64
import gzip
import json
from datetime import timedelta
from typing import Any

import obstore
import pytest
from obstore.store import MemoryStore, ObjectStore

from mlops.records import recover
from mlops.records.layout import day_prefix
from mlops.records.read import read_predictions
from mlops.records.recover import FAILED, recover_records
from tests.unit.mlops.records.bucket import CONTRACT, DAY, MODEL, NOON, contents, make_id, make_record

LINES = [json.dumps(make_record(NOON, number)) + "\n" for number in range(700)]


def batch(lines: list[str]) -> bytes:
    """A batch as CloudWatch Logs sends it to a subscription."""
    events = [{"id": str(number), "timestamp": 0, "message": line} for number, line in enumerate(lines)]
    envelope = {"messageType": "DATA_MESSAGE", "logGroup": "/aws/lambda/mlops-api", "logEvents": events}
    return gzip.compress(json.dumps(envelope).encode())


def failed_object(*raws: bytes, zipped: bool = True) -> bytes:
    """What Firehose writes under its error prefix."""
    failures = [
        {
            "attemptsMade": 1,
            "arrivalTimestamp": 1_764_000_000_000,
            "errorCode": "DynamicPartitioning.DeAggregationRecordCountLimitExceeded",
            "errorMessage": "Firehose did not de-aggregate the records",
            "rawData": base64.b64encode(raw).decode(),
        }
        for raw in raws
    ]
    content = "".join(json.dumps(failure) + "\n" for failure in failures).encode()
    return gzip.compress(content) if zipped else content


def put_failed(store: ObjectStore, *raws: bytes, name: str = "one", zipped: bool = True) -> str:
    """An object under the error prefix; returns its key."""
    key = f"{FAILED}processing-failed/2026-11-29/{name}.json.gz"
    obstore.put(store, key, failed_object(*raws, zipped=zipped))
    return key


def read(store: MemoryStore) -> list[str]:
    ids: list[str] = read_predictions(store, MODEL, CONTRACT, DAY).table()["prediction_id"].to_pylist()
    return ids


@pytest.mark.parametrize("raw", [batch(LINES), "".join(LINES).encode(), gzip.compress("".join(LINES).encode())])
@pytest.mark.parametrize("zipped", [True, False])
def test_a_batch_that_was_too_large_is_read_like_any_other(raw: bytes, zipped: bool) -> None:
    store = MemoryStore()
    put_failed(store, raw, zipped=zipped)
    found = recover_records(store)
    assert (found.objects, found.records, found.unreadable) == (1, 700, [])
    assert read(store) == [make_id(NOON, number) for number in range(700)]
    assert not [key for key in contents(store) if key.startswith(FAILED)]


def test_kinds_models_and_days_are_parted_and_other_lines_left_out() -> None:
    store = MemoryStore()
    tomorrow = NOON + timedelta(days=1)
    rejection = make_record(NOON, record="rejection")
    other = make_record(NOON, model="other")
    records: list[dict[str, Any]] = [make_record(NOON), make_record(tomorrow), rejection, other, {"_aws": {}}]
    lines = [json.dumps(each) for each in records]
    put_failed(store, batch(lines[:3]), batch(lines[3:]))
    assert recover_records(store).records == 4
    assert {key.rpartition("/")[0] + "/" for key in contents(store)} == {
        day_prefix("prediction", MODEL, NOON.date()),
        day_prefix("prediction", MODEL, tomorrow.date()),
        day_prefix("rejection", MODEL, NOON.date()),
        day_prefix("prediction", "other", NOON.date()),
    }


def test_ended_anywhere_and_repeated_every_record_is_there_once(monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    real: dict[str, Any] = {"put_once": vars(recover)["put_once"], "delete": obstore.delete}
    lines = [json.dumps(make_record(NOON + timedelta(days=number), number)) for number in range(2)]
    for stop in range(4):
        store = MemoryStore()
        put_failed(store, batch(lines))
        calls = iter(range(100))

        def ending(name: str, stop: int = stop, calls: Any = calls) -> Any:
            def call(*arguments: Any) -> Any:
                if next(calls) == stop:
                    raise Killed
                result = real[name](*arguments)
                if next(calls) == stop:
                    raise Killed
                return result

            return call

        with monkeypatch.context() as patch:
            patch.setattr(recover, "put_once", ending("put_once"))
            patch.setattr(obstore, "delete", ending("delete"))
            with pytest.raises(Killed):
                recover_records(store)
        recover_records(store)
        assert read(store) == [make_id(NOON)]
        assert len(contents(store)) == 2


@pytest.mark.parametrize(
    "raw",
    [
        b"no json",
        batch(["no json"]),
        b"\x1f\x8bno gzip",
        json.dumps(make_record(NOON, model="../../escape")).encode(),
        json.dumps(make_record(NOON, timestamp="yesterday")).encode(),
        json.dumps(make_record(NOON, timestamp=None)).encode(),
        b"[1]",
    ],
)
def test_what_cannot_be_read_stays_and_is_named(raw: bytes) -> None:
    store = MemoryStore()
    key = put_failed(store, raw)
    good = put_failed(store, batch(LINES[:1]), name="two")
    found = recover_records(store)
    assert [each["object"] for each in found.unreadable] == [key]
    assert key in contents(store)
    assert good not in contents(store)
    assert read(store) == [make_id(NOON)]
