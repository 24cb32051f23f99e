"""REST APIs that start executions: SAM's `Api` event of a state machine, and methods that call Step Functions."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

STACK = """
Resources:
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition: {StartAt: A, States: {A: {Type: Pass, End: true}}}
      Events:
        Escaped: {Type: Api, Properties: {Method: post, Path: /start}}
        Unescaped: {Type: Api, Properties: {Method: post, Path: /unescaped, UnescapeMappingTemplate: true}}
        Keyed: {Type: Api, Properties: {Method: get, Path: /keyed, Auth: {ApiKeyRequired: true}}}
        Guarded:
          Type: Api
          Properties: {Method: POST, Path: /guarded, RestApiId: !Ref Own, Auth: {Authorizer: Guard}}
        Open: {Type: Api, Properties: {Method: POST, Path: /open, RestApiId: !Ref Own}}
  Own:
    Type: AWS::Serverless::Api
    Properties: {StageName: live, Auth: {Authorizers: {Guard: {FunctionArn: !GetAtt Guard.Arn}}}}
  Guard:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        def handler(event, context):
            effect = 'Allow' if event['authorizationToken'] == 'yes' else 'Deny'
            statement = {'Action': 'execute-api:Invoke', 'Effect': effect, 'Resource': event['methodArn']}
            return {'principalId': 'p', 'policyDocument': {'Version': '2012-10-17', 'Statement': [statement]}}
Outputs:
  Implicit: {Value: !Sub "https://${ServerlessRestApi}.execute-api.${AWS::Region}.amazonaws.com/Prod"}
  Own: {Value: !Sub "https://${Own}.execute-api.${AWS::Region}.amazonaws.com/live"}
  Machine: {Value: !Ref Machine}
"""
SYNC = """
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: [apigateway.amazonaws.com, states.amazonaws.com]},
                     Action: sts:AssumeRole}]
      Policies:
        - PolicyName: calls
          PolicyDocument: {Statement: [{Effect: Allow, Action: ['states:StartSyncExecution'], Resource: '*'}]}
  Short:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      StateMachineType: EXPRESS
      RoleArn: !GetAtt Role.Arn
      Definition: {StartAt: A, States: {A: {Type: Pass, Result: {by: machine}, ResultPath: $.added, End: true}}}
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: live
      DefinitionBody:
        openapi: "3.0.1"
        info: {title: sync, version: "1"}
        paths:
          /run:
            post:
              responses: {"200": {description: ok}}
              x-amazon-apigateway-integration: &integration
                type: aws
                httpMethod: POST
                uri: !Sub arn:aws:apigateway:${AWS::Region}:states:action/StartSyncExecution
                credentials: !GetAtt Role.Arn
                requestTemplates:
                  application/json: !Sub |-
                    #set($given = $input.json('$'))
                    {"input": "$util.escapeJavaScript($given)", "stateMachineArn": "${Short}"}
                responses:
                  default:
                    statusCode: "200"
                    responseTemplates:
                      application/json: $input.path('$.output')
          /forbidden:
            post:
              responses: {"200": {description: ok}, "403": {description: forbidden}}
              x-amazon-apigateway-integration:
                <<: *integration
                uri: arn:${AWS::Partition}:apigateway:${AWS::Region}:states:action/StartExecution
                responses: {"4[0-9]{2}": {statusCode: "403"}, default: {statusCode: "200"}}
Outputs:
  Url: {Value: !Sub "https://${Api}.execute-api.${AWS::Region}.amazonaws.com/live"}
