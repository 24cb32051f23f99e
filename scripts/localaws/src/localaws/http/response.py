"""Converts a function's result to an HTTP response."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any

# https://www.rfc-editor.org/rfc/rfc9110#section-5.5
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[^\x00\r\n]*")


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
# Of a function URL whose function failed.
URL_FAILED = Response(502, [(b"content-type", b"application/json")], b"Internal Server Error")
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
    multiple, cookies = answer.get("multiValueHeaders") or {}, answer.get("cookies") or []
    if not all(isinstance(values, list) for values in (*multiple.values(), cookies)):
        raise TypeError(multiple)
    headers = [header(name, header_text(value)) for name, value in (answer.get("headers") or {}).items()]
    headers += [header(name, ",".join(map(header_text, values))) for name, values in multiple.items()]
    headers += [header("set-cookie", header_text(cookie)) for cookie in cookies]
    # The server sets the length.
    headers = [header for header in headers if header[0] not in (b"content-length", b"transfer-encoding")]
    if not any(name == b"content-type" for name, _ in headers):
        headers.append((b"content-type", b"text/plain;charset=utf-8"))
    return Response(status, headers, content)


def is_header_name(text: str) -> bool:
    """Whether HTTP allows a text as the name of a header."""
    return bool(_TOKEN.fullmatch(text))


def is_header_value(text: str) -> bool:
    """Whether HTTP allows a text as the value of a header."""
    return bool(_VALUE.fullmatch(text))


def header(name: str, value: str) -> tuple[bytes, bytes]:
    """A header as it's sent, its name in small letters; raises ValueError for what HTTP doesn't allow in one."""
    if not is_header_name(name) or not is_header_value(value):
        raise ValueError(f"{name}: {value}")
    return name.lower().encode("ascii"), value.encode("latin-1")


def header_text(value: Any) -> str:
    """A header's value in a function's result as text; raises TypeError for lists and objects."""
    if isinstance(value, list | dict):
        raise TypeError(value)
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
