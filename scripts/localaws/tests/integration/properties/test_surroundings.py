"""What surrounds functions on AWS: connectors, steps of a deployment, a bucket's callers in browsers, other logs."""

from __future__ import annotations

import base64
import gzip
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from localaws_testing.waiting import wait_until

STACK = """
Parameters:
  Subnets: {Type: "List<AWS::EC2::Subnet::Id>", Default: "subnet-1, subnet-2"}
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      CorsConfiguration:
        CorsRules:
          - Id: uploads
            AllowedOrigins: ["https://a.example"]
            AllowedMethods: [PUT]
            AllowedHeaders: [content-type]
            ExposedHeaders: [ETag]
            MaxAge: "60"
  Topic: {Type: AWS::SNS::Topic}
  Queue: {Type: AWS::SQS::Queue}
  Told:
    Type: AWS::Serverless::Connector
    Properties: {Source: {Id: Topic}, Destination: {Id: Queue}, Permissions: [Write]}
  Layer:
    Type: AWS::Lambda::LayerVersionPermission
    Properties: {LayerVersionArn: any, Action: lambda:GetLayerVersion, Principal: "*"}
  BusPolicy: {Type: AWS::Events::EventBusPolicy, Properties: {StatementId: all, Statement: {}}}
  LogPolicy: {Type: AWS::Logs::ResourcePolicy, Properties: {PolicyName: all, PolicyDocument: "{}"}}
  Ruled:
    Type: AWS::Serverless::Function
    Description: error of a resource
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: "def handler(event, context): return None"
      Events:
        New:
          Type: EventBridgeRule
          Properties:
            RuleName: surroundings-new
            Enabled: false
            Pattern: {source: [s]}
            DeadLetterConfig: {Type: SQS, QueueLogicalId: NewLetters}
        Old:
          Type: CloudWatchEvent
          Properties:
            RuleName: surroundings-old
            Pattern: {source: [s]}
            InputTransformer: {InputPathsMap: {a: $.detail.a}, InputTemplate: '{"a": <a>}'}
            Target: {Id: chosen}
            DeadLetterConfig: {Type: SQS, QueueLogicalId: OldLetters}
        Given:
          Type: CloudWatchEvent
          Properties: {RuleName: surroundings-given, Pattern: {source: [s]}, DeadLetterConfig: {Arn: !GetAtt Queue.Arn}}
        Daily:
          Type: Schedule
          Properties:
            Name: surroundings-daily
            Schedule: rate(1 day)
            DeadLetterConfig: {Type: SQS, QueueLogicalId: DailyLetters}
        Zoned:
          Type: ScheduleV2
          Properties:
            Name: surroundings-zoned
            ScheduleExpression: rate(1 day)
            DeadLetterConfig: {Type: SQS, QueueLogicalId: ZonedLetters}
  Watched: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /tests/watched}}
  Watcher:
    Type: AWS::Serverless::Function
    Connectors:
      ToQueue: {Properties: {Destination: {Id: Queue}, Permissions: [Write]}}
    Properties:
      Runtime: python3.13
      Handler: index.handler
      VpcConfig: {SubnetIds: !Ref Subnets, SecurityGroupIds: [sg-1]}
      AutoPublishAlias: live
      DeploymentPreference: {Enabled: true, Type: AllAtOnce, PassthroughCondition: false}
      InlineCode: |
        import boto3, os
        def handler(event, context):
            boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody=event["awslogs"]["data"])
      Environment: {Variables: {QUEUE: !Ref Queue}}
      Events:
        Errors: {Type: CloudWatchLogs, Properties: {LogGroupName: !Ref Watched, FilterPattern: ERROR}}
Outputs:
  Bucket: {Value: !Ref Bucket}
  Queue: {Value: !Ref Queue}
  Alias: {Value: !Ref Watcher.Alias}
  Subnet: {Value: !Select [1, !Ref Subnets]}
"""
RULES = ("new", "old", "given", "daily")


@pytest.fixture(scope="module")
def stack(deploy: Callable[[str, str], dict[str, str]]) -> dict[str, str]:
    return deploy("surroundings", STACK)


def ask_to_put(cloud: Any, bucket: str, origin: str) -> httpx.Response:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "content-type",
    }
    return httpx.options(f"{cloud.endpoint}/{bucket}/key", headers=headers)


@pytest.mark.proves(
    "AWS::S3::Bucket.CorsConfiguration.CorsRules.AllowedHeaders",
    "AWS::S3::Bucket.CorsConfiguration.CorsRules.AllowedMethods",
    "AWS::S3::Bucket.CorsConfiguration.CorsRules.AllowedOrigins",
    "AWS::S3::Bucket.CorsConfiguration.CorsRules.ExposedHeaders",
    "AWS::S3::Bucket.CorsConfiguration.CorsRules.Id",
    "AWS::S3::Bucket.CorsConfiguration.CorsRules.MaxAge",
)
def test_a_browser_may_put_objects_from_the_allowed_origins(cloud: Any, stack: dict[str, str]) -> None:
    allowed = ask_to_put(cloud, stack["Bucket"], "https://a.example")
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-methods"] == "PUT"
    assert allowed.headers["access-control-allow-headers"] == "content-type"
    assert allowed.headers["access-control-expose-headers"] == "ETag"
    assert allowed.headers["access-control-max-age"] == "60"
    assert ask_to_put(cloud, stack["Bucket"], "https://b.example").status_code == 403
    (rule,) = cloud.client("s3").get_bucket_cors(Bucket=stack["Bucket"])["CORSRules"]
    assert rule["ID"] == "uploads"


