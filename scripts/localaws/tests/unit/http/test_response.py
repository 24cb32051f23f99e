"""What a function's answer means as a response."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localaws.http.response import INTERNAL_ERROR, from_payload


def answer(value: Any) -> Any:
    return from_payload(json.dumps(value).encode())


def test_headers_are_lower_cased_and_several_values_joined() -> None:
    response = answer({"statusCode": 204, "headers": {"X-A": True}, "multiValueHeaders": {"X-B": [1, 2]}})
    assert response.status == 204
    assert (b"x-a", b"true") in response.headers
    assert (b"x-b", b"1,2") in response.headers


def test_a_status_code_may_be_text() -> None:
    response = answer({"statusCode": "201", "body": '{"a": 1}'})
    assert (response.status, response.body) == (201, b'{"a": 1}')


def test_the_content_length_of_a_function_is_ignored() -> None:
    response = answer({"statusCode": 200, "headers": {"Content-Length": "9999"}, "body": "x"})
    assert not [name for name, _ in response.headers if name == b"content-length"]


@pytest.mark.parametrize(
    "payload",
    [
        b"not json",
        b'{"statusCode": "many"}',
        b'{"statusCode": 99}',
        b'{"statusCode": 200, "headers": ["a"]}',
        b'{"statusCode": 200, "body": "%%%", "isBase64Encoded": true}',
        b'{"statusCode": 200, "body": {"a": 1}}',
        b'{"statusCode": 200, "body": {}}',
        b'{"statusCode": 200, "body": 5}',
        b'{"statusCode": 200, "body": false}',
        b'{"statusCode": 200, "body": ["a"], "isBase64Encoded": true}',
    ],
)
def test_an_invalid_result_is_a_500(payload: bytes) -> None:
    assert from_payload(payload) == INTERNAL_ERROR
