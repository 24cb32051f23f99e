"""Versions, aliases and gradual deployments of state machines in templates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from localaws_testing.waiting import wait_until

TEMPLATE = """
Resources:
  Bus: {Type: AWS::Events::EventBus, Properties: {Name: of-versions}}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      AutoPublishAlias: live
      UseAliasAsEventTarget: true
      Definition: {StartAt: A, States: {A: {Type: Pass, Result: %s, End: true}}}
      %s
      Events:
        Rule: {Type: EventBridgeRule, Properties: {EventBusName: !Ref Bus, Pattern: {source: [it]}}}
        Api: {Type: Api, Properties: {Method: post, Path: /start}}
  Plain:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: arn:aws:iam::123456789012:role/states
      Definition: {StartAt: A, States: {A: {Type: Pass, Result: plain, End: true}}}
  Version:
    Type: AWS::StepFunctions::StateMachineVersion
    Properties:
      StateMachineArn: !Ref Plain
      StateMachineRevisionId: !GetAtt Plain.StateMachineRevisionId
      Description: of a template
  Alias:
    Type: AWS::StepFunctions::StateMachineAlias
    Properties:
      Name: named
      Description: an alias
      RoutingConfiguration: [{StateMachineVersionArn: !Ref Version, Weight: 100}]
Outputs:
  Bus: {Value: !Ref Bus}
  Machine: {Value: !Ref Machine}
  Live: {Value: !Ref MachineAliaslive}
  Url: {Value: !Sub "https://${ServerlessRestApi}.execute-api.${AWS::Region}.amazonaws.com/Prod"}
  Version: {Value: !Ref Version}
  VersionArn: {Value: !GetAtt Version.Arn}
  Alias: {Value: !Ref Alias}
  AliasArn: {Value: !GetAtt Alias.Arn}
