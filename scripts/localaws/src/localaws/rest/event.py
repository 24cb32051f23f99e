"""The event of a Lambda proxy integration, payload format 1.0, and the response that its function returns.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from localaws.http.response import header_text, is_header_name, is_header_value
from localaws.rest.exchange import Exchange, grouped
from localaws.rest.gateway_responses import Rendered


def proxy_event(exchange: Exchange) -> dict[str, Any]:
    """The event of a request."""
    incoming = exchange.incoming
    encoded = bool(incoming.body) and exchange.snapshot.is_binary(incoming.header("content-type") or "")
    body = base64.b64encode(incoming.body).decode() if encoded else exchange.text
    return {
        **request_event(exchange),
        "body": body if incoming.body else None,
        "isBase64Encoded": encoded,
    }


def request_event(exchange: Exchange) -> dict[str, Any]:
    """The part of the event that a REQUEST authorizer gets too: all but the body."""
    incoming, query = exchange.incoming, exchange.query
    return {
        "resource": exchange.resource["path"],
        "path": exchange.shown_path,
        "httpMethod": incoming.verb,
        "headers": dict(incoming.headers) or None,
        "multiValueHeaders": grouped(incoming.headers) or None,
        "queryStringParameters": dict(query) or None,
        "multiValueQueryStringParameters": grouped(query) or None,
        "pathParameters": dict(exchange.parameters) or None,
        "stageVariables": dict(exchange.variables) or None,
        "requestContext": exchange.context(),
    }


class Malformed(ValueError):
    """A function's result isn't a response of a proxy integration."""


def proxy_response(payload: bytes, exchange: Exchange) -> Rendered:
    """The response of a function's result; raises Malformed."""
    try:
        result = json.loads(payload)
    except ValueError:
        raise Malformed("it isn't JSON") from None
    if not isinstance(result, dict):
        raise Malformed("it isn't an object")
    status = _status(result)
    body = result.get("body")
    if body is not None and not isinstance(body, str):
        raise Malformed("its body isn't a string")
    content = (body or "").encode()
    accept = (exchange.incoming.header("accept") or "application/json").split(",")[0]
    if result.get("isBase64Encoded") is True and exchange.snapshot.is_binary(accept):
        try:
            content = base64.b64decode(body or "", validate=True)
        except binascii.Error:
            raise Malformed("its body isn't base64") from None
    return Rendered(status, _headers(result), content)


def _status(result: dict[str, Any]) -> int:
    given = result.get("statusCode")
    if isinstance(given, bool) or not isinstance(given, int | str) or not str(given).isdigit():
        raise Malformed("its statusCode isn't a number")
    if not 100 <= int(given) <= 599:
        raise Malformed(f"its statusCode is {given}")
    return int(given)


def _headers(result: dict[str, Any]) -> list[tuple[str, str]]:
    single, multiple = result.get("headers") or {}, result.get("multiValueHeaders") or {}
    if not isinstance(single, dict) or not isinstance(multiple, dict):
        raise Malformed("its headers aren't an object")
    for name in (*single, *multiple):
        if not is_header_name(name):
            raise Malformed(f"{name!r} isn't a header's name")
    pairs: list[tuple[str, str]] = []
    for name, values in multiple.items():
        if not isinstance(values, list):
            raise Malformed(f"the header {name} isn't a list")
        pairs += [(name, _text(name, value)) for value in values]
    known = {(name.lower(), value) for name, value in pairs}
    pairs += [
        (name, text)
        for name, text in ((n, _text(n, v)) for n, v in single.items())
        if (name.lower(), text) not in known
    ]
    # The server sets the length.
    kept = [(name, value) for name, value in pairs if name.lower() not in ("content-length", "transfer-encoding")]
    if not any(name.lower() == "content-type" for name, _ in kept):
        kept.append(("Content-Type", "application/json"))
    return kept


def _text(name: str, value: Any) -> str:
    if isinstance(value, dict | list):
        raise Malformed(f"the header {name} isn't a string")
    text = header_text(value)
    if not is_header_value(text):
        raise Malformed(f"the header {name} has a line break")
    return text
