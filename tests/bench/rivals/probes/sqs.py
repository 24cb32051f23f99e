"""Probes of SQS."""

from __future__ import annotations

import hashlib
import json
import time

from tests.bench.rivals.cloud import Cloud, refused, until
from tests.bench.rivals.probe import expect, probe

_GUIDE = "AWSSimpleQueueService/latest/SQSDeveloperGuide"
_API = "AWSSimpleQueueService/latest/APIReference"


def _fifo(cloud: Cloud) -> str:
    return cloud.queue(f"{cloud.name()}.fifo", FifoQueue="true")[0]


@probe(f"{_GUIDE}/FIFO-queues-exactly-once-processing.html")
def deduplication(cloud: Cloud) -> None:
    """A second message with the same deduplication id is accepted and not delivered."""
    url, sqs = _fifo(cloud), cloud("sqs")
    for body in ("1", "2"):
        sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="g", MessageDeduplicationId="same")
    expect([message["Body"] for message in cloud.messages(url, 2, 3)], ["1"])


@probe(f"{_GUIDE}/FIFO-queues-understanding-logic.html")
def group_in_flight(cloud: Cloud) -> None:
    """While a message of a group is in flight, the group's next isn't delivered, other groups' are."""
    url, sqs = _fifo(cloud), cloud("sqs")
    for body, group in (("a1", "a"), ("a2", "a"), ("b1", "b")):
        sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId=group, MessageDeduplicationId=body)
    found = [sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages", []) for _ in range(3)]
    expect([[message["Body"] for message in messages] for messages in found], [["a1"], ["b1"], []])


@probe(f"{_GUIDE}/FIFO-queue-message-identifiers.html")
def group_is_required(cloud: Cloud) -> None:
    """A message to a FIFO queue without a group is refused with MissingParameter."""
    url = _fifo(cloud)
    send = cloud("sqs").send_message
    refused("MissingParameter", send, QueueUrl=url, MessageBody="1", MessageDeduplicationId="1")


@probe(f"{_GUIDE}/sqs-visibility-timeout.html")
def visible_again(cloud: Cloud) -> None:
    """A message that isn't deleted comes back after its visibility timeout, with its receive count."""
    (url, _), sqs = cloud.queue(VisibilityTimeout="1"), cloud("sqs")
    sqs.send_message(QueueUrl=url, MessageBody="1")
    counts = []
    for _ in range(2):
        found = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5, AttributeNames=["ApproximateReceiveCount"])
        counts += [message["Attributes"]["ApproximateReceiveCount"] for message in found.get("Messages", [])]
    expect(counts, ["1", "2"])


def _with_dead_letters(cloud: Cloud) -> tuple[str, str, str, str]:
    dead_url, dead_arn = cloud.queue()
    policy = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 1})
    url, arn = cloud.queue(RedrivePolicy=policy, VisibilityTimeout="0")
    sqs = cloud("sqs")
    sqs.send_message(QueueUrl=url, MessageBody="1")
    for _ in range(2):
        sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1)
    return url, arn, dead_url, dead_arn


@probe(f"{_GUIDE}/sqs-dead-letter-queues.html")
def dead_letter(cloud: Cloud) -> None:
    """A message received more often than maxReceiveCount is in the dead-letter queue, with its source."""
    _, arn, dead_url, _ = _with_dead_letters(cloud)
    found = cloud.messages(dead_url)
    expect([message["Body"] for message in found], ["1"])
    expect(found[0]["Attributes"].get("DeadLetterQueueSourceArn"), arn)


@probe(f"{_API}/API_StartMessageMoveTask.html")
def redrive(cloud: Cloud) -> None:
    """StartMessageMoveTask moves the messages of a dead-letter queue back to their source."""
    url, _, dead_url, dead_arn = _with_dead_letters(cloud)
    sqs = cloud("sqs")

    def waiting() -> bool:
        asked = sqs.get_queue_attributes(QueueUrl=dead_url, AttributeNames=["ApproximateNumberOfMessages"])
        return bool(asked["Attributes"]["ApproximateNumberOfMessages"] == "1")

    expect(until(waiting), True, "a message in the dead-letter queue")
    sqs.start_message_move_task(SourceArn=dead_arn)
    expect([message["Body"] for message in cloud.messages(url)], ["1"])


@probe(f"{_API}/API_SendMessageBatch.html")
def distinct_ids(cloud: Cloud) -> None:
    """A batch whose entries have the same id is refused with BatchEntryIdsNotDistinct."""
    url, _ = cloud.queue()
    entries = [{"Id": "1", "MessageBody": "a"}, {"Id": "1", "MessageBody": "b"}]
    refused("BatchEntryIdsNotDistinct", cloud("sqs").send_message_batch, QueueUrl=url, Entries=entries)


@probe(f"{_API}/API_SendMessageBatch.html")
def batch_of_eleven(cloud: Cloud) -> None:
    """A batch of eleven messages is refused with TooManyEntriesInBatchRequest."""
    url, _ = cloud.queue()
    entries = [{"Id": str(number), "MessageBody": "a"} for number in range(11)]
    refused("TooManyEntriesInBatchRequest", cloud("sqs").send_message_batch, QueueUrl=url, Entries=entries)


@probe(f"{_API}/API_CreateQueue.html")
def same_name(cloud: Cloud) -> None:
    """A queue's name with other attributes is refused with QueueNameExists, with the same it's the same queue."""
    sqs, name = cloud("sqs"), cloud.name()
    url = sqs.create_queue(QueueName=name, Attributes={"DelaySeconds": "1"})["QueueUrl"]
    expect(sqs.create_queue(QueueName=name, Attributes={"DelaySeconds": "1"})["QueueUrl"], url)
    codes = "QueueAlreadyExists|QueueNameExists"
    refused(codes, sqs.create_queue, QueueName=name, Attributes={"DelaySeconds": "2"})


@probe(f"{_GUIDE}/sqs-delay-queues.html")
def delay(cloud: Cloud) -> None:
    """A message with a delay is counted as delayed and delivered after it."""
    (url, _), sqs = cloud.queue(), cloud("sqs")
    began = time.monotonic()
    sqs.send_message(QueueUrl=url, MessageBody="1", DelaySeconds=2)
    names = ["ApproximateNumberOfMessagesDelayed"]
    expect(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"][names[0]], "1")
    expect([message["Body"] for message in cloud.messages(url)], ["1"])
    expect(time.monotonic() - began >= 1.9, True, "delivered after two seconds")


@probe(f"{_GUIDE}/quotas-messages.html")
def message_size(cloud: Cloud) -> None:
    """A message over 1 MiB is refused with InvalidParameterValue, one of 1 MiB isn't."""
    (url, _), sqs = cloud.queue(), cloud("sqs")
    body = "x" * 1024 * 1024
    expect(sqs.send_message(QueueUrl=url, MessageBody=body)["MD5OfMessageBody"], hashlib.md5(body.encode()).hexdigest())
    codes = "InvalidParameterValue|InvalidMessageContents"
    refused(codes, sqs.send_message, QueueUrl=url, MessageBody=body + "x")
