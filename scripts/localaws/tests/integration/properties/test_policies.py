"""Policies, and further properties of topics and queues."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

STACK = """
Resources:
  Role: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}}}
  Managed:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      ManagedPolicyName: full-managed
      Path: /team/
      Description: some policy
      PolicyDocument: {Statement: [{Effect: Allow, Action: "s3:*", Resource: "*"}]}
  Inline:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: full-inline
      Roles: [!Ref Role]
      PolicyDocument: {Statement: [{Effect: Allow, Action: "sqs:*", Resource: "*"}]}
  Letters: {Type: AWS::SQS::Queue, Properties: {QueueName: letters.fifo, FifoQueue: true}}
  Ordered:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: ordered.fifo
      FifoQueue: true
      DeduplicationScope: queue
      FifoThroughputLimit: perQueue
  Told: {Type: AWS::SQS::Queue}
  Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: Display}}
  TopicPolicy:
    Type: AWS::SNS::TopicPolicy
    Properties:
      Topics: [!Ref Topic]
      PolicyDocument:
        Version: "2012-10-17"
        Statement: [{Sid: full, Effect: Allow, Principal: "*", Action: "sns:Publish", Resource: "*"}]
  Subscription:
    Type: AWS::SNS::Subscription
    Properties:
      TopicArn: !Ref Topic
      Protocol: sqs
      Endpoint: !GetAtt Told.Arn
      RawMessageDelivery: true
      FilterPolicy: {kind: [wanted]}
      FilterPolicyScope: MessageBody
Outputs:
  Role: {Value: !Ref Role}
  Managed: {Value: !GetAtt Managed.PolicyArn}
  Ordered: {Value: !Ref Ordered}
  Topic: {Value: !Ref Topic}
  Told: {Value: !Ref Told}
  Subscription: {Value: !GetAtt Subscription.Arn}
"""


@pytest.fixture(scope="module")
def stack(deploy: Callable[[str, str], dict[str, str]]) -> dict[str, str]:
    return deploy("policies", STACK)


@pytest.mark.proves(
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::ManagedPolicy.Description",
    "AWS::IAM::ManagedPolicy.ManagedPolicyName",
    "AWS::IAM::ManagedPolicy.Path",
    "!GetAtt AWS::IAM::ManagedPolicy.PolicyArn",
    "AWS::IAM::Policy",
    "AWS::IAM::Policy.PolicyName",
    "AWS::IAM::Policy.Roles",
)
def test_policies(cloud: Any, stack: dict[str, str]) -> None:
    iam = cloud.client("iam")
    policy = iam.get_policy(PolicyArn=stack["Managed"])["Policy"]
    assert (policy["PolicyName"], policy["Path"], policy["Description"]) == ("full-managed", "/team/", "some policy")
    assert iam.list_role_policies(RoleName=stack["Role"])["PolicyNames"] == ["full-inline"]


@pytest.mark.proves("AWS::SQS::Queue.DeduplicationScope", "AWS::SQS::Queue.FifoThroughputLimit")
def test_an_ordered_queue(cloud: Any, stack: dict[str, str]) -> None:
    found = cloud.client("sqs").get_queue_attributes(QueueUrl=stack["Ordered"], AttributeNames=["All"])["Attributes"]
    assert (found["FifoQueue"], found["DeduplicationScope"], found["FifoThroughputLimit"]) == (
        "true",
        "queue",
        "perQueue",
    )


@pytest.mark.proves(
    "AWS::SNS::Topic.DisplayName",
    "AWS::SNS::TopicPolicy",
    "AWS::SNS::TopicPolicy.Topics",
    "AWS::SNS::Subscription.FilterPolicyScope",
    "!GetAtt AWS::SNS::Subscription.Arn",
)
def test_a_topic_its_policy_and_a_subscription_that_reads_bodies(cloud: Any, stack: dict[str, str]) -> None:
    sns = cloud.client("sns")
    found = sns.get_topic_attributes(TopicArn=stack["Topic"])["Attributes"]
    assert found["DisplayName"] == "Display"
    assert [statement["Sid"] for statement in json.loads(found["Policy"])["Statement"]] == ["full"]
    listed = sns.list_subscriptions_by_topic(TopicArn=stack["Topic"])["Subscriptions"]
    assert [each["SubscriptionArn"] for each in listed] == [stack["Subscription"]]
    for kind in ("other", "wanted"):
        sns.publish(TopicArn=stack["Topic"], Message=json.dumps({"kind": kind}))
    assert cloud.drain(stack["Told"], bool) == [{"kind": "wanted"}]
