"""When a stream delivers, what it writes, and what it does if that fails."""

from __future__ import annotations

import base64
import json
import logging
import math
from dataclasses import dataclass, field
from typing import Any

import pytest

from localaws.clock import Clock, Timetable
from localaws.firehose.batch import Stream
from localaws.firehose.delivery import DeliveryStreams
from localaws.firehose.destination import read
from localaws.iam.sender import Sender
from localaws.metrics.series import Metric
from localaws.metrics.store import MetricStore

START = 1_800_000_000.0
MEGABYTE = 1024 * 1024
PARTITIONED: dict[str, Any] = {
    "Prefix": "k=!{partitionKeyFromQuery:k}/",
    "ErrorOutputPrefix": "failed/!{firehose:error-output-type}/",
    "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 60},
    "DynamicPartitioningConfiguration": {"Enabled": True},
    "ProcessingConfiguration": {
        "Enabled": True,
        "Processors": [
            {
                "Type": "MetadataExtraction",
                "Parameters": [
                    {"ParameterName": "MetadataExtractionQuery", "ParameterValue": "{k: .k}"},
                    {"ParameterName": "JsonParsingEngine", "ParameterValue": "JQ-1.6"},
                ],
            }
        ],
    },
}
ROLE = "arn:aws:iam::123456789012:role/deliver"
LOGGED: dict[str, Any] = {"CloudWatchLoggingOptions": {"Enabled": True, "LogGroupName": "g", "LogStreamName": "s"}}


