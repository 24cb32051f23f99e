"""What a retry can't cure is told once; what isn't an upload at all goes to the dead-letter queue, and is told too."""

import json
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.training.conftest import EVENTS, Context, Function

Load = Callable[..., Function]

_numbers = count()


def start(load: Load, capsys: pytest.CaptureFixture[str]) -> Function:
    """The function with a logger of its own: Powertools keeps one a service, with the output of its first test."""
    loaded = load(POWERTOOLS_SERVICE_NAME=f"train-messages-{next(_numbers)}")
    capsys.readouterr()
    return loaded


def printed(capsys: pytest.CaptureFixture[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The record that was logged and the metrics, one line each, progress left out."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (record,) = [line for line in lines if line.get("record") in ("training", "failure")]
    (metrics,) = [line for line in lines if "_aws" in line]
    return record, metrics


def report_exists(function: Function, key: str) -> bool:
    try:
        function.s3.head_object(Bucket="data", Key=f"{key}.report.json")
    except ClientError as error:
        assert error.response["Error"]["Code"] == "404"
        return False
    return True


def test_a_bad_dataset_is_a_warning_and_counted(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    function = start(load, capsys)
    assert function.deliver(function.put(b"mean radius\n")) == []
    record, metrics = printed(capsys)
    assert (record["level"], record["outcome"], record["model"]) == ("WARNING", "rejected", "diagnosis")
    assert record["violations"][0]["rule"] == "empty"
    assert metrics["TrainingRejected"] == 1


@pytest.mark.parametrize("versioned", [True, False], ids=["version", "object"])
def test_a_dataset_that_was_deleted_is_logged_and_not_retried(
    load: Load, dataset: bytes, capsys: pytest.CaptureFixture[str], versioned: bool
) -> None:
    function = start(load, capsys)
    event = function.put(dataset)
    found = event["detail"]["object"]
    function.s3.delete_object(Bucket="data", Key=found["key"], VersionId=found["version-id"])
    if not versioned:
        del found["version-id"]
    assert function.deliver(event) == []
    record, metrics = printed(capsys)
    assert (record["level"], record["outcome"]) == ("WARNING", "rejected")
    assert "deleted before it was read" in record["reason"]
    assert metrics["TrainingRejected"] == 1
    assert not report_exists(function, found["key"])


def test_a_bucket_that_cannot_be_read_is_tried_again(
    load: Load, dataset: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    function = start(load, capsys)
    event = function.put(dataset)
    function.s3.delete_object(Bucket="data", Key=event["detail"]["object"]["key"])
    for version in function.s3.list_object_versions(Bucket="data").get("Versions", []):
        function.s3.delete_object(Bucket="data", Key=version["Key"], VersionId=version["VersionId"])
    for marker in function.s3.list_object_versions(Bucket="data").get("DeleteMarkers", []):
        function.s3.delete_object(Bucket="data", Key=marker["Key"], VersionId=marker["VersionId"])
    function.s3.delete_bucket(Bucket="data")
    assert function.deliver(event) == ["059f36b4-87a3-44ab-83d2-661975830a7d"]
    record, metrics = printed(capsys)
    assert (record["level"], record["dataset"]) == ("ERROR", event["detail"]["object"]["key"])
    assert "NoSuchBucket" in record["reason"]
    assert metrics["TrainingFailed"] == 1


@pytest.mark.usefixtures("brief")
def test_of_a_batch_only_the_message_that_is_no_upload_fails(
    load: Load, dataset: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    function = start(load, capsys)
    event = function.put(dataset)
    batch = json.loads((EVENTS / "sqs-batch-with-a-foreign-message.json").read_text())
    foreign, upload = batch["Records"]
    upload["body"] = json.dumps(event)
    answer = function.handler(batch, Context())
    assert answer == {"batchItemFailures": [{"itemIdentifier": foreign["messageId"]}]}
    assert function.report(event)["outcome"] == "promoted"
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    failure, training = [line for line in lines if line.get("record") in ("training", "failure")]
    assert (failure["level"], failure["exception_name"]) == ("ERROR", "EventInvalid")
    assert "s3:TestEvent" in failure["body"]
    assert training["outcome"] == "promoted"
