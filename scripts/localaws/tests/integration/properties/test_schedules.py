"""Every property of schedules, plain and of functions, with the clock moved on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from localaws_testing.tags import own_tags

STACK = """
Resources:
  Letters: {Type: AWS::SQS::Queue}
  Heard: {Type: AWS::SQS::Queue}
  Ordered: {Type: AWS::SQS::Queue, Properties: {FifoQueue: true, ContentBasedDeduplication: true}}
  Ruled: {Type: AWS::SQS::Queue, Properties: {FifoQueue: true, ContentBasedDeduplication: true}}
  Hearing:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [full.schedule]}
      Targets:
        - {Id: heard, Arn: !GetAtt Heard.Arn}
        - {Id: ruled, Arn: !GetAtt Ruled.Arn, SqsParameters: {MessageGroupId: of-the-rule}}
  Group:
    Type: AWS::Scheduler::ScheduleGroup
    Properties: {Name: full-group, Tags: [{Key: team, Value: ml}]}
  Full:
    Type: AWS::Scheduler::Schedule
    Properties:
      Name: full-schedule
      GroupName: !Ref Group
      Description: some schedule
      State: ENABLED
      ScheduleExpression: rate(1 hour)
      FlexibleTimeWindow: {Mode: FLEXIBLE, MaximumWindowInMinutes: 5}
      Target:
        Arn: !GetAtt Ordered.Arn
        RoleArn: arn:aws:iam::123456789012:role/r
        Input: '{"by": "full"}'
        SqsParameters: {MessageGroupId: of-the-schedule}
  Onward:
    Type: AWS::Scheduler::Schedule
    Properties:
      ScheduleExpression: rate(1 hour)
      FlexibleTimeWindow: {Mode: "OFF"}
      Target:
        Arn: !Sub "arn:aws:events:${AWS::Region}:${AWS::AccountId}:event-bus/default"
        RoleArn: arn:aws:iam::123456789012:role/r
        Input: '{"by": "onward"}'
        EventBridgeParameters: {DetailType: tick, Source: full.schedule}
  Asleep:
    Type: AWS::Scheduler::Schedule
    Properties:
      State: DISABLED
      ScheduleExpression: rate(1 hour)
      FlexibleTimeWindow: {Mode: "OFF"}
      Target: {Arn: !GetAtt Heard.Arn, RoleArn: "arn:aws:iam::123456789012:role/r", Input: '{"by": "asleep"}'}
  Someday:
    Type: AWS::Scheduler::Schedule
    Properties:
      StartDate: "2099-01-01T00:00:00Z"
      ScheduleExpression: rate(1 hour)
      FlexibleTimeWindow: {Mode: "OFF"}
      Target: {Arn: !GetAtt Heard.Arn, RoleArn: "arn:aws:iam::123456789012:role/r", Input: '{"by": "someday"}'}
  Timed:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: full-timed
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        import json
        def handler(event, context):
            print(json.dumps(event))
      Events:
        Rule:
          Type: Schedule
          Properties:
            Name: full-rule-schedule
            Description: some rule
            State: ENABLED
            Schedule: rate(1 hour)
            Input: '{"by": "rule"}'
            DeadLetterConfig: {Arn: !GetAtt Letters.Arn}
        RuleOff: {Type: Schedule, Properties: {State: DISABLED, Schedule: rate(1 hour), Input: '{"by": "rule off"}'}}
        V2:
          Type: ScheduleV2
          Properties:
            Name: full-v2
            GroupName: !Ref Group
            Description: some v2
            State: ENABLED
            StartDate: "2098-01-01T00:00:00Z"
            EndDate: "2099-01-01T00:00:00Z"
            ScheduleExpression: cron(30 * * * ? *)
            ScheduleExpressionTimezone: Asia/Kolkata
            FlexibleTimeWindow: {Mode: "OFF"}
            Input: '{"by": "v2 of the future"}'
            DeadLetterConfig: {Arn: !GetAtt Letters.Arn}
        V2On: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 hour), Input: '{"by": "v2"}'}}
        V2Off:
          Type: ScheduleV2
          Properties: {State: DISABLED, OmitName: true, ScheduleExpression: rate(1 hour), Input: '{"by": "v2 off"}'}
Outputs:
  Heard: {Value: !Ref Heard}
  Ordered: {Value: !Ref Ordered}
  RuledUrl: {Value: !Ref Ruled}
  LettersArn: {Value: !GetAtt Letters.Arn}
  Schedule: {Value: !GetAtt Full.Arn}
  Group: {Value: !GetAtt Group.Arn}
  GroupState: {Value: !GetAtt Group.State}
