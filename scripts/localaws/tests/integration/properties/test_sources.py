"""Further properties of what calls functions: buckets, topics, rules; and the weights of an alias."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

STACK = """
Resources:
  Role: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}}}
  Missed: {Type: AWS::SQS::Queue}
  Copied: {Type: AWS::SQS::Queue}
  Topic: {Type: AWS::SNS::Topic}
  Copies: {Type: AWS::SNS::Topic, Properties: {Subscription: [{Protocol: sqs, Endpoint: !GetAtt Copied.Arn}]}}
  Seen:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: sources-seen
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        import json
        def handler(event, context):
            print(json.dumps({"seen": event}))
      Events:
        Topic:
          Type: SNS
          Properties:
            Topic: !Ref Topic
            RedrivePolicy: {deadLetterTargetArn: !GetAtt Missed.Arn}
        On: {Type: CloudWatchEvent, Properties: {Enabled: true, Pattern: {source: [sources]}, Input: '{"rule": "on"}'}}
        Off:
          Type: CloudWatchEvent
          Properties: {Enabled: false, Pattern: {source: [sources]}, Input: '{"rule": "off"}'}
        Upload:
          Type: S3
          Properties:
            Bucket: !Ref Uploads
            Events: s3:ObjectCreated:*
            Filter: {S3Key: {Rules: [{Name: suffix, Value: .sam}]}}
  Uploads: {Type: AWS::S3::Bucket, Properties: {BucketName: sources-uploads}}
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: sources-bucket
      NotificationConfiguration:
        LambdaConfigurations:
          - Event: s3:ObjectCreated:Put
            Function: !GetAtt Seen.Arn
            Filter: {S3Key: {Rules: [{Name: prefix, Value: lambda/}]}}
        TopicConfigurations:
          - Event: s3:ObjectCreated:Put
            Topic: !Ref Copies
            Filter: {S3Key: {Rules: [{Name: prefix, Value: other}, {Name: suffix, Value: .topic}]}}
  Counted:
    Type: AWS::Lambda::Function
    Properties:
      Handler: index.handler
      Runtime: python3.13
      Role: !GetAtt Role.Arn
      Code: {ZipFile: "def handler(event, context): return context.function_version"}
"""
FIRST = """
  First: {Type: AWS::Lambda::Version, Properties: {FunctionName: !Ref Counted, Description: first}}
Outputs: {Missed: {Value: !GetAtt Missed.Arn}, Copied: {Value: !Ref Copied}, Counted: {Value: !Ref Counted}}
"""
WEIGHED = """
Resources:
  Live:
    Type: AWS::Lambda::Alias
    Properties:
      Name: live
      FunctionName: {name}
      FunctionVersion: "1"
      RoutingConfig: {{AdditionalVersionWeights: [{{FunctionVersion: "2", FunctionWeight: 1.0}}]}}
