"""A thousand uploads, with calls that fail at random: nothing is lost, and every count agrees."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

COUNT, POISON = 1000, 7
KEYS = [f"{'poison' if number < POISON else 'good'}/{number}" for number in range(COUNT)]


def test_a_thousand_uploads_are_each_processed_or_dead_lettered_and_all_counts_agree(start: Callable[..., Any]) -> None:
    cloud = start("uploads.yaml")
    outputs, began = cloud.outputs(), datetime.now(UTC)
    s3 = cloud.client("s3")
    with ThreadPoolExecutor(8) as uploaders:
        list(uploaders.map(lambda key: s3.put_object(Bucket=outputs["Uploads"], Key=key, Body=b"x"), KEYS))
    wait_until_worked_off(cloud, outputs)

    lines = messages(cloud, f"/aws/lambda/{outputs['Worker']}")
    worked_on = [json.loads(line)["worked_on"] for line in lines if line.startswith('{"worked_on"')]
    letters = [event["detail"]["object"]["key"] for event in cloud.drain(outputs["Letters"], has(POISON))]
    # Each at least once, none lost; what fails every try is in the dead-letter queue, and that only.
    assert sorted(letters) == [key for key in KEYS if key.startswith("poison/")]
    assert {*worked_on, *letters} == set(KEYS)

    calls = sum(line.startswith("START ") for line in lines)
    failed = sum("[ERROR] RuntimeError: as chance has it" in line for line in lines)
    of_the_function = {"FunctionName": outputs["Worker"]}
    assert metric(cloud, "AWS/Lambda", "Invocations", of_the_function, began) == calls
    assert metric(cloud, "AWS/Lambda", "Errors", of_the_function, began) == failed
    queue = {"QueueName": outputs["Work"].rsplit("/", 1)[1]}
    assert metric(cloud, "AWS/SQS", "NumberOfMessagesSent", queue, began) == COUNT
    assert metric(cloud, "AWS/SQS", "NumberOfMessagesDeleted", queue, began) == COUNT - POISON
    assert 0 < failed < 0.2 * calls


def has(count: int) -> Callable[[list[Any]], bool]:
    return lambda found: len(found) >= count


def wait_until_worked_off(cloud: Any, outputs: dict[str, str]) -> None:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    sqs, end = cloud.client("sqs"), time.monotonic() + 120
    while time.monotonic() < end:
        left = sqs.get_queue_attributes(QueueUrl=outputs["Work"], AttributeNames=names)["Attributes"]
        if not any(int(value) for value in left.values()):
            return
        time.sleep(0.5)
    raise AssertionError(f"still in the queue: {left}")


def messages(cloud: Any, group: str) -> list[str]:
    pages = cloud.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
    return [event["message"] for page in pages for event in page["events"]]


def metric(cloud: Any, namespace: str, name: str, dimensions: dict[str, str], since: datetime) -> float:
    found = cloud.client("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        StartTime=since - timedelta(minutes=2),
        EndTime=since + timedelta(minutes=30),
        Period=60,
        Statistics=["Sum"],
    )["Datapoints"]
    return float(sum(point["Sum"] for point in found))
