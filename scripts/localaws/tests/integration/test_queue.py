"""Queues that invoke a function."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError


def send(cloud: Any, outputs: dict[str, str], *jobs: tuple[str, str]) -> None:
    entries = [
        {"Id": str(index), "MessageBody": json.dumps({"name": name, "do": do})} for index, (name, do) in enumerate(jobs)
    ]
    cloud.client("sqs").send_message_batch(QueueUrl=outputs["Jobs"], Entries=entries)


def received(cloud: Any, outputs: dict[str, str], name: str, count: int = 1) -> list[Any]:
    lines = cloud.logged(f"/aws/lambda/{outputs['Worker']}", f'"job": "{name}"', count)
    return [json.loads(line) for line in lines]


def in_flight(cloud: Any, outputs: dict[str, str]) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = cloud.client("sqs").get_queue_attributes(QueueUrl=outputs["Jobs"], AttributeNames=names)
    return sum(int(value) for value in attributes["Attributes"].values())


@pytest.mark.proves(
    "SQS event",
    "SQS event.MaximumBatchingWindowInSeconds",
)
def test_messages_come_in_batches_and_are_deleted_when_done(cloud: Any, outputs: dict[str, str]) -> None:
    send(cloud, outputs, *[(f"batch-{index}", "ok") for index in range(5)])
    seen = [line for index in range(5) for line in received(cloud, outputs, f"batch-{index}")]
    assert [line["receive"] for line in seen] == ["1"] * 5
    assert max(line["batch"] for line in seen) > 1
    assert in_flight(cloud, outputs) == 0


@pytest.mark.proves(
    "SQS event.FunctionResponseTypes",
)
def test_only_the_failed_messages_of_a_batch_are_retried_and_dead_lettered(cloud: Any, outputs: dict[str, str]) -> None:
    send(cloud, outputs, ("good", "ok"), ("bad", "fail"))
    letters = cloud.drain(outputs["JobLetters"], bool)
    assert [letter["name"] for letter in letters] == ["bad"]
    assert [line["receive"] for line in received(cloud, outputs, "bad", 2)] == ["1", "2"]
    assert len(received(cloud, outputs, "good")) == 1


@pytest.mark.parametrize("how", ["raise", "lie"])
def test_a_batch_whose_function_raises_or_names_an_unknown_message_comes_back_whole(
    cloud: Any, outputs: dict[str, str], how: str
) -> None:
    send(cloud, outputs, (how, how), (f"with-{how}", how))
    wanted = {how, f"with-{how}"}
    letters = cloud.drain(outputs["JobLetters"], lambda found: wanted <= {letter["name"] for letter in found})
    assert wanted <= {letter["name"] for letter in letters}
    assert len(received(cloud, outputs, how, 2)) == 2


def test_message_attributes_reach_the_function(cloud: Any, outputs: dict[str, str]) -> None:
    cloud.client("sqs").send_message(
        QueueUrl=outputs["Jobs"],
        MessageBody=json.dumps({"name": "with-attributes", "do": "ok"}),
        MessageAttributes={"colour": {"DataType": "String", "StringValue": "red"}},
    )
    (line,) = received(cloud, outputs, "with-attributes")
    assert line["attributes"]["colour"]["stringValue"] == "red"
    assert line["attributes"]["colour"]["dataType"] == "String"


def test_many_messages_are_each_processed_once(cloud: Any, outputs: dict[str, str]) -> None:
    for block in range(6):
        send(cloud, outputs, *[(f"many-{block}-{index}", "ok") for index in range(10)])
    lines = cloud.logged(f"/aws/lambda/{outputs['Worker']}", '"job": "many-', 60, seconds=40)
    names = [json.loads(line)["job"] for line in lines]
    assert len(names) == 60
    assert len(set(names)) == 60


def test_a_queue_whose_visibility_timeout_is_under_the_functions_timeout_is_refused(
    cloud: Any, outputs: dict[str, str]
) -> None:
    sqs = cloud.client("sqs")
    url = sqs.create_queue(QueueName="short", Attributes={"VisibilityTimeout": "1"})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    with pytest.raises(ClientError, match="visibility timeout: 1 seconds is less than Function timeout: 2 seconds"):
        cloud.client("lambda").create_event_source_mapping(EventSourceArn=arn, FunctionName=outputs["Echo"])


def test_an_event_source_mapping_is_created_disabled_and_deleted_by_the_api(
    cloud: Any, outputs: dict[str, str]
) -> None:
    sqs, client = cloud.client("sqs"), cloud.client("lambda")
    url = sqs.create_queue(QueueName="by-api")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    mapping = client.create_event_source_mapping(EventSourceArn=arn, FunctionName=outputs["EchoAlias"], BatchSize=1)
    sqs.send_message(QueueUrl=url, MessageBody="through-the-alias")
    assert cloud.logged(outputs["EchoLogs"], "through-the-alias")
    with pytest.raises(client.exceptions.ResourceConflictException):
        client.create_event_source_mapping(EventSourceArn=arn, FunctionName=outputs["EchoAlias"])
    client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    client.delete_event_source_mapping(UUID=mapping["UUID"])
    sqs.send_message(QueueUrl=url, MessageBody='{"left": true}')
    assert cloud.drain(url, bool) == [{"left": True}]


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"ProvisionedPollerConfig": {"MinimumPollers": 2}}, "ProvisionedPollerConfig"),
        ({"BatchSize": 100}, "batch window"),
    ],
)
def test_an_unsupported_event_source_mapping_is_refused_by_option(
    cloud: Any, outputs: dict[str, str], options: dict[str, Any], names: str
) -> None:
    sqs = cloud.client("sqs")
    url = sqs.create_queue(QueueName="unmapped")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    with pytest.raises(ClientError, match=names):
        cloud.client("lambda").create_event_source_mapping(EventSourceArn=arn, FunctionName=outputs["Echo"], **options)
