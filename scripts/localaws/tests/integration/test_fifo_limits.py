"""FIFO queues: their names, deduplication, sequence numbers and dead letters, through an AWS client."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError


def fifo(sqs: Any, **attributes: str) -> str:
    made = sqs.create_queue(
        QueueName=f"checked-{uuid.uuid4().hex[:12]}.fifo", Attributes={"FifoQueue": "true", **attributes}
    )
    return str(made["QueueUrl"])


@pytest.mark.proves("queue fifo names")
@pytest.mark.parametrize(("ending", "attributes"), [("", {"FifoQueue": "true"}), (".fifo", {})])
def test_a_fifo_queue_has_the_ending_and_no_other_queue_has(
    cloud: Any, ending: str, attributes: dict[str, str]
) -> None:
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        cloud.client("sqs").create_queue(QueueName=f"checked-{uuid.uuid4().hex[:12]}{ending}", Attributes=attributes)


@pytest.mark.proves("queue sequence numbers")
def test_sequence_numbers_grow_and_a_duplicate_has_the_ids_of_the_first(cloud: Any) -> None:
    sqs = cloud.client("sqs")
    url = fifo(sqs, ContentBasedDeduplication="true")

    sent = [sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="g") for body in "121"]

    first, second, duplicate = ((each["MessageId"], int(each["SequenceNumber"])) for each in sent)
    assert first[1] < second[1]
    assert duplicate == first
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["SequenceNumber"])["Messages"]
    assert [int(each["Attributes"]["SequenceNumber"]) for each in messages] == [first[1], second[1]]


@pytest.mark.proves("queue deduplication scopes")
def test_a_deduplication_id_may_count_within_its_group_only(cloud: Any) -> None:
    sqs = cloud.client("sqs")
    url = fifo(sqs, DeduplicationScope="messageGroup", FifoThroughputLimit="perMessageGroupId")

    for group in "aba":
        sqs.send_message(QueueUrl=url, MessageBody=group, MessageGroupId=group, MessageDeduplicationId="d")

    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert sorted(each["Body"] for each in messages) == ["a", "b"]


@pytest.mark.proves("queue receive attempts")
def test_a_repeated_attempt_to_receive_is_refused_by_name(cloud: Any) -> None:
    sqs = cloud.client("sqs")
    url = fifo(sqs, ContentBasedDeduplication="true")
    sqs.send_message(QueueUrl=url, MessageBody="1", MessageGroupId="g")

    received = sqs.receive_message(QueueUrl=url, ReceiveRequestAttemptId="first")["Messages"]
    assert [each["Body"] for each in received] == ["1"]
    with pytest.raises(ClientError, match=r"UnsupportedByLocalAws.*attempt first"):
        sqs.receive_message(QueueUrl=url, ReceiveRequestAttemptId="first")
    assert "Messages" not in sqs.receive_message(QueueUrl=url, ReceiveRequestAttemptId="second")


@pytest.mark.proves("queue dead letter kinds")
def test_dead_letters_go_to_a_queue_of_the_same_kind(cloud: Any) -> None:
    sqs = cloud.client("sqs")
    asked = {"QueueUrl": fifo(sqs), "AttributeNames": ["QueueArn"]}
    arn = sqs.get_queue_attributes(**asked)["Attributes"]["QueueArn"]
    url = sqs.create_queue(QueueName=f"checked-{uuid.uuid4().hex[:12]}")["QueueUrl"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})

    with pytest.raises(ClientError, match="InvalidParameterValue"):
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": policy})

    assert "RedrivePolicy" not in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
