"""Throttled routes of HTTP APIs, and the stages that set their limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

STACK = """
Resources:
  Limited:
    Type: AWS::Serverless::HttpApi
    Properties:
      DefaultRouteSettings: {ThrottlingBurstLimit: 3, ThrottlingRateLimit: 0.01}
      RouteSettings:
        "GET /one": {ThrottlingBurstLimit: 1}
  Answers:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      FunctionUrlConfig: {AuthType: NONE}
      InlineCode: "def handler(event, context): return event['rawPath']\\n"
      Events:
        One: {Type: HttpApi, Properties: {ApiId: !Ref Limited, Path: /one, Method: GET}}
        Rest: {Type: HttpApi, Properties: {ApiId: !Ref Limited, Path: "/rest/{id}", Method: ANY}}
        Two:
          Type: HttpApi
          Properties:
            ApiId: !Ref Limited
            Path: /two
            Method: GET
            RouteSettings: {ThrottlingBurstLimit: 2, ThrottlingRateLimit: 0.01}
Outputs:
  Id: {Value: !Ref Limited}
  Api: {Value: !GetAtt Limited.ApiEndpoint}
"""


@pytest.fixture(scope="module")
def stack(deploy: Callable[[str, str], dict[str, str]]) -> dict[str, str]:
    return deploy("throttled", STACK)


def statuses(url: str, count: int) -> Counter[int]:
    return Counter(httpx.get(url, timeout=60).status_code for _ in range(count))


@pytest.mark.proves(
    "http throttling",
    "AWS::Serverless::HttpApi.DefaultRouteSettings.ThrottlingBurstLimit",
    "AWS::Serverless::HttpApi.DefaultRouteSettings.ThrottlingRateLimit",
    "AWS::Serverless::HttpApi.RouteSettings.ThrottlingBurstLimit",
    "AWS::Serverless::HttpApi.RouteSettings.ThrottlingRateLimit",
    "AWS::ApiGatewayV2::Stage.DefaultRouteSettings.ThrottlingBurstLimit",
    "AWS::ApiGatewayV2::Stage.DefaultRouteSettings.ThrottlingRateLimit",
    "AWS::ApiGatewayV2::Stage.RouteSettings.ThrottlingBurstLimit",
    "AWS::ApiGatewayV2::Stage.RouteSettings.ThrottlingRateLimit",
    "HttpApi event.RouteSettings.ThrottlingBurstLimit",
    "HttpApi event.RouteSettings.ThrottlingRateLimit",
)
def test_each_route_admits_its_burst_and_then_refuses(stack: dict[str, str]) -> None:
    assert statuses(f"{stack['Api']}/one", 3) == {200: 1, 429: 2}
    assert statuses(f"{stack['Api']}/two", 4) == {200: 2, 429: 2}
    # All paths of a route share its bucket.
    assert statuses(f"{stack['Api']}/rest/1", 2) == {200: 2}
    assert statuses(f"{stack['Api']}/rest/2", 2) == {200: 1, 429: 1}
    refused = httpx.get(f"{stack['Api']}/one")
    assert (refused.status_code, refused.json()) == (429, {"message": "Too Many Requests"})
    assert httpx.get(f"{stack['Api']}/none").status_code == 404


def test_update_stage_changes_a_limit_and_keeps_the_others(cloud: Any, stack: dict[str, str]) -> None:
    client = cloud.client("apigatewayv2")
    changed = {"ThrottlingBurstLimit": 2, "ThrottlingRateLimit": 0.01}
    answer = client.update_stage(ApiId=stack["Id"], StageName="$default", RouteSettings={"GET /one": changed})
    assert answer["RouteSettings"]["GET /one"] == changed
    assert answer["RouteSettings"]["GET /two"]["ThrottlingBurstLimit"] == 2
    assert client.get_stage(ApiId=stack["Id"], StageName="$default")["RouteSettings"] == answer["RouteSettings"]
    assert statuses(f"{stack['Api']}/one", 3) == {200: 2, 429: 1}


def test_settings_of_a_route_that_does_not_exist_are_refused(cloud: Any, stack: dict[str, str]) -> None:
    client = cloud.client("apigatewayv2")
    given = {"GET /none": {"ThrottlingBurstLimit": 2}}
    for call in (client.update_stage, client.create_stage):
        with pytest.raises(client.exceptions.NotFoundException, match="Unable to find Route by key GET /none"):
            call(ApiId=stack["Id"], StageName="$default", RouteSettings=given)


@pytest.mark.parametrize("key", ["GET /a/", "GET a", "FETCH /a", "/a", "GET", "GET /a//b"])
def test_a_malformed_route_key_is_refused(cloud: Any, stack: dict[str, str], key: str) -> None:
    with pytest.raises(ClientError, match="not formatted properly for HTTP protocol"):
        cloud.client("apigatewayv2").create_route(ApiId=stack["Id"], RouteKey=key)
