"""Authorizers of REST APIs, and the responses to whom they refuse."""

from __future__ import annotations

from typing import Any

import httpx
import pytest


@pytest.mark.proves(
    "AWS::ApiGateway::Authorizer",
    "AWS::ApiGateway::Authorizer.AuthType",
    "AWS::ApiGateway::Authorizer.AuthorizerResultTtlInSeconds",
    "AWS::ApiGateway::Authorizer.AuthorizerUri",
    "AWS::ApiGateway::Authorizer.IdentitySource",
    "AWS::ApiGateway::Authorizer.IdentityValidationExpression",
    "AWS::ApiGateway::Authorizer.Name",
    "AWS::ApiGateway::Authorizer.RestApiId",
    "AWS::ApiGateway::Authorizer.Type",
    "!GetAtt AWS::ApiGateway::Authorizer.AuthorizerId",
    "AWS::ApiGateway::Method.AuthorizerId",
)
def test_a_token_authorizer_is_asked_once_for_a_token(cloud: Any, stack: dict[str, str]) -> None:
    url = f"{stack['Url']}/items"
    first, second = (
        httpx.get(url, headers={"authorization": "Bearer good"}, timeout=30).json()["requestContext"]["authorizer"]
        for _ in range(2)
    )
    assert first == second == {"principalId": "Bearer good", "calls": "1", "admin": "true", "kind": "TOKEN"}
    for headers in ({}, {"Authorization": "Basic x"}, {"Authorization": "Bearer wrong"}):
        answer = httpx.get(url, headers=headers, timeout=30)
        assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})
        assert answer.headers["x-amzn-errortype"] == "UnauthorizedException"
    for token in ("Bearer broken", "Bearer crash"):
        answer = httpx.get(url, headers={"Authorization": token}, timeout=30)
        assert (answer.status_code, answer.json()) == (500, {"message": None})
    named = cloud.client("apigateway").get_authorizers(restApiId=stack["Api"])["items"]
    assert {authorizer["name"]: authorizer["authType"] for authorizer in named} == {
        "token": "custom",
        "request": "custom",
    }


def test_a_request_authorizer_without_a_cache_is_asked_each_time(stack: dict[str, str]) -> None:
    url = f"{stack['Url']}/items/7?who=me"
    first, second = (httpx.get(url, timeout=30).json()["requestContext"]["authorizer"] for _ in range(2))
    assert int(second["calls"]) == int(first["calls"]) + 1
    assert (first["kind"], first["principalId"]) == ("REQUEST", "me")
    assert httpx.get(f"{stack['Url']}/items/7", timeout=30).status_code == 401


@pytest.mark.proves(
    "AWS::ApiGateway::GatewayResponse",
    "AWS::ApiGateway::GatewayResponse.ResponseParameters",
    "AWS::ApiGateway::GatewayResponse.ResponseTemplates",
    "AWS::ApiGateway::GatewayResponse.ResponseType",
    "AWS::ApiGateway::GatewayResponse.RestApiId",
    "AWS::ApiGateway::GatewayResponse.StatusCode",
    "!GetAtt AWS::ApiGateway::GatewayResponse.Id",
)
@pytest.mark.parametrize(
    ("token", "message"),
    [
        ("Bearer denied", "User is not authorized to access this resource with an explicit deny"),
        ("Bearer elsewhere", "User is not authorized to access this resource"),
    ],
)
def test_a_gateway_response_of_the_api_replaces_the_default(stack: dict[str, str], token: str, message: str) -> None:
    answer = httpx.get(f"{stack['Url']}/items", headers={"Authorization": token}, timeout=30)
    assert (answer.status_code, answer.json()) == (418, {"why": message, "type": "ACCESS_DENIED"})
    assert (answer.headers["x-why"], answer.headers["x-who"]) == ("denied", token)
    assert stack["Denied"] == f"{stack['Api']}|ACCESS_DENIED"
