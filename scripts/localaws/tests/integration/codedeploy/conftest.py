"""A function with two versions, hooks that pass, fail and stay silent, and a role of CodeDeploy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from localaws_testing.deliveries import APPLICATION, Delivery

_HOOK = """
  {name}:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: CodeDeployHook_{name}
      Runtime: python3.13
      Handler: index.handler
      Policies:
        - Version: "2012-10-17"
          Statement:
            - Effect: Allow
              Action: codedeploy:PutLifecycleEventHookExecutionStatus
              Resource: !Sub arn:aws:codedeploy:${{AWS::Region}}:${{AWS::AccountId}}:deploymentgroup:deliveries/*
      InlineCode: |
        import boto3
        def handler(event, context):
            print(event)
            if "{status}":
                boto3.client("codedeploy").put_lifecycle_event_hook_execution_status(
                    deploymentId=event["DeploymentId"],
                    lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
                    status="{status}",
                )
"""
_STACK = """
Resources:
  App:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        def handler(event, context):
            return context.function_version
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {Service: codedeploy.amazonaws.com}, Action: sts:AssumeRole}
      ManagedPolicyArns: [arn:aws:iam::aws:policy/service-role/AWSCodeDeployRoleForLambda]
""" + "".join(
    _HOOK.format(name=name, status=status)
    for name, status in (("passes", "Succeeded"), ("fails", "Failed"), ("silent", ""))
)
_OUTPUTS = """
Outputs:
  App: {Value: !Ref App}
  Role: {Value: !GetAtt Role.Arn}
"""
PASSES, FAILS, SILENT = "CodeDeployHook_passes", "CodeDeployHook_fails", "CodeDeployHook_silent"


@pytest.fixture(scope="module")
def stack(cloud: Any, deploy: Callable[[str, str], dict[str, str]], request: pytest.FixtureRequest) -> Any:
    name = request.module.__name__.rpartition("_")[2]
    outputs = deploy(f"deliveries-{name}", _STACK + _OUTPUTS)
    functions, client = cloud.client("lambda"), cloud.client("codedeploy")
    functions.publish_version(FunctionName=outputs["App"])
    functions.update_function_configuration(FunctionName=outputs["App"], Description="changed")
    functions.publish_version(FunctionName=outputs["App"])
    client.create_application(applicationName=APPLICATION, computePlatform="Lambda")
    yield outputs
    client.delete_application(applicationName=APPLICATION)


@pytest.fixture
def delivery(cloud: Any, stack: dict[str, str], request: pytest.FixtureRequest) -> Delivery:
    """An alias and a group named after the test, which the test prepares."""
    return Delivery(cloud, stack["App"], stack["Role"], request.node.name[:60].replace("[", "-").replace("]", ""))
