"""Resource policies of REST APIs, in CloudFormation, in SAM and by the API."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

STACK = """
Globals: {Function: {Runtime: python3.13, Handler: index.handler}}
Resources:
  Plain:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Name: with-a-policy
      Policy:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: "*", Action: "execute-api:Invoke", Resource: "execute-api:/live/GET/*"}
          - Effect: Deny
            Principal: "*"
            Action: "execute-api:Invoke"
            Resource: "execute-api:/live/*/denied"
            Condition: {IpAddress: {"aws:SourceIp": 127.0.0.0/8}}
  Any:
    Type: AWS::ApiGateway::Resource
    Properties: {RestApiId: !Ref Plain, ParentId: !GetAtt Plain.RootResourceId, PathPart: "{any+}"}
  Method:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Plain
      ResourceId: !Ref Any
      HttpMethod: ANY
      AuthorizationType: NONE
      Integration:
        Type: MOCK
        RequestTemplates: {application/json: '{"statusCode": 200}'}
        IntegrationResponses: [{StatusCode: "200", ResponseTemplates: {application/json: passed}}]
      MethodResponses: [{StatusCode: "200"}]
  Deployment:
    Type: AWS::ApiGateway::Deployment
    DependsOn: Method
    Properties: {RestApiId: !Ref Plain, StageName: live}
  Blocked:
    Type: AWS::Serverless::Api
    Properties:
      StageName: live
      Auth: {ResourcePolicy: {IpRangeBlacklist: [127.0.0.1]}}
  Open:
    Type: AWS::Serverless::Api
    Properties: {StageName: live}
  Guarded:
    Type: AWS::Serverless::Api
    Properties:
      StageName: live
      Auth:
        DefaultAuthorizer: Asks
        Authorizers: {Asks: {FunctionArn: !GetAtt Asks.Arn}}
        ResourcePolicy:
          CustomStatements:
            - Effect: Deny
              Principal: "*"
              Action: "execute-api:Invoke"
              Resource: "execute-api:/live/GET/guarded/denied"
  Asks:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: |
        def handler(event, context):
            statement = {'Action': 'execute-api:Invoke', 'Effect': 'Allow', 'Resource': '*'}
            return {'principalId': 'x', 'policyDocument': {'Version': '2012-10-17', 'Statement': [statement]}}
  Answers:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: |
        def handler(event, context):
            return {'statusCode': 200, 'body': 'passed'}
      Events:
        Blocked: {Type: Api, Properties: {RestApiId: !Ref Blocked, Method: get, Path: /blocked}}
        Guarded: {Type: Api, Properties: {RestApiId: !Ref Guarded, Method: get, Path: "/guarded/{any}"}}
        Elsewhere:
          Type: Api
          Properties:
            RestApiId: !Ref Open
            Method: get
            Path: /elsewhere
            Auth: {ResourcePolicy: {IpRangeWhitelist: [203.0.113.0/24]}}
Outputs:
  PlainId: {Value: !Ref Plain}
  Plain: {Value: !Sub "https://${Plain}.execute-api.${AWS::Region}.amazonaws.com/live"}
  Blocked: {Value: !Sub "https://${Blocked}.execute-api.${AWS::Region}.amazonaws.com/live/blocked"}
  Open: {Value: !Sub "https://${Open}.execute-api.${AWS::Region}.amazonaws.com/live"}
  Guarded: {Value: !Sub "https://${Guarded}.execute-api.${AWS::Region}.amazonaws.com/live/guarded"}
"""


@pytest.fixture(scope="module")
def stack(deploy: Callable[[str, str], dict[str, str]]) -> dict[str, str]:
    return deploy("rest-policies", STACK)


def message(answer: httpx.Response) -> str:
    """The message of a denial."""
    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (403, "AccessDeniedException"), answer.text
    return str(answer.json()["Message"])


@pytest.mark.proves("rest resource policies", "AWS::ApiGateway::RestApi.Policy")
def test_a_method_without_authorization_needs_the_policys_allow(stack: dict[str, str]) -> None:
    url = stack["Plain"]
    shown = f"arn:aws:execute-api:us-east-1:********9012:{stack['PlainId']}/live"
    begins = "User: anonymous is not authorized to perform: execute-api:Invoke on resource:"
    assert httpx.get(f"{url}/allowed", timeout=60).text == "passed"
    denied = message(httpx.get(f"{url}/denied", timeout=60))
    assert denied == f"{begins} {shown}/GET/denied with an explicit deny in a resource-based policy"
    not_allowed = message(httpx.post(f"{url}/allowed", timeout=60))
    reason = "because no resource-based policy allows the execute-api:Invoke action"
    assert not_allowed == f"{begins} {shown}/POST/allowed {reason}"


@pytest.mark.proves(
    "rest resource policies",
    "AWS::Serverless::Api.Auth.ResourcePolicy",
    "Api event.Auth.ResourcePolicy",
)
def test_sams_policies_are_those_of_the_api(stack: dict[str, str]) -> None:
    assert "explicit deny" in message(httpx.get(stack["Blocked"], timeout=60))
    assert "explicit deny" in message(httpx.get(f"{stack['Open']}/elsewhere", timeout=60))


@pytest.mark.proves("rest resource policies")
def test_with_an_authorizer_the_policy_only_denies(stack: dict[str, str]) -> None:
    headers = {"Authorization": "x"}
    assert httpx.get(f"{stack['Guarded']}/allowed", headers=headers, timeout=60).text == "passed"
    assert "explicit deny" in message(httpx.get(f"{stack['Guarded']}/denied", headers=headers, timeout=60))


@pytest.mark.proves("rest resource policies")
def test_a_changed_policy_holds_from_the_next_deployment_on(cloud: Any, stack: dict[str, str]) -> None:
    client, api = cloud.client("apigateway"), stack["PlainId"]
    before = client.get_rest_api(restApiId=api)["policy"]
    closed = {"Version": "2012-10-17", "Statement": []}

    def put(policy: str) -> None:
        operation = {"op": "replace", "path": "/policy", "value": policy}
        client.update_rest_api(restApiId=api, patchOperations=[operation])

    allowed = f"{stack['Plain']}/allowed"
    put(json.dumps({**closed, "Statement": json.loads(before)["Statement"][1:]}))
    assert httpx.get(allowed, timeout=60).status_code == 200
    client.create_deployment(restApiId=api, stageName="live")
    assert httpx.get(allowed, timeout=60).status_code == 403
    put(before)
    client.create_deployment(restApiId=api, stageName="live")
    assert httpx.get(allowed, timeout=60).status_code == 200


@pytest.mark.proves("rest resource policies")
@pytest.mark.parametrize("policy", ["{", "[]", '{"Version": "2012-10-17", "Statement": [{"Effect": "Perhaps"}]}'])
def test_a_malformed_policy_is_refused(cloud: Any, policy: str) -> None:
    with pytest.raises(ClientError, match="Invalid policy document"):
        cloud.client("apigateway").create_rest_api(name="malformed", policy=policy)
