"""Integrations of HTTP APIs with payload format 1.0."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

STACK = """
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.13, Handler: index.handler}}
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      StageName: dev
      StageVariables: {colour: blue}
      Auth:
        Authorizers:
          Named:
            FunctionArn: !GetAtt Authorizes.Arn
            EnableFunctionDefaultPermissions: true
            AuthorizerPayloadFormatVersion: "2.0"
            EnableSimpleResponses: true
            Identity: {Headers: [x-name]}
  Authorizes:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: |
        def handler(event, context):
            return {"isAuthorized": True, "context": {"name": event["headers"]["x-name"], "level": 3}}
  Shows:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Old:
          Type: HttpApi
          Properties: {ApiId: !Ref Api, Method: ANY, Path: "/old/{id}", PayloadFormatVersion: "1.0"}
        Guarded:
          Type: HttpApi
          Properties:
            ApiId: !Ref Api
            Method: GET
            Path: /guarded
            PayloadFormatVersion: "1.0"
            Auth: {Authorizer: Named}
      InlineCode: |
        import json
        def handler(event, context):
            return {"statusCode": 200, "body": json.dumps(event)}
  Says:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: |
        import base64, json
        def handler(event, context):
            return json.loads(base64.b64decode(event["queryStringParameters"]["answer"]))
      Events:
        Any:
          Type: HttpApi
          Properties: {ApiId: !Ref Api, Method: GET, Path: /says, PayloadFormatVersion: "1.0"}
  Plain:
    Type: AWS::ApiGatewayV2::Api
    Properties: {Name: plain, ProtocolType: HTTP}
  Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Plain
      IntegrationType: AWS_PROXY
      IntegrationUri: !GetAtt Shows.Arn
      PayloadFormatVersion: "1.0"
  Route:
    Type: AWS::ApiGatewayV2::Route
    Properties: {ApiId: !Ref Plain, RouteKey: $default, Target: !Sub "integrations/${Integration}"}
  Stage:
    Type: AWS::ApiGatewayV2::Stage
    Properties: {ApiId: !Ref Plain, StageName: $default, AutoDeploy: true}
  Permission:
    Type: AWS::Lambda::Permission
    Properties:
      Action: lambda:InvokeFunction
      FunctionName: !Ref Shows
      Principal: apigateway.amazonaws.com
Outputs:
  Api: {Value: !Sub "${Api.ApiEndpoint}/dev"}
  Plain: {Value: !GetAtt Plain.ApiEndpoint}
  PlainId: {Value: !Ref Plain}
  Integration: {Value: !Ref Integration}
