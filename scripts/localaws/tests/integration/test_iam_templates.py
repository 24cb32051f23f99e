"""Roles and policies of a template are those that calls and deliveries are looked at by."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from localaws.cloud import LocalCloud
from localaws.commands.remote import call as ask
from localaws.settings import Settings
from localaws_testing.ports import free_port
from localaws_testing.waiting import wait_until

ACCOUNT = "123456789012"
STACK = """
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: kept}}
  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: read}}
  Inbox: {Type: AWS::SQS::Queue, Properties: {QueueName: mail}}
  InboxPolicy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Inbox]
      PolicyDocument:
        Version: "2012-10-17"
        Statement: {Effect: Allow, Principal: {Service: sns.amazonaws.com}, Action: "sqs:SendMessage", Resource: "*",
                    Condition: {ArnEquals: {aws:SourceArn: !Ref Topic}}}
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      TopicName: spoken
      Subscription: [{Protocol: sqs, Endpoint: !GetAtt Inbox.Arn}]
  TopicPolicy:
    Type: AWS::SNS::TopicPolicy
    Properties:
      Topics: [!Ref Topic]
      PolicyDocument:
        Version: "2012-10-17"
        Statement: {Effect: Allow, Principal: {AWS: !GetAtt WorkRole.Arn}, Action: "sns:Publish", Resource: !Ref Topic}
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: "2012-10-17"
        Statement: {Effect: Allow, Principal: {AWS: !GetAtt WorkRole.Arn}, Action: "kms:Encrypt", Resource: "*"}
  Limit:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      ManagedPolicyName: limit
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, NotAction: "s3:DeleteObject", Resource: "*"}
  Shared:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      ManagedPolicyName: shared
      Roles: [!Ref WorkRole]
      PolicyDocument:
        Version: "2012-10-17"
        Statement: {Effect: Allow, Action: "s3:*", Resource: "arn:aws:s3:::kept/shared/*"}
  Added:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: added
      Roles: [!Ref WorkRole]
      PolicyDocument: {Statement: {Effect: Allow, Action: "s3:PutObject", Resource: "arn:aws:s3:::kept/added/*"}}
  WorkRole:
    Type: AWS::IAM::Role
    Properties:
      RoleName: work
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}
      ManagedPolicyArns:
        - arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole
        - arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess
      PermissionsBoundary: !Ref Limit
      Policies:
        - PolicyName: own
          PolicyDocument:
            Version: "2012-10-17"
            Statement: {Effect: Allow, Action: ["s3:PutObject", "s3:DeleteObject"], Resource: "arn:aws:s3:::kept/own/*"}
  Work:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: work
      Role: !GetAtt WorkRole.Arn
      Runtime: python3.13
      Handler: index.handler
      Timeout: 30
      InlineCode: |
        import boto3, botocore.exceptions
        def handler(event, context):
            try:
                getattr(boto3.client(event["service"]), event["operation"])(**event["parameters"])
            except botocore.exceptions.ClientError as error:
                return error.response["Error"]["Code"]
            return "done"
  Bounded:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: bounded
      Runtime: python3.13
      Handler: index.handler
      Timeout: 30
      InlineCode: |
        import boto3, botocore.exceptions
        def handler(event, context):
            try:
                getattr(boto3.client(event["service"]), event["operation"])(**event["parameters"])
            except botocore.exceptions.ClientError as error:
                return error.response["Error"]["Code"]
            return "done"
      PermissionsBoundary: !Ref Limit
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: {Effect: Allow, Principal: {Service: [lambda.amazonaws.com, scheduler.amazonaws.com]},
                    Action: "sts:AssumeRole"}
      Policies:
        - S3CrudPolicy: {BucketName: !Ref Bucket}
        - AmazonSQSReadOnlyAccess
      Events:
        Often: {Type: ScheduleV2, Properties: {ScheduleExpression: "rate(1 hour)", PermissionsBoundary: !Ref Limit}}
        Own: {Type: ScheduleV2, Properties: {ScheduleExpression: "rate(1 hour)", RoleArn: !GetAtt Caller.Arn}}
  Linked:
    Type: AWS::Serverless::Function
    Connectors:
      Queue: {Properties: {Destination: {Id: Queue}, Permissions: [Write]}}
    Properties:
      FunctionName: linked
      Runtime: python3.13
      Handler: index.handler
      Timeout: 30
      InlineCode: |
        import boto3, botocore.exceptions
        def handler(event, context):
            try:
                getattr(boto3.client(event["service"]), event["operation"])(**event["parameters"])
            except botocore.exceptions.ClientError as error:
                return error.response["Error"]["Code"]
            return "done"
  Link:
    Type: AWS::Serverless::Connector
    Properties: {Source: {Id: Linked}, Destination: {Id: Bucket}, Permissions: [Read]}
  Caller:
    Type: AWS::IAM::Role
    Properties:
      RoleName: caller
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
        - Effect: Allow
          Action: sts:AssumeRole
          Principal: {Service: [scheduler.amazonaws.com, events.amazonaws.com, logs.amazonaws.com]}
        - Effect: Allow
          Action: sts:AssumeRole
          Principal: {Service: firehose.amazonaws.com}
          Condition: {StringEquals: {sts:ExternalId: !Ref AWS::AccountId}}
  Bus: {Type: AWS::Events::EventBus, Properties: {Name: branch}}
  Forward:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [here]}
      Targets: [{Id: bus, Arn: !GetAtt Bus.Arn, RoleArn: !GetAtt Caller.Arn}]
  Lines: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: lines}}
  Stream:
    Type: AWS::KinesisFirehose::DeliveryStream
    Properties:
      DeliveryStreamName: lines
      ExtendedS3DestinationConfiguration:
        BucketARN: !GetAtt Bucket.Arn
        RoleARN: !GetAtt Caller.Arn
        Prefix: delivered/
        BufferingHints: {IntervalInSeconds: 60}
  Subscription:
    Type: AWS::Logs::SubscriptionFilter
    Properties:
      LogGroupName: !Ref Lines
      FilterPattern: ""
      DestinationArn: !GetAtt Stream.Arn
      RoleArn: !GetAtt Caller.Arn
  Permission:
    Type: AWS::Lambda::Permission
    Properties:
      FunctionName: !Ref Work
      Action: lambda:InvokeFunction
      Principal: events.amazonaws.com
      SourceArn: !GetAtt Bell.Arn
      SourceAccount: !Ref AWS::AccountId
  Bell:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [bell]}
      Targets: [{Id: work, Arn: !GetAtt Work.Arn}]
  Knock:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [knock]}
      Targets: [{Id: work, Arn: !GetAtt Work.Arn}]
