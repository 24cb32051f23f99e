"""Signed requests to HTTP APIs and to function URLs."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from localaws_testing.authorizers import ACCOUNT, FORBIDDEN, refusal
from localaws_testing.signing import send, session_of, signed


@pytest.mark.proves("http iam", "AWS::Serverless::HttpApi.Auth.EnableIamAuthorizer")
def test_a_signed_request_passes_with_its_caller(cloud: Any, stack: dict[str, str]) -> None:
    own = send(signed(f"{stack['Api']}/signed?b=2&a=1", "execute-api", body=b"hello"))
    assert own.status_code == 200, own.text
    assert own.json()["iam"]["userArn"] == f"arn:aws:iam::{ACCOUNT}:root"
    keys = session_of(cloud.client, "signs")
    caller = send(signed(f"{stack['Api']}/signed?b=2&a=1", "execute-api", body=b"hello", keys=keys)).json()["iam"]
    assert caller["accessKey"] == keys[0]
    assert caller["userArn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/signs/tester"
    assert caller["userId"].endswith(":tester")


@pytest.mark.proves("http iam signatures")
def test_a_request_without_a_valid_signature_is_a_403(cloud: Any, stack: dict[str, str]) -> None:
    url, keys = f"{stack['Api']}/signed", session_of(cloud.client, "forges")
    assert refusal(httpx.post(url, timeout=60)) == FORBIDDEN
    assert refusal(httpx.post(url, headers={"authorization": "Bearer t"}, timeout=60)) == FORBIDDEN
    assert refusal(send(signed(url, "lambda"))) == FORBIDDEN
    assert refusal(send(signed(url, "execute-api", region="eu-west-1"))) == FORBIDDEN
    assert refusal(send(signed(url, "execute-api", keys=(keys[0], "wrong", keys[2])))) == FORBIDDEN
    assert refusal(send(signed(url, "execute-api", keys=(*keys[:2], "wrong")))) == FORBIDDEN
    good = signed(url, "execute-api", body=b"hello", keys=keys)
    assert send(good).status_code == 200
    changed = httpx.Request("POST", url, content=b"jello", headers=good.headers)
    assert refusal(send(changed)) == FORBIDDEN
    old = {**good.headers, "x-amz-date": "20200101T000000Z"}
    old["authorization"] = old["authorization"].replace(good.headers["x-amz-date"][:8], "20200101")
    assert refusal(send(httpx.Request("POST", url, content=b"hello", headers=old))) == FORBIDDEN


@pytest.mark.proves("url iam", "AWS::Lambda::Url.AuthType", "AWS::Serverless::Function.FunctionUrlConfig.AuthType")
def test_a_function_url_takes_signed_requests_only(cloud: Any, stack: dict[str, str]) -> None:
    own = send(signed(stack["Url"], "lambda", body=b"hello"))
    assert (own.status_code, own.json()["iam"]["accountId"]) == (200, ACCOUNT)
    keys = session_of(cloud.client, "calls")
    assert send(signed(stack["Url"], "lambda", keys=keys)).status_code == 200
    unsigned = httpx.post(stack["Url"], timeout=60)
    assert (unsigned.status_code, unsigned.headers["x-amzn-errortype"]) == (403, "AccessDeniedException")
    assert unsigned.json()["Message"].startswith("Forbidden.")
    assert send(signed(stack["Url"], "execute-api")).status_code == 403
