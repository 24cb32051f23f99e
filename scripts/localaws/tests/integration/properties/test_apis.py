"""Every property of HTTP APIs that are written as API Gateway's own resources."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from localaws_testing.tags import own_tags

STACK = """
Resources:
  Answers:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: "def handler(event, context): return {'route': event['routeKey']}"
  Api:
    Type: AWS::ApiGatewayV2::Api
    Properties:
      Name: plain-api
      Description: a plain one
      ProtocolType: HTTP
      Tags: {team: ml}
      CorsConfiguration:
        AllowOrigins: ["https://a.example"]
        AllowCredentials: true
        AllowHeaders: [x-mine]
        AllowMethods: [GET]
        ExposeHeaders: [x-yours]
        MaxAge: 60
  Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Api
      Description: the function
      IntegrationType: AWS_PROXY
      IntegrationMethod: POST
      IntegrationUri: !GetAtt Answers.Arn
      PayloadFormatVersion: "2.0"
  Permission:
    Type: AWS::Lambda::Permission
    Properties: {Action: "lambda:InvokeFunction", FunctionName: !Ref Answers, Principal: apigateway.amazonaws.com}
  Route:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: !Ref Api
      RouteKey: GET /here
      AuthorizationType: NONE
      OperationName: here
      Target: !Sub integrations/${Integration}
  Stage:
    Type: AWS::ApiGatewayV2::Stage
    Properties: {ApiId: !Ref Api, StageName: $default, AutoDeploy: true, Description: the stage, Tags: {team: ml}}
Outputs:
  Api: {Value: !GetAtt Api.ApiEndpoint}
  ApiId: {Value: !Ref Api}
  Integration: {Value: !GetAtt Integration.IntegrationId}
  Route: {Value: !GetAtt Route.RouteId}
"""


@pytest.fixture(scope="module")
def stack(deploy: Callable[[str, str], dict[str, str]]) -> dict[str, str]:
    return deploy("plain-apis", STACK)


@pytest.mark.proves("AWS::ApiGatewayV2::Api.Description", "AWS::ApiGatewayV2::Api.Name")
def test_an_api(cloud: Any, stack: dict[str, str]) -> None:
    api = cloud.client("apigatewayv2").get_api(ApiId=stack["ApiId"])
    assert (api["Name"], api["Description"], api["Tags"]["team"]) == ("plain-api", "a plain one", "ml")


@pytest.mark.proves(
    "AWS::ApiGatewayV2::Api.CorsConfiguration.AllowCredentials",
    "AWS::ApiGatewayV2::Api.CorsConfiguration.AllowHeaders",
    "AWS::ApiGatewayV2::Api.CorsConfiguration.AllowMethods",
    "AWS::ApiGatewayV2::Api.CorsConfiguration.AllowOrigins",
    "AWS::ApiGatewayV2::Api.CorsConfiguration.ExposeHeaders",
    "AWS::ApiGatewayV2::Api.CorsConfiguration.MaxAge",
)
def test_its_cors_headers(stack: dict[str, str]) -> None:
    origin = {"Origin": "https://a.example"}
    answer = httpx.options(f"{stack['Api']}/here", headers=origin | {"Access-Control-Request-Method": "GET"})
    told = {name: value for name, value in answer.headers.items() if name.startswith("access-control-")}
    assert told == {
        "access-control-allow-origin": "https://a.example",
        "access-control-allow-credentials": "true",
        "access-control-allow-headers": "x-mine",
        "access-control-allow-methods": "GET",
        "access-control-max-age": "60",
    }
    answered = httpx.get(f"{stack['Api']}/here", headers=origin, timeout=30)
    assert (answered.json(), answered.headers["access-control-expose-headers"]) == ({"route": "GET /here"}, "x-yours")


@pytest.mark.proves(
    "AWS::ApiGatewayV2::Integration.Description",
    "AWS::ApiGatewayV2::Integration.IntegrationMethod",
    "!GetAtt AWS::ApiGatewayV2::Integration.IntegrationId",
    "AWS::ApiGatewayV2::Route.AuthorizationType",
    "AWS::ApiGatewayV2::Route.OperationName",
    "!GetAtt AWS::ApiGatewayV2::Route.RouteId",
    "AWS::ApiGatewayV2::Stage.AutoDeploy",
    "AWS::ApiGatewayV2::Stage.Description",
    "AWS::ApiGatewayV2::Stage.Tags",
)
def test_its_integration_route_and_stage(cloud: Any, stack: dict[str, str]) -> None:
    client, api = cloud.client("apigatewayv2"), stack["ApiId"]
    integration = client.get_integration(ApiId=api, IntegrationId=stack["Integration"])
    assert (integration["Description"], integration["IntegrationMethod"]) == ("the function", "POST")
    route = client.get_route(ApiId=api, RouteId=stack["Route"])
    assert (route["AuthorizationType"], route["OperationName"]) == ("NONE", "here")
    stage = client.get_stage(ApiId=api, StageName="$default")
    assert (stage["AutoDeploy"], stage["Description"], own_tags(stage["Tags"])) == (True, "the stage", {"team": "ml"})
