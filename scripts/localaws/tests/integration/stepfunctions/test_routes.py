"""Routes of HTTP APIs that start, run and stop executions without a function."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from localaws_testing.waiting import wait_until

STACK = """
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: [apigateway.amazonaws.com, states.amazonaws.com]},
                     Action: sts:AssumeRole}]
      Policies:
        - PolicyName: calls
          PolicyDocument: {Statement: [{Effect: Allow, Action: 'states:*', Resource: '*'}]}
  Long:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      Definition: {StartAt: A, States: {A: {Type: Wait, Seconds: 9000, End: true}}}
  Short:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      StateMachineType: EXPRESS
      RoleArn: !GetAtt Role.Arn
      Definition: {StartAt: A, States: {A: {Type: Pass, Result: {by: machine}, ResultPath: $.added, End: true}}}
  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: machines, ProtocolType: HTTP}}
  Stage: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Api, StageName: $default, AutoDeploy: true}}
  Start:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Api
      IntegrationType: AWS_PROXY
      IntegrationSubtype: StepFunctions-StartExecution
      CredentialsArn: !GetAtt Role.Arn
      PayloadFormatVersion: "1.0"
      RequestParameters: {StateMachineArn: !Ref Long, Input: $request.body, Name: $request.header.x-name}
  Run:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Api
      IntegrationType: AWS_PROXY
      IntegrationSubtype: StepFunctions-StartSyncExecution
      CredentialsArn: !GetAtt Role.Arn
      PayloadFormatVersion: "1.0"
      RequestParameters: {StateMachineArn: !Ref Short, Input: $request.body}
  Stop:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Api
      IntegrationType: AWS_PROXY
      IntegrationSubtype: StepFunctions-StopExecution
      CredentialsArn: !GetAtt Role.Arn
      PayloadFormatVersion: "1.0"
      RequestParameters: {ExecutionArn: $request.body.arn, Error: Stopped, Cause: $request.body.why}
  StartRoute:
    Type: AWS::ApiGatewayV2::Route
    Properties: {ApiId: !Ref Api, RouteKey: POST /start, Target: !Sub "integrations/${Start}"}
  RunRoute:
    Type: AWS::ApiGatewayV2::Route
    Properties: {ApiId: !Ref Api, RouteKey: POST /run, Target: !Sub "integrations/${Run}"}
  StopRoute:
    Type: AWS::ApiGatewayV2::Route
    Properties: {ApiId: !Ref Api, RouteKey: POST /stop, Target: !Sub "integrations/${Stop}"}
Outputs:
  Url: {Value: !GetAtt Api.ApiEndpoint}
  Long: {Value: !Ref Long}
"""


@pytest.mark.proves(
    "AWS::ApiGatewayV2::Integration.RequestParameters.StateMachineArn",
    "AWS::ApiGatewayV2::Integration.RequestParameters.Input",
    "AWS::ApiGatewayV2::Integration.RequestParameters.Name",
    "AWS::ApiGatewayV2::Integration.RequestParameters.ExecutionArn",
    "AWS::ApiGatewayV2::Integration.RequestParameters.Error",
    "AWS::ApiGatewayV2::Integration.RequestParameters.Cause",
    "services behind routes",
)
def test_routes_start_run_and_stop_executions(deploy: Callable[[str, str], dict[str, str]], machines: Any) -> None:
    outputs = deploy("machine-routes", STACK)
    started = httpx.post(f"{outputs['Url']}/start", json={"a": 1}, headers={"x-name": "routed"}, timeout=30).json()
    execution = started["executionArn"]
    assert execution.endswith(":routed")
    assert json.loads(machines.describe(execution)["input"]) == {"a": 1}
    ran = httpx.post(f"{outputs['Url']}/run", json={"a": 1}, timeout=30).json()
    assert (ran["status"], json.loads(ran["output"])) == ("SUCCEEDED", {"a": 1, "added": {"by": "machine"}})
    stopped = httpx.post(f"{outputs['Url']}/stop", json={"arn": execution, "why": "enough"}, timeout=30)
    assert stopped.status_code == 200
    assert wait_until(lambda: machines.describe(execution)["status"] == "ABORTED")
    described = machines.describe(execution)
    assert (described["error"], described["cause"]) == ("Stopped", "enough")
