"""Payload format 1.0 of an HTTP API's integration: the event, and the response that the function returns.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from localaws.http.request import passed_on
from localaws.http.response import Response, header, header_text

_SETS_COOKIE = "set-cookie"
# Of callers that Cognito or an organization knows.
_WITHOUT_COGNITO = dict.fromkeys(
    (
        "cognitoAuthenticationProvider",
        "cognitoAuthenticationType",
        "cognitoIdentityId",
        "cognitoIdentityPoolId",
        "principalOrgId",
    )
)


def event_1_0(event: Mapping[str, Any], raw_headers: Iterable[tuple[bytes, bytes]]) -> dict[str, Any]:
    """The event in format 1.0 of a request whose event in format 2.0 is `event`; `raw_headers` are as they were sent.

    A repeated header or parameter has its last value, and all of them in the field of multiple values.
    """
    sent = _grouped(passed_on(raw_headers))
    # The ones that the gateway adds or changes.
    headers = sent | {name: [value] for name, value in event["headers"].items() if name not in sent or _is_own(name)}
    query = _grouped(parse_qsl(event["rawQueryString"], keep_blank_values=True))
    context = context_1_0(event)
    return {
        "version": "1.0",
        "resource": context["resourcePath"],
        "path": event["rawPath"],
        "httpMethod": context["httpMethod"],
        "headers": _last(headers),
        "multiValueHeaders": headers,
        "queryStringParameters": _last(query) or None,
        "multiValueQueryStringParameters": query or None,
        "requestContext": context,
        "pathParameters": event.get("pathParameters"),
        "stageVariables": event.get("stageVariables"),
        "body": event.get("body"),
        "isBase64Encoded": event["isBase64Encoded"],
    }


def context_1_0(event: Mapping[str, Any]) -> dict[str, Any]:
    """The request's context in format 1.0, of an event in format 2.0."""
    context = event["requestContext"]
    http: Mapping[str, Any] = context["http"]
    authorizer: Mapping[str, Any] = context.get("authorizer", {})
    signed: Mapping[str, Any] = authorizer.get("iam", {})
    _, _, template = str(event["routeKey"]).partition(" ")
    return {
        "accountId": context["accountId"],
        "apiId": context["apiId"],
        "authorizer": {"claims": None, "scopes": None} | authorizer.get("jwt", {}) | authorizer.get("lambda", {}),
        "domainName": context["domainName"],
        "domainPrefix": context["domainPrefix"],
        "extendedRequestId": context["requestId"],
        "httpMethod": http["method"],
        "identity": {
            "accessKey": signed.get("accessKey"),
            "accountId": signed.get("accountId"),
            "caller": signed.get("callerId"),
            **_WITHOUT_COGNITO,
            "sourceIp": http["sourceIp"],
            "user": signed.get("userId"),
            "userAgent": http["userAgent"],
            "userArn": signed.get("userArn"),
        },
        "path": event["rawPath"],
        "protocol": http["protocol"],
        "requestId": context["requestId"],
        "requestTime": context["time"],
        "requestTimeEpoch": context["timeEpoch"],
        "resourceId": None,
        "resourcePath": template or event["routeKey"],
        "stage": context["stage"],
    }


def response_1_0(payload: bytes, malformed: Response) -> Response:
    """The response for a function's result, which must have a status code; `malformed` if it isn't a response."""
    try:
        answer = json.loads(payload)
        status, body = int(answer["statusCode"]), answer.get("body")
        if not 100 <= status <= 599 or not isinstance(body, str | None):
            return malformed
        content = (
            base64.b64decode(body or "", validate=True) if answer.get("isBase64Encoded") else (body or "").encode()
        )
        multiple: Mapping[str, list[Any]] = answer.get("multiValueHeaders") or {}
        single: Mapping[str, Any] = answer.get("headers") or {}
        headers = {name.lower(): [header_text(value)] for name, value in single.items()}
        headers |= {name.lower(): [header_text(value) for value in _list(values)] for name, values in multiple.items()}
        headers = {"content-type": ["text/plain;charset=utf-8"]} | headers
        pairs = [
            header(name, value)
            for name, values in headers.items()
            # The server sets the length.
            if name not in ("content-length", "transfer-encoding")
            for value in (values if name == _SETS_COOKIE else [",".join(values)])
        ]
    except (AttributeError, KeyError, TypeError, ValueError, binascii.Error):
        return malformed
    return Response(status, pairs, content)


def _is_own(name: str) -> bool:
    return name in ("content-length", "x-amzn-trace-id") or name.startswith("x-forwarded-")


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name, value in pairs:
        groups.setdefault(name, []).append(value)
    return groups


def _last(groups: Mapping[str, list[str]]) -> dict[str, str]:
    return {name: values[-1] for name, values in groups.items()}


def _list(values: Any) -> list[Any]:
    if not isinstance(values, list):
        raise TypeError(values)
    return values