"""


@pytest.fixture(scope="module")
def stack(deploy: Callable[[str, str], dict[str, str]]) -> dict[str, str]:
    return deploy("payload-1-0", STACK)


@pytest.mark.proves("HttpApi event.PayloadFormatVersion", "http payload 1.0 event")
def test_an_event_has_last_values_and_all_of_them(stack: dict[str, str]) -> None:
    headers = [("X-Tag", "a"), ("X-Tag", "b"), ("Cookie", "c=1; d=2"), ("X-Forwarded-For", "203.0.113.9")]
    answer = httpx.post(f"{stack['Api']}/old/7?q=1&q=2&r=", headers=headers, content=b"\xff")
    event = answer.json()
    assert (event["version"], event["resource"], event["path"]) == ("1.0", "/old/{id}", "/dev/old/7")
    assert (event["httpMethod"], event["pathParameters"], event["stageVariables"]) == (
        "POST",
        {"id": "7"},
        {"colour": "blue"},
    )
    assert event["queryStringParameters"] == {"q": "2", "r": ""}
    assert event["multiValueQueryStringParameters"] == {"q": ["1", "2"], "r": [""]}
    assert (event["headers"]["x-tag"], event["multiValueHeaders"]["x-tag"]) == ("b", ["a", "b"])
    assert event["headers"]["cookie"] == "c=1; d=2"
    assert event["multiValueHeaders"]["x-forwarded-for"] == ["203.0.113.9, 127.0.0.1"]
    assert event["headers"]["x-amzn-trace-id"].startswith("Root=1-")
    assert (event["body"], event["isBase64Encoded"]) == (base64.b64encode(b"\xff").decode(), True)
    context = event["requestContext"]
    assert (context["resourcePath"], context["stage"], context["resourceId"]) == ("/old/{id}", "dev", None)
    assert (context["identity"]["sourceIp"], context["identity"]["userArn"]) == ("127.0.0.1", None)
    assert context["authorizer"] == {"claims": None, "scopes": None}
    assert context["requestId"] == answer.headers["apigw-requestid"]


def test_what_a_request_lacks_is_null(stack: dict[str, str]) -> None:
    event = httpx.get(stack["Plain"]).json()
    names = ("queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "stageVariables", "body")
    assert [event[name] for name in names] == [None] * 5
    assert (event["resource"], event["path"], event["isBase64Encoded"]) == ("$default", "/", False)


@pytest.mark.proves("http payload 1.0 authorizer")
def test_an_authorizers_context_is_at_the_top(stack: dict[str, str]) -> None:
    event = httpx.get(f"{stack['Api']}/guarded", headers={"x-name": "Ada"}).json()
    found = event["requestContext"]["authorizer"]
    assert (found["name"], found["level"]) == ("Ada", 3)


def said(stack: dict[str, str], answer: Any) -> httpx.Response:
    encoded = base64.b64encode(json.dumps(answer).encode()).decode()
    return httpx.get(f"{stack['Api']}/says", params={"answer": encoded})


@pytest.mark.proves("http payload 1.0 response")
def test_multiple_values_go_before_single_ones(stack: dict[str, str]) -> None:
    headers = {"X-Both": "single", "X-Count": 3}
    multiple = {"x-both": ["a", "b"], "Set-Cookie": ["c=1", "d=2"]}
    answer = said(stack, {"statusCode": "201", "body": "made", "headers": headers, "multiValueHeaders": multiple})
    assert (answer.status_code, answer.text) == (201, "made")
    assert (answer.headers["x-both"], answer.headers["x-count"]) == ("a,b", "3")
    assert answer.headers.get_list("set-cookie") == ["c=1", "d=2"]
    encoded = said(stack, {"statusCode": 200, "body": "AP8=", "isBase64Encoded": True})
    assert encoded.content == b"\x00\xff"


@pytest.mark.parametrize(
    "answer",
    [
        {"inferred": True},
        "text",
        [1],
        None,
        {"statusCode": 99},
        {"statusCode": 200, "body": {"a": 1}},
        {"statusCode": 200, "headers": {"a": ["b"]}},
        {"statusCode": 200, "headers": "a"},
        {"statusCode": 200, "body": "?", "isBase64Encoded": True},
    ],
)
def test_a_result_that_is_no_response_is_a_500(stack: dict[str, str], answer: Any) -> None:
    response = said(stack, answer)
    assert (response.status_code, response.json()) == (500, {"message": "Internal Server Error"})


@pytest.mark.proves("http integration updates")
def test_an_integration_is_served_as_it_is_now(cloud: Any, stack: dict[str, str]) -> None:
    client = cloud.client("apigatewayv2")
    place = {"ApiId": stack["PlainId"], "IntegrationId": stack["Integration"]}
    for version in ("2.0", "1.0"):
        client.update_integration(**place, PayloadFormatVersion=version)
        assert httpx.get(stack["Plain"]).json()["version"] == version
    with pytest.raises(ClientError, match=r"not AWS_PROXY with 3\.0"):
        client.update_integration(**place, PayloadFormatVersion="3.0")
    with pytest.raises(ClientError, match=r"not HTTP_PROXY with 1\.0"):
        client.update_integration(**place, IntegrationType="HTTP_PROXY")
    assert httpx.get(stack["Plain"]).json()["version"] == "1.0"