"""


@pytest.fixture(scope="module")
def stack(cloud: Any, deploy: Callable[[str, str], dict[str, str]]) -> dict[str, str]:
    """The stack, an hour and a bit after it was deployed."""
    outputs = deploy("full-schedules", STACK)
    cloud.tick("66m")
    return outputs


def groups(cloud: Any, url: str) -> list[tuple[str, Any]]:
    """The messages of an ordered queue with the group of each."""
    answer = cloud.client("sqs").receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"], WaitTimeSeconds=5
    )
    return [(item["Attributes"]["MessageGroupId"], json.loads(item["Body"])) for item in answer.get("Messages", [])]


@pytest.mark.proves(
    "AWS::Scheduler::Schedule.FlexibleTimeWindow.Mode",
    "AWS::Scheduler::Schedule.State",
    "AWS::Scheduler::Schedule.StartDate",
    "AWS::Scheduler::Schedule.Target.SqsParameters.MessageGroupId",
    "AWS::Scheduler::Schedule.Target.EventBridgeParameters.DetailType",
    "AWS::Scheduler::Schedule.Target.EventBridgeParameters.Source",
    "AWS::Events::Rule.Targets.SqsParameters",
)
def test_schedules_send_their_input_to_their_targets(cloud: Any, stack: dict[str, str]) -> None:
    assert ("of-the-schedule", {"by": "full"}) in groups(cloud, stack["Ordered"])
    heard = cloud.drain(stack["Heard"], bool)
    assert {(event["source"], event["detail-type"]) for event in heard} == {("full.schedule", "tick")}
    assert all(event["detail"] == {"by": "onward"} for event in heard)
    assert {name for name, _ in groups(cloud, stack["RuledUrl"])} == {"of-the-rule"}


@pytest.mark.proves(
    "AWS::Scheduler::Schedule.Description",
    "AWS::Scheduler::Schedule.GroupName",
    "AWS::Scheduler::Schedule.Name",
    "!GetAtt AWS::Scheduler::Schedule.Arn",
    "AWS::Scheduler::ScheduleGroup",
    "AWS::Scheduler::ScheduleGroup.Name",
    "AWS::Scheduler::ScheduleGroup.Tags",
    "!GetAtt AWS::Scheduler::ScheduleGroup.Arn",
    "!GetAtt AWS::Scheduler::ScheduleGroup.State",
)
def test_a_schedule_and_its_group_are_as_the_scheduler_describes_them(cloud: Any, stack: dict[str, str]) -> None:
    scheduler = cloud.client("scheduler")
    found = scheduler.get_schedule(Name="full-schedule", GroupName="full-group")
    assert (found["Arn"], found["Description"], found["State"]) == (stack["Schedule"], "some schedule", "ENABLED")
    assert found["FlexibleTimeWindow"] == {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5}
    group = scheduler.get_schedule_group(Name="full-group")
    assert (group["Arn"], stack["GroupState"], group["State"]) == (stack["Group"], "ACTIVE", "ACTIVE")
    tags = scheduler.list_tags_for_resource(ResourceArn=stack["Group"])["Tags"]
    assert own_tags(tags) == [{"Key": "team", "Value": "ml"}]


@pytest.mark.proves(
    "Schedule event.Name", "Schedule event.Description", "Schedule event.State", "Schedule event.DeadLetterConfig.Arn"
)
def test_a_functions_schedule_is_a_rule(cloud: Any, stack: dict[str, str]) -> None:
    events = cloud.client("events")
    rule = events.describe_rule(Name="full-rule-schedule")
    assert (rule["Description"], rule["State"], rule["ScheduleExpression"]) == ("some rule", "ENABLED", "rate(1 hour)")
    (target,) = events.list_targets_by_rule(Rule="full-rule-schedule")["Targets"]
    assert target["DeadLetterConfig"] == {"Arn": stack["LettersArn"]}
    assert cloud.logged("/aws/lambda/full-timed", '{"by": "rule"}')
    assert cloud.logged("/aws/lambda/full-timed", '"rule off"', 0) == []


@pytest.mark.proves(
    "ScheduleV2 event.DeadLetterConfig.Arn",
    "ScheduleV2 event.Description",
    "ScheduleV2 event.EndDate",
    "ScheduleV2 event.FlexibleTimeWindow.Mode",
    "ScheduleV2 event.GroupName",
    "ScheduleV2 event.Input",
    "ScheduleV2 event.Name",
    "ScheduleV2 event.OmitName",
    "ScheduleV2 event.ScheduleExpressionTimezone",
    "ScheduleV2 event.StartDate",
    "ScheduleV2 event.State",
)
def test_a_functions_schedule_v2_is_a_schedule(cloud: Any, stack: dict[str, str]) -> None:
    scheduler = cloud.client("scheduler")
    found = scheduler.get_schedule(Name="full-v2", GroupName="full-group")
    assert (found["Description"], found["State"]) == ("some v2", "ENABLED")
    assert found["ScheduleExpressionTimezone"] == "Asia/Kolkata"
    assert (found["StartDate"].year, found["EndDate"].year) == (2098, 2099)
    assert (found["FlexibleTimeWindow"], found["Target"]["Input"]) == ({"Mode": "OFF"}, '{"by": "v2 of the future"}')
    assert found["Target"]["DeadLetterConfig"] == {"Arn": stack["LettersArn"]}
    assert cloud.logged("/aws/lambda/full-timed", '{"by": "v2"}')
    for quiet in ('"v2 off"', "of the future"):
        assert cloud.logged("/aws/lambda/full-timed", quiet, 0) == []
    names = [item["Name"] for item in scheduler.list_schedules(GroupName="default")["Schedules"]]
    assert any(name.startswith("full-schedules-TimedV2Off-") for name in names)
