"""The limit of the head of a request to API Gateway: its request line and the values of its headers.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localaws.http.response import Response, problem

# Bytes.
LARGEST_HEAD = 10_240
URI_TOO_LONG = problem(414, "Request-URI Too Long")
HEADERS_TOO_LARGE = problem(431, "Request Header Fields Too Large")


def too_large(scope: Mapping[str, Any]) -> Response | None:
    """The response to a request whose head is over the limit; None if it isn't. `scope` is ASGI's."""
    target = len(scope["raw_path"].split(b"?")[0]) + len(scope["query_string"]) + bool(scope["query_string"])
    line = len(f"{scope['method']}  HTTP/{scope['http_version']}") + target
    if line > LARGEST_HEAD:
        return URI_TOO_LONG
    values = sum(len(value) for _, value in scope["headers"])
    return HEADERS_TOO_LARGE if line + values > LARGEST_HEAD else None
