"""Named stages, cross-origin requests, routes as resources of their own, and function URLs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

STACK = """
Resources:
  Staged:
    Type: AWS::Serverless::HttpApi
    Properties:
      StageName: prod
      StageVariables: {colour: red}
      CorsConfiguration:
        AllowOrigins: ["https://a.example", "https://b.example"]
        AllowMethods: [GET, POST]
        AllowHeaders: [x-mine]
        ExposeHeaders: [x-yours]
        AllowCredentials: true
        MaxAge: 60
  Open:
    Type: AWS::Serverless::HttpApi
    Properties: {CorsConfiguration: true}
  Shows:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      AutoPublishAlias: live
      FunctionUrlConfig: {AuthType: NONE, Cors: {AllowOrigins: ["*"], AllowMethods: ["*"]}}
      InlineCode: |
        import json
        def handler(event, context):
            if event["rawPath"] == "/raise":
                raise ValueError("as asked")
            answer = {"event": event, "arn": context.invoked_function_arn}
            headers = {"x-yours": "1", "Access-Control-Allow-Origin": "its own"}
            return {"statusCode": 200, "headers": headers, "cookies": ["a=1", "b=2"], "body": json.dumps(answer)}
      Events:
        Any: {Type: HttpApi, Properties: {ApiId: !Ref Staged, Path: "/items/{id}", Method: GET}}
        Open: {Type: HttpApi, Properties: {ApiId: !Ref Open, Path: /open, Method: GET}}
  Plain:
    Type: AWS::ApiGatewayV2::Api
    Properties: {Name: plain, ProtocolType: HTTP}
  PlainIntegration:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Plain
      IntegrationType: AWS_PROXY
      IntegrationUri: !GetAtt Shows.Arn
      PayloadFormatVersion: "2.0"
      TimeoutInMillis: 5000
  PlainPermission:
    Type: AWS::Lambda::Permission
    Properties: {Action: "lambda:InvokeFunction", FunctionName: !Ref Shows, Principal: apigateway.amazonaws.com}
  PlainRoute:
    Type: AWS::ApiGatewayV2::Route
    Properties: {ApiId: !Ref Plain, RouteKey: "PUT /a/{b}", Target: !Sub "integrations/${PlainIntegration}"}
  PlainStage:
    Type: AWS::ApiGatewayV2::Stage
    Properties: {ApiId: !Ref Plain, StageName: $default, AutoDeploy: true}
Outputs:
  Shows: {Value: !Ref Shows}
  Staged: {Value: !GetAtt Staged.ApiEndpoint}
  Open: {Value: !GetAtt Open.ApiEndpoint}
  Plain: {Value: !GetAtt Plain.ApiEndpoint}
  Url: {Value: !GetAtt ShowsUrl.FunctionUrl}
