"""The stages of HTTP APIs: UpdateStage, which moto lacks, and checks of the settings of routes.

https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages-stagename.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from moto.apigatewayv2 import models, responses
from moto.apigatewayv2.exceptions import APIGatewayV2Error, BadRequestException

from localaws.http import access_log
from localaws.moto_patches import MotoPatches

# The name of a stage's setting in a request → its attribute in moto's model.
_SETTINGS = {
    "accessLogSettings": "access_log_settings",
    "autoDeploy": "auto_deploy",
    "defaultRouteSettings": "default_route_settings",
    "description": "description",
    "routeSettings": "route_settings",
    "stageVariables": "stage_variables",
}
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_NO_DEPLOYMENTS = "Local AWS supports only stages of HTTP APIs with AutoDeploy, since it has no deployments of theirs."


class UnknownRoute(APIGatewayV2Error):
    """The settings of a stage name a route that its API doesn't have."""

    code = 404

    def __init__(self, key: str) -> None:
        super().__init__("NotFoundException", f"Unable to find Route by key {key} within the provided RouteSettings")


class Conflict(APIGatewayV2Error):
    """The resource exists."""

    code = 409

    def __init__(self, message: str) -> None:
        super().__init__("ConflictException", message)


def install(patches: MotoPatches) -> None:
    """Check the settings of new stages, and add UpdateStage."""
    patches.replace(models.ApiGatewayV2Backend, "create_stage", _checked)
    patches.add(responses.ApiGatewayV2Response, "update_stage", _update)


def _checked(original: Callable[..., Any]) -> Callable[..., Any]:
    def create_stage(backend: Any, api_id: str, config: dict[str, Any]) -> Any:
        _check(backend, api_id, config)
        name = config["stageName"]
        if name != "$default" and not _NAME.fullmatch(name):
            raise BadRequestException(f"Stage name {name} isn't of letters, digits, hyphens and underscores.")
        if name in backend.get_api(api_id).stages:
            raise Conflict("Stage already exists")
        if not config.get("autoDeploy"):
            raise BadRequestException(_NO_DEPLOYMENTS)
        return original(backend, api_id, config)

    return create_stage


def _update(request: Any) -> tuple[int, dict[str, Any], str]:
    """UpdateStage: maps of settings and variables are added to the present ones, as on AWS."""
    *_, api_id, _, name = request.path.split("/")
    backend = request.apigatewayv2_backend
    stage, given = backend.get_stage(api_id, unquote(name)), json.loads(request.body)
    _check(backend, api_id, given)
    if given.get("autoDeploy") is False:
        raise BadRequestException(_NO_DEPLOYMENTS)
    for setting, attribute in _SETTINGS.items():
        if setting not in given:
            continue
        value, present = given[setting], getattr(stage, attribute)
        merged = isinstance(value, dict) and isinstance(present, dict)
        setattr(stage, attribute, present | value if merged else value)
    return 200, {}, json.dumps(stage.to_json())


def _check(backend: Any, api_id: str, config: Mapping[str, Any]) -> None:
    """Raise for settings of a route that the API lacks, and for an access log that can't be written."""
    known = {route.route_key for route in backend.get_api(api_id).routes.values()}
    for key in config.get("routeSettings") or {}:
        if key not in known:
            raise UnknownRoute(key)
    if problem := access_log.problem(config.get("accessLogSettings") or {}):
        raise BadRequestException(problem)
