"""CreateApi with a target: an API with an integration, a route and a stage, which moto leaves out.

https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from inspect import signature
from typing import Any

from moto.apigatewayv2 import models
from moto.apigatewayv2.exceptions import BadRequestException

_DEFAULT = "$default"


def created(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Wrap moto's CreateApi."""

    def create_api(request: Any) -> Any:
        given = json.loads(request.body)
        target = given.get("target")
        if not target and given.get("routeKey"):
            raise BadRequestException("RouteKey is only for an API that is created with a Target.")
        status, headers, body = original(request)
        if target:
            _complete(request.apigatewayv2_backend, json.loads(body)["apiId"], given)
        return status, headers, body

    return create_api


def updated(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Wrap moto's UpdateApi, which drops these members, to refuse them."""

    def update_api(request: Any) -> Any:
        given = json.loads(request.body)
        for name in ("target", "routeKey", "credentialsArn"):
            if given.get(name):
                raise BadRequestException(f"Local AWS doesn't support {name} of UpdateApi.")
        return original(request)

    return update_api


def _complete(backend: Any, api_id: str, given: dict[str, Any]) -> None:
    """Add the integration with the target, its route and the stage; without them there's no API either."""
    is_function = given["target"].startswith("arn:")
    integration = {
        "credentials_arn": given.get("credentialsArn"),
        "integration_type": "AWS_PROXY" if is_function else "HTTP_PROXY",
        "integration_uri": given["target"],
        "payload_format_version": "2.0" if is_function else "1.0",
    }
    try:
        made = backend.create_integration(api_id=api_id, **_with_all(models.Api.create_integration, integration))
        route = {"route_key": given.get("routeKey") or _DEFAULT, "target": f"integrations/{made.id}"}
        backend.create_route(api_id=api_id, **_with_all(models.Api.create_route, route))
        backend.create_stage(api_id, {"stageName": _DEFAULT, "autoDeploy": True})
    except BadRequestException:
        backend.delete_api(api_id)
        raise


def _with_all(operation: Callable[..., Any], given: dict[str, Any]) -> dict[str, Any]:
    """The parameters of moto's operation, of which all are required."""
    return dict.fromkeys(name for name in signature(operation).parameters if name != "self") | given
