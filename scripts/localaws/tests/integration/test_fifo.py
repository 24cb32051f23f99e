"""FIFO queues and filters of event source mappings."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

STACK = """
Resources:
  Ordered:
    Type: AWS::SQS::Queue
    Properties:
      FifoQueue: true
      ContentBasedDeduplication: true
      VisibilityTimeout: 3
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Letters.Arn, maxReceiveCount: 2}
  Letters: {Type: AWS::SQS::Queue, Properties: {FifoQueue: true}}
  Mixed: {Type: AWS::SQS::Queue}
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        import json, time
        def handler(event, context):
            for record in event["Records"]:
                job = json.loads(record["body"])
                group = record["attributes"].get("MessageGroupId")
                receive = record["attributes"]["ApproximateReceiveCount"]
                print(json.dumps({"seen": job["n"], "group": group, "receive": receive}))
                if job.get("fail"):
                    raise ValueError("as asked")
      Events:
        Ordered:
          Type: SQS
          Properties: {Queue: !GetAtt Ordered.Arn, BatchSize: 1, ScalingConfig: {MaximumConcurrency: 4}}
        Mixed:
          Type: SQS
          Properties:
            Queue: !GetAtt Mixed.Arn
            FilterCriteria:
              Filters:
                - Pattern: '{"body": {"kind": ["wanted"], "n": [{"numeric": [">=", 100]}]}}'
                - Pattern: '{"messageAttributes": {"always": {"stringValue": ["yes"]}}}'
Outputs:
  Ordered: {Value: !Ref Ordered}
  OrderedArn: {Value: !GetAtt Ordered.Arn}
  Letters: {Value: !Ref Letters}
  Mixed: {Value: !Ref Mixed}
  Worker: {Value: !Ref Worker}
"""


@pytest.fixture(scope="module")
def stack(deploy: Callable[[str, str], dict[str, str]]) -> dict[str, str]:
    return deploy("fifo", STACK)


def seen(cloud: Any, stack: dict[str, str], wanted: str, count: int) -> list[Any]:
    lines = cloud.logged(f"/aws/lambda/{stack['Worker']}", wanted, count)
    return [json.loads(line) for line in lines]


@pytest.mark.proves(
    "AWS::SQS::Queue.FifoQueue",
    "AWS::SQS::Queue.ContentBasedDeduplication",
    "SQS event.Queue",
    "SQS event.BatchSize",
    "SQS event.ScalingConfig.MaximumConcurrency",
)
def test_each_group_is_processed_in_order_and_duplicates_are_dropped(cloud: Any, stack: dict[str, str]) -> None:
    sqs = cloud.client("sqs")
    for number in range(12):
        body, group = json.dumps({"n": number}), f"group-{number % 3}"
        for _ in range(2):  # sent again within five minutes, as a sender does that got no answer
            sqs.send_message(QueueUrl=stack["Ordered"], MessageBody=body, MessageGroupId=group)
    lines = seen(cloud, stack, '"group": "group-', 12)
    by_group = {
        group: [line["seen"] for line in lines if line["group"] == group] for group in {x["group"] for x in lines}
    }
    assert by_group == {f"group-{index}": list(range(index, 12, 3)) for index in range(3)}


@pytest.mark.proves(
    "AWS::SQS::Queue.RedrivePolicy.deadLetterTargetArn", "AWS::SQS::Queue.RedrivePolicy.maxReceiveCount"
)
def test_a_failing_message_blocks_its_group_until_it_is_dead_lettered(cloud: Any, stack: dict[str, str]) -> None:
    sqs = cloud.client("sqs")
    for body in ({"n": 20, "fail": True}, {"n": 21}):
        sqs.send_message(QueueUrl=stack["Ordered"], MessageBody=json.dumps(body), MessageGroupId="stuck")
    lines = seen(cloud, stack, '"group": "stuck"', 3)
    assert [(line["seen"], line["receive"]) for line in lines] == [(20, "1"), (20, "2"), (21, "1")]
    assert cloud.drain(stack["Letters"], bool) == [{"n": 20, "fail": True}]


@pytest.mark.proves(
    "SQS event.FilterCriteria.Filters.Pattern", "AWS::Lambda::EventSourceMapping.FilterCriteria.Filters.Pattern"
)
def test_messages_that_match_no_filter_are_deleted_without_a_call(cloud: Any, stack: dict[str, str]) -> None:
    sqs = cloud.client("sqs")
    for body in ({"kind": "wanted", "n": 99}, {"kind": "other", "n": 101}, {"kind": "wanted", "n": 102}):
        sqs.send_message(QueueUrl=stack["Mixed"], MessageBody=json.dumps(body))
    always = {"always": {"DataType": "String", "StringValue": "yes"}}
    sqs.send_message(QueueUrl=stack["Mixed"], MessageBody=json.dumps({"n": 103}), MessageAttributes=always)
    assert sorted(line["seen"] for line in seen(cloud, stack, '"group": null', 2)) == [102, 103]
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    left = sqs.get_queue_attributes(QueueUrl=stack["Mixed"], AttributeNames=names)["Attributes"]
    assert set(left.values()) == {"0"}


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"MaximumBatchingWindowInSeconds": 5}, "FIFO"),
        ({"FilterCriteria": {"Filters": [{"Pattern": '{"nothing": ["x"]}'}]}}, "nothing"),
        ({"ScalingConfig": {"MaximumConcurrency": 1001}}, "maximumConcurrency"),
        (
            {"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:123456789012:q"}}},
            "DestinationConfig",
        ),
    ],
)
def test_invalid_and_unsupported_options_of_a_queue_are_refused(
    cloud: Any, stack: dict[str, str], options: dict[str, Any], names: str
) -> None:
    with pytest.raises(ClientError, match=names):
        cloud.client("lambda").create_event_source_mapping(
            EventSourceArn=stack["OrderedArn"], FunctionName=stack["Worker"], **options
        )
