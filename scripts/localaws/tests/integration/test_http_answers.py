"""What functions return to HTTP APIs, REST APIs and function URLs, and requests that don't reach them."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable
from typing import Any

import httpx
import pytest

STACK = """
Globals: {Function: {Runtime: python3.13, Handler: index.handler}}
Resources:
  Answers:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: |
        import json
        def handler(event, context):
            query = event.get('queryStringParameters') or {}
            if 'answer' in query:
                return json.loads(query['answer'])
            return {'statusCode': 200, 'body': json.dumps(event)}
      FunctionUrlConfig: {AuthType: NONE}
      Events:
        Two: {Type: HttpApi, Properties: {Method: ANY, Path: /two}}
        One: {Type: HttpApi, Properties: {Method: ANY, Path: /one, PayloadFormatVersion: "1.0"}}
        Rest: {Type: Api, Properties: {Method: ANY, Path: /rest}}
        Denied:
          Type: Api
          Properties: {Method: GET, Path: /denied, Auth: {Authorizer: Nobody}, RestApiId: !Ref Guarded}
  Guarded:
    Type: AWS::Serverless::Api
    Properties: {StageName: live, Auth: {Authorizers: {Nobody: {FunctionArn: !GetAtt Nobody.Arn}}}}
  Nobody:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: |
        def handler(event, context):
            statement = {'Action': 'execute-api:Invoke', 'Effect': 'Deny', 'Resource': event['methodArn']}
            return {'principalId': 'x', 'policyDocument': {'Version': '2012-10-17', 'Statement': [statement]}}
Outputs:
  Two: {Value: !Sub "https://${ServerlessHttpApi}.execute-api.${AWS::Region}.amazonaws.com/two"}
  One: {Value: !Sub "https://${ServerlessHttpApi}.execute-api.${AWS::Region}.amazonaws.com/one"}
  Rest: {Value: !Sub "https://${ServerlessRestApi}.execute-api.${AWS::Region}.amazonaws.com/Prod/rest"}
  Denied: {Value: !Sub "https://${Guarded}.execute-api.${AWS::Region}.amazonaws.com/live/denied"}
  Url: {Value: !GetAtt AnswersUrl.FunctionUrl}
