"""The responses of API Gateway itself, which an API can change.

https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from localaws.rest.store import Document

_TEMPLATE = '{"message":$context.error.messageString}'
# Differs from what the API describes as the default: clients see a capital letter in this one.
_DENIED_TEMPLATE = '{"Message":$context.error.messageString}'
_CONTEXT = re.compile(r"\$(?:\{context\.([\w.-]+)\}|context\.([\w.-]*\w))")
_STAGE_VARIABLE = re.compile(r"\$(?:\{stageVariables\.(\w+)\}|stageVariables\.(\w+))")
_HEADER = "gatewayresponse.header."


@dataclass(frozen=True)
class Default:
    """The default of a response type: the status, the message and the value of x-amzn-ErrorType."""

    status: int | None
    message: str | None = None
    error_type: str | None = None


# Statuses are of AWS's table; messages and error types are those that clients see, which it doesn't list.
DEFAULTS: Mapping[str, Default] = {
    "ACCESS_DENIED": Default(403, "User is not authorized to access this resource", "AccessDeniedException"),
    "API_CONFIGURATION_ERROR": Default(500, "Internal server error", "InternalServerErrorException"),
    "AUTHORIZER_CONFIGURATION_ERROR": Default(500, None, "AuthorizerConfigurationException"),
    "AUTHORIZER_FAILURE": Default(500, None, "CustomAuthorizerException"),
    "BAD_REQUEST_BODY": Default(400, "Invalid request body", "BadRequestException"),
    "BAD_REQUEST_PARAMETERS": Default(400, "Missing required request parameters", "BadRequestException"),
    "DEFAULT_4XX": Default(None),
    "DEFAULT_5XX": Default(None, "Internal server error", "InternalServerErrorException"),
    "EXPIRED_TOKEN": Default(403, "The security token included in the request is expired", "ExpiredTokenException"),
    "INTEGRATION_FAILURE": Default(504, "Network error communicating with endpoint", "InternalServerErrorException"),
    "INTEGRATION_TIMEOUT": Default(504, "Endpoint request timed out", "InternalServerErrorException"),
    "INVALID_API_KEY": Default(403, "Forbidden", "ForbiddenException"),
    "INVALID_SIGNATURE": Default(403, "The request signature is invalid", "InvalidSignatureException"),
    "MISSING_AUTHENTICATION_TOKEN": Default(403, "Missing Authentication Token", "MissingAuthenticationTokenException"),
    "QUOTA_EXCEEDED": Default(429, "Limit Exceeded", "LimitExceededException"),
    "REQUEST_TOO_LARGE": Default(413, "Request Too Long", "RequestTooLargeException"),
    "RESOURCE_NOT_FOUND": Default(404, "Not Found", "NotFoundException"),
    "THROTTLED": Default(429, "Too Many Requests", "TooManyRequestsException"),
    "UNAUTHORIZED": Default(401, "Unauthorized", "UnauthorizedException"),
    "UNSUPPORTED_MEDIA_TYPE": Default(415, "Unsupported Media Type", "UnsupportedMediaTypeException"),
    "WAF_FILTERED": Default(403, "Forbidden", "ForbiddenException"),
}


class Refused(Exception):
    """API Gateway answers a request itself.

    `message` replaces the type's own; `status` is that of the types that have none. `validation` says what's invalid.
    """

    def __init__(
        self, kind: str, message: str | None = None, status: int | None = None, validation: str | None = None
    ) -> None:
        self.kind, self.status, self.validation = kind, status, validation
        self.message = message if message is not None else DEFAULTS[kind].message
        super().__init__(kind)


def described(responses: Mapping[str, Document], kind: str) -> Document:
    """A response of an API as its API describes it: the one that was put, or the default."""
    if kind in responses:
        return responses[kind]
    status = DEFAULTS[kind].status
    return {
        "responseType": kind,
        "defaultResponse": True,
        "responseParameters": {},
        "responseTemplates": {"application/json": _TEMPLATE},
        **({"statusCode": str(status)} if status else {}),
    }


@dataclass(frozen=True)
class Rendered:
    """A response of API Gateway: the status, headers and body."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def render(
    refused: Refused,
    responses: Mapping[str, Document],
    context: Mapping[str, Any],
    variables: Mapping[str, str],
    parameter: Callable[[str], str | None],
    accept: str = "",
) -> Rendered:
    """The response of a refused request; `parameter` looks up `method.request.header.Name` and the like."""
    default = DEFAULTS[refused.kind]
    status = default.status or refused.status or 500
    fallback = responses.get("DEFAULT_4XX" if status < 500 else "DEFAULT_5XX", {})
    # A type that wasn't put takes everything from DEFAULT_4XX or DEFAULT_5XX, even their status.
    chosen = responses.get(refused.kind) or fallback
    status = int(chosen.get("statusCode") or status)
    template = _DENIED_TEMPLATE if refused.kind == "ACCESS_DENIED" else _TEMPLATE
    error = {
        "message": refused.message,
        "messageString": json.dumps(refused.message),
        "responseType": refused.kind,
        "validationErrorString": refused.validation or refused.message,
    }
    known = {**context, "error": error}
    templates = chosen.get("responseTemplates") or {"application/json": template}
    kind = next((item.strip() for item in accept.split(",") if item.strip() in templates), None)
    kind = kind or ("application/json" if "application/json" in templates else next(iter(templates)))
    body = _STAGE_VARIABLE.sub(lambda match: variables.get(match[1] or match[2], ""), templates[kind] or "")
    body = _CONTEXT.sub(lambda match: _looked_up(known, match[1] or match[2]), body)
    headers = [("Content-Type", kind)]
    if default.error_type:
        headers.append(("x-amzn-ErrorType", default.error_type))
    for target, source in (chosen.get("responseParameters") or {}).items():
        value = _value(source, known, variables, parameter)
        if value is not None and target.startswith(_HEADER):
            headers.append((target.removeprefix(_HEADER), value))
    return Rendered(status, headers, body.encode())


def _looked_up(context: Mapping[str, Any], path: str) -> str:
    value: Any = context
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return "" if value is None else str(value)


def _value(
    source: str, context: Mapping[str, Any], variables: Mapping[str, str], parameter: Callable[[str], str | None]
) -> str | None:
    if source.startswith("'") and source.endswith("'"):
        return source[1:-1]
    if source.startswith("context."):
        return _looked_up(context, source.removeprefix("context."))
    if source.startswith("stageVariables."):
        return variables.get(source.removeprefix("stageVariables."))
    return parameter(source)
