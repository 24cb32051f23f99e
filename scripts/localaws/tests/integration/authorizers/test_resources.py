"""Authorizers as API Gateway's own resources, by template and by API, and what is refused of them."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws_testing.authorizers import FORBIDDEN, UNAUTHORIZED, get, refusal
from localaws_testing.issuer import Issuer


@pytest.mark.proves(
    "AWS::ApiGatewayV2::Authorizer",
    "AWS::ApiGatewayV2::Authorizer.ApiId",
    "AWS::ApiGatewayV2::Authorizer.AuthorizerCredentialsArn",
    "AWS::ApiGatewayV2::Authorizer.AuthorizerPayloadFormatVersion",
    "AWS::ApiGatewayV2::Authorizer.AuthorizerResultTtlInSeconds",
    "AWS::ApiGatewayV2::Authorizer.AuthorizerType",
    "AWS::ApiGatewayV2::Authorizer.AuthorizerUri",
    "AWS::ApiGatewayV2::Authorizer.EnableSimpleResponses",
    "AWS::ApiGatewayV2::Authorizer.IdentitySource",
    "AWS::ApiGatewayV2::Authorizer.JwtConfiguration.Audience",
    "AWS::ApiGatewayV2::Authorizer.JwtConfiguration.Issuer",
    "AWS::ApiGatewayV2::Authorizer.Name",
    "!GetAtt AWS::ApiGatewayV2::Authorizer.AuthorizerId",
    "AWS::ApiGatewayV2::Route.AuthorizationScopes",
    "AWS::ApiGatewayV2::Route.AuthorizerId",
)
def test_authorizers_of_api_gateways_own_resources(cloud: Any, stack: dict[str, str], trusted: Issuer) -> None:
    asked = get(f"{stack['Plain']}/asked", x_who="ann").json()["lambda"]
    assert asked["event"]["routeArn"].endswith(f"{stack['PlainId']}/live/GET/asked")
    assert asked["calls"] < get(f"{stack['Plain']}/asked", x_who="ann").json()["lambda"]["calls"]
    assert refusal(get(f"{stack['Plain']}/asked", x_who="no")) == FORBIDDEN
    verified = get(f"{stack['Plain']}/verified?token={trusted.token(scope='read')}")
    assert verified.json()["jwt"]["scopes"] == ["read"]
    assert refusal(get(f"{stack['Plain']}/verified")) == UNAUTHORIZED
    found = cloud.client("apigatewayv2").get_authorizers(ApiId=stack["PlainId"])["Items"]
    assert {authorizer["Name"] for authorizer in found} == {"asks", "verifies"}


@pytest.mark.proves("http authorizer api")
def test_authorizers_are_made_changed_and_deleted_by_the_api(cloud: Any, stack: dict[str, str]) -> None:
    client, api = cloud.client("apigatewayv2"), stack["PlainId"]
    present = client.get_authorizer(ApiId=api, AuthorizerId=stack["Asks"])
    made = client.create_authorizer(
        ApiId=api,
        Name="made",
        AuthorizerType="REQUEST",
        AuthorizerUri=present["AuthorizerUri"],
        AuthorizerPayloadFormatVersion="2.0",
        EnableSimpleResponses=True,
        IdentitySource=["$request.header.X-Who"],
    )["AuthorizerId"]
    target = client.get_routes(ApiId=api)["Items"][0]["Target"]
    route = client.create_route(
        ApiId=api, RouteKey="GET /made", AuthorizationType="CUSTOM", AuthorizerId=made, Target=target
    )["RouteId"]
    # Without a TTL answers are kept for five minutes; a change forgets them.
    calls = [get(f"{stack['Plain']}/made", x_who="made").json()["lambda"]["calls"] for _ in range(2)]
    assert calls[0] == calls[1]
    client.update_authorizer(ApiId=api, AuthorizerId=made, AuthorizerResultTtlInSeconds=60)
    assert get(f"{stack['Plain']}/made", x_who="made").json()["lambda"]["calls"] > calls[1]
    with pytest.raises(client.exceptions.ConflictException, match="referenced by routes"):
        client.delete_authorizer(ApiId=api, AuthorizerId=made)
    client.update_route(ApiId=api, RouteId=route, AuthorizationType="NONE")
    assert get(f"{stack['Plain']}/made").json() is None
    client.delete_authorizer(ApiId=api, AuthorizerId=made)
    with pytest.raises(client.exceptions.NotFoundException):
        client.get_authorizer(ApiId=api, AuthorizerId=made)
    # The stack's integration can't be deleted while a route leads to it.
    client.delete_route(ApiId=api, RouteId=route)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"IdentitySource": ["request.header.x"]}, "isn't an identity source"),
        ({"AuthorizerUri": ""}, "no URI"),
        ({"AuthorizerPayloadFormatVersion": "3.0"}, "must be 1.0 or 2.0"),
        ({"AuthorizerPayloadFormatVersion": "1.0", "EnableSimpleResponses": True}, "need payload format 2.0"),
        ({"AuthorizerResultTtlInSeconds": 3601}, "0 to 3600 seconds"),
        ({"AuthorizerResultTtlInSeconds": 60, "IdentitySource": []}, "needs an identity source"),
        ({"AuthorizerType": "JWT"}, "has no audience"),
        (
            {"AuthorizerType": "JWT", "JwtConfiguration": {"Issuer": "http://a.example", "Audience": ["a"]}},
            "HTTPS URL",
        ),
    ],
)
def test_invalid_authorizers_are_refused(
    cloud: Any, stack: dict[str, str], changed: dict[str, Any], problem: str
) -> None:
    given: dict[str, Any] = {
        "Name": "bad",
        "AuthorizerType": "REQUEST",
        "AuthorizerUri": "arn:aws:lambda:us-east-1:123456789012:function:guard",
        "AuthorizerPayloadFormatVersion": "2.0",
        "IdentitySource": ["$request.header.x"],
        **changed,
    }
    with pytest.raises(ClientError, match=problem):
        cloud.client("apigatewayv2").create_authorizer(ApiId=stack["PlainId"], **given)


@pytest.mark.parametrize(
    ("authorization", "problem"),
    [
        ({"AuthorizationType": "CUSTOM"}, "needs the id of an authorizer of type REQUEST"),
        ({"AuthorizationType": "JWT", "AuthorizerId": "Asks"}, "needs the id of an authorizer of type JWT"),
        ({"AuthorizationType": "AWS_IAM", "AuthorizerId": "Asks"}, "has no authorizer"),
        ({"AuthorizationScopes": ["read"]}, "are for routes with the AuthorizationType JWT"),
    ],
)
def test_an_invalid_authorization_of_a_route_is_refused(
    cloud: Any, stack: dict[str, str], authorization: dict[str, Any], problem: str
) -> None:
    given = {
        name: stack.get(value, value) if isinstance(value, str) else value for name, value in authorization.items()
    }
    client = cloud.client("apigatewayv2")
    integration = client.get_integrations(ApiId=stack["PlainId"])["Items"][0]["IntegrationId"]
    with pytest.raises(ClientError, match=problem):
        client.create_route(ApiId=stack["PlainId"], RouteKey="GET /bad", Target=f"integrations/{integration}", **given)