Outputs:
  KeyId: {Value: !Ref Key}
"""


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    folder = tmp_path_factory.mktemp("roles")
    (folder / "template.yaml").write_text(STACK)
    settings = Settings(state=folder / "state", port=free_port(), http_port=free_port(), iam="enforce")
    with LocalCloud(settings, folder / "template.yaml", lambda _: None) as running:
        yield running


def call(cloud: LocalCloud, function: str, service: str, operation: str, **parameters: Any) -> str:
    event = json.dumps({"service": service, "operation": operation, "parameters": parameters})
    answer = cloud.clients("lambda").invoke(FunctionName=function, Payload=event)["Payload"].read()
    found: str = json.loads(answer)
    return found


def denied(cloud: LocalCloud) -> str:
    """All that was denied so far."""
    return "\n".join(ask(cloud._settings.port, "iam", {})["missing"])


@pytest.mark.proves(
    "AWS::IAM::Role.Policies.PolicyDocument",
    "AWS::IAM::Role.Policies.PolicyName",
    "AWS::IAM::Role.PermissionsBoundary",
    "AWS::IAM::Role.ManagedPolicyArns",
    "AWS::IAM::Policy.PolicyDocument",
    "AWS::IAM::ManagedPolicy.PolicyDocument",
    "AWS::IAM::ManagedPolicy.Roles",
)
def test_a_role_has_the_policies_of_the_template(cloud: LocalCloud) -> None:
    def put(key: str) -> str:
        return call(cloud, "work", "s3", "put_object", Bucket="kept", Key=key)

    assert [put(f"{folder}/1") for folder in ("own", "shared", "added")] == ["done"] * 3
    assert put("else/1") == "AccessDenied"
    # Its own policy allows that, and the boundary doesn't.
    assert call(cloud, "work", "s3", "delete_object", Bucket="kept", Key="own/1") == "AccessDenied"
    # AWS's own managed policies are known.
    assert call(cloud, "work", "sqs", "list_queues") == "done"
    url = cloud.clients("sqs").get_queue_url(QueueName="read")["QueueUrl"]
    assert call(cloud, "work", "sqs", "send_message", QueueUrl=url, MessageBody="1") == "AccessDenied"
    names = cloud.clients("iam").list_role_policies(RoleName="work")["PolicyNames"]
    assert set(names) == {"own", "added"}


@pytest.mark.proves("AWS::Serverless::Function.PermissionsBoundary", "AWS::Serverless::Function.Policies")
def test_a_function_has_the_policies_of_the_template(cloud: LocalCloud) -> None:
    assert call(cloud, "bounded", "s3", "put_object", Bucket="kept", Key="1") == "done"
    assert call(cloud, "bounded", "s3", "delete_object", Bucket="kept", Key="1") == "AccessDenied"
    assert call(cloud, "bounded", "sqs", "list_queues") == "done"
    assert call(cloud, "bounded", "sns", "list_topics") == "AuthorizationError"


@pytest.mark.proves(
    "AWS::Serverless::Connector.Destination",
    "AWS::Serverless::Connector.Permissions",
    "AWS::Serverless::Connector.Source",
    "AWS::Serverless::Connector",
    "resource Connectors",
)
def test_a_connector_gives_what_it_names(cloud: LocalCloud) -> None:
    cloud.clients("s3").put_object(Bucket="kept", Key="linked")
    url = cloud.clients("sqs").get_queue_url(QueueName="read")["QueueUrl"]
    assert call(cloud, "linked", "s3", "get_object", Bucket="kept", Key="linked") == "done"
    assert call(cloud, "linked", "s3", "put_object", Bucket="kept", Key="linked") == "AccessDenied"
    assert call(cloud, "linked", "sqs", "send_message", QueueUrl=url, MessageBody="1") == "done"
    assert call(cloud, "linked", "sqs", "receive_message", QueueUrl=url) == "AccessDenied"


@pytest.mark.proves(
    "AWS::SNS::TopicPolicy.PolicyDocument", "AWS::SQS::QueuePolicy.PolicyDocument", "AWS::KMS::Key.KeyPolicy"
)
def test_topics_queues_and_keys_have_their_policies(cloud: LocalCloud) -> None:
    topic = f"arn:aws:sns:us-east-1:{ACCOUNT}:spoken"
    assert call(cloud, "bounded", "sns", "publish", TopicArn=topic, Message="1") == "AuthorizationError"
    assert call(cloud, "work", "sns", "publish", TopicArn=topic, Message="2") == "done"
    url = cloud.clients("sqs").get_queue_url(QueueName="mail")["QueueUrl"]
    (message,) = cloud.clients("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
    assert json.loads(message["Body"])["Message"] == "2"
    key = cloud.outputs["KeyId"]
    assert call(cloud, "work", "kms", "encrypt", KeyId=key, Plaintext="1") == "done"
    assert call(cloud, "work", "kms", "describe_key", KeyId=key) == "AccessDeniedException"


@pytest.mark.proves("AWS::S3::BucketPolicy.PolicyDocument")
def test_a_bucket_has_the_policy_that_it_has_now(cloud: LocalCloud) -> None:
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::kept/own/*"}
    s3 = cloud.clients("s3")
    s3.put_bucket_policy(Bucket="kept", Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]}))
    assert call(cloud, "work", "s3", "put_object", Bucket="kept", Key="own/1") == "AccessDenied"
    s3.delete_bucket_policy(Bucket="kept")
    assert call(cloud, "work", "s3", "put_object", Bucket="kept", Key="own/1") == "done"


@pytest.mark.proves(
    "AWS::Lambda::Permission.Action",
    "AWS::Lambda::Permission.Principal",
    "AWS::Lambda::Permission.SourceAccount",
    "AWS::Lambda::Permission.SourceArn",
)
def test_a_rule_calls_a_function_by_its_permission(cloud: LocalCloud) -> None:
    events = cloud.clients("events")
    for source in ("bell", "knock"):
        events.put_events(Entries=[{"Source": source, "DetailType": "x", "Detail": "{}"}])
    line = "events.amazonaws.com may not lambda:InvokeFunction on arn:aws:lambda:us-east-1:123456789012:function:work"
    assert wait_until(lambda: line in denied(cloud))

    def calls() -> int:
        found = cloud.clients("logs").filter_log_events(logGroupName="/aws/lambda/work", filterPattern="KeyError")
        return len(found["events"])

    assert wait_until(lambda: calls() > 0)


@pytest.mark.proves(
    "ScheduleV2 event.PermissionsBoundary",
    "ScheduleV2 event.RoleArn",
    "AWS::Scheduler::Schedule.Target.RoleArn",
    "AWS::IAM::Role.AssumeRolePolicyDocument",
    "AWS::Serverless::Function.AssumeRolePolicyDocument",
    "AWS::Events::Rule.Targets.RoleArn",
    "AWS::Logs::SubscriptionFilter.RoleArn",
    "AWS::KinesisFirehose::DeliveryStream.ExtendedS3DestinationConfiguration.RoleARN",
)
def test_services_act_by_the_roles_that_they_are_given(cloud: LocalCloud) -> None:
    iam, logs, port = cloud.clients("iam"), cloud.clients("logs"), cloud._settings.port
    trusted = iam.get_role(RoleName=role_of(cloud, "bounded"))["Role"]["AssumeRolePolicyDocument"]
    assert "scheduler.amazonaws.com" in json.dumps(trusted)
    bus = f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/branch"
    stream = f"arn:aws:firehose:us-east-1:{ACCOUNT}:deliverystream/lines"
    function = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:bounded"
    caller = f"arn:aws:sts::{ACCOUNT}:assumed-role/caller"
    expected = [
        f"{caller}/scheduler may not lambda:InvokeFunction on {function}",
        f"{caller}/events may not events:PutEvents on {bus}",
        f"{caller}/logs may not firehose:PutRecord on {stream}",
    ]

    def happen() -> None:
        cloud.clients("events").put_events(Entries=[{"Source": "here", "DetailType": "x", "Detail": "{}"}])
        logs.put_log_events(
            logGroupName="lines", logStreamName="s", logEvents=[{"timestamp": stamp(), "message": "a line"}]
        )
        ask(port, "tick", {"duration": "1h"})

    logs.create_log_stream(logGroupName="lines", logStreamName="s")
    happen()
    assert wait_until(lambda: all(line in denied(cloud) for line in expected))
    assert "Often" not in denied(cloud)
    grant(cloud, "firehose:PutRecord", stream)
    happen()
    assert wait_until(lambda: f"{caller}/firehose may not s3:PutObject" in denied(cloud))
    before = denied(cloud)
    grant(cloud, "s3:PutObject", "arn:aws:s3:::kept/delivered/*")
    grant(cloud, "events:PutEvents", bus)
    grant(cloud, "lambda:InvokeFunction", function)
    happen()
    listed = cloud.clients("s3").list_objects_v2(Bucket="kept", Prefix="delivered/")
    assert listed["KeyCount"] >= 1
    assert denied(cloud) == before


def role_of(cloud: LocalCloud, function: str) -> str:
    role: str = cloud.clients("lambda").get_function(FunctionName=function)["Configuration"]["Role"]
    return role.rpartition("/")[2]


def grant(cloud: LocalCloud, action: str, resource: str) -> None:
    document = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": action, "Resource": resource}}
    cloud.clients("iam").put_role_policy(
        RoleName="caller", PolicyName=action.replace(":", "-"), PolicyDocument=json.dumps(document)
    )


def stamp() -> int:
    return int(time.time() * 1000)
