"""Dead-letter queues, redrive, and batches that are closed by their size."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws_testing.waiting import wait_until

STACK = """
Resources:
  Big: {Type: AWS::SQS::Queue}
  Deep: {Type: AWS::SQS::Queue}
  Reads:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        def handler(event, context):
            source = event["Records"][0]["attributes"].get("DeadLetterQueueSourceArn")
            print("batch of", len(event["Records"]), "from", source)
      Events:
        Big:
          Type: SQS
          Properties: {Queue: !GetAtt Big.Arn, BatchSize: 100, MaximumBatchingWindowInSeconds: 3}
        Deep: {Type: SQS, Properties: {Queue: !GetAtt Deep.Arn, BatchSize: 100, MaximumBatchingWindowInSeconds: 1}}
        Letters: {Type: SQS, Properties: {Queue: !GetAtt Letters.Arn}}
  Letters: {Type: AWS::SQS::Queue}
  Fails:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 0
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Letters.Arn, maxReceiveCount: 1}
Outputs:
  Big: {Value: !Ref Big}
  Deep: {Value: !Ref Deep}
  Fails: {Value: !Ref Fails}
  FailsArn: {Value: !GetAtt Fails.Arn}
  Reads: {Value: !Ref Reads}
"""


@pytest.fixture(scope="module")
def stack(deploy: Callable[[str, str], dict[str, str]]) -> dict[str, str]:
    return deploy("redrive", STACK)


def batches(cloud: Any, stack: dict[str, str], total: int) -> list[int]:
    """The sizes of the function's batches, once they have that many messages together."""
    found: list[int] = []

    def complete() -> bool:
        lines = cloud.logged(f"/aws/lambda/{stack['Reads']}", "from None", seconds=0)
        found[:] = [int(line.split()[2]) for line in lines]
        return sum(found) >= total

    assert wait_until(complete, 90), found
    return found


@pytest.mark.proves("queue batches of 6 MB")
def test_a_batch_is_closed_before_its_event_gets_too_large(cloud: Any, stack: dict[str, str]) -> None:
    for _ in range(26):
        cloud.client("sqs").send_message(QueueUrl=stack["Big"], MessageBody="x" * 250_000)
    sizes = batches(cloud, stack, 26)
    assert sum(sizes) == 26 and max(sizes) <= 25


@pytest.mark.proves("queue depth")
def test_thousands_of_messages_are_each_worked_off_once(cloud: Any, stack: dict[str, str]) -> None:
    before = sum(batches(cloud, stack, 0))
    for block in range(300):
        entries = [{"Id": str(index), "MessageBody": f"{block}-{index}"} for index in range(10)]
        cloud.client("sqs").send_message_batch(QueueUrl=stack["Deep"], Entries=entries)
    assert sum(batches(cloud, stack, before + 3000)) == before + 3000


@pytest.mark.proves("queue dead letter source")
def test_a_dead_letter_says_which_queue_it_is_from(cloud: Any, stack: dict[str, str]) -> None:
    sqs = cloud.client("sqs")
    sqs.send_message(QueueUrl=stack["Fails"], MessageBody="hello")
    assert sqs.receive_message(QueueUrl=stack["Fails"])["Messages"]
    assert "Messages" not in sqs.receive_message(QueueUrl=stack["Fails"])
    assert cloud.logged(f"/aws/lambda/{stack['Reads']}", f"batch of 1 from {stack['FailsArn']}")


