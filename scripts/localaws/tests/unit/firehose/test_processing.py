"""What becomes of a record on its way through the processors of a stream."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from localaws.firehose.deaggregation import split_by, split_json
from localaws.firehose.errors import InvalidDestination
from localaws.firehose.processing import Failure, Part, Pipeline
from localaws.firehose.queries import KeyQuery


def batch(*messages: str, kind: str = "DATA_MESSAGE") -> bytes:
    events = [{"id": "1", "timestamp": 1, "message": message} for message in messages]
    return gzip.compress(json.dumps({"messageType": kind, "logEvents": events}).encode())


def parts(found: list[Part | Failure]) -> list[bytes]:
    assert all(isinstance(item, Part) for item in found), found
    return [item.data for item in found if isinstance(item, Part)]


def failure(found: list[Part | Failure]) -> Failure:
    (only,) = found
    assert isinstance(only, Failure)
    return only


def test_a_record_without_processors_stays_as_it_is() -> None:
    assert parts(Pipeline().run(b"\x00any")) == [b"\x00any"]


def test_a_delimiter_is_appended() -> None:
    assert parts(Pipeline(delimiter=b"\n").run(b"a")) == [b"a\n"]


def test_a_batch_of_log_events_is_decompressed() -> None:
    assert json.loads(parts(Pipeline(decompress=True).run(batch("a")))[0])["logEvents"][0]["message"] == "a"


def test_messages_are_extracted_a_line_each() -> None:
    assert parts(Pipeline(decompress=True, extract=True).run(batch("a\n", "b"))) == [b"a\nb"]


def test_a_control_message_is_dropped() -> None:
    assert Pipeline(decompress=True, extract=True).run(batch("CWL CONTROL MESSAGE", kind="CONTROL_MESSAGE")) == []


@pytest.mark.parametrize(
    "record", [b"plain", gzip.compress(b"cut off")[:-9], b"\x1f\x8b\x08"], ids=["not gzip", "cut off", "a header alone"]
)
def test_what_cannot_be_decompressed_fails_as_it_came(record: bytes) -> None:
    failed = failure(Pipeline(decompress=True).run(record))
    assert (failed.kind, failed.raw) == ("decompression-failed", record)


@pytest.mark.parametrize(
    ("record", "found"),
    [
        (b'{"a":1}{"a": 2}', [b'{"a":1}', b'{"a": 2}']),
        (b'{"a":1}\n{"a":2}\n', [b'{"a":1}', b'{"a":2}']),
        ('{"a":"ü}{"}{"b":{"c":[]}}'.encode(), ['{"a":"ü}{"}'.encode(), b'{"b":{"c":[]}}']),
        (b" \n", []),
    ],
)
def test_consecutive_json_objects_are_split(record: bytes, found: list[bytes]) -> None:
    assert parts(Pipeline(split=split_json).run(record)) == found


@pytest.mark.parametrize("record", [b'[{"a":1},{"a":2}]', b'{"a":1} text', b'{"a":', b"\xff\xfe", b"1 2"])
def test_what_is_no_sequence_of_json_objects_fails_as_a_whole(record: bytes) -> None:
    failed = failure(Pipeline(split=split_json).run(record))
    assert (failed.kind, failed.raw) == ("processing-failed", record)


def test_a_record_is_split_at_a_delimiter() -> None:
    assert parts(Pipeline(split=split_by(b"####")).run(b"a####b####")) == [b"a", b"b"]


def test_500_records_are_split_and_501_fail_as_a_whole() -> None:
    pipeline = Pipeline(split=split_json)
    assert len(parts(pipeline.run(b"{}" * 500))) == 500
    assert "more than 500" in failure(pipeline.run(b"{}" * 501)).message


def keyed(query: str, *needed: str, **options: Any) -> Pipeline:
    return Pipeline(query=KeyQuery(query), needed=frozenset(needed), **options)


@pytest.mark.parametrize(
    ("query", "record", "keys"),
    [
        ("{kind: .record}", {"record": "a"}, {"kind": "a"}),
        ("{kind: .n}", {"n": 7}, {"kind": "7"}),
        ("{kind: .n}", {"n": False}, {"kind": "false"}),
        ("{kind: .at[0:10], other: .x}", {"at": "2026-11-05T10:00:00Z", "x": "y"}, {"kind": "2026-11-05"}),
        ('{kind: .at | strftime("%Y")}', {"at": 1_600_000_000}, {"kind": "2020"}),
        ('{kind: (if .n > 1 then "many" else "one" end)}', {"n": 2}, {"kind": "many"}),
    ],
)
def test_partition_keys_are_the_answer_of_the_query(query: str, record: Any, keys: dict[str, str]) -> None:
    (part,) = keyed(query, "kind").run(json.dumps(record).encode())
    assert isinstance(part, Part)
    assert part.keys == keys


@pytest.mark.parametrize(
    ("query", "record", "message"),
    [
        ("{kind: .record}", b"text", "Non JSON record provided"),
        ("{kind: .record}", b"\xff", "Non JSON record provided"),
        ("{kind: .record}", b"{}", "must not be null or empty"),
        ("{kind: .record}", b'{"record": ""}', "must not be null or empty"),
        ("{kind: .record}", b'{"record": {"a": 1}}', "must not be null or empty"),
        ("{kind: .record[0:10]}", b'{"record": 1}', "The jq query failed"),
        (".record", b'{"record": "a"}', "one JSON object"),
        ("{kind: .[]}", b"[1, 2]", "one JSON object"),
        ("{sort: .record}", b'{"record": "a"}', "missing: ['kind']"),
    ],
)
def test_a_record_without_partition_keys_fails(query: str, record: bytes, message: str) -> None:
    failed = failure(keyed(query, "kind").run(record))
    assert message in failed.message
    assert (failed.kind, failed.code, failed.raw) == (
        "processing-failed",
        "DynamicPartitioning.MetadataExtractionFailed",
        record,
    )


def test_one_of_several_records_fails_for_itself_and_compressed_as_it_came() -> None:
    pipeline = keyed("{kind: .k}", "kind", decompress=True, extract=True, split=split_json, delimiter=b"\n")
    good, bad = pipeline.run(batch('{"k":"a"}', '{"k":null}'))
    assert good == Part(b'{"k":"a"}\n', {"kind": "a"})
    assert isinstance(bad, Failure)
    assert gzip.decompress(bad.raw) == b'{"k":null}'


def test_a_query_that_does_not_compile_is_refused() -> None:
    with pytest.raises(InvalidDestination, match="jq query"):
        KeyQuery("{kind: ")
