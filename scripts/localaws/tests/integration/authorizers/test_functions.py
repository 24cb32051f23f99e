"""Lambda authorizers of HTTP APIs: what they are asked, what their answers do, and how long these are kept."""

from __future__ import annotations

from typing import Any

import pytest

from localaws_testing.authorizers import ACCOUNT, FAILED, FORBIDDEN, REGION, UNAUTHORIZED, get, refusal


@pytest.mark.proves(
    "http authorizer simple",
    "http authorizer context",
    "AWS::Serverless::HttpApi.Auth.DefaultAuthorizer",
    "AWS::Serverless::HttpApi.Auth.Authorizers.FunctionArn",
    "AWS::Serverless::HttpApi.Auth.Authorizers.EnableSimpleResponses",
    "AWS::Serverless::HttpApi.Auth.Authorizers.EnableFunctionDefaultPermissions",
    "HttpApi event.Auth.Authorizer",
)
def test_a_simple_response_lets_a_request_pass_with_its_context_or_refuses_it(stack: dict[str, str]) -> None:
    passed = get(f"{stack['Api']}/other", x_who="ann").json()["lambda"]
    assert (passed["who"], passed["flag"], passed["list"]) == ("ann", True, ["a", 1])
    assert refusal(get(f"{stack['Api']}/other", x_who="no")) == FORBIDDEN
    assert get(f"{stack['Api']}/other", x_who="bare").json() == {"lambda": None}
    assert get(f"{stack['Api']}/open").json() is None


@pytest.mark.proves(
    "http authorizer payload 2.0", "AWS::Serverless::HttpApi.Auth.Authorizers.AuthorizerPayloadFormatVersion"
)
def test_the_event_of_payload_2_is_the_requests_without_its_body(stack: dict[str, str]) -> None:
    event = get(f"{stack['Api']}/simple/a%20b?q=1&q=2", x_who="event", cookie="c=1").json()["lambda"]["event"]
    assert (event["version"], event["type"], event["identitySource"]) == ("2.0", "REQUEST", ["event"])
    arn = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{stack['Id']}/$default/GET/simple/a b"
    assert (event["routeArn"], event["routeKey"], event["rawPath"]) == (arn, "GET /simple/{id}", "/simple/a b")
    assert (event["pathParameters"], event["queryStringParameters"]) == ({"id": "a b"}, {"q": "1,2"})
    assert (event["cookies"], event["stageVariables"]) == (["c=1"], {"color": "red"})
    assert event["requestContext"]["http"]["method"] == "GET"
    assert not {"body", "isBase64Encoded"} & set(event)


@pytest.mark.proves(
    "http authorizer policy",
    "http authorizer payload 1.0",
    "http authorizer roles",
    "AWS::Serverless::HttpApi.Auth.Authorizers.FunctionInvokeRole",
    "AWS::Serverless::HttpApi.Auth.Authorizers.Identity.Headers",
    "AWS::Serverless::HttpApi.Auth.Authorizers.Identity.QueryStrings",
    "AWS::Serverless::HttpApi.Auth.Authorizers.Identity.StageVariables",
    "AWS::Serverless::HttpApi.Auth.Authorizers.Identity.Context",
)
def test_a_policy_decides_by_the_arn_of_the_request(stack: dict[str, str]) -> None:
    url = f"{stack['Api']}/policy?key=k"
    event = get(url, x_who="ann", cookie="c=1").json()["lambda"]["event"]
    assert (event["version"], event["type"], event["httpMethod"]) == ("1.0", "REQUEST", "GET")
    assert event["authorizationToken"] == event["identitySource"] == "ann,k,red,GET /policy"
    assert event["methodArn"] == f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{stack['Id']}/$default/GET/policy"
    assert (event["resource"], event["path"], event["headers"]["cookie"]) == ("/policy", "/policy", "c=1")
    assert event["requestContext"]["resourcePath"] == "/policy"
    assert refusal(get(url, x_who="no")) == FORBIDDEN
    assert refusal(get(url, x_who="posts")) == FORBIDDEN


@pytest.mark.proves("http authorizer identity sources")
def test_a_missing_or_empty_identity_source_is_a_401_without_the_function(stack: dict[str, str]) -> None:
    assert refusal(get(f"{stack['Api']}/other")) == UNAUTHORIZED
    assert refusal(get(f"{stack['Api']}/other", x_who="")) == UNAUTHORIZED
    assert refusal(get(f"{stack['Api']}/policy", x_who="ann")) == UNAUTHORIZED
    assert refusal(get(f"{stack['Api']}/none", x_who="ann")) == (404, {"message": "Not Found"})


@pytest.mark.proves("http authorizer failures")
@pytest.mark.parametrize("who", ["fails", "malformed"])
def test_a_function_that_fails_or_answers_something_else_is_a_500(stack: dict[str, str], who: str) -> None:
    assert refusal(get(f"{stack['Api']}/other", x_who=who)) == FAILED
    assert refusal(get(f"{stack['Api']}/policy?key=k", x_who=who)) == FAILED


@pytest.mark.proves("http authorizer time-out")
def test_a_function_that_takes_longer_than_ten_seconds_is_a_500(stack: dict[str, str]) -> None:
    assert refusal(get(f"{stack['Api']}/other", x_who="slow")) == FAILED


def test_an_invalid_policy_is_a_500(stack: dict[str, str]) -> None:
    assert refusal(get(f"{stack['Api']}/policy?key=k", x_who="broken")) == FAILED


@pytest.mark.proves("http authorizer unauthorized")
def test_the_error_unauthorized_is_a_401(stack: dict[str, str]) -> None:
    assert refusal(get(f"{stack['Api']}/other", x_who="unauthorized")) == UNAUTHORIZED


@pytest.mark.proves("http authorizer caching", "AWS::Serverless::HttpApi.Auth.Authorizers.Identity.ReauthorizeEvery")
def test_answers_are_kept_by_identity_for_all_routes_until_their_time_is_up(cloud: Any, stack: dict[str, str]) -> None:
    def calls(path: str, who: str) -> int:
        found: int = get(f"{stack['Api']}{path}", x_who=who).json()["lambda"]["calls"]
        return found

    first = calls("/other", "cached")
    assert calls("/simple/1", "cached") == first
    assert calls("/other", "another") > first
    assert calls("/policy?key=k", "cached") != calls("/policy?key=k", "cached")
    cloud.tick("61s")
    assert calls("/other", "cached") > first
