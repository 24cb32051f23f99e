"""CodeDeploy by templates: SAM's DeploymentPreference, the resources it expands to, and updates of aliases."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from textwrap import indent
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from localaws_testing.tags import own_tags
from localaws_testing.waiting import wait_until

_CODE = """
        def handler(event, context):
            return "{answer}"
"""
_HOOK = """
        import boto3
        def handler(event, context):
            boto3.client("codedeploy").put_lifecycle_event_hook_execution_status(
                deploymentId=event["DeploymentId"],
                lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
                status="Succeeded",
            )
"""
_STACK = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  Preference: {{Type: String, Default: Canary10Percent5Minutes}}
Conditions:
  Always: !Equals [a, a]
Resources:
  App:
    Type: AWS::Serverless::Function
    Condition: Always
    Properties:
      Runtime: python3.13
      Handler: index.handler
      AutoPublishAlias: live
      DeploymentPreference:
        Enabled: true
        Type: !Ref Preference
        PassthroughCondition: true
        Role: !GetAtt Role.Arn
        Alarms: [!Ref Alarm]
        Hooks: {{PreTraffic: !Ref Hook, PostTraffic: !Ref Hook}}
        TriggerConfigurations:
          - {{TriggerName: told, TriggerTargetArn: !Ref Topic, TriggerEvents: [DeploymentStart]}}
      InlineCode: |{code}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {{Effect: Allow, Principal: {{Service: codedeploy.amazonaws.com}}, Action: sts:AssumeRole}}
      ManagedPolicyArns: [arn:aws:iam::aws:policy/service-role/AWSCodeDeployRoleForLambda]
  Hook:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: CodeDeployHook_{name}
      Runtime: python3.13
      Handler: index.handler
      DeploymentPreference: {{Enabled: false}}
      InlineCode: |{hook}
  Topic: {{Type: AWS::SNS::Topic}}
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmName: {name}-red
      AlarmDescription: !GetAtt App.Version.Version
      Namespace: {name}
      MetricName: m
      Statistic: Sum
      Period: 60
      EvaluationPeriods: 1
      Threshold: 1
      ComparisonOperator: GreaterThanThreshold
      TreatMissingData: ignore
Outputs:
  App: {{Value: !Ref App}}
  Alias: {{Value: !Ref App.Alias}}
  Application: {{Value: !Ref ServerlessDeploymentApplication}}
  Group: {{Value: !Ref AppDeploymentGroup}}
  Topic: {{Value: !Ref Topic}}
"""


def template(name: str, answer: str) -> str:
    return _STACK.format(name=name, code=_CODE.format(answer=answer), hook=_HOOK)


