"""Proxy integrations of REST APIs: events, responses, and requests without one."""

from __future__ import annotations

import base64
from datetime import datetime

import httpx
import pytest


@pytest.mark.proves(
    "AWS::ApiGateway::Method",
    "AWS::ApiGateway::Method.AuthorizationType",
    "AWS::ApiGateway::Method.HttpMethod",
    "AWS::ApiGateway::Method.Integration.ConnectionType",
    "AWS::ApiGateway::Method.Integration.IntegrationHttpMethod",
    "AWS::ApiGateway::Method.Integration.ResponseTransferMode",
    "AWS::ApiGateway::Method.Integration.Type",
    "AWS::ApiGateway::Method.Integration.Uri",
    "AWS::ApiGateway::Method.OperationName",
    "AWS::ApiGateway::Method.ResourceId",
    "AWS::ApiGateway::Method.RestApiId",
    "AWS::ApiGateway::Resource",
    "AWS::ApiGateway::Resource.ParentId",
    "AWS::ApiGateway::Resource.PathPart",
    "AWS::ApiGateway::Resource.RestApiId",
    "!GetAtt AWS::ApiGateway::Resource.ResourceId",
)
def test_a_proxy_integration_gets_an_event_of_format_1(stack: dict[str, str]) -> None:
    headers = [("X-Several", "1"), ("X-Several", "2"), ("User-Agent", "me"), ("Cookie", "c=1")]
    answer = httpx.post(
        f"{stack['Url']}/items/a%20b/c/d?x=1&x=2&y=%26", headers=headers, content=b'{"a": 1}', timeout=30
    )
    assert (answer.status_code, answer.headers["x-one"], answer.headers["x-true"]) == (201, "a", "true")
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert answer.headers["content-type"] == "application/json"
    event = answer.json()
    context = event.pop("requestContext")
    assert event.pop("headers")["X-Several"] == "2"
    assert event.pop("multiValueHeaders")["X-Several"] == ["1", "2"]
    assert event == {
        "resource": "/items/{id}/{rest+}",
        "path": "/items/a%20b/c/d",
        "httpMethod": "POST",
        "queryStringParameters": {"x": "2", "y": "&"},
        "multiValueQueryStringParameters": {"x": ["1", "2"], "y": ["&"]},
        "pathParameters": {"id": "a%20b", "rest": "c/d"},
        "stageVariables": {"color": "red"},
        "body": '{"a": 1}',
        "isBase64Encoded": False,
    }
    assert answer.headers["x-amzn-requestid"] == context.pop("requestId")
    assert answer.headers["x-amz-apigw-id"] == context.pop("extendedRequestId")
    identity = context.pop("identity")
    assert (identity["sourceIp"], identity["userAgent"], identity["cognitoIdentityId"]) == ("127.0.0.1", "me", None)
    assert abs(context.pop("requestTimeEpoch") - 1000 * _epoch(context.pop("requestTime"))) < 1000
    assert context.pop("resourceId")
    assert context == {
        "resourcePath": "/items/{id}/{rest+}",
        "httpMethod": "POST",
        "path": "/live/items/a%20b/c/d",
        "accountId": "123456789012",
        "protocol": "HTTP/1.1",
        "stage": "live",
        "domainPrefix": "localhost",
        "domainName": "localhost",
        "operationName": "anything",
        "deploymentId": stack["Deployment"],
        "apiId": stack["Api"],
    }


def test_what_a_request_lacks_is_null_in_the_event(stack: dict[str, str]) -> None:
    event = httpx.get(f"{stack['Url']}/items/1/2", timeout=30).json()
    assert (event["queryStringParameters"], event["multiValueQueryStringParameters"], event["body"]) == (None,) * 3
    forwarded = {name: value for name, value in event["headers"].items() if name.startswith("X-")}
    assert (forwarded["X-Forwarded-For"], forwarded["X-Forwarded-Proto"]) == ("127.0.0.1", "http")
    assert forwarded["X-Amzn-Trace-Id"].startswith("Root=1-")


@pytest.mark.proves(
    "AWS::ApiGateway::RestApi.BinaryMediaTypes",
    "AWS::ApiGateway::RestApi.MinimumCompressionSize",
)
def test_binary_types_are_base64_in_the_event_and_decoded_in_the_response(stack: dict[str, str]) -> None:
    content = bytes(range(256))
    sent = httpx.post(f"{stack['Url']}/items/1/2", content=content, headers={"Content-Type": "image/png"}, timeout=30)
    assert (sent.json()["body"], sent.json()["isBase64Encoded"]) == (base64.b64encode(content).decode(), True)
    image = httpx.get(f"{stack['Url']}/items/1/image", headers={"Accept": "image/png"}, timeout=30)
    assert (image.content, image.headers["content-type"]) == (content, "image/png")
    as_text = httpx.get(f"{stack['Url']}/items/1/image", headers={"Accept": "*/*"}, timeout=30)
    assert as_text.text == base64.b64encode(content).decode()
    large = httpx.post(f"{stack['Url']}/items/1/2", content="a" * 30_000, timeout=30)
    assert (large.headers["content-encoding"], large.json()["body"]) == ("gzip", "a" * 30_000)
    assert "content-encoding" not in as_text.headers


@pytest.mark.proves("AWS::ApiGateway::Method.Integration.TimeoutInMillis")
@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/items/1/malformed", 502, "Internal server error"),
        ("/items/1/crash", 502, "Internal server error"),
        ("/items/1/slow", 504, "Endpoint request timed out"),
        ("/nowhere", 403, "Missing Authentication Token"),
    ],
)
def test_requests_without_a_response_of_the_function(
    stack: dict[str, str], path: str, status: int, message: str
) -> None:
    answer = httpx.get(f"{stack['Url']}{path}", timeout=30)
    assert (answer.status_code, answer.json()) == (status, {"message": message})
    assert answer.headers["x-amzn-requestid"]


def test_a_path_without_a_stage_is_forbidden(stack: dict[str, str]) -> None:
    host = stack["Url"].removesuffix("/live")
    for path in ("", "/", "/nowhere/items"):
        answer = httpx.get(f"{host}{path}")
        assert (answer.status_code, answer.json()) == (403, {"message": "Forbidden"})
        assert answer.headers["x-amzn-errortype"] == "ForbiddenException"


def _epoch(text: str) -> float:
    return datetime.strptime(text, "%d/%b/%Y:%H:%M:%S %z").timestamp()