@pytest.fixture
def queues(cloud: Any) -> Any:
    """Two queues with a dead-letter queue, with a message of each in it; URLs and ARNs by name."""
    sqs, found, own = cloud.client("sqs"), dict[str, tuple[str, str]](), uuid.uuid4().hex[:12]

    def create(name: str, **attributes: str) -> None:
        url = sqs.create_queue(QueueName=f"redrive-{name}-{own}", Attributes=attributes)["QueueUrl"]
        found[name] = (url, f"arn:aws:sqs:us-east-1:123456789012:redrive-{name}-{own}")

    create("letters")
    policy = json.dumps({"deadLetterTargetArn": found["letters"][1], "maxReceiveCount": 1})
    for name in ("one", "two"):
        create(name, RedrivePolicy=policy, VisibilityTimeout="0")
        sqs.send_message(QueueUrl=found[name][0], MessageBody=json.dumps({"from": name}))
        for _ in range(2):
            sqs.receive_message(QueueUrl=found[name][0])
    create("other")
    yield found
    for url, _ in found.values():
        sqs.delete_queue(QueueUrl=url)


def task_of(cloud: Any, arn: str) -> Any:
    return cloud.client("sqs").list_message_move_tasks(SourceArn=arn)["Results"][0]


@pytest.mark.proves("queue move tasks")
def test_dead_letters_are_moved_back_to_the_queues_that_they_are_from(cloud: Any, queues: Any) -> None:
    sqs, (letters, arn) = cloud.client("sqs"), queues["letters"]
    peeked = sqs.receive_message(QueueUrl=letters, VisibilityTimeout=0, AttributeNames=["DeadLetterQueueSourceArn"])
    assert peeked["Messages"][0]["Attributes"] == {"DeadLetterQueueSourceArn": queues["one"][1]}
    assert sqs.start_message_move_task(SourceArn=arn)["TaskHandle"]
    assert wait_until(lambda: task_of(cloud, arn)["Status"] == "COMPLETED")
    task = task_of(cloud, arn)
    moved = (task["ApproximateNumberOfMessagesMoved"], task["ApproximateNumberOfMessagesToMove"])
    assert (moved, task["SourceArn"], "TaskHandle" in task, "DestinationArn" in task) == ((2, 2), arn, False, False)
    for name in ("one", "two"):
        (message,) = sqs.receive_message(QueueUrl=queues[name][0], AttributeNames=["All"])["Messages"]
        assert json.loads(message["Body"]) == {"from": name}
        assert message["MessageId"] != peeked["Messages"][0]["MessageId"]
        assert message["Attributes"]["ApproximateReceiveCount"] == "1"
    assert "Messages" not in sqs.receive_message(QueueUrl=letters)


def test_dead_letters_are_moved_to_another_queue_at_a_rate_until_the_task_is_cancelled(cloud: Any, queues: Any) -> None:
    sqs, (letters, arn), (other, destination) = cloud.client("sqs"), queues["letters"], queues["other"]
    for number in range(20):
        sqs.send_message(QueueUrl=letters, MessageBody=json.dumps(number))
    options = {"SourceArn": arn, "DestinationArn": destination, "MaxNumberOfMessagesPerSecond": 1}
    handle = sqs.start_message_move_task(**options)["TaskHandle"]
    with pytest.raises(ClientError, match="Only one active task"):
        sqs.start_message_move_task(**options)
    assert wait_until(lambda: task_of(cloud, arn)["ApproximateNumberOfMessagesMoved"] >= 1)
    running = task_of(cloud, arn)
    assert (running["Status"], running["TaskHandle"], running["DestinationArn"]) == ("RUNNING", handle, destination)
    assert sqs.cancel_message_move_task(TaskHandle=handle)["ApproximateNumberOfMessagesMoved"] >= 1
    assert wait_until(lambda: task_of(cloud, arn)["Status"] == "CANCELLED")
    moved = task_of(cloud, arn)["ApproximateNumberOfMessagesMoved"]
    counts = [
        int(
            sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"][
                "ApproximateNumberOfMessages"
            ]
        )
        for url in (other, letters)
    ]
    assert counts == [moved, 22 - moved]


