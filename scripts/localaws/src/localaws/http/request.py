"""The event of a request in payload format 2.0.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from localaws.http.sites import Request
from localaws.settings import ACCOUNT

_TEXT = ("text/", "application/json", "application/javascript", "application/xml", "application/x-www-form-urlencoded")


def payload(scope: Mapping[str, Any], body: bytes, request: Request, api_id: str, request_id: str, now: float) -> bytes:
    """The event of an ASGI request at `now` (epoch seconds); `api_id` is the id of the API or function URL."""
    found = request.found
    headers, cookies = _headers(scope["headers"])
    query = scope["query_string"].decode("ascii")
    path = unquote(scope["raw_path"].split(b"?")[0].decode("ascii"))
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": found.route.key,
        "rawPath": path,
        "rawQueryString": query,
    }
    if cookies:
        event["cookies"] = cookies
    event["headers"] = headers
    if query:
        event["queryStringParameters"] = _joined(parse_qsl(query, keep_blank_values=True))
    event["requestContext"] = {
        "accountId": ACCOUNT,
        "apiId": api_id,
        "domainName": headers.get("host", "localhost").split(":")[0],
        "domainPrefix": headers.get("host", "localhost").split(":")[0].split(".")[0],
        "http": {
            "method": scope["method"],
            "path": path,
            "protocol": f"HTTP/{scope['http_version']}",
            "sourceIp": scope["client"][0] if scope.get("client") else "127.0.0.1",
            "userAgent": headers.get("user-agent", ""),
        },
        "requestId": request_id,
        "routeKey": found.route.key,
        "stage": request.stage,
        "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
        "timeEpoch": int(now * 1000),
    }
    if found.parameters:
        event["pathParameters"] = dict(found.parameters)
    if request.variables:
        event["stageVariables"] = dict(request.variables)
    encoded = bool(body) and not _is_text(headers.get("content-type", ""), body)
    if body:
        event["body"] = base64.b64encode(body).decode() if encoded else body.decode("utf-8")
    event["isBase64Encoded"] = encoded
    return json.dumps(event).encode()


def _headers(raw: list[tuple[bytes, bytes]]) -> tuple[dict[str, str], list[str]]:
    """Headers with lower-case names and repeated ones joined by commas, and the cookies."""
    pairs: list[tuple[str, str]] = []
    cookies: list[str] = []
    for name, value in raw:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        if key == "cookie":
            cookies += [cookie for cookie in (part.strip() for part in text.split(";")) if cookie]
        else:
            pairs.append((key, text))
    return _joined(pairs), cookies


def _joined(pairs: list[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for key, value in pairs:
        joined[key] = f"{joined[key]},{value}" if key in joined else value
    return joined


def _is_text(content_type: str, body: bytes) -> bool:
    kind = content_type.split(";")[0].strip().lower()
    if not (kind.startswith(_TEXT) or kind.endswith(("+json", "+xml"))):
        return False
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
