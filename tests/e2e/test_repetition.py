"""What is delivered twice is done once."""

import json
import time
from typing import Any

import boto3

from tests.e2e.conftest import Loop
from tests.e2e.test_switch import without_rows


def event_of(loop: Loop, key: str) -> dict[str, Any]:
    """The event that EventBridge delivers for the newest upload of a key."""
    bucket = loop.stack.outputs["DataBucketName"]
    head = loop.stack.s3.head_object(Bucket=bucket, Key=key)
    detail = {
        "version": "0",
        "bucket": {"name": bucket},
        "object": {
            "key": key,
            "size": head["ContentLength"],
            "etag": head["ETag"].strip('"'),
            "version-id": head["VersionId"],
            "sequencer": "00",
        },
        "reason": "PutObject",
    }
    return {"source": "aws.s3", "detail-type": "Object Created", "detail": detail}


def records(loop: Loop, field: str, value: str) -> list[str]:
    """The training records in the logs that have this value in a field."""
    found = loop.stack.logs.filter_log_events(
        logGroupName=loop.stack.outputs["TrainLogGroup"],
        filterPattern=f'{{ $.record = "training" && $.{field} = "{value}" }}',
    )
    return [event["message"] for event in found["events"]]


def test_the_same_dataset_uploaded_twice_makes_one_version(loop: Loop, dataset: bytes) -> None:
    content = without_rows(dataset, slice(10, 15))
    first = loop.put("twice.csv", content)
    before = loop.versions()
    second = loop.put("twice.csv", content)
    third = loop.put("another-name.csv", content)
    assert first["outcome"] == "promoted"
    assert [second["outcome"], third["outcome"]] == ["unchanged", "unchanged"]
    assert first["version"] == second["version"] == third["version"]
    assert loop.versions() == before


def test_the_same_event_delivered_twice_makes_one_version(loop: Loop, dataset: bytes) -> None:
    report = loop.put("redelivered.csv", without_rows(dataset, slice(20, 23)))
    before, champion = loop.versions(), loop.champion()
    sqs = boto3.client("sqs")
    queue = loop.stack.outputs["TrainQueueUrl"]
    already = len(records(loop, "dataset_sha256", report["sha256"]))

    body = json.dumps(event_of(loop, report["key"]))
    for _ in range(2):
        sqs.send_message(QueueUrl=queue, MessageBody=body)
    deadline = time.monotonic() + 120
    while len(records(loop, "dataset_sha256", report["sha256"])) < already + 2:
        assert time.monotonic() < deadline
        time.sleep(0.2)

    assert loop.versions() == before
    assert loop.champion() == champion
