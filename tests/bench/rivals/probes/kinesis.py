"""Probes of Kinesis Data Streams."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from tests.bench.rivals.cloud import Cloud, refused, until
from tests.bench.rivals.probe import expect, probe

_API = "kinesis/latest/APIReference"


def _stream(cloud: Cloud, shards: int = 1) -> str:
    name = cloud.name("stream")
    cloud("kinesis").create_stream(StreamName=name, ShardCount=shards)
    until(lambda: _summary(cloud, name)["StreamStatus"] == "ACTIVE")
    return name


def _summary(cloud: Cloud, name: str) -> dict[str, Any]:
    found: dict[str, Any] = cloud("kinesis").describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
    return found


def _records(cloud: Cloud, name: str, shard: str, **options: Any) -> list[dict[str, Any]]:
    options.setdefault("ShardIteratorType", "TRIM_HORIZON")
    iterator = cloud("kinesis").get_shard_iterator(StreamName=name, ShardId=shard, **options)["ShardIterator"]
    found: list[dict[str, Any]] = cloud("kinesis").get_records(ShardIterator=iterator)["Records"]
    return found


@probe(f"{_API}/API_PutRecord.html")
def partition_keys(cloud: Cloud) -> None:
    """A record is in the shard whose range has the MD5 of its partition key"""
    name = _stream(cloud, 2)
    shards = cloud("kinesis").list_shards(StreamName=name)["Shards"]
    for key in ("a", "b", "c", "d"):
        number = int(hashlib.md5(key.encode()).hexdigest(), 16)
        found = cloud("kinesis").put_record(StreamName=name, Data=b"x", PartitionKey=key)["ShardId"]
        ranges = next(shard["HashKeyRange"] for shard in shards if shard["ShardId"] == found)
        inside = int(ranges["StartingHashKey"]) <= number <= int(ranges["EndingHashKey"])
        expect(inside, True, f"{key} in {found}")


@probe(f"{_API}/API_GetShardIterator.html")
def iterators(cloud: Cloud) -> None:
    """Records come in their order, and after a sequence number only those that follow"""
    name = _stream(cloud)
    sent = [cloud("kinesis").put_record(StreamName=name, Data=data, PartitionKey="k") for data in (b"1", b"2", b"3")]
    shard, second = sent[0]["ShardId"], sent[1]["SequenceNumber"]
    found = _records(cloud, name, shard)
    after = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": second}
    rest = _records(cloud, name, shard, **after)
    expect([[record["Data"] for record in each] for each in (found, rest)], [[b"1", b"2", b"3"], [b"3"]])


@probe(f"{_API}/API_PutRecords.html")
def explicit_hash(cloud: Cloud) -> None:
    """An explicit hash key chooses the shard, whatever the partition key"""
    name = _stream(cloud, 2)
    shards = cloud("kinesis").list_shards(StreamName=name)["Shards"]
    last = max(shards, key=lambda shard: int(shard["HashKeyRange"]["StartingHashKey"]))
    record = {"Data": b"x", "PartitionKey": "k", "ExplicitHashKey": last["HashKeyRange"]["StartingHashKey"]}
    answer = cloud("kinesis").put_records(StreamName=name, Records=[record] * 3)
    found = {record["ShardId"] for record in answer["Records"]}
    expect((answer["FailedRecordCount"], found), (0, {last["ShardId"]}))


@probe(f"{_API}/API_PutRecord.html")
def no_stream(cloud: Cloud) -> None:
    """A record to a stream that doesn't exist is refused with ResourceNotFoundException"""
    put = cloud("kinesis").put_record
    refused("ResourceNotFoundException", put, StreamName=cloud.name(), Data=b"x", PartitionKey="k")


@probe("lambda/latest/dg/with-kinesis.html")
def to_function(cloud: Cloud) -> None:
    """A function gets records in base64, with their partition key and sequence number"""
    name, (answers, _) = _stream(cloud), cloud.queue()
    code = (
        "import boto3, json\ndef handler(event, context):\n    for record in event['Records']:\n"
        f"        boto3.client('sqs').send_message(QueueUrl='{answers}', MessageBody=json.dumps(record))\n"
    )
    mapping = cloud("lambda").create_event_source_mapping(
        FunctionName=cloud.function(code, Timeout=20),
        EventSourceArn=_summary(cloud, name)["StreamARN"],
        StartingPosition="TRIM_HORIZON",
    )
    until(lambda: cloud("lambda").get_event_source_mapping(UUID=mapping["UUID"])["State"] == "Enabled")
    sent = cloud("kinesis").put_record(StreamName=name, Data=b"\x00x", PartitionKey="k")
    record = cloud.bodies(answers, 1, 20)[0]
    kinesis = record["kinesis"]
    expect((record["eventSource"], base64.b64decode(kinesis["data"])), ("aws:kinesis", b"\x00x"))
    expect((kinesis["partitionKey"], kinesis["sequenceNumber"]), ("k", sent["SequenceNumber"]))
    expect(json.dumps(record["eventID"]).count(sent["SequenceNumber"]), 1, "the sequence number in the event's id")
