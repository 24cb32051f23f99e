"""Versions, aliases and their weights, and what happens to the events of each."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

STACK = """
Resources:
  Letters: {Type: AWS::SQS::Queue}
  Told: {Type: AWS::SQS::Queue}
  Greeter:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      AutoPublishAlias: live
      DeadLetterQueue: {Type: SQS, TargetArn: !GetAtt Letters.Arn}
      EventInvokeConfig:
        MaximumRetryAttempts: 0
        DestinationConfig: {OnFailure: {Type: SQS, Destination: !GetAtt Told.Arn}}
      InlineCode: |
        def handler(event, context):
            if event.get("fail"):
                raise ValueError("as asked")
            return context.function_version
  Allowed:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: !Ref Greeter.Alias, Action: lambda:InvokeFunction, Principal: events.amazonaws.com}
Outputs:
  Greeter: {Value: !Ref Greeter}
  Letters: {Value: !Ref Letters}
  Told: {Value: !Ref Told}
"""


@pytest.fixture(scope="module")
def stack(deploy: Callable[[str, str], dict[str, str]]) -> dict[str, str]:
    return deploy("aliases", STACK)


def versions(cloud: Any, name: str, calls: int) -> Counter[str]:
    client = cloud.client("lambda")
    answers = (client.invoke(FunctionName=name, Qualifier="live", Payload=b"{}") for _ in range(calls))
    return Counter(json.loads(answer["Payload"].read()) for answer in answers)


@pytest.mark.proves(
    "AWS::Serverless::Function.InlineCode",
)
def test_a_weighted_alias_routes_calls_to_both_versions(cloud: Any, stack: dict[str, str]) -> None:
    client, name = cloud.client("lambda"), stack["Greeter"]
    client.update_function_configuration(FunctionName=name, Description="second")
    assert client.publish_version(FunctionName=name)["Version"] == "2"
    assert versions(cloud, name, 5) == {"1": 5}
    client.update_alias(FunctionName=name, Name="live", RoutingConfig={"AdditionalVersionWeights": {"2": 0.4}})
    shares = versions(cloud, name, 100)
    assert shares.total() == 100
    # 40 expected; further off than this once in about a million runs.
    assert 16 <= shares["2"] <= 64
    executed = client.invoke(FunctionName=name, Qualifier="live", Payload=b"{}")["ExecutedVersion"]
    assert executed in ("1", "2")
    client.update_alias(FunctionName=name, Name="live", RoutingConfig={"AdditionalVersionWeights": {"2": 1.0}})
    assert versions(cloud, name, 5) == {"2": 5}
    client.update_alias(FunctionName=name, Name="live", RoutingConfig={})
    assert versions(cloud, name, 5) == {"1": 5}


def test_a_permission_on_an_alias_is_that_of_the_alias(cloud: Any, stack: dict[str, str]) -> None:
    found = cloud.client("lambda").get_policy(FunctionName=stack["Greeter"], Qualifier="live")
    (statement,) = json.loads(found["Policy"])["Statement"]
    assert statement["Resource"].endswith(f":function:{stack['Greeter']}:live")


@pytest.mark.parametrize(
    ("weights", "names"),
    [
        ({"2": 1.5}, "less than or equal to 1.0"),
        ({"99": 0.5}, "99"),
        ({"1": 0.1, "2": 0.1}, "at most 1"),
        ({"$LATEST": 0.5}, "Map keys must satisfy constraint"),
    ],
)
def test_invalid_weights_are_refused(cloud: Any, stack: dict[str, str], weights: dict[str, float], names: str) -> None:
    routing = {"AdditionalVersionWeights": weights}
    with pytest.raises(ClientError, match=names):
        cloud.client("lambda").update_alias(FunctionName=stack["Greeter"], Name="live", RoutingConfig=routing)


def test_each_qualifier_has_its_own_settings_for_events(cloud: Any, stack: dict[str, str]) -> None:
    client, name = cloud.client("lambda"), stack["Greeter"]
    config = client.get_function_event_invoke_config(FunctionName=name, Qualifier="live")
    assert (config["MaximumRetryAttempts"], config["FunctionArn"].endswith(":live")) == (0, True)
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_function_event_invoke_config(FunctionName=name)
    client.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=1)
    listed = client.list_function_event_invoke_configs(FunctionName=name)["FunctionEventInvokeConfigs"]
    assert sorted(item["MaximumRetryAttempts"] for item in listed) == [0, 1]

    event = {"fail": True, "through": "alias"}
    client.invoke(FunctionName=name, Qualifier="live", InvocationType="Event", Payload=json.dumps(event))
    (record,) = cloud.drain(stack["Told"], bool)
    assert record["requestContext"]["approximateInvokeCount"] == 1
    assert record["requestContext"]["functionArn"].endswith(f":{name}:live")
    assert cloud.drain(stack["Letters"], bool) == [event]

    # $LATEST retries once, and has a dead-letter queue but no destination.
    event = {"fail": True, "through": "latest"}
    client.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps(event))
    assert cloud.drain(stack["Letters"], bool) == [event]
    assert len(cloud.logged(f"/aws/lambda/{name}", "ValueError: as asked", count=3)) == 3
    assert cloud.drain(stack["Told"], bool, seconds=0.5) == []