"""

NAME = "of-versions"


def template(result: str, preference: str = "") -> str:
    return TEMPLATE % (result, f"DeploymentPreference: {preference}" if preference else "")


def update(cloud: Any, result: str, preference: str = "") -> None:
    body = f"Transform: AWS::Serverless-2016-10-31\n{template(result, preference)}"
    cloud.client("cloudformation").update_stack(StackName=NAME, TemplateBody=body)


def shares(machines: Any, alias: str) -> dict[int, int]:
    """The numbers of the versions that an alias routes to, with their percentages."""
    routes = machines.client.describe_state_machine_alias(stateMachineAliasArn=alias)["routingConfiguration"]
    return {int(route["stateMachineVersionArn"].rpartition(":")[2]): route["weight"] for route in routes}


@pytest.fixture(scope="module")
def made(deploy: Callable[[str, str], dict[str, str]]) -> dict[str, str]:
    return deploy(NAME, template("one"))


@pytest.mark.proves(
    "AWS::StepFunctions::StateMachineVersion",
    "AWS::StepFunctions::StateMachineVersion.Description",
    "AWS::StepFunctions::StateMachineVersion.StateMachineArn",
    "AWS::StepFunctions::StateMachineVersion.StateMachineRevisionId",
    "!GetAtt AWS::StepFunctions::StateMachineVersion.Arn",
    "AWS::StepFunctions::StateMachineAlias",
    "AWS::StepFunctions::StateMachineAlias.Description",
    "AWS::StepFunctions::StateMachineAlias.Name",
    "AWS::StepFunctions::StateMachineAlias.RoutingConfiguration.StateMachineVersionArn",
    "AWS::StepFunctions::StateMachineAlias.RoutingConfiguration.Weight",
    "!GetAtt AWS::StepFunctions::StateMachineAlias.Arn",
)
def test_a_version_and_an_alias_of_cloudformation(machines: Any, made: dict[str, str]) -> None:
    assert made["Version"] == made["VersionArn"]
    assert made["Version"].endswith(":1")
    version = machines.client.describe_state_machine(stateMachineArn=made["Version"])
    assert version["description"] == "of a template"
    assert made["Alias"] == made["AliasArn"]
    alias = machines.client.describe_state_machine_alias(stateMachineAliasArn=made["Alias"])
    assert (alias["name"], alias["description"]) == ("named", "an alias")
    assert shares(machines, made["Alias"]) == {1: 100}
    assert machines.output(made["Alias"]) == "plain"


@pytest.mark.proves(
    "AWS::Serverless::StateMachine.AutoPublishAlias", "AWS::Serverless::StateMachine.UseAliasAsEventTarget"
)
def test_events_start_executions_of_the_alias(machines: Any, cloud: Any, made: dict[str, str]) -> None:
    def started() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = machines.client.list_executions(stateMachineArn=made["Live"])["executions"]
        return found

    answered = httpx.post(f"{made['Url']}/start", json={}, timeout=30)
    assert answered.status_code == 200
    entry = {"EventBusName": made["Bus"], "Source": "it", "DetailType": "t", "Detail": "{}"}
    cloud.client("events").put_events(Entries=[entry])
    assert wait_until(lambda: len(started()) == 2)
    assert {each["stateMachineVersionArn"] for each in started()} == {f"{made['Machine']}:1"}


@pytest.mark.proves(
    "AWS::Serverless::StateMachine.DeploymentPreference.Type",
    "AWS::Serverless::StateMachine.DeploymentPreference.Alarms",
    "AWS::Serverless::StateMachine.DeploymentPreference.Interval",
    "AWS::Serverless::StateMachine.DeploymentPreference.Percentage",
    "AWS::StepFunctions::StateMachineAlias.DeploymentPreference.Alarms",
    "AWS::StepFunctions::StateMachineAlias.DeploymentPreference.Interval",
    "AWS::StepFunctions::StateMachineAlias.DeploymentPreference.Percentage",
    "AWS::StepFunctions::StateMachineAlias.DeploymentPreference.StateMachineVersionArn",
    "AWS::StepFunctions::StateMachineAlias.DeploymentPreference.Type",
)
def test_updates_move_the_alias_as_the_deployment_preference_says(
    machines: Any, cloud: Any, made: dict[str, str]
) -> None:
    live = made["Live"]
    update(cloud, "two")
    assert (cloud.status(NAME), shares(machines, live)) == ("UPDATE_COMPLETE", {2: 100})
    assert machines.output(live) == "two"
    # The version before is retained, since an alias may still route to it.
    assert machines.output(f"{made['Machine']}:1") == "one"
    update(cloud, "three", "{Type: CANARY, Percentage: 20, Interval: 600}")
    assert (cloud.status(NAME), shares(machines, live)) == ("UPDATE_IN_PROGRESS", {3: 20, 2: 80})
    machines.tick("9h")
    assert shares(machines, live) == {3: 20, 2: 80}
    machines.tick("2h")
    assert wait_until(lambda: cloud.status(NAME) == "UPDATE_COMPLETE", 20)
    assert shares(machines, live) == {3: 100}
    update(cloud, "four", "{Type: LINEAR, Percentage: 40, Interval: 600}")
    for share in (40, 80):
        assert wait_until(lambda: shares(machines, live) == {4: share, 3: 100 - share}, 20)  # noqa: B023
        machines.tick("10h10m")
    assert wait_until(lambda: cloud.status(NAME) == "UPDATE_COMPLETE", 20)
    assert shares(machines, live) == {4: 100}
    alarm = {"Namespace": "N", "MetricName": "M", "Statistic": "Sum", "Period": 60, "Threshold": 1.0}
    cloud.client("cloudwatch").put_metric_alarm(
        AlarmName="guards", EvaluationPeriods=1, ComparisonOperator="GreaterThanThreshold", **alarm
    )
    update(cloud, "five", "{Type: CANARY, Percentage: 20, Interval: 600, Alarms: [guards]}")
    assert shares(machines, live) == {5: 20, 4: 80}
    cloud.client("cloudwatch").set_alarm_state(AlarmName="guards", StateValue="ALARM", StateReason="a test")
    assert wait_until(lambda: cloud.status(NAME) == "UPDATE_ROLLBACK_COMPLETE", 20)
    assert shares(machines, live) == {4: 100}
    cloud.client("cloudwatch").delete_alarms(AlarmNames=["guards"])


def test_a_gradual_deployment_needs_its_settings(machines: Any, cloud: Any, made: dict[str, str]) -> None:
    before = shares(machines, made["Live"])
    update(cloud, "six", "{Type: CANARY, Percentage: 20}")
    assert cloud.status(NAME) == "UPDATE_ROLLBACK_COMPLETE"
    assert "needs Interval" in cloud.reasons(NAME)
    assert shares(machines, made["Live"]) == before