"""


@pytest.fixture(scope="module")
def made(deploy: Callable[[str, str], dict[str, str]]) -> dict[str, str]:
    return deploy("machine-api", STACK)


def started(machines: Any, url: str, text: str, **options: Any) -> Any:
    """The input of the execution that a request has started."""
    headers = {"Content-Type": "application/json", **options.pop("headers", {})}
    answered = httpx.post(url, content=text, headers=headers, timeout=30)
    assert answered.status_code == 200, answered.text
    return json.loads(machines.wait(answered.json()["executionArn"])["input"])


@pytest.mark.proves(
    "AWS::Serverless::StateMachine.Events.Api.Method",
    "AWS::Serverless::StateMachine.Events.Api.Path",
    "AWS::Serverless::StateMachine.Events.Api.RestApiId",
    "AWS::Serverless::StateMachine.Events.Api.UnescapeMappingTemplate",
)
def test_an_api_event_starts_an_execution_with_the_body(machines: Any, made: dict[str, str]) -> None:
    text = json.dumps({"a": 'say "hi"', "b": [1, None, "é/\n"]})
    assert started(machines, f"{made['Implicit']}/start", text) == json.loads(text)
    assert started(machines, f"{made['Own']}/open", text) == json.loads(text)
    assert started(machines, f"{made['Implicit']}/start", "") == {}
    # The quotes that the template escapes make no JSON, which is what the other template is for.
    refused = httpx.post(f"{made['Implicit']}/start", json={"a": "it's"}, timeout=30)
    assert (refused.status_code, refused.json()["__type"]) == (400, "SerializationException")
    assert started(machines, f"{made['Implicit']}/unescaped", '{"a": "it\'s"}') == {"a": "it's"}


@pytest.mark.proves(
    "AWS::Serverless::StateMachine.Events.Api.Auth.ApiKeyRequired",
    "AWS::Serverless::StateMachine.Events.Api.Auth.Authorizer",
)
def test_an_api_event_is_guarded_by_keys_and_authorizers(machines: Any, made: dict[str, str]) -> None:
    assert httpx.get(f"{made['Implicit']}/keyed", timeout=30).status_code == 403
    guarded = f"{made['Own']}/guarded"
    assert httpx.post(guarded, json={}, timeout=30).status_code == 401
    assert httpx.post(guarded, json={}, headers={"Authorization": "no"}, timeout=30).status_code == 403
    assert started(machines, guarded, '{"a": 1}', headers={"Authorization": "yes"}) == {"a": 1}


@pytest.mark.proves("rest methods of services")
def test_a_method_runs_an_express_state_machine_and_answers_with_its_output(
    deploy: Callable[[str, str], dict[str, str]],
) -> None:
    url = deploy("machine-sync-api", SYNC)["Url"]
    answered = httpx.post(f"{url}/run", json={"a": 1}, timeout=30)
    assert (answered.status_code, answered.json()) == (200, {"a": 1, "added": {"by": "machine"}})


@pytest.mark.proves("rest methods of services")
def test_a_method_calls_a_service_in_the_name_of_its_role(start: Callable[..., Any], tmp_path: Any) -> None:
    template = tmp_path / "template.yaml"
    template.write_text(f"Transform: AWS::Serverless-2016-10-31\n{SYNC}", encoding="utf-8")
    cloud = start(str(template), "--iam", "enforce")
    url = cloud.outputs()["Url"]
    assert httpx.post(f"{url}/run", json={"a": 1}, timeout=30).status_code == 200
    forbidden = httpx.post(f"{url}/forbidden", json={"a": 1}, timeout=30)
    assert forbidden.status_code == 403
    assert "not authorized to perform: states:StartExecution" in forbidden.text


@pytest.mark.proves("rest aws variables")
def test_aws_variables_of_a_document_are_resolved_when_it_is_imported(cloud: Any) -> None:
    integration = {
        "type": "aws",
        "httpMethod": "POST",
        "uri": "arn:${AWS::Partition}:apigateway:${AWS::Region}:states:action/StartExecution",
        "credentials": "arn:aws:iam::${AWS::AccountId}:role/r",
        "requestTemplates": {"application/json": '{"n": "${AWS::Region} ${other}"}'},
    }
    operation = {"responses": {"200": {"description": "ok"}}, "x-amazon-apigateway-integration": integration}
    document = {"openapi": "3.0.1", "info": {"title": "t", "version": "1"}, "paths": {"/": {"post": operation}}}
    client = cloud.client("apigateway")
    api = client.import_rest_api(body=json.dumps(document))
    found = client.get_integration(restApiId=api["id"], resourceId=api["rootResourceId"], httpMethod="POST")
    client.delete_rest_api(restApiId=api["id"])
    assert found["uri"] == "arn:aws:apigateway:us-east-1:states:action/StartExecution"
    assert found["credentials"] == "arn:aws:iam::123456789012:role/r"
    assert found["requestTemplates"] == {"application/json": '{"n": "us-east-1 ${other}"}'}