@pytest.fixture
def name(cloud: Any, request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of a stack of version 1, which is deleted at the end."""
    name = f"gradual-{request.node.name.rpartition('_')[2]}"
    client = cloud.client("cloudformation")
    client.create_stack(StackName=name, TemplateBody=template(name, "one"))
    assert cloud.status(name) == "CREATE_COMPLETE"
    yield name
    client.delete_stack(StackName=name)


def ends(cloud: Any, name: str) -> str:
    """The status of a stack once its update has ended."""
    assert wait_until(lambda: not cloud.status(name).endswith("IN_PROGRESS"), 30), cloud.status(name)
    return str(cloud.status(name))


def traffic(cloud: Any, outputs: dict[str, str]) -> tuple[str, dict[str, float]]:
    alias = cloud.client("lambda").get_alias(FunctionName=outputs["App"], Name="live")
    return alias["FunctionVersion"], (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}


def reasons(cloud: Any, name: str) -> list[str]:
    events = cloud.client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
    return [event["ResourceStatusReason"] for event in events if event["ResourceStatus"] == "UPDATE_FAILED"]


@pytest.mark.proves(
    "AWS::CodeDeploy::Application",
    "AWS::CodeDeploy::Application.ComputePlatform",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::CodeDeploy::DeploymentGroup.AlarmConfiguration.Alarms.Name",
    "AWS::CodeDeploy::DeploymentGroup.AlarmConfiguration.Enabled",
    "AWS::CodeDeploy::DeploymentGroup.ApplicationName",
    "AWS::CodeDeploy::DeploymentGroup.AutoRollbackConfiguration.Enabled",
    "AWS::CodeDeploy::DeploymentGroup.AutoRollbackConfiguration.Events",
    "AWS::CodeDeploy::DeploymentGroup.DeploymentConfigName",
    "AWS::CodeDeploy::DeploymentGroup.DeploymentStyle.DeploymentOption",
    "AWS::CodeDeploy::DeploymentGroup.DeploymentStyle.DeploymentType",
    "AWS::CodeDeploy::DeploymentGroup.ServiceRoleArn",
    "AWS::CodeDeploy::DeploymentGroup.TriggerConfigurations.TriggerEvents",
    "AWS::CodeDeploy::DeploymentGroup.TriggerConfigurations.TriggerName",
    "AWS::CodeDeploy::DeploymentGroup.TriggerConfigurations.TriggerTargetArn",
    "AWS::Serverless::Function.DeploymentPreference.Alarms",
    "AWS::Serverless::Function.DeploymentPreference.PassthroughCondition",
    "AWS::Serverless::Function.DeploymentPreference.Role",
    "AWS::Serverless::Function.DeploymentPreference.TriggerConfigurations.TriggerEvents",
    "AWS::Serverless::Function.DeploymentPreference.TriggerConfigurations.TriggerName",
    "AWS::Serverless::Function.DeploymentPreference.TriggerConfigurations.TriggerTargetArn",
    "!GetAtt AWS::Serverless::Function.Version.Version",
    "codedeploy first deployment",
)
def test_a_preference_is_a_deployment_group_and_a_new_alias_has_no_deployment(cloud: Any, name: str) -> None:
    outputs, client = cloud.outputs(name), cloud.client("codedeploy")
    group = {"applicationName": outputs["Application"], "deploymentGroupName": outputs["Group"]}
    described = client.get_deployment_group(**group)["deploymentGroupInfo"]
    assert described["deploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent5Minutes"
    assert described["alarmConfiguration"] == {
        "enabled": True,
        "ignorePollAlarmFailure": False,
        "alarms": [{"name": f"{name}-red"}],
    }
    assert described["autoRollbackConfiguration"]["enabled"] is True
    assert len(described["autoRollbackConfiguration"]["events"]) == 3
    assert f"/{name}-Role-" in described["serviceRoleArn"]
    (trigger,) = described["triggerConfigurations"]
    assert (trigger["triggerTargetArn"], trigger["triggerEvents"]) == (outputs["Topic"], ["DeploymentStart"])
    assert traffic(cloud, outputs) == ("1", {})
    assert client.list_deployments(**group)["deployments"] == []
    (alarm,) = cloud.client("cloudwatch").describe_alarms(AlarmNames=[f"{name}-red"])["MetricAlarms"]
    assert alarm["AlarmDescription"] == "1"


@pytest.mark.proves(
    "AWS::Serverless::Function.DeploymentPreference.Enabled",
    "AWS::Serverless::Function.DeploymentPreference.Hooks.PostTraffic",
    "AWS::Serverless::Function.DeploymentPreference.Hooks.PreTraffic",
    "AWS::Serverless::Function.DeploymentPreference.Type",
    "resource UpdatePolicy",
    "codedeploy alias updates",
)
def test_an_update_waits_for_its_deployment_and_lets_other_stacks_go_on(cloud: Any, name: str) -> None:
    outputs, client = cloud.outputs(name), cloud.client("cloudformation")
    client.update_stack(StackName=name, TemplateBody=template(name, "two"))
    assert wait_until(lambda: traffic(cloud, outputs) == ("1", {"2": 0.1}), 20)
    assert cloud.status(name) == "UPDATE_IN_PROGRESS"
    changed = {"StackName": name, "TemplateBody": template(name, "three")}
    refused: list[tuple[Callable[..., Any], dict[str, str]]] = [
        (client.update_stack, changed),
        (client.delete_stack, {"StackName": name}),
        (client.create_change_set, {**changed, "ChangeSetName": "c", "ChangeSetType": "UPDATE"}),
    ]
    for call, parameters in refused:
        with pytest.raises(ClientError, match="is in UPDATE_IN_PROGRESS state and can not be updated"):
            call(**parameters)
    other = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})
    client.create_stack(StackName=f"{name}-other", TemplateBody=other)
    assert cloud.status(f"{name}-other") == "CREATE_COMPLETE"
    client.delete_stack(StackName=f"{name}-other")
    cloud.tick("5m10s")
    assert ends(cloud, name) == "UPDATE_COMPLETE"
    assert traffic(cloud, outputs) == ("2", {})
    group = {"applicationName": outputs["Application"], "deploymentGroupName": outputs["Group"]}
    (deployment,) = cloud.client("codedeploy").list_deployments(**group)["deployments"]
    described = cloud.client("codedeploy").get_deployment(deploymentId=deployment)["deploymentInfo"]
    assert (described["creator"], described["status"]) == ("CloudFormation", "Succeeded")
    content = json.loads(described["revision"]["appSpecContent"]["content"])
    hook = f"CodeDeployHook_{name}"
    assert content["Hooks"] == [{"BeforeAllowTraffic": hook}, {"AfterAllowTraffic": hook}]


@pytest.mark.proves("codedeploy failed alias updates")
def test_a_deployment_that_an_alarm_stops_rolls_the_stack_back(cloud: Any, name: str) -> None:
    outputs, client = cloud.outputs(name), cloud.client("cloudformation")
    changes = {"StackName": name, "ChangeSetName": "two"}
    client.create_change_set(**changes, TemplateBody=template(name, "two"), ChangeSetType="UPDATE")
    client.execute_change_set(**changes)
    assert wait_until(lambda: traffic(cloud, outputs) == ("1", {"2": 0.1}), 20)
    cloud.client("cloudwatch").set_alarm_state(AlarmName=f"{name}-red", StateValue="ALARM", StateReason="test")
    cloud.tick("10s")
    assert ends(cloud, name) == "UPDATE_ROLLBACK_COMPLETE"
    assert traffic(cloud, outputs) == ("1", {})
    assert cloud.call(outputs["Alias"]) == "one"
    (reason,) = [reason for reason in reasons(cloud, name) if "CodeDeploy" in reason]
    assert "(ALARM_ACTIVE)" in reason
    assert reason.endswith("Rollback successful.")
    assert client.describe_change_set(**changes)["ExecutionStatus"] == "EXECUTE_FAILED"


_RESOURCES = """
Resources:
  App:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Description: {version}
      Code:
        ZipFile: |{code}
  {version}:
    Type: AWS::Lambda::Version
    Properties: {{FunctionName: !Ref App, Description: {version}}}
  Alias:
    Type: AWS::Lambda::Alias
    UpdatePolicy:
      CodeDeployLambdaAliasUpdate: {{ApplicationName: !Ref Application, DeploymentGroupName: !Ref Group}}
    Properties: {{FunctionName: !Ref App, FunctionVersion: !GetAtt {version}.Version, Name: live}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {{Effect: Allow, Principal: {{Service: codedeploy.amazonaws.com}}, Action: sts:AssumeRole}}
      ManagedPolicyArns: [arn:aws:iam::aws:policy/service-role/AWSCodeDeployRoleForLambda]
  Application:
    Type: AWS::CodeDeploy::Application
    Properties: {{ApplicationName: own-application, ComputePlatform: Lambda, Tags: [{{Key: team, Value: {version}}}]}}
  Canary:
    Type: AWS::CodeDeploy::DeploymentConfig
    Properties:
      DeploymentConfigName: own-canary
      ComputePlatform: Lambda
      TrafficRoutingConfig:
        Type: TimeBasedCanary
        TimeBasedCanary: {{CanaryInterval: 2, CanaryPercentage: 25}}
  Linear:
    Type: AWS::CodeDeploy::DeploymentConfig
    Properties:
      ComputePlatform: Lambda
      TrafficRoutingConfig:
        Type: TimeBasedLinear
        TimeBasedLinear: {{LinearInterval: 3, LinearPercentage: 20}}
  Group:
    Type: AWS::CodeDeploy::DeploymentGroup
    Properties:
      ApplicationName: !Ref Application
      DeploymentGroupName: own-group
      DeploymentConfigName: !Ref Canary
      ServiceRoleArn: !GetAtt Role.Arn
      AlarmConfiguration: {{Enabled: true, IgnorePollAlarmFailure: true, Alarms: [{{Name: own-unknown}}]}}
      Tags: [{{Key: team, Value: {version}}}]
Outputs:
  App: {{Value: !Ref App}}
  Linear: {{Value: !Ref Linear}}
"""


@pytest.mark.proves(
    "AWS::CodeDeploy::Application.ApplicationName",
    "AWS::CodeDeploy::Application.Tags",
    "AWS::CodeDeploy::DeploymentConfig",
    "AWS::CodeDeploy::DeploymentConfig.ComputePlatform",
    "AWS::CodeDeploy::DeploymentConfig.DeploymentConfigName",
    "AWS::CodeDeploy::DeploymentConfig.TrafficRoutingConfig.TimeBasedCanary.CanaryInterval",
    "AWS::CodeDeploy::DeploymentConfig.TrafficRoutingConfig.TimeBasedCanary.CanaryPercentage",
    "AWS::CodeDeploy::DeploymentConfig.TrafficRoutingConfig.TimeBasedLinear.LinearInterval",
    "AWS::CodeDeploy::DeploymentConfig.TrafficRoutingConfig.TimeBasedLinear.LinearPercentage",
    "AWS::CodeDeploy::DeploymentConfig.TrafficRoutingConfig.Type",
    "AWS::CodeDeploy::DeploymentGroup.AlarmConfiguration.IgnorePollAlarmFailure",
    "AWS::CodeDeploy::DeploymentGroup.DeploymentGroupName",
    "AWS::CodeDeploy::DeploymentGroup.Tags",
)
def test_a_template_without_sam_has_its_own_application_group_and_configuration(
    cloud: Any, deploy: Callable[[str, str], dict[str, str]]
) -> None:
    def body(version: str) -> str:
        return "Transform: AWS::Serverless-2016-10-31\n" + _RESOURCES.format(
            version=version, code=indent(_CODE.format(answer=version), " " * 4)
        )

    outputs = deploy("gradual-own", body("One").partition("\n")[2])
    client = cloud.client("codedeploy")
    linear = client.get_deployment_config(deploymentConfigName=outputs["Linear"])["deploymentConfigInfo"]
    assert linear["trafficRoutingConfig"]["timeBasedLinear"] == {"linearPercentage": 20, "linearInterval": 3}
    cloud.client("cloudformation").update_stack(StackName="gradual-own", TemplateBody=body("Two"))
    assert wait_until(lambda: traffic(cloud, outputs) == ("1", {"2": 0.25}), 20)
    cloud.tick("2m5s")
    assert ends(cloud, "gradual-own") == "UPDATE_COMPLETE", reasons(cloud, "gradual-own")
    assert traffic(cloud, outputs) == ("2", {})
    prefix = "arn:aws:codedeploy:us-east-1:123456789012"
    for resource in ("application:own-application", "deploymentgroup:own-application/own-group"):
        tags = client.list_tags_for_resource(ResourceArn=f"{prefix}:{resource}")["Tags"]
        assert own_tags(tags) == [{"Key": "team", "Value": "Two"}]


def test_a_stack_that_fails_after_its_deployment_moves_the_alias_back_at_once(cloud: Any, name: str) -> None:
    outputs = cloud.outputs(name)
    body = template(name, "two").replace("Canary10Percent5Minutes", "AllAtOnce")
    last = "  Last: {Type: AWS::SQS::Queue, DependsOn: AppAliaslive, Properties: {QueueName: '?'}}"
    body = body.replace("Outputs:", f"{last}\nOutputs:")
    cloud.client("cloudformation").update_stack(StackName=name, TemplateBody=body)
    assert ends(cloud, name) == "UPDATE_ROLLBACK_COMPLETE"
    assert traffic(cloud, outputs) == ("1", {})
    assert cloud.call(outputs["Alias"]) == "one"


def test_the_command_reports_what_it_waits_for_and_ends_with_the_deployment(cloud: Any, name: str) -> None:
    (cloud.folder / "gradual.yaml").write_text(template(name, "two"))
    command = ["localaws", "deploy", "gradual.yaml", "--stack-name", name, "--port", str(cloud.port)]
    with subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=cloud.folder,
        env=cloud.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as deploying:
        assert deploying.stdout
        assert any("waiting for CodeDeploy" in line for line in deploying.stdout)
        assert wait_until(lambda: traffic(cloud, cloud.outputs(name)) == ("1", {"2": 0.1}), 20)
        cloud.tick("6m")
        output, _ = deploying.communicate(timeout=60)
    assert (deploying.returncode, f"Stack {name}: UPDATE_COMPLETE" in output) == (0, True), output


def test_a_reset_abandons_an_update_that_waits(start: Callable[..., Any]) -> None:
    own = start(None)
    client = own.client("cloudformation")
    client.create_stack(StackName="again", TemplateBody=template("again", "one"))
    client.update_stack(StackName="again", TemplateBody=template("again", "two"))
    assert wait_until(lambda: traffic(own, own.outputs("again"))[1] == {"2": 0.1}, 20)
    httpx.post(f"{own.endpoint}/_localaws/reset", json={}, timeout=60)
    client.create_stack(StackName="again", TemplateBody=template("again", "three"))
    # The abandoned update would look at its deployment, and put back what it changed.
    time.sleep(1)
    assert own.status("again") == "CREATE_COMPLETE"
    assert traffic(own, own.outputs("again")) == ("1", {})
    assert own.call(own.outputs("again")["Alias"]) == "three"