@dataclass
class World:
    """Streams on a clock that only a tick moves, with a bucket that may be away."""

    objects: dict[str, bytes] = field(default_factory=dict)
    logged: list[Any] = field(default_factory=list)
    away: bool = False
    broken: bool = False
    tries: int = 0

    def __post_init__(self) -> None:
        self.metrics = MetricStore()
        self.timetable = Timetable(Clock(lambda: START))
        self.streams = DeliveryStreams(self.timetable.clock, self.metrics, self._write, self._report)
        self.timetable.add(self.streams)

    def stream(self, version: str = "1", **options: Any) -> Stream:
        hints = {"BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 60}}
        destination = read({"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::bucket", "Prefix": "data/"} | hints | options)
        stream = Stream("orders", "arn:aws:firehose:::deliverystream/orders", version, destination)
        self.streams.configure(stream)
        return stream

    def tick(self, seconds: float) -> list[bytes]:
        self.timetable.move(seconds)
        return list(self.objects.values())

    def _write(self, sender: Sender, bucket: str, key: str, content: bytes) -> str | None:
        assert bucket == "bucket"
        assert sender == Sender("firehose.amazonaws.com", "arn:aws:firehose:::deliverystream/orders", ROLE)
        self.tries += 1
        if self.broken:
            raise ZeroDivisionError
        if self.away:
            return "NoSuchBucket"
        self.objects[key] = content
        return None

    def _report(self, sender: Sender, group: str, stream: str, message: str) -> None:
        self.logged.append((group, stream, json.loads(message)))


@pytest.fixture
def world() -> World:
    return World()


def test_records_are_delivered_when_the_interval_has_passed_since_the_first(world: World) -> None:
    stream = world.stream()
    world.streams.put(stream, [b"a"])
    assert world.tick(40) == []
    world.streams.put(stream, [b"b"])
    assert world.tick(19) == []
    assert world.tick(1) == [b"ab"]
    assert world.tick(600) == [b"ab"]


def test_a_tick_over_the_interval_delivers_at_its_time(world: World) -> None:
    prefixes = {"Prefix": "!{timestamp:HHmmss}/", "ErrorOutputPrefix": "!{firehose:error-output-type}/"}
    world.streams.put(world.stream(**prefixes), [b"a"])
    world.tick(3600)
    ((key, _),) = world.objects.items()
    assert key.startswith("080000/orders-1-2027-01-15-08-00-00-")
    freshness = world.metrics.track(
        Metric.of("AWS/Firehose", "DeliveryToS3.DataFreshness", {"DeliveryStreamName": "orders"})
    )
    assert freshness.latest == START + 60


def test_records_are_delivered_at_once_when_they_reach_the_size(world: World) -> None:
    stream = world.stream()
    half = b"x" * (MEGABYTE // 2)
    world.streams.put(stream, [half])
    assert world.objects == {}
    world.streams.put(stream, [half, b"next"])
    assert list(world.objects.values()) == [half * 2]
    assert world.tick(60)[1:] == [b"next"]


def test_without_an_interval_records_are_delivered_at_the_next_moment(world: World) -> None:
    world.streams.put(world.stream(BufferingHints={"SizeInMBs": 1, "IntervalInSeconds": 0}), [b"a"])
    assert world.tick(0) == [b"a"]


def test_the_prefix_has_the_time_zone_of_the_stream(world: World) -> None:
    world.streams.put(world.stream(CustomTimeZone="Asia/Tokyo"), [b"a"])
    world.tick(60)
    assert next(iter(world.objects)).startswith("data/2027/01/15/17/orders-1-2027-01-15-17-00-00-")


def test_each_partition_has_its_own_batch(world: World) -> None:
    stream = world.stream(**PARTITIONED)
    world.streams.put(stream, [b'{"k":"a"}', b'{"k":"b"}', b'{"k":"a","n":1}'])
    world.tick(60)
    found = {key.split("/")[0]: content for key, content in world.objects.items()}
    assert found == {"k=a": b'{"k":"a"}{"k":"a","n":1}', "k=b": b'{"k":"b"}'}


def test_a_failed_record_is_written_in_the_format_of_aws_and_logged(world: World) -> None:
    stream = world.stream(**PARTITIONED, **LOGGED)
    world.streams.put(stream, [b"no JSON"])
    world.tick(60)
    ((key, content),) = world.objects.items()
    assert key.startswith("failed/processing-failed/orders-1-")
    assert json.loads(content) == {
        "attemptsMade": 1,
        "arrivalTimestamp": int(START * 1000),
        "errorCode": "DynamicPartitioning.MetadataExtractionFailed",
        "errorMessage": "Non JSON record provided",
        "attemptEndingTimestamp": int(START * 1000),
        "rawData": base64.b64encode(b"no JSON").decode(),
    }
    assert content.endswith(b"\n")
    ((group, log_stream, message),) = world.logged
    assert (group, log_stream, message["errorCode"]) == ("g", "s", "DynamicPartitioning.MetadataExtractionFailed")


def test_of_more_than_500_active_partitions_the_rest_fails(world: World) -> None:
    stream = world.stream(**PARTITIONED)
    world.streams.put(stream, [json.dumps({"k": str(n)}).encode() for n in range(502)])
    world.tick(60)
    failed = [content for key, content in world.objects.items() if key.startswith("failed/")]
    codes = [json.loads(line)["errorCode"] for content in failed for line in content.splitlines()]
    assert codes == ["DynamicPartitioning.ActivePartitionLimitExceeded"] * 2
    assert len(world.objects) == 501
    world.streams.put(stream, [b'{"k":"501"}'])
    world.tick(60)
    assert sum(key.startswith("k=501/") for key in world.objects) == 1


def test_a_record_whose_prefix_would_be_too_long_fails(world: World) -> None:
    world.streams.put(world.stream(**PARTITIONED), [json.dumps({"k": "x" * 512}).encode()])
    (content,) = world.tick(60)
    assert "longer than 512" in json.loads(content)["errorMessage"]


def test_what_could_not_be_written_is_tried_again_until_it_is_and_written_once(world: World) -> None:
    stream = world.stream(**LOGGED)
    world.away = True
    world.streams.put(stream, [b"a"])
    assert world.tick(60 + 65) == []
    assert world.tries == 3
    assert world.logged[0][2]["message"] == "NoSuchBucket"
    world.streams.put(stream, [b"b"])
    world.away = False
    assert sorted(world.tick(120)) == [b"a", b"b"]
    assert world.tries == 5
    assert sorted(world.tick(3600)) == [b"a", b"b"]


def test_records_survive_an_error_in_the_bucket_itself(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.streams.put(world.stream(), [b"a"])
    world.broken = True
    assert world.tick(60) == []
    assert "ZeroDivisionError" in caplog.text
    world.broken = False
    assert world.tick(30) == [b"a"]


def test_a_reset_forgets_streams_and_records(world: World) -> None:
    world.streams.put(world.stream(), [b"a"])
    world.streams.forget_all()
    assert world.streams.names() == set()
    assert world.tick(3600) == []


def test_after_24_hours_without_a_bucket_records_are_lost_with_an_error(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.away = True
    world.streams.put(world.stream(), [b"a", b"b"])
    with caplog.at_level(logging.ERROR):
        world.tick(23 * 3600)
        assert "lost" not in caplog.text
        world.tick(2 * 3600)
    assert "2 records of orders are lost" in caplog.text
    world.away = False
    assert world.tick(3600) == []


def test_a_new_configuration_is_for_new_records_only(world: World) -> None:
    world.streams.put(world.stream(), [b"old"])
    world.streams.put(world.stream("2", Prefix="other/"), [b"new"])
    world.tick(60)
    found = {(key.split("/")[0], key.split("/")[-1][:9]): content for key, content in world.objects.items()}
    assert found == {("data", "orders-1-"): b"old", ("other", "orders-2-"): b"new"}


def test_a_deleted_stream_delivers_what_it_has(world: World) -> None:
    world.streams.put(world.stream(), [b"a"])
    world.streams.remove("orders")
    assert list(world.objects.values()) == [b"a"]
    assert world.streams.find("orders") is None


def test_a_deleted_stream_whose_bucket_is_away_says_what_is_lost(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.away = True
    world.streams.put(world.stream(), [b"a", b"b"])
    world.streams.remove("orders")
    assert "2 records of the deleted stream orders are lost" in caplog.text
    world.away = False
    assert world.tick(3600) == []


def test_undelivered_records_survive_in_another_process_under_the_same_key(world: World) -> None:
    stream = world.stream(**PARTITIONED)
    world.streams.put(stream, [b'{"k":"a"}', b"broken"])
    kept = world.streams.read()
    again = World()
    again.stream(**PARTITIONED)
    for item in kept:
        again.streams.fill(item)
    world.tick(60)
    again.tick(60)
    assert again.objects == world.objects
    assert len(again.objects) == 2


def test_a_batch_of_a_clock_that_was_ahead_is_delivered_within_an_interval(world: World) -> None:
    world.tick(86_400)
    world.streams.put(world.stream(), [b"a"])
    again = World()
    again.stream()
    again.streams.fill(world.streams.read()[0])
    assert again.tick(60) == [b"a"]


def test_what_arrives_and_what_is_delivered_is_measured(world: World) -> None:
    world.streams.put(world.stream(), [b"abc", b"de"])
    world.tick(60)

    def total(name: str) -> float:
        track = world.metrics.track(Metric.of("AWS/Firehose", name, {"DeliveryStreamName": "orders"}))
        return sum(
            value * times for _, sample in track.between(0, math.inf, None) for value, times in sample.values.items()
        )

    assert [total(name) for name in ("IncomingRecords", "IncomingBytes")] == [2, 5]
    assert [total(f"DeliveryToS3.{name}") for name in ("Records", "Bytes", "Success")] == [2, 5, 1]