def test_a_move_task_that_cannot_run_is_refused(cloud: Any, queues: Any) -> None:
    sqs = cloud.client("sqs")
    for options, names in (
        ({"SourceArn": queues["other"][1]}, "must be configured as a Dead Letter Queue"),
        ({"SourceArn": "arn:aws:sqs:us-east-1:123456789012:nowhere"}, "SourceArn parameter doesn't exist"),
        ({"SourceArn": queues["letters"][1], "MaxNumberOfMessagesPerSecond": 501}, "501"),
        ({"SourceArn": queues["letters"][1], "DestinationArn": "arn:aws:sqs:us-east-1:1:x"}, "DestinationArn"),
    ):
        with pytest.raises(ClientError, match=names):
            sqs.start_message_move_task(**options)
    with pytest.raises(ClientError, match="Task does not exist"):
        sqs.cancel_message_move_task(TaskHandle="nothing")


def test_a_letter_whose_source_is_unknown_fails_the_task_and_stays(cloud: Any, queues: Any) -> None:
    sqs, (letters, arn) = cloud.client("sqs"), queues["letters"]
    sqs.purge_queue(QueueUrl=letters)
    sqs.send_message(QueueUrl=letters, MessageBody='"by hand"')
    sqs.start_message_move_task(SourceArn=arn)
    assert wait_until(lambda: task_of(cloud, arn)["Status"] == "FAILED")
    assert task_of(cloud, arn)["FailureReason"] == "CouldNotDetermineMessageSource"
    assert cloud.drain(letters, bool) == ["by hand"]


@pytest.mark.parametrize(
    ("attributes", "names"),
    [({"DelaySeconds": "901"}, "DelaySeconds"), ({"Colour": "red"}, "Colour"), ({"VisibilityTimeout": "x"}, "Visib")],
)
def test_attributes_outside_of_their_limits_are_refused(cloud: Any, attributes: dict[str, str], names: str) -> None:
    sqs, name = cloud.client("sqs"), f"limits-{uuid.uuid4().hex[:12]}"
    with pytest.raises(ClientError, match=names):
        sqs.create_queue(QueueName=name, Attributes=attributes)
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    with pytest.raises(ClientError, match=names):
        sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)
    sqs.delete_queue(QueueUrl=url)


def test_the_invalid_messages_of_a_batch_are_reported_and_the_others_sent(cloud: Any) -> None:
    sqs = cloud.client("sqs")
    url = sqs.create_queue(QueueName="partly", Attributes={"MaximumMessageSize": "1024"})["QueueUrl"]
    bodies = {"good": "1", "long": "x" * 1025, "odd": "a\u0001"}
    entries = [{"Id": name, "MessageBody": body} for name, body in bodies.items()]
    answer = sqs.send_message_batch(QueueUrl=url, Entries=entries)
    assert [sent["Id"] for sent in answer["Successful"]] == ["good"]
    failed = {item["Id"]: item["Code"] for item in answer["Failed"]}
    assert failed == {"long": "InvalidParameterValue", "odd": "InvalidMessageContents"}
    assert cloud.drain(url, bool) == [1]
    sqs.delete_queue(QueueUrl=url)


def test_handles_and_visibility_are_as_sqs_treats_them(cloud: Any) -> None:
    sqs = cloud.client("sqs")
    url = sqs.create_queue(QueueName="handles")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="1")
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    handle = {"QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"]}
    sqs.change_message_visibility(VisibilityTimeout=0, **handle)
    with pytest.raises(sqs.exceptions.MessageNotInflight):
        sqs.change_message_visibility(VisibilityTimeout=5, **handle)
    for _ in range(2):  # the second time it's gone already
        sqs.delete_message(**handle)
    with pytest.raises(ClientError, match="not available for visibility timeout change"):
        sqs.change_message_visibility(VisibilityTimeout=5, **handle)
    for call in (sqs.delete_message, lambda **given: sqs.change_message_visibility(VisibilityTimeout=1, **given)):
        with pytest.raises(sqs.exceptions.ReceiptHandleIsInvalid):
            call(QueueUrl=url, ReceiptHandle="nonsense")
    sqs.delete_queue(QueueUrl=url)
