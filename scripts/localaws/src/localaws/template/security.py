"""The authorizers in the OpenAPI document of an HTTP API, and the authorization of its operations.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

AUTHORIZER = "x-amazon-apigateway-authorizer"
_SIGNED = "x-amazon-apigateway-authtype"
# The name that SAM gives to no authorization.
_OPEN = "NONE"


def schemes(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The security schemes by name, of OpenAPI 3 or 2."""
    components = body.get("components") or {}
    found: Mapping[str, Any] = components.get("securitySchemes") or body.get("securityDefinitions") or {}
    return found


def authorizers(body: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each authorizer's name and extension."""
    for name, scheme in schemes(body).items():
        if AUTHORIZER in scheme:
            yield name, scheme[AUTHORIZER]


def is_signed(scheme: Mapping[str, Any]) -> bool:
    """Whether a security scheme is IAM's."""
    return str(scheme.get(_SIGNED, "")).lower() == "awssigv4"


def security(body: Mapping[str, Any], operation: Mapping[str, Any]) -> tuple[str, list[str]] | None:
    """The name and scopes of an operation's scheme, its own or the document's; None if it's open."""
    wanted = operation["security"] if "security" in operation else body.get("security")
    for requirement in wanted or []:
        for name, scopes in requirement.items():
            return None if name == _OPEN and name not in schemes(body) else (name, list(scopes or []))
    return None
