"""Every property of queues, topics, buckets, rules, roles, parameters and log groups."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from localaws_testing.tags import own_tags

STACK = """
Resources:
  Letters: {Type: AWS::SQS::Queue}
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: full-queue
      DelaySeconds: 1
      MaximumMessageSize: 2048
      MessageRetentionPeriod: 600
      ReceiveMessageWaitTimeSeconds: 2
      VisibilityTimeout: 33
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Letters.Arn, maxReceiveCount: 4}
      Tags: [{Key: team, Value: ml}]
  QueuePolicy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Queue]
      PolicyDocument:
        Version: "2012-10-17"
        Statement: [{Sid: full, Effect: Allow, Principal: "*", Action: "sqs:SendMessage", Resource: "*"}]
  Topic:
    Type: AWS::SNS::Topic
    Properties: {TopicName: full-topic, Tags: [{Key: team, Value: ml}]}
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: full-bucket
      VersioningConfiguration: {Status: Enabled}
      NotificationConfiguration: {EventBridgeConfiguration: {EventBridgeEnabled: true}}
      Tags: [{Key: team, Value: ml}]
  BucketPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument: {Version: "2012-10-17", Statement: []}
  Seen: {Type: AWS::SQS::Queue}
  Missed: {Type: AWS::SQS::Queue}
  Rule:
    Type: AWS::Events::Rule
    Properties:
      Name: full-rule
      Description: some rule
      State: ENABLED
      EventPattern: {source: [properties]}
      Tags: [{Key: team, Value: ml}]
      Targets:
        - {Id: whole, Arn: !GetAtt Seen.Arn}
        - {Id: part, Arn: !GetAtt Seen.Arn, InputPath: $.detail.part}
        - {Id: constant, Arn: !GetAtt Seen.Arn, Input: '{"constant": true}'}
        - Id: made
          Arn: !GetAtt Seen.Arn
          InputTransformer: {InputPathsMap: {n: $.detail.n}, InputTemplate: '{"made": <n>}'}
        - Id: lost
          Arn: arn:aws:sqs:us-east-1:123456789012:nobody
          DeadLetterConfig: {Arn: !GetAtt Missed.Arn}
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: full-role
      Path: /team/
      Description: some role
      AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}
      Tags: [{Key: team, Value: ml}]
  Parameter:
    Type: AWS::SSM::Parameter
    Properties: {Name: /full/one, Type: StringList, Value: "a,b", Description: some list, Tags: {team: ml}}
  Group:
    Type: AWS::Logs::LogGroup
    Properties: {LogGroupName: full-group, LogGroupClass: STANDARD, RetentionInDays: 3, Tags: [{Key: team, Value: ml}]}
  Saved:
    Type: AWS::Logs::QueryDefinition
    Properties: {Name: full/query, QueryString: fields a, LogGroupNames: [!Ref Group]}
Outputs:
  QueueArn: {Value: !GetAtt Queue.Arn}
  QueueName: {Value: !GetAtt Queue.QueueName}
  QueueUrl: {Value: !GetAtt Queue.QueueUrl}
  LettersArn: {Value: !GetAtt Letters.Arn}
  TopicArn: {Value: !GetAtt Topic.TopicArn}
  TopicName: {Value: !GetAtt Topic.TopicName}
  BucketArn: {Value: !GetAtt Bucket.Arn}
  Domain: {Value: !GetAtt Bucket.DomainName}
  Regional: {Value: !GetAtt Bucket.RegionalDomainName}
  RuleArn: {Value: !GetAtt Rule.Arn}
  RoleArn: {Value: !GetAtt Role.Arn}
  RoleId: {Value: !GetAtt Role.RoleId}
  Kind: {Value: !GetAtt Parameter.Type}
  Value: {Value: !GetAtt Parameter.Value}
  GroupArn: {Value: !GetAtt Group.Arn}
  Seen: {Value: !Ref Seen}
  Missed: {Value: !Ref Missed}
