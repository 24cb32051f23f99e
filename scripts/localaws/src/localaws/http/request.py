"""The event of a request in payload format 2.0.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from localaws.http.sites import Request
from localaws.settings import ACCOUNT

# Headers of the connection, which the gateway doesn't pass on.
_HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)
# Bodies of all other types, forms and +json among them, arrive in base64, as do those in other character sets.
_TEXT = frozenset({"application/javascript", "application/json", "application/xml"})


def request_event(
    scope: Mapping[str, Any], body: bytes, request: Request, api_id: str, request_id: str, now: float
) -> dict[str, Any]:
    """The event of an ASGI request at `now` (epoch seconds); `api_id` is the id of the API or function URL."""
    found = request.found
    headers, cookies = read_headers(scope["headers"])
    client = scope["client"][0] if scope.get("client") else "127.0.0.1"
    headers = _forwarded(headers, scope, client, now)
    if request.of_api or body:
        headers["content-length"] = str(len(body))
    query = scope["query_string"].decode("ascii")
    path = scope["raw_path"].split(b"?")[0].decode("ascii")
    if request.of_api:
        path = unquote(path)
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
    event["requestContext"] = request_context(scope, headers, request, path, api_id, request_id, now)
    if found.parameters:
        event["pathParameters"] = dict(found.parameters)
    if request.variables:
        event["stageVariables"] = dict(request.variables)
    encoded = bool(body) and not _is_text(headers.get("content-type", ""), body)
    if body:
        event["body"] = base64.b64encode(body).decode() if encoded else body.decode("utf-8")
    event["isBase64Encoded"] = encoded
    return event


def request_context(
    scope: Mapping[str, Any],
    headers: Mapping[str, str],
    request: Request | None,
    path: str,
    api_id: str,
    request_id: str,
    now: float,
) -> dict[str, Any]:
    """The context of a request as an event has it; without what the route says if there's no route for it."""
    domain = headers.get("host", "localhost").split(":")[0]
    context = {
        "accountId": ACCOUNT,
        "apiId": api_id,
        "domainName": domain,
        "domainPrefix": domain.split(".")[0],
        "http": {
            "method": scope["method"],
            "path": path,
            "protocol": f"HTTP/{scope['http_version']}",
            "sourceIp": scope["client"][0] if scope.get("client") else "127.0.0.1",
            "userAgent": headers.get("user-agent", ""),
        },
        "requestId": request_id,
        "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
        "timeEpoch": int(now * 1000),
    }
    if request:
        context |= {"routeKey": request.found.route.key, "stage": request.stage}
    return context


def passed_on(raw: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[str, str]]:
    """The headers without those of the connection, with lower-case names."""
    for name, value in raw:
        if (key := name.decode("latin-1").lower()) not in _HOP_BY_HOP:
            yield key, value.decode("latin-1")


def read_headers(raw: Iterable[tuple[bytes, bytes]]) -> tuple[dict[str, str], list[str]]:
    """Headers with lower-case names and repeated ones joined by commas, and the cookies."""
    pairs: list[tuple[str, str]] = []
    cookies: list[str] = []
    for key, text in passed_on(raw):
        if key == "cookie":
            cookies += [cookie for cookie in (part.strip() for part in text.split(";")) if cookie]
        else:
            pairs.append((key, text))
    return _joined(pairs), cookies


def _forwarded(headers: dict[str, str], scope: Mapping[str, Any], client: str, now: float) -> dict[str, str]:
    """The headers with those that the gateway adds; the client's address comes after the ones that it sent itself."""
    passed = headers.get("x-forwarded-for")
    trace = headers.get("x-amzn-trace-id", "")
    if "Root=" not in trace:
        root = f"Root=1-{int(now):08x}-{secrets.token_hex(12)}"
        trace = f"{root};{trace}" if trace else root
    return headers | {
        "x-amzn-trace-id": trace,
        "x-forwarded-for": f"{passed}, {client}" if passed else client,
        "x-forwarded-port": str(scope["server"][1]),
        "x-forwarded-proto": scope["scheme"],
    }


def _joined(pairs: list[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for key, value in pairs:
        joined[key] = f"{joined[key]},{value}" if key in joined else value
    return joined


def _is_text(content_type: str, body: bytes) -> bool:
    kind, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charsets = [
        value.strip('"') for name, _, value in (part.partition("=") for part in parameters) if name == "charset"
    ]
    if not (kind.startswith("text/") or kind in _TEXT) or charsets not in ([], ["utf-8"]):
        return False
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
