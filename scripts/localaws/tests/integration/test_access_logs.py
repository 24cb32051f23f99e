"""The access logs of HTTP APIs: one line a request, in the format of the stage."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from localaws_testing.waiting import wait_until

STACK = """
Resources:
  Lines: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: lines}}
  Logged:
    Type: AWS::Serverless::HttpApi
    Properties:
      DefaultRouteSettings: {ThrottlingBurstLimit: 100, ThrottlingRateLimit: 100}
      RouteSettings:
        "GET /once": {ThrottlingBurstLimit: 1, ThrottlingRateLimit: 0.001}
      AccessLogSettings:
        DestinationArn: !GetAtt Lines.Arn
        Format: >-
          {"id": "$context.requestId", "status": "$context.status", "route": "$context.routeKey",
          "path": "$context.path", "method": "$context.httpMethod",
          "ip": "$context.identity.sourceIp", "agent": "$context.identity.userAgent",
          "stage": "$context.stage", "api": "$context.apiId", "bytes": "$context.responseLength",
          "error": "$context.error.message", "function": "$context.integration.status",
          "lambda": "$context.integrationStatus", "why": "$context.integrationErrorMessage",
          "ms": "$context.responseLatency", "nothing": "$context.authorizer.principal"}
  Unlogged:
    Type: AWS::Serverless::HttpApi
  Answers:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        def handler(event, context):
            if event["rawPath"] == "/fail":
                raise ValueError("no")
            if event["rawPath"] == "/malformed":
                return {"statusCode": "many"}
            return {"statusCode": 418, "body": "tea"}
      Events:
        Once: {Type: HttpApi, Properties: {ApiId: !Ref Logged, Path: /once, Method: GET}}
        Fail: {Type: HttpApi, Properties: {ApiId: !Ref Logged, Path: /fail, Method: ANY}}
        Malformed: {Type: HttpApi, Properties: {ApiId: !Ref Logged, Path: /malformed, Method: ANY}}
        Any: {Type: HttpApi, Properties: {ApiId: !Ref Logged, Path: "/pots/{id}", Method: POST}}
        Unlogged: {Type: HttpApi, Properties: {ApiId: !Ref Unlogged, Path: "/pots/{id}", Method: POST}}
Outputs:
  Id: {Value: !Ref Logged}
  Api: {Value: !GetAtt Logged.ApiEndpoint}
  Unlogged: {Value: !GetAtt Unlogged.ApiEndpoint}
"""


@pytest.fixture(scope="module")
def stack(deploy: Callable[[str, str], dict[str, str]]) -> dict[str, str]:
    return deploy("logged", STACK)


def lines(cloud: Any) -> list[dict[str, Any]]:
    events = cloud.client("logs").filter_log_events(logGroupName="lines")["events"]
    return [json.loads(event["message"]) for event in events]


@pytest.mark.proves(
    "http access logs",
    "AWS::Serverless::HttpApi.AccessLogSettings.DestinationArn",
    "AWS::Serverless::HttpApi.AccessLogSettings.Format",
    "AWS::ApiGatewayV2::Stage.AccessLogSettings.DestinationArn",
    "AWS::ApiGatewayV2::Stage.AccessLogSettings.Format",
)
def test_each_request_is_one_line_in_the_format_of_the_stage(cloud: Any, stack: dict[str, str]) -> None:
    httpx.post(f"{stack['Unlogged']}/pots/1", timeout=60)
    answer = httpx.post(f"{stack['Api']}/pots/1%20a?q=1", headers={"user-agent": "kettle/1"}, timeout=60)
    assert answer.status_code == 418
    httpx.get(f"{stack['Api']}/once", timeout=60)
    httpx.get(f"{stack['Api']}/once", timeout=60)
    httpx.get(f"{stack['Api']}/none", timeout=60)
    httpx.get(f"{stack['Api']}/fail", timeout=60)
    httpx.get(f"{stack['Api']}/malformed", timeout=60)
    assert wait_until(lambda: len(lines(cloud)) == 6)
    made, first, throttled, missing, failed, malformed = lines(cloud)
    assert int(made.pop("ms")) >= 0
    assert made == {
        "id": answer.headers["apigw-requestid"],
        "status": "418",
        "route": "POST /pots/{id}",
        "path": "/pots/1 a",
        "method": "POST",
        "ip": "127.0.0.1",
        "agent": "kettle/1",
        "stage": "$default",
        "api": stack["Id"],
        "bytes": "3",
        "error": "-",
        "function": "418",
        "lambda": "200",
        "why": "-",
        "nothing": "-",
    }
    seen = [(each["route"], each["status"], each["function"], each["error"]) for each in (first, throttled, missing)]
    assert seen == [
        ("GET /once", "418", "418", "-"),
        ("GET /once", "429", "-", "Too Many Requests"),
        ("-", "404", "-", "Not Found"),
    ]
    assert (failed["status"], failed["function"], failed["lambda"], failed["error"]) == (
        *("500", "-", "200", "Internal Server Error"),
    )
    assert (failed["why"], malformed["why"]) == (
        "The Lambda function returned an error.",
        "The response from the Lambda function is malformed.",
    )


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"DestinationArn": "arn:aws:s3:::lines", "Format": "$context.requestId"}, "ARN must be that of a CloudWatch"),
        ({"Format": "$context.requestId"}, "ARN must be that of a CloudWatch"),
        (
            {"DestinationArn": "arn:aws:logs:us-east-1:123456789012:log-group:lines", "Format": "$context.status"},
            "Log format must contain",
        ),
    ],
)
def test_settings_that_cant_be_followed_are_refused(
    cloud: Any, stack: dict[str, str], settings: dict[str, str], problem: str
) -> None:
    client = cloud.client("apigatewayv2")
    with pytest.raises(ClientError, match=problem):
        client.update_stage(ApiId=stack["Id"], StageName="$default", AccessLogSettings=settings)
    with pytest.raises(ClientError, match=problem):
        client.create_stage(ApiId=stack["Id"], StageName="more", AccessLogSettings=settings)
