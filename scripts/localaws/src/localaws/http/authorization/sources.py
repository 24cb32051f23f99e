"""Identity sources of HTTP APIs, such as `$request.header.Authorization`.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_SOURCE = re.compile(r"\$(request\.(?:header|querystring)|context|stageVariables)\.([A-Za-z0-9._-]+)")


def is_source(text: str) -> bool:
    """Whether a text is an identity source."""
    return _SOURCE.fullmatch(text) is not None


def source_value(source: str, event: Mapping[str, Any]) -> str | None:
    """The value of an identity source in an event of payload format 2.0, or None."""
    found = _SOURCE.fullmatch(source)
    if found is None:
        return None
    place, name = found.groups()
    if place == "context":
        return _of_context(event["requestContext"], name)
    if place == "stageVariables":
        return _text(event.get("stageVariables", {}).get(name))
    if place == "request.querystring":
        return _text(event.get("queryStringParameters", {}).get(name))
    if name.lower() == "cookie":
        return "; ".join(event.get("cookies", [])) or None
    return _text(event["headers"].get(name.lower()))


def _of_context(context: Mapping[str, Any], name: str) -> str | None:
    """A variable of `$context`: those of the request are under `http` in the event."""
    http = context["http"]
    named = {
        "httpMethod": http["method"],
        "identity.sourceIp": http["sourceIp"],
        "identity.userAgent": http["userAgent"],
        "path": http["path"],
        "protocol": http["protocol"],
        "requestTime": context["time"],
        "requestTimeEpoch": context["timeEpoch"],
    }
    return _text(named.get(name, context.get(name)))


def _text(value: Any) -> str | None:
    return None if value is None or isinstance(value, dict | list) else str(value)