"""


@pytest.fixture(scope="module")
def stack(deploy: Callable[[str, str], dict[str, str]]) -> dict[str, str]:
    return deploy("services", STACK)


TEAM = [{"Key": "team", "Value": "ml"}]


@pytest.mark.proves(
    "AWS::SQS::Queue",
    "AWS::SQS::Queue.DelaySeconds",
    "AWS::SQS::Queue.MaximumMessageSize",
    "AWS::SQS::Queue.MessageRetentionPeriod",
    "AWS::SQS::Queue.QueueName",
    "AWS::SQS::Queue.ReceiveMessageWaitTimeSeconds",
    "AWS::SQS::Queue.RedrivePolicy.deadLetterTargetArn",
    "AWS::SQS::Queue.RedrivePolicy.maxReceiveCount",
    "AWS::SQS::Queue.Tags",
    "AWS::SQS::Queue.VisibilityTimeout",
    "AWS::SQS::QueuePolicy",
    "AWS::SQS::QueuePolicy.Queues",
    "!GetAtt AWS::SQS::Queue.Arn",
    "!GetAtt AWS::SQS::Queue.QueueName",
    "!GetAtt AWS::SQS::Queue.QueueUrl",
)
def test_a_queue(cloud: Any, stack: dict[str, str]) -> None:
    sqs = cloud.client("sqs")
    found = sqs.get_queue_attributes(QueueUrl=stack["QueueUrl"], AttributeNames=["All"])["Attributes"]
    assert (stack["QueueName"], found["QueueArn"]) == ("full-queue", stack["QueueArn"])
    assert (found["DelaySeconds"], found["MaximumMessageSize"], found["MessageRetentionPeriod"]) == ("1", "2048", "600")
    assert (found["ReceiveMessageWaitTimeSeconds"], found["VisibilityTimeout"]) == ("2", "33")
    assert json.loads(found["RedrivePolicy"]) == {"deadLetterTargetArn": stack["LettersArn"], "maxReceiveCount": 4}
    assert [statement["Sid"] for statement in json.loads(found["Policy"])["Statement"]] == ["full"]
    assert own_tags(sqs.list_queue_tags(QueueUrl=stack["QueueUrl"])["Tags"]) == {"team": "ml"}


@pytest.mark.proves(
    "AWS::SNS::Topic",
    "AWS::SNS::Topic.Tags",
    "AWS::SNS::Topic.TopicName",
    "!GetAtt AWS::SNS::Topic.TopicArn",
    "!GetAtt AWS::SNS::Topic.TopicName",
)
def test_a_topic(cloud: Any, stack: dict[str, str]) -> None:
    sns = cloud.client("sns")
    assert stack["TopicName"] == "full-topic"
    assert stack["TopicArn"] in [topic["TopicArn"] for topic in sns.list_topics()["Topics"]]
    assert own_tags(sns.list_tags_for_resource(ResourceArn=stack["TopicArn"])["Tags"]) == TEAM


@pytest.mark.proves(
    "AWS::S3::Bucket",
    "AWS::S3::Bucket.BucketName",
    "AWS::S3::Bucket.NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled",
    "AWS::S3::Bucket.Tags",
    "AWS::S3::Bucket.VersioningConfiguration.Status",
    "AWS::S3::BucketPolicy",
    "AWS::S3::BucketPolicy.Bucket",
    "!GetAtt AWS::S3::Bucket.Arn",
    "!GetAtt AWS::S3::Bucket.DomainName",
    "!GetAtt AWS::S3::Bucket.RegionalDomainName",
)
def test_a_bucket(cloud: Any, stack: dict[str, str]) -> None:
    s3 = cloud.client("s3")
    assert s3.get_bucket_versioning(Bucket="full-bucket")["Status"] == "Enabled"
    assert "EventBridgeConfiguration" in s3.get_bucket_notification_configuration(Bucket="full-bucket")
    assert s3.get_bucket_tagging(Bucket="full-bucket")["TagSet"] == TEAM
    assert json.loads(s3.get_bucket_policy(Bucket="full-bucket")["Policy"])["Statement"] == []
    assert stack["BucketArn"] == "arn:aws:s3:::full-bucket"
    assert stack["Domain"] == "full-bucket.s3.amazonaws.com"
    assert stack["Regional"] == "full-bucket.s3.us-east-1.amazonaws.com"


@pytest.mark.proves(
    "AWS::Events::Rule",
    "AWS::Events::Rule.Description",
    "AWS::Events::Rule.EventPattern",
    "AWS::Events::Rule.Name",
    "AWS::Events::Rule.State",
    "AWS::Events::Rule.Tags",
    "AWS::Events::Rule.Targets.Arn",
    "AWS::Events::Rule.Targets.DeadLetterConfig",
    "AWS::Events::Rule.Targets.Id",
    "AWS::Events::Rule.Targets.Input",
    "AWS::Events::Rule.Targets.InputPath",
    "AWS::Events::Rule.Targets.InputTransformer",
    "!GetAtt AWS::Events::Rule.Arn",
)
def test_a_rule(cloud: Any, stack: dict[str, str]) -> None:
    events = cloud.client("events")
    rule = events.describe_rule(Name="full-rule")
    assert (rule["Arn"], rule["Description"], rule["State"]) == (stack["RuleArn"], "some rule", "ENABLED")
    assert own_tags(events.list_tags_for_resource(ResourceARN=stack["RuleArn"])["Tags"]) == TEAM
    detail = {"n": 5, "part": {"inner": 1}}
    events.put_events(Entries=[{"Source": "properties", "DetailType": "d", "Detail": json.dumps(detail)}])
    seen = cloud.drain(stack["Seen"], lambda bodies: len(bodies) == 4)
    whole = next(body for body in seen if "detail" in body)
    assert whole["detail"] == detail
    others = [body for body in seen if body is not whole]
    assert sorted(map(json.dumps, others)) == ['{"constant": true}', '{"inner": 1}', '{"made": 5}']
    (missed,) = cloud.drain(stack["Missed"], bool)
    assert missed["detail"] == detail


@pytest.mark.proves(
    "AWS::IAM::Role",
    "AWS::IAM::Role.Description",
    "AWS::IAM::Role.Path",
    "AWS::IAM::Role.RoleName",
    "AWS::IAM::Role.Tags",
    "!GetAtt AWS::IAM::Role.Arn",
    "!GetAtt AWS::IAM::Role.RoleId",
)
def test_a_role(cloud: Any, stack: dict[str, str]) -> None:
    role = cloud.client("iam").get_role(RoleName="full-role")["Role"]
    assert (role["Path"], role["Description"], role["Tags"]) == ("/team/", "some role", TEAM)
    assert (role["Arn"], role["RoleId"]) == (stack["RoleArn"], stack["RoleId"])


@pytest.mark.proves(
    "AWS::SSM::Parameter",
    "AWS::SSM::Parameter.Description",
    "AWS::SSM::Parameter.Name",
    "AWS::SSM::Parameter.Tags",
    "AWS::SSM::Parameter.Type",
    "AWS::SSM::Parameter.Value",
    "!GetAtt AWS::SSM::Parameter.Type",
    "!GetAtt AWS::SSM::Parameter.Value",
)
def test_a_parameter(cloud: Any, stack: dict[str, str]) -> None:
    ssm = cloud.client("ssm")
    found = ssm.get_parameter(Name="/full/one")["Parameter"]
    assert (found["Type"], found["Value"]) == (stack["Kind"], stack["Value"]) == ("StringList", "a,b")
    (described,) = ssm.describe_parameters(Filters=[{"Key": "Name", "Values": ["/full/one"]}])["Parameters"]
    assert described["Description"] == "some list"
    assert own_tags(ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId="/full/one")["TagList"]) == TEAM


@pytest.mark.proves(
    "AWS::Logs::LogGroup.LogGroupClass",
    "AWS::Logs::LogGroup.RetentionInDays",
    "AWS::Logs::LogGroup.Tags",
    "!GetAtt AWS::Logs::LogGroup.Arn",
    "AWS::Logs::QueryDefinition",
    "AWS::Logs::QueryDefinition.LogGroupNames",
    "AWS::Logs::QueryDefinition.Name",
    "AWS::Logs::QueryDefinition.QueryString",
)
def test_a_log_group_and_a_saved_query(cloud: Any, stack: dict[str, str]) -> None:
    logs = cloud.client("logs")
    (group,) = logs.describe_log_groups(logGroupNamePrefix="full-group")["logGroups"]
    assert (group["retentionInDays"], group.get("logGroupClass", "STANDARD")) == (3, "STANDARD")
    assert stack["GroupArn"] == "arn:aws:logs:us-east-1:123456789012:log-group:full-group:*"
    assert own_tags(logs.list_tags_log_group(logGroupName="full-group")["tags"]) == {"team": "ml"}
    (saved,) = logs.describe_query_definitions(queryDefinitionNamePrefix="full/")["queryDefinitions"]
    assert (saved["name"], saved["queryString"], saved["logGroupNames"]) == ("full/query", "fields a", ["full-group"])
