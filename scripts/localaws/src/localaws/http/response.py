"""Converts a function's result to an HTTP response."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Response:
    """A response; header names are lower-cased, as HTTP APIs send them."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


def problem(status: int, message: str) -> Response:
    """A response of API Gateway itself."""
    body = json.dumps({"message": message}, separators=(",", ":")).encode()
    return Response(status, [(b"content-type", b"application/json")], body)


INTERNAL_ERROR = problem(500, "Internal Server Error")
NOT_FOUND = problem(404, "Not Found")
TOO_LARGE = problem(413, "Request Entity Too Large")
UNAVAILABLE = problem(503, "Service Unavailable")
TOO_MANY = problem(429, "Rate Exceeded.")
THROTTLED = problem(429, "Too Many Requests")
# Of a function URL whose caller isn't authorized.
FORBIDDEN_URL = Response(
    403,
    [(b"content-type", b"application/json"), (b"x-amzn-errortype", b"AccessDeniedException")],
    json.dumps(
        {
            "Message": "Forbidden. For troubleshooting Function URL authorization issues, see: "
            "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
        }
    ).encode(),
)


def function_failed(status: int) -> Response:
    """The response for a failed function: 500 for an HTTP API, 502 for a function URL."""
    return problem(status, "Internal Server Error")


def from_payload(payload: bytes, malformed: Response = INTERNAL_ERROR) -> Response:
    """The response for a function's result, structured or inferred; `malformed` if it's neither."""
    try:
        answer = json.loads(payload)
    except ValueError:
        return malformed
    if not isinstance(answer, dict) or "statusCode" not in answer:
        body = answer if isinstance(answer, str) else json.dumps(answer)
        return Response(200, [(b"content-type", b"application/json")], body.encode())
    try:
        return _structured(answer)
    except (AttributeError, KeyError, TypeError, ValueError, binascii.Error):
        return malformed


def _structured(answer: dict[str, Any]) -> Response:
    status = int(answer["statusCode"])
    if not 100 <= status <= 599:
        raise ValueError(status)
    body = "" if answer.get("body") is None else answer["body"]
    if not isinstance(body, str):
        raise TypeError(body)
    content = base64.b64decode(body, validate=True) if answer.get("isBase64Encoded") else body.encode()
    headers: list[tuple[bytes, bytes]] = []
    for name, value in (answer.get("headers") or {}).items():
        headers.append((name.lower().encode("latin-1"), _text(value).encode("latin-1")))
    for name, values in (answer.get("multiValueHeaders") or {}).items():
        joined = ",".join(map(_text, values))
        headers.append((name.lower().encode("latin-1"), joined.encode("latin-1")))
    for cookie in answer.get("cookies") or []:
        headers.append((b"set-cookie", cookie.encode("latin-1")))
    # The server sets the length.
    headers = [header for header in headers if header[0] not in (b"content-length", b"transfer-encoding")]
    if not any(name == b"content-type" for name, _ in headers):
        headers.append((b"content-type", b"text/plain;charset=utf-8"))
    return Response(status, headers, content)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