"""
A = {"Origin": "https://a.example"}


@pytest.fixture(scope="module")
def stack(deploy: Callable[[str, str], dict[str, str]]) -> dict[str, str]:
    return deploy("sites", STACK)


@pytest.mark.proves(
    "AWS::Serverless::HttpApi.StageName",
    "AWS::Serverless::HttpApi.StageVariables",
    "AWS::ApiGatewayV2::Stage.StageName",
    "AWS::ApiGatewayV2::Stage.StageVariables",
    "AWS::ApiGatewayV2::Stage.ApiId",
)
def test_a_named_stage_is_served_under_its_name(stack: dict[str, str]) -> None:
    answer = httpx.get(f"{stack['Staged']}/prod/items/1").json()["event"]
    assert answer["rawPath"] == "/prod/items/1"
    assert answer["pathParameters"] == {"id": "1"}
    assert (answer["requestContext"]["stage"], answer["stageVariables"]) == ("prod", {"colour": "red"})
    outside = httpx.get(f"{stack['Staged']}/items/1")
    assert (outside.status_code, outside.json()) == (404, {"message": "Not Found"})


@pytest.mark.proves(
    "AWS::Serverless::HttpApi.CorsConfiguration.AllowCredentials",
    "AWS::Serverless::HttpApi.CorsConfiguration.AllowHeaders",
    "AWS::Serverless::HttpApi.CorsConfiguration.AllowMethods",
    "AWS::Serverless::HttpApi.CorsConfiguration.AllowOrigins",
    "AWS::Serverless::HttpApi.CorsConfiguration.MaxAge",
    "AWS::ApiGatewayV2::Api.Body",
)
def test_a_preflight_request_is_answered_without_the_function(stack: dict[str, str]) -> None:
    asked = A | {"Access-Control-Request-Method": "GET"}
    answer = httpx.options(f"{stack['Staged']}/prod/items/1", headers=asked)
    assert (answer.status_code, answer.content) == (204, b"")
    told = {name: value for name, value in answer.headers.items() if name.startswith("access-control-")}
    assert told == {
        "access-control-allow-origin": "https://a.example",
        "access-control-allow-methods": "GET,POST",
        "access-control-allow-headers": "x-mine",
        "access-control-allow-credentials": "true",
        "access-control-max-age": "60",
    }
    stranger = asked | {"Origin": "https://c.example"}
    refused = httpx.options(f"{stack['Staged']}/prod/items/1", headers=stranger)
    assert (refused.status_code, "access-control-allow-origin" in refused.headers) == (204, False)


@pytest.mark.proves("AWS::Serverless::HttpApi.CorsConfiguration.ExposeHeaders")
def test_responses_have_the_apis_cors_headers_instead_of_the_functions(stack: dict[str, str]) -> None:
    answer = httpx.get(f"{stack['Staged']}/prod/items/1", headers=A)
    assert answer.headers.get_list("access-control-allow-origin") == ["https://a.example"]
    assert answer.headers["access-control-expose-headers"] == "x-yours"
    assert answer.headers["vary"] == "origin"
    for headers in ({}, {"Origin": "https://c.example"}):
        answer = httpx.get(f"{stack['Staged']}/prod/items/1", headers=headers)
        assert (answer.status_code, "access-control-allow-origin" in answer.headers) == (200, False)


def test_cors_enabled_without_options_allows_all_origins(stack: dict[str, str]) -> None:
    answer = httpx.get(f"{stack['Open']}/open", headers=A)
    assert answer.headers.get_list("access-control-allow-origin") == ["*"]


@pytest.mark.proves(
    "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::Route.ApiId",
    "AWS::ApiGatewayV2::Route.RouteKey",
    "AWS::ApiGatewayV2::Route.Target",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Integration.ApiId",
    "AWS::ApiGatewayV2::Integration.IntegrationType",
    "AWS::ApiGatewayV2::Integration.IntegrationUri",
    "AWS::ApiGatewayV2::Integration.PayloadFormatVersion",
    "AWS::ApiGatewayV2::Stage",
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Api.ProtocolType",
    "!GetAtt AWS::ApiGatewayV2::Api.ApiEndpoint",
)
def test_an_api_can_be_defined_by_routes_and_integrations(stack: dict[str, str]) -> None:
    event = httpx.put(f"{stack['Plain']}/a/1").json()["event"]
    assert (event["routeKey"], event["pathParameters"]) == ("PUT /a/{b}", {"b": "1"})
    assert httpx.get(f"{stack['Plain']}/a/1").status_code == 404


@pytest.mark.proves(
    "AWS::Lambda::Url",
    "AWS::Lambda::Url.AuthType",
    "AWS::Lambda::Url.Qualifier",
    "AWS::Lambda::Url.TargetFunctionArn",
    "!GetAtt AWS::Lambda::Url.FunctionUrl",
    "AWS::Serverless::Function.FunctionUrlConfig.AuthType",
)
def test_a_function_url_calls_the_alias_with_payload_2_0(stack: dict[str, str]) -> None:
    answer = httpx.post(f"{stack['Url']}any/path?x=1", content=b"\xff", headers={"cookie": "c=3"})
    event = answer.json()["event"]
    assert (event["version"], event["routeKey"], event["rawPath"]) == ("2.0", "$default", "/any/path")
    assert (event["rawQueryString"], event["cookies"]) == ("x=1", ["c=3"])
    assert (event["body"], event["isBase64Encoded"]) == ("/w==", True)
    assert event["requestContext"]["stage"] == "$default"
    assert answer.json()["arn"].endswith(":live")
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]


@pytest.mark.proves(
    "AWS::Serverless::Function.FunctionUrlConfig.Cors.AllowOrigins", "AWS::Lambda::Url.Cors.AllowOrigins"
)
def test_a_function_url_does_its_own_cors(stack: dict[str, str]) -> None:
    preflight = httpx.options(stack["Url"], headers=A | {"Access-Control-Request-Method": "GET"})
    assert (preflight.status_code, preflight.headers["access-control-allow-methods"]) == (204, "*")
    assert httpx.get(stack["Url"], headers=A).headers["access-control-allow-origin"] == "*"


def test_a_function_url_returns_502_for_a_failed_function_and_413_over_six_megabytes(stack: dict[str, str]) -> None:
    assert httpx.get(f"{stack['Url']}raise").status_code == 502
    assert httpx.post(stack["Url"], content=b"x" * (6 * 2**20 + 1)).status_code == 413


def test_a_function_url_is_created_updated_and_deleted_by_the_api(cloud: Any, stack: dict[str, str]) -> None:
    client, name = cloud.client("lambda"), stack["Shows"]
    for refused in ({"AuthType": "OTHER"}, {"AuthType": "NONE", "InvokeMode": "RESPONSE_STREAM"}):
        with pytest.raises(ClientError, match=r"OTHER|RESPONSE_STREAM"):
            client.create_function_url_config(FunctionName=name, **refused)
    url = client.create_function_url_config(FunctionName=name, AuthType="NONE")["FunctionUrl"]
    allowed = {"FunctionName": name, "Principal": "*"}
    client.add_permission(StatementId="url", Action="lambda:InvokeFunctionUrl", FunctionUrlAuthType="NONE", **allowed)
    # Both are needed since October 2025.
    assert httpx.get(url).status_code == 403
    client.add_permission(StatementId="call", Action="lambda:InvokeFunction", InvokedViaFunctionUrl=True, **allowed)
    assert httpx.get(url).status_code == 200
    with pytest.raises(client.exceptions.ResourceConflictException):
        client.create_function_url_config(FunctionName=name, AuthType="NONE")
    client.update_function_url_config(FunctionName=name, Cors={"AllowOrigins": ["https://a.example"]})
    assert httpx.get(url, headers=A).headers["access-control-allow-origin"] == "https://a.example"
    assert client.get_function_url_config(FunctionName=name)["FunctionUrl"] == url
    client.update_function_url_config(FunctionName=name, AuthType="AWS_IAM")
    assert httpx.get(url).status_code == 403
    client.delete_function_url_config(FunctionName=name)
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_function_url_config(FunctionName=name)
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)