@pytest.mark.proves(
    "CloudWatchLogs event",
    "CloudWatchLogs event.FilterPattern",
    "CloudWatchLogs event.LogGroupName",
    "AWS::Serverless::Connector",
    "resource Connectors",
)
def test_a_function_gets_the_log_events_of_its_filter(cloud: Any, stack: dict[str, str]) -> None:
    logs, sqs = cloud.client("logs"), cloud.client("sqs")
    logs.create_log_stream(logGroupName="/tests/watched", logStreamName="s")
    events = [{"timestamp": int(time.time() * 1000), "message": text} for text in ("all is well", "ERROR here")]
    logs.put_log_events(logGroupName="/tests/watched", logStreamName="s", logEvents=events)
    (message,) = sqs.receive_message(QueueUrl=stack["Queue"], WaitTimeSeconds=15)["Messages"]
    told = json.loads(gzip.decompress(base64.b64decode(message["Body"])))
    assert [event["message"] for event in told["logEvents"]] == ["ERROR here"]


@pytest.mark.proves(
    "AWS::Serverless::Function.DeploymentPreference.Enabled",
    "AWS::Serverless::Function.DeploymentPreference.PassthroughCondition",
)
def test_an_alias_moves_all_at_once_and_vpc_parameters_are_not_validated(cloud: Any, stack: dict[str, str]) -> None:
    name, alias = stack["Alias"].rsplit(":", 2)[-2:]
    assert cloud.client("lambda").get_alias(FunctionName=name, Name=alias)["FunctionVersion"] == "1"
    client = cloud.client("cloudformation")
    changed = "Transform: AWS::Serverless-2016-10-31\n" + STACK.replace("import boto3, os", "import os, boto3")
    client.update_stack(StackName="surroundings", TemplateBody=changed)

    def updated() -> bool:
        return bool(client.describe_stacks(StackName="surroundings")["Stacks"][0]["StackStatus"] == "UPDATE_COMPLETE")

    assert wait_until(updated, 20)
    found = cloud.client("lambda").get_alias(FunctionName=name, Name=alias)
    assert (found["FunctionVersion"], found["RoutingConfig"]["AdditionalVersionWeights"]) == ("2", {})
    assert stack["Subnet"] == "subnet-2"


@pytest.mark.proves(
    "resource Description",
    "AWS::Events::EventBusPolicy",
    "AWS::Lambda::LayerVersionPermission",
    "AWS::Logs::ResourcePolicy",
    "EventBridgeRule event.Enabled",
    "EventBridgeRule event.DeadLetterConfig.QueueLogicalId",
    "EventBridgeRule event.DeadLetterConfig.Type",
    "CloudWatchEvent event.DeadLetterConfig.Arn",
    "CloudWatchEvent event.DeadLetterConfig.QueueLogicalId",
    "CloudWatchEvent event.DeadLetterConfig.Type",
    "CloudWatchEvent event.InputTransformer",
    "CloudWatchEvent event.RuleName",
    "CloudWatchEvent event.Target.Id",
    "Schedule event.DeadLetterConfig.QueueLogicalId",
    "Schedule event.DeadLetterConfig.Type",
    "ScheduleV2 event.DeadLetterConfig.QueueLogicalId",
    "ScheduleV2 event.DeadLetterConfig.Type",
)
@pytest.mark.usefixtures("stack")
def test_rules_of_a_function_may_have_dead_letter_queues_generated_by_sam(cloud: Any) -> None:
    resources = cloud.client("cloudformation").describe_stack_resources(StackName="surroundings")["StackResources"]
    ids = {item["LogicalResourceId"]: item["PhysicalResourceId"] for item in resources}
    assert {"Layer", "BusPolicy", "LogPolicy"} <= set(ids)
    events = cloud.client("events")
    targets = {name: events.list_targets_by_rule(Rule=f"surroundings-{name}")["Targets"][0] for name in RULES}
    letters = {name: target["DeadLetterConfig"]["Arn"].rsplit(":", 1)[1] for name, target in targets.items()}
    made = {name: ids[f"{name.title()}Letters"].rsplit("/", 1)[1] for name in ("new", "old", "daily")}
    assert letters == {**made, "given": ids["Queue"].rsplit("/", 1)[1]}
    assert targets["old"]["Id"] == "chosen"
    assert targets["old"]["InputTransformer"]["InputTemplate"] == '{"a": <a>}'
    assert events.describe_rule(Name="surroundings-new")["State"] == "DISABLED"
    schedule = cloud.client("scheduler").get_schedule(Name="surroundings-zoned")
    assert schedule["Target"]["DeadLetterConfig"]["Arn"].endswith(ids["ZonedLetters"].rsplit("/", 1)[1])
