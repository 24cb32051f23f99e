"""The events that Lambda authorizers of HTTP APIs get, in the payload formats 2.0 and 1.0.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
"""

from __future__ import annotations

from typing import Any

from localaws.http.authorization.requirement import Asked
from localaws.http.payload_1_0 import context_1_0


def authorizer_event(version: str, asked: Asked, caller: tuple[str, ...]) -> dict[str, Any]:
    """The event of a request, without its body; `caller` are the values of the identity sources."""
    if version == "1.0":
        return _first(asked, caller)
    kept = {name: value for name, value in asked.event.items() if name not in ("body", "isBase64Encoded", "version")}
    return {
        "version": "2.0",
        "type": "REQUEST",
        "routeArn": asked.resource,
        "identitySource": list(caller) or None,
        **kept,
    }


def _first(asked: Asked, caller: tuple[str, ...]) -> dict[str, Any]:
    """Payload format 1.0: that of REST APIs."""
    event, joined = asked.event, ",".join(caller)
    context = context_1_0(event)
    cookies = {"cookie": "; ".join(event["cookies"])} if "cookies" in event else {}
    return {
        "version": "1.0",
        "type": "REQUEST",
        "methodArn": asked.resource,
        "identitySource": joined or None,
        "authorizationToken": joined or None,
        "resource": context["resourcePath"],
        "path": event["rawPath"],
        "httpMethod": context["httpMethod"],
        "headers": {**event["headers"], **cookies},
        "queryStringParameters": event.get("queryStringParameters", {}),
        "pathParameters": event.get("pathParameters", {}),
        "stageVariables": event.get("stageVariables", {}),
        "requestContext": {
            **{name: value for name, value in context.items() if name != "authorizer"},
            "identity": {name: context["identity"][name] for name in ("sourceIp", "userAgent")},
            "resourceId": event["routeKey"],
        },
    }