"""
FAILURES = {"Two": 500, "One": 500, "Rest": 502, "Url": 502}


@pytest.fixture(scope="module")
def stack(deploy: Callable[[str, str], dict[str, str]]) -> dict[str, str]:
    return deploy("answers", STACK)


@pytest.mark.proves("http malformed responses")
@pytest.mark.parametrize("kind", FAILURES)
@pytest.mark.parametrize(
    "answer",
    [
        {"headers": {"x-a": ["list"]}},
        {"headers": {"x-a": {"an": "object"}}},
        {"headers": {"x-a": "line\nbreak"}},
        {"headers": {"not a token": "x"}},
        {"headers": {"": "x"}},
        {"headers": "text"},
        {"multiValueHeaders": {"x-a": "text"}},
    ],
    ids=["list", "object", "line break", "space", "no name", "no object", "no list"],
)
def test_headers_that_cant_be_sent_are_a_failure_of_the_function(
    stack: dict[str, str], kind: str, answer: dict[str, Any]
) -> None:
    given = json.dumps({"statusCode": 200, "body": "x", **answer})
    assert httpx.get(stack[kind], params={"answer": given}, timeout=60).status_code == FAILURES[kind]


@pytest.mark.proves("http malformed responses")
@pytest.mark.parametrize("kind", ["Two", "Url"])
@pytest.mark.parametrize("cookies", ["a=1", [{"a": 1}], ["a=1\nb"]], ids=["text", "object", "line break"])
def test_cookies_that_cant_be_sent_are_a_failure_of_the_function(
    stack: dict[str, str], kind: str, cookies: Any
) -> None:
    given = json.dumps({"statusCode": 200, "cookies": cookies})
    assert httpx.get(stack[kind], params={"answer": given}, timeout=60).status_code == FAILURES[kind]


@pytest.mark.proves("http malformed responses")
@pytest.mark.parametrize("kind", FAILURES)
def test_a_header_of_null_is_empty(stack: dict[str, str], kind: str) -> None:
    given = json.dumps({"statusCode": 200, "headers": {"x-a": None}})
    assert httpx.get(stack[kind], params={"answer": given}, timeout=60).headers["x-a"] == ""


@pytest.mark.proves("http malformed responses")
def test_a_failed_function_is_a_text_at_its_url(stack: dict[str, str]) -> None:
    answer = httpx.get(stack["Url"], params={"answer": '{"statusCode": "x"}'}, timeout=60)
    assert (answer.status_code, answer.text) == (502, "Internal Server Error")


@pytest.mark.proves("http payload 1.0 event")
def test_the_identity_of_format_1_has_all_its_members(stack: dict[str, str]) -> None:
    event = httpx.get(stack["One"], timeout=60).json()
    identity = event["requestContext"]["identity"]
    unknown = {name for name, value in identity.items() if value is None}
    assert unknown >= {
        "cognitoAuthenticationProvider",
        "cognitoAuthenticationType",
        "cognitoIdentityId",
        "cognitoIdentityPoolId",
        "principalOrgId",
    }
    assert identity["sourceIp"] == "127.0.0.1"


@pytest.mark.proves("http event sizes")
@pytest.mark.parametrize("kind", FAILURES)
def test_an_event_over_6_mb_is_a_413(stack: dict[str, str], kind: str) -> None:
    # Within API Gateway's own limit, and that of a function URL, but the event is longer than the body.
    size = 6 * 2**20 if kind == "Url" else 7 * 2**20
    answer = httpx.post(stack[kind], content=b"x" * size, headers={"content-type": "text/plain"}, timeout=60)
    assert answer.status_code == 413
    small = httpx.post(stack[kind], content=b"x" * 2**20, headers={"content-type": "text/plain"}, timeout=60)
    assert len(small.json()["body"]) == 2**20


@pytest.mark.proves("rest content codings")
@pytest.mark.parametrize(
    ("coding", "packed"),
    [("gzip", gzip.compress(b'{"a": 1}')), ("deflate", zlib.compress(b'{"a": 1}')), ("identity", b'{"a": 1}')],
    ids=["gzip", "deflate", "identity"],
)
def test_compressed_bodies_are_unpacked(stack: dict[str, str], coding: str, packed: bytes) -> None:
    answer = httpx.post(stack["Rest"], content=packed, headers={"content-encoding": coding}, timeout=60)
    assert (answer.status_code, answer.json()["body"]) == (200, '{"a": 1}')


@pytest.mark.proves("rest content codings")
@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("br", b"x"),
        ("gzip", b"no gzip"),
        ("gzip", gzip.compress(b"cut off")[:-6]),
        ("deflate", b"no zlib"),
        ("gzip, gzip", b"x"),
    ],
    ids=["br", "no gzip", "cut gzip", "no zlib", "twice"],
)
def test_a_body_that_cant_be_unpacked_is_a_415(stack: dict[str, str], coding: str, body: bytes) -> None:
    answer = httpx.post(stack["Rest"], content=body, headers={"content-encoding": coding}, timeout=60)
    assert (answer.status_code, answer.json()) == (415, {"message": "Unsupported Media Type"})


@pytest.mark.proves("rest content codings")
def test_a_body_of_over_10_mb_when_unpacked_is_a_413(stack: dict[str, str]) -> None:
    packed = gzip.compress(bytes(10 * 2**20 + 1))
    answer = httpx.post(stack["Rest"], content=packed, headers={"content-encoding": "gzip"}, timeout=60)
    assert answer.status_code == 413


@pytest.mark.proves("rest denials")
def test_a_policy_that_denies_is_told_with_a_capital_letter(stack: dict[str, str]) -> None:
    answer = httpx.get(stack["Denied"], headers={"Authorization": "x"}, timeout=60)
    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (403, "AccessDeniedException")
    assert answer.json() == {"Message": "User is not authorized to access this resource with an explicit deny"}
