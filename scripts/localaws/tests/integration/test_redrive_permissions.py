"""Which queues may use a queue as their dead-letter queue, through AWS clients."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from localaws_testing.refusals import refused

INVALID = "InvalidParameterValue"


@pytest.fixture
def sqs(cloud: Any) -> Any:
    return cloud.client("sqs")


@pytest.fixture
def create(sqs: Any) -> Callable[..., tuple[str, str]]:
    """Makes a queue with these attributes; returns its URL and its ARN."""

    def make(**attributes: Any) -> tuple[str, str]:
        texts = {name: json.dumps(value) for name, value in attributes.items()}
        url = sqs.create_queue(QueueName=f"permitted-{uuid.uuid4().hex[:12]}", Attributes=texts)["QueueUrl"]
        asked = {"QueueUrl": url, "AttributeNames": ["QueueArn"]}
        return url, sqs.get_queue_attributes(**asked)["Attributes"]["QueueArn"]

    return make


def redrive(arn: str) -> dict[str, Any]:
    return {"deadLetterTargetArn": arn, "maxReceiveCount": 1}


@pytest.mark.proves("queue redrive permissions")
def test_a_queue_that_denies_it_gets_no_dead_letters(sqs: Any, create: Callable[..., tuple[str, str]]) -> None:
    url, letters = create(RedriveAllowPolicy={"redrivePermission": "denyAll"})
    source, _ = create()
    policy = json.dumps(redrive(letters))
    given = {"QueueUrl": source, "Attributes": {"RedrivePolicy": policy}}

    name = f"denied-{uuid.uuid4().hex[:12]}"
    assert refused(sqs.create_queue, QueueName=name, Attributes={"RedrivePolicy": policy}) == INVALID
    assert refused(sqs.set_queue_attributes, **given) == INVALID
    assert "RedrivePolicy" not in sqs.get_queue_attributes(QueueUrl=source, AttributeNames=["All"])["Attributes"]

    allowed = {"RedriveAllowPolicy": json.dumps({"redrivePermission": "allowAll"})}
    sqs.set_queue_attributes(QueueUrl=url, Attributes=allowed)
    sqs.set_queue_attributes(**given)
    assert sqs.list_dead_letter_source_queues(QueueUrl=url)["queueUrls"] == [source]


@pytest.mark.proves("queue redrive permissions")
def test_a_queue_gets_dead_letters_of_the_queues_that_it_names(
    sqs: Any, create: Callable[..., tuple[str, str]]
) -> None:
    (source, arn), (other, _) = create(), create()
    policy = {"redrivePermission": "byQueue", "sourceQueueArns": [arn]}
    url, letters = create(RedriveAllowPolicy=policy)
    given = {"Attributes": {"RedrivePolicy": json.dumps(redrive(letters))}}

    sqs.set_queue_attributes(QueueUrl=source, **given)
    assert refused(sqs.set_queue_attributes, QueueUrl=other, **given) == INVALID
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedriveAllowPolicy"])["Attributes"]
    assert json.loads(found["RedriveAllowPolicy"]) == policy


@pytest.mark.proves("queue redrive permissions")
@pytest.mark.parametrize(
    "policy",
    [
        "x",
        "[]",
        '{"redrivePermission": "some"}',
        '{"redrivePermission": "byQueue"}',
        json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [str(number) for number in range(11)]}),
        '{"redrivePermission": "allowAll", "sourceQueueArns": ["a"]}',
    ],
    ids=["text", "list", "unknown", "nobody", "many", "superfluous"],
)
def test_a_policy_that_isnt_one_is_refused(sqs: Any, policy: str) -> None:
    name = f"refused-{uuid.uuid4().hex[:12]}"
    assert refused(sqs.create_queue, QueueName=name, Attributes={"RedriveAllowPolicy": policy}) == INVALID


@pytest.mark.proves("queue redrive permissions")
@pytest.mark.parametrize("key", [{}, {"KmsMasterKeyId": "alias/aws/sqs"}], ids=["plain", "key"])
def test_a_queue_without_a_policy_returns_none(sqs: Any, key: dict[str, str]) -> None:
    url = sqs.create_queue(QueueName=f"open-{uuid.uuid4().hex[:12]}", Attributes=key)["QueueUrl"]

    for names in (["All"], ["RedriveAllowPolicy"]):
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names).get("Attributes", {})
        assert "RedriveAllowPolicy" not in found


STACK = """
Resources:
  Letters:
    Type: AWS::SQS::Queue
    Properties:
      RedriveAllowPolicy:
        redrivePermission: byQueue
        sourceQueueArns: [!Sub "arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:permitted-source"]
  Source:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: permitted-source
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Letters.Arn, maxReceiveCount: 1}
Outputs:
  Letters: {Value: !Ref Letters}
  Arn: {Value: !GetAtt Letters.Arn}
  Source: {Value: !Ref Source}
"""


@pytest.mark.proves(
    "AWS::SQS::Queue.RedriveAllowPolicy.redrivePermission", "AWS::SQS::Queue.RedriveAllowPolicy.sourceQueueArns"
)
def test_a_template_says_which_queues_may(
    sqs: Any, deploy: Callable[[str, str], dict[str, str]], create: Callable[..., tuple[str, str]]
) -> None:
    outputs = deploy("redrive-permissions", STACK)

    assert sqs.list_dead_letter_source_queues(QueueUrl=outputs["Letters"])["queueUrls"] == [outputs["Source"]]
    policy = {"RedrivePolicy": json.dumps(redrive(outputs["Arn"]))}
    assert refused(sqs.set_queue_attributes, QueueUrl=create()[0], Attributes=policy) == INVALID