Outputs: {{Live: {{Value: !Ref Live}}}}
"""


@pytest.fixture(scope="module")
def stack(cloud: Any, deploy: Callable[[str, str], dict[str, str]]) -> Iterator[dict[str, str]]:
    yield deploy("sources", STACK + FIRST)
    for bucket in ("sources-bucket", "sources-uploads"):
        for item in cloud.client("s3").list_objects_v2(Bucket=bucket).get("Contents", []):
            cloud.client("s3").delete_object(Bucket=bucket, Key=item["Key"])


def keys(lines: list[str]) -> set[str]:
    return {json.loads(line)["seen"]["Records"][0]["s3"]["object"]["key"] for line in lines}


@pytest.mark.proves(
    "AWS::S3::Bucket.NotificationConfiguration.LambdaConfigurations.Event",
    "AWS::S3::Bucket.NotificationConfiguration.LambdaConfigurations.Function",
    "AWS::S3::Bucket.NotificationConfiguration.LambdaConfigurations.Filter.S3Key.Rules.Name",
    "AWS::S3::Bucket.NotificationConfiguration.LambdaConfigurations.Filter.S3Key.Rules.Value",
    "AWS::S3::Bucket.NotificationConfiguration.TopicConfigurations.Filter.S3Key.Rules.Name",
    "AWS::S3::Bucket.NotificationConfiguration.TopicConfigurations.Filter.S3Key.Rules.Value",
    "S3 event.Filter.S3Key.Rules.Value",
)
def test_bucket_notifications_reach_functions_and_topics_by_their_filters(cloud: Any, stack: dict[str, str]) -> None:
    s3 = cloud.client("s3")
    for key in ("lambda/one", "other.topic", "other"):
        s3.put_object(Bucket="sources-bucket", Key=key, Body=b"1")
    for key in ("no.txt", "yes.sam"):
        s3.put_object(Bucket="sources-uploads", Key=key, Body=b"1")
    notes = cloud.drain(stack["Copied"], lambda found: any("Records" in note["Message"] for note in found))
    # The first one tests the connection, as S3 does.
    told = [json.loads(note["Message"])["Records"] for note in notes if "Records" in note["Message"]]
    assert [[record["s3"]["object"]["key"] for record in records] for records in told] == [["other.topic"]]
    assert keys(cloud.logged("/aws/lambda/sources-seen", "ObjectCreated", 2)) == {"lambda/one", "yes.sam"}


@pytest.mark.proves("CloudWatchEvent event.Enabled")
def test_a_disabled_rule_sends_nothing(cloud: Any, stack: dict[str, str]) -> None:
    cloud.client("events").put_events(Entries=[{"Source": "sources", "DetailType": "d", "Detail": "{}"}])
    assert cloud.logged("/aws/lambda/sources-seen", '"rule": "on"')
    assert cloud.logged("/aws/lambda/sources-seen", '"rule": "off"', 0) == []


@pytest.mark.proves("SNS event.RedrivePolicy.deadLetterTargetArn")
def test_a_functions_subscription_has_its_dead_letter_queue(cloud: Any, stack: dict[str, str]) -> None:
    sns = cloud.client("sns")
    (found,) = [item for item in sns.list_subscriptions()["Subscriptions"] if "sources-seen" in item["Endpoint"]]
    assert found["TopicArn"].split(":")[3] == "us-east-1"
    attributes = sns.get_subscription_attributes(SubscriptionArn=found["SubscriptionArn"])["Attributes"]
    assert json.loads(attributes["RedrivePolicy"]) == {"deadLetterTargetArn": stack["Missed"]}
    sns.publish(TopicArn=found["TopicArn"], Message="from the topic")
    assert cloud.logged("/aws/lambda/sources-seen", "from the topic")


@pytest.mark.proves(
    "AWS::Lambda::Alias.RoutingConfig.AdditionalVersionWeights.FunctionVersion",
    "AWS::Lambda::Alias.RoutingConfig.AdditionalVersionWeights.FunctionWeight",
)
def test_a_weighted_alias_of_a_template_routes_calls_to_both_versions(
    cloud: Any, stack: dict[str, str], deploy: Callable[[str, str], dict[str, str]]
) -> None:
    client = cloud.client("lambda")
    client.update_function_configuration(FunctionName=stack["Counted"], Description="second")
    assert client.publish_version(FunctionName=stack["Counted"])["Version"] == "2"
    alias = deploy("weighed", WEIGHED.format(name=stack["Counted"]))["Live"]
    answers = (client.invoke(FunctionName=alias, Payload=b"{}")["Payload"].read() for _ in range(5))
    assert Counter(json.loads(answer) for answer in answers) == {"2": 5}


def test_two_notifications_of_the_same_event_and_key_are_rejected(cloud: Any) -> None:
    function = "{Runtime: python3.13, Handler: index.handler, InlineCode: 'def handler(*_): ...', Events: {Put: %s}}"
    text = "Transform: AWS::Serverless-2016-10-31\nResources:\n  Bucket: {Type: AWS::S3::Bucket}\n"
    for name, event, prefix in (("One", "s3:ObjectCreated:*", "a/"), ("Two", "s3:ObjectCreated:Put", "%s")):
        key = f"{{S3Key: {{Rules: [{{Name: prefix, Value: {prefix}}}]}}}}"
        put = f"{{Type: S3, Properties: {{Bucket: !Ref Bucket, Events: '{event}', Filter: {key}}}}}"
        text += f"  {name}: {{Type: AWS::Serverless::Function, Properties: {function % put}}}\n"
    client = cloud.client("cloudformation")
    for prefix, status in (("a/b/", "ROLLBACK_COMPLETE"), ("b/", "CREATE_COMPLETE")):
        client.create_stack(StackName="ambiguous", TemplateBody=text % prefix)
        assert client.describe_stacks(StackName="ambiguous")["Stacks"][0]["StackStatus"] == status
        events = client.describe_stack_events(StackName="ambiguous")["StackEvents"]
        message = " ".join(event.get("ResourceStatusReason", "") for event in events)
        assert ("Configuration is ambiguously defined" in message) == (status == "ROLLBACK_COMPLETE")
        client.delete_stack(StackName="ambiguous")
