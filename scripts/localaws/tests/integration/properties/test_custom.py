"""Custom resources, which a function of the template makes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

STACK = """
Resources:
  Seen: {Type: AWS::SQS::Queue}
  Maker:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Environment: {Variables: {SEEN: !Ref Seen}}
      InlineCode: |
        import boto3, cfnresponse, json, os
        def handler(event, context):
            boto3.client("sqs").send_message(QueueUrl=os.environ["SEEN"], MessageBody=json.dumps(event))
            asked = event["ResourceProperties"]
            if asked["Say"] == "nothing":
                raise ValueError("no answer")
            status = cfnresponse.FAILED if asked["Say"] == "failure" else cfnresponse.SUCCESS
            data, made = {"Said": asked["Say"], "Count": 3}, "made-" + asked["Name"]
            cfnresponse.send(event, context, status, data, made, reason="why not")
  Thing:
    Type: Custom::Thing
    Properties: {ServiceToken: !GetAtt Maker.Arn, Name: one, Say: hello, Number: 7, Flags: [true]}
  Plain:
    Type: AWS::CloudFormation::CustomResource
    Properties: {ServiceToken: !GetAtt Maker.Arn, Name: plain, Say: !GetAtt Thing.Said}
Outputs:
  Thing: {Value: !Ref Thing}
  Plain: {Value: !Ref Plain}
  Count: {Value: !GetAtt Plain.Count}
  Seen: {Value: !Ref Seen}
"""


def asked(cloud: Any, queue: str) -> list[dict[str, Any]]:
    """The events that the function received since the last call."""
    found = cloud.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
    messages = found.get("Messages", [])
    for message in messages:
        cloud.client("sqs").delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"]) for message in messages]


def update(cloud: Any, old: str, new: str) -> str:
    """Deploy the template with a change; returns the reasons in its events."""
    client = cloud.client("cloudformation")
    before = len(client.describe_stack_events(StackName="custom")["StackEvents"])
    text = "Transform: AWS::Serverless-2016-10-31\n" + STACK.replace(old, new)
    client.update_stack(StackName="custom", TemplateBody=text)
    events = client.describe_stack_events(StackName="custom")["StackEvents"]
    return " ".join(event.get("ResourceStatusReason", "") for event in events[: len(events) - before])


@pytest.mark.proves(
    "AWS::CloudFormation::CustomResource",
    "AWS::CloudFormation::CustomResource.ServiceToken",
)
def test_a_function_creates_updates_replaces_and_deletes_a_custom_resource(
    cloud: Any, deploy: Callable[[str, str], dict[str, str]]
) -> None:
    outputs = deploy("custom", STACK)
    assert (outputs["Thing"], outputs["Plain"], outputs["Count"]) == ("made-one", "made-plain", "3")
    first, second = asked(cloud, outputs["Seen"])
    assert (first["RequestType"], first["ResourceType"]) == ("Create", "Custom::Thing")
    assert first["ResourceProperties"]["Number"] == "7" and first["ResourceProperties"]["Flags"] == ["true"]
    assert second["ResourceProperties"]["Say"] == "hello"

    update(cloud, "Name: one, Say: hello", "Name: two, Say: hello")
    changed, deleted = asked(cloud, outputs["Seen"])
    assert (changed["RequestType"], changed["OldResourceProperties"]["Name"]) == ("Update", "one")
    assert (deleted["RequestType"], deleted["PhysicalResourceId"]) == ("Delete", "made-one")

    assert "Received response status [FAILED] from custom resource. why not" in update(
        cloud, "Say: hello", "Say: failure"
    )
    assert "ended without a response to ResponseURL" in update(cloud, "Say: hello", "Say: nothing")
