"""What SAM's events of a function set up, and what the function gets by them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from localaws_testing.tags import own_tags

STACK = """
Resources:
  Jobs: {Type: AWS::SQS::Queue}
  Missed: {Type: AWS::SQS::Queue}
  Bus: {Type: AWS::Events::EventBus, Properties: {Name: own-bus, Description: a bus, Tags: [{Key: team, Value: ml}]}}
  Api: {Type: AWS::Serverless::HttpApi}
  Asked:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: sam-asked
      Runtime: python3.13
      Handler: index.handler
      Timeout: 5
      InlineCode: |
        import json, time
        def handler(event, context):
            print(json.dumps({"seen": event}))
            time.sleep(float((event.get("queryStringParameters") or {}).get("sleep", 0)))
      Events:
        Ruled:
          Type: EventBridgeRule
          Properties:
            RuleName: sam-rule
            State: ENABLED
            Pattern: {source: [sam.rule]}
            InputPath: $.detail
            Target: {Id: chosen}
            DeadLetterConfig: {Arn: !GetAtt Missed.Arn}
        Constant: {Type: EventBridgeRule, Properties: {Pattern: {source: [sam.rule]}, Input: '{"constant": "eb"}'}}
        Made:
          Type: EventBridgeRule
          Properties:
            Pattern: {source: [sam.rule]}
            InputTransformer: {InputPathsMap: {n: $.detail.marker}, InputTemplate: '{"made": <n>}'}
        Asleep:
          Type: EventBridgeRule
          Properties: {State: DISABLED, Pattern: {source: [sam.rule]}, Input: '{"asleep": 1}'}
        Bussed:
          Type: EventBridgeRule
          Properties: {EventBusName: !Ref Bus, Pattern: {source: [sam.bus]}, Input: '{"bus": "own"}'}
        Old:
          Type: CloudWatchEvent
          Properties: {State: ENABLED, Pattern: {source: [sam.old]}, InputPath: $.detail}
        OldConstant:
          Type: CloudWatchEvent
          Properties: {Pattern: {source: [sam.old]}, Input: '{"constant": "cw"}'}
        OldBus:
          Type: CloudWatchEvent
          Properties: {EventBusName: !Ref Bus, Pattern: {source: [sam.bus]}, Input: '{"bus": "old"}'}
        Slow:
          Type: HttpApi
          Properties: {ApiId: !Ref Api, Method: GET, Path: /slow, TimeoutInMillis: 300}
  Paused:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Timeout: 5
      InlineCode: "def handler(event, context): return None"
      Events:
        Jobs: {Type: SQS, Properties: {Queue: !GetAtt Jobs.Arn, Enabled: false}}
Outputs:
  Api: {Value: !GetAtt Api.ApiEndpoint}
  BusArn: {Value: !GetAtt Bus.Arn}
  BusName: {Value: !GetAtt Bus.Name}
  Paused: {Value: !Ref Paused}
"""


@pytest.fixture(scope="module")
def stack(deploy: Callable[[str, str], dict[str, str]]) -> dict[str, str]:
    return deploy("serverless-events", STACK)


def put(cloud: Any, source: str, marker: str, bus: str = "default") -> None:
    entry = {"Source": source, "DetailType": "d", "Detail": json.dumps({"marker": marker}), "EventBusName": bus}
    assert cloud.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0


def seen(cloud: Any, wanted: str) -> list[Any]:
    lines = cloud.logged("/aws/lambda/sam-asked", wanted)
    return [json.loads(line)["seen"] for line in lines]


@pytest.mark.proves("HttpApi event.TimeoutInMillis", "AWS::ApiGatewayV2::Integration.TimeoutInMillis")
def test_a_route_waits_no_longer_than_its_timeout(stack: dict[str, str]) -> None:
    assert httpx.get(f"{stack['Api']}/slow", timeout=30).status_code in (200, 503)  # the first call starts a sandbox
    assert httpx.get(f"{stack['Api']}/slow", timeout=30).status_code == 200
    assert httpx.get(f"{stack['Api']}/slow?sleep=2", timeout=30).status_code == 503


@pytest.mark.proves(
    "EventBridgeRule event",
    "EventBridgeRule event.DeadLetterConfig.Arn",
    "EventBridgeRule event.EventBusName",
    "EventBridgeRule event.Input",
    "EventBridgeRule event.InputPath",
    "EventBridgeRule event.InputTransformer",
    "EventBridgeRule event.Pattern",
    "EventBridgeRule event.RuleName",
    "EventBridgeRule event.State",
    "EventBridgeRule event.Target.Id",
    "AWS::Events::EventBus.Description",
    "AWS::Events::EventBus.Tags",
    "!GetAtt AWS::Events::EventBus.Arn",
    "!GetAtt AWS::Events::EventBus.Name",
)
def test_rules_of_a_function_send_it_their_input(cloud: Any, stack: dict[str, str]) -> None:
    events = cloud.client("events")
    put(cloud, "sam.rule", "ruled")
    put(cloud, "sam.bus", "bussed", bus="own-bus")
    assert seen(cloud, '"marker": "ruled"') == [{"marker": "ruled"}]
    assert seen(cloud, '"constant": "eb"') and seen(cloud, '"made": "ruled"') and seen(cloud, '"bus": "own"')
    assert cloud.logged("/aws/lambda/sam-asked", '"asleep"', 0) == []
    (target,) = events.list_targets_by_rule(Rule="sam-rule")["Targets"]
    assert target["Id"] == "chosen"
    assert target["DeadLetterConfig"]["Arn"].split(":")[5].startswith("serverless-events-Missed")
    bus = events.describe_event_bus(Name="own-bus")
    assert (bus["Name"], bus["Arn"], bus["Description"]) == (stack["BusName"], stack["BusArn"], "a bus")
    assert own_tags(events.list_tags_for_resource(ResourceARN=stack["BusArn"])["Tags"]) == [
        {"Key": "team", "Value": "ml"}
    ]


@pytest.mark.proves(
    "CloudWatchEvent event",
    "CloudWatchEvent event.EventBusName",
    "CloudWatchEvent event.Input",
    "CloudWatchEvent event.InputPath",
    "CloudWatchEvent event.Pattern",
    "CloudWatchEvent event.State",
)
def test_cloudwatch_events_are_rules_too(cloud: Any, stack: dict[str, str]) -> None:
    put(cloud, "sam.old", "old")
    put(cloud, "sam.bus", "bussed", bus="own-bus")
    assert seen(cloud, '"marker": "old"') == [{"marker": "old"}]
    assert seen(cloud, '"constant": "cw"') and seen(cloud, '"bus": "old"')


@pytest.mark.proves("SQS event.Enabled")
def test_a_queue_whose_event_is_disabled_is_not_polled(cloud: Any, stack: dict[str, str]) -> None:
    mappings = cloud.client("lambda").list_event_source_mappings(FunctionName=stack["Paused"])["EventSourceMappings"]
    assert [mapping["State"] for mapping in mappings] == ["Disabled"]
