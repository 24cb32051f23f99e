"""How each protocol says that access is denied."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from localaws.iam.http_request import HttpRequest
from localaws.identifiers import new_request_id

# Services whose code isn't AccessDeniedException.
_PLAIN_CODE = frozenset({"cloudformation", "iam", "monitoring", "s3", "sqs", "sts"})
_CODES = {"sns": "AuthorizationError"}


@dataclass(frozen=True)
class Denial:
    """An answer that denies access."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


def denial(request: HttpRequest, service: str, missing: Any) -> Denial:
    """The answer in the protocol of the request; `missing` is the permission, with AWS's message."""
    code = _CODES.get(service) or ("AccessDenied" if service in _PLAIN_CODE else "AccessDeniedException")
    message = missing.message
    request_id = new_request_id()
    named = {"x-amzn-requestid": request_id}
    content_type = request.headers.get("content-type", "")
    if service == "s3":
        body = "" if request.method == "HEAD" else _s3(code, message, request_id)
        return _made("403 Forbidden", "application/xml", body.encode(), {"x-amz-request-id": request_id})
    if protocol := request.headers.get("smithy-protocol"):
        return _made("400 Bad Request", "application/cbor", _cbor(code, message), {"smithy-protocol": protocol})
    if "x-amz-target" in request.headers:
        body = json.dumps({"__type": code, "message": message})
        return _made("400 Bad Request", content_type or "application/json", body.encode(), named)
    if content_type.startswith("application/x-www-form-urlencoded"):
        return _made("403 Forbidden", "text/xml", _query(code, message, request_id).encode(), named)
    body = json.dumps({"Message": message})
    return _made("403 Forbidden", "application/json", body.encode(), {"x-amzn-errortype": code, **named})


def _made(status: str, content_type: str, body: bytes, headers: dict[str, str]) -> Denial:
    named = [("content-type", content_type), ("content-length", str(len(body))), *headers.items()]
    return Denial(status, named, body)


def _s3(code: str, message: str, request_id: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{code}</Code><Message>{escape(message)}</Message><RequestId>{request_id}</RequestId></Error>"
    )


def _query(code: str, message: str, request_id: str) -> str:
    return (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
        f"<RequestId>{request_id}</RequestId></ErrorResponse>"
    )


def _cbor(code: str, message: str) -> bytes:
    """A map of two texts (RFC 8949)."""
    return b"\xa2" + b"".join(_cbor_text(text) for text in ("__type", code, "message", message))


def _cbor_text(text: str) -> bytes:
    content = text.encode()
    size = len(content)
    return (bytes([0x60 + size]) if size < 24 else b"\x79" + size.to_bytes(2)) + content
