"""Patches moto's API Gateway to serve HTTP APIs and to refuse other kinds."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from moto.apigatewayv2 import models, responses
from moto.apigatewayv2.exceptions import BadRequestException

from localaws.http import quick_create, stages
from localaws.http.authorization import authorizers
from localaws.http.cors import Cors
from localaws.http.function_urls import FunctionUrls
from localaws.http.servers import HttpServers
from localaws.http.service_calls import problems
from localaws.http.sites import ApiSite
from localaws.http.stages import Conflict
from localaws.moto_patches import MotoPatches

Method = Callable[..., Any]
_KEY = re.compile(r"(ANY|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT) /([^/\s]+(/[^/\s]+)*)?")
_PARAMETER = re.compile(r"/\{([^{}/]+)\}")
_GREEDY_INSIDE = re.compile(r"\{[^{}/]+\+\}.")


def install(patches: MotoPatches, servers: HttpServers, urls: FunctionUrls) -> None:
    """Serve each new HTTP API at a local URL, and function URLs by `urls`."""
    urls.install(patches)
    stages.install(patches)
    authorizers.install(patches, servers.authorization)
    wrap, backend = _Wrappers(servers), models.ApiGatewayV2Backend
    patches.replace(backend, "create_api", wrap.creation)
    patches.replace(backend, "update_api", wrap.update)
    patches.replace(backend, "delete_api", wrap.deletion)
    patches.replace(backend, "create_integration", wrap.integration)
    patches.replace(backend, "update_integration", wrap.integration_update)
    patches.replace(backend, "delete_integration", _unused)
    patches.replace(backend, "create_route", wrap.route)
    patches.replace(backend, "update_route", _checked_update)
    patches.replace(responses.ApiGatewayV2Response, "create_api", quick_create.created)
    patches.replace(responses.ApiGatewayV2Response, "update_api", quick_create.updated)


@dataclass(frozen=True)
class _Wrappers:
    """One method per patch: each takes moto's method and returns the replacement."""

    servers: HttpServers

    def creation(self, original: Method) -> Method:
        def create_api(backend: Any, *args: Any, **options: Any) -> Any:
            kind = options.get("protocol_type")
            if kind != "HTTP":
                raise BadRequestException(f"Local AWS supports HTTP APIs, not {kind}.")
            _check_supported(options)
            _check_cors(options.get("cors_configuration"))
            api = original(backend, *args, **options)
            api.api_endpoint = self.servers.start(ApiSite(api))
            return api

        return create_api

    def update(self, original: Method) -> Method:
        def update_api(backend: Any, api_id: str, **options: Any) -> Any:
            _check_supported(options)
            _check_cors(options.get("cors_configuration"))
            return original(backend, api_id, **options)

        return update_api

    def deletion(self, original: Method) -> Method:
        def delete_api(backend: Any, api_id: str) -> None:
            self.servers.stop(api_id)
            original(backend, api_id)

        return delete_api

    def integration(self, original: Method) -> Method:
        def create_integration(backend: Any, *args: Any, **options: Any) -> Any:
            _check_integration(options)
            return original(backend, *args, **options)

        return create_integration

    def integration_update(self, original: Method) -> Method:
        def update_integration(backend: Any, **options: Any) -> Any:
            now = vars(backend.get_api(options["api_id"]).get_integration(options["integration_id"]))
            changed = {name: value for name, value in options.items() if value is not None}
            _check_integration(now | changed)
            return original(backend, **options)

        return update_integration

    def route(self, original: Method) -> Method:
        def create_route(backend: Any, *args: Any, **options: Any) -> Any:
            api = backend.get_api(options["api_id"])
            _check_route(api, options)
            authorizers.check_route(api, options)
            return original(backend, *args, **options)

        return create_route


def _check_supported(options: Mapping[str, Any]) -> None:
    """Raise for a property of an API that would change what it serves."""
    if options.get("disable_execute_api_endpoint"):
        raise BadRequestException("Local AWS doesn't support DisableExecuteApiEndpoint.")


def _checked_update(original: Method) -> Method:
    def update_route(backend: Any, **options: Any) -> Any:
        api = backend.get_api(options["api_id"])
        now = api.get_route(options["route_id"])
        given = {name: options.get(name) or getattr(now, name) for name in ("route_key", "target")}
        _check_route(api, given, now)
        return original(backend, **options)

    return update_route


def _check_route(api: Any, options: Mapping[str, Any], now: Any = None) -> None:
    """Raise for a route's key or target that can't be; `now` is the route that is changed."""
    key, target = options["route_key"], options.get("target")
    _check_key(key)
    if any(route.route_key == key for route in api.routes.values() if route is not now):
        raise Conflict(f"Route with key {key} already exists for this API")
    if not target:
        raise BadRequestException("Local AWS doesn't support routes without a Target.")
    api.get_integration(target.removeprefix("integrations/"))


def _unused(original: Method) -> Method:
    def delete_integration(backend: Any, api_id: str, integration_id: str) -> None:
        api = backend.get_api(api_id)
        api.get_integration(integration_id)
        if any(route.target == f"integrations/{integration_id}" for route in api.routes.values()):
            raise Conflict(f"Cannot delete Integration {integration_id}, which is referenced by routes.")
        original(backend, api_id, integration_id)

    return delete_integration


def _check_key(key: str) -> None:
    """Raise for a key that isn't a method and a path, such as a path that ends in a slash."""
    if key != "$default" and not _KEY.fullmatch(key):
        raise BadRequestException(
            "The provided route key is not formatted properly for HTTP protocol. Format should be "
            f'"<HTTP METHOD> /<RESOURCE PATH>" or "$default", not "{key}"'
        )
    names = [segment.removesuffix("+") for segment in _PARAMETER.findall(key)]
    if len(set(names)) < len(names):
        raise BadRequestException(f'The path of "{key}" has two parameters of one name.')
    if _GREEDY_INSIDE.search(key):
        raise BadRequestException(f'A greedy path parameter must be the last segment of the path, not as in "{key}".')


def _check_integration(options: Mapping[str, Any]) -> None:
    """Raise for an integration that isn't a function's, or a service's."""
    kind, version = options.get("integration_type"), options.get("payload_format_version")
    timeout = options.get("timeout_in_millis")
    if timeout is not None and not 50 <= int(timeout) <= 30_000:
        raise BadRequestException("Timeout should be between 50 ms and 30000 ms")
    if options.get("integration_subtype") and kind == "AWS_PROXY":
        _check_service(options)
    elif kind != "AWS_PROXY" or version not in ("1.0", "2.0"):
        raise BadRequestException(
            f"Local AWS supports AWS_PROXY integrations with payload formats 1.0 and 2.0, not {kind} with {version}."
        )
    else:
        if not options.get("integration_uri"):
            raise BadRequestException("IntegrationUri is required for an integration with a function.")
        for name in ("request_parameters", "response_parameters"):
            if options.get(name):
                member = name.title().replace("_", "")
                raise BadRequestException(f"Local AWS doesn't support {member} of integrations with functions.")
        if "${stageVariables." in (options.get("integration_uri") or ""):
            raise BadRequestException("Local AWS doesn't support stage variables in URIs of HTTP APIs' integrations.")


def _check_service(options: Mapping[str, Any]) -> None:
    """Raise for an integration of a service that lacks something or that local AWS doesn't support."""
    found = [*problems(options["integration_subtype"], options.get("request_parameters") or {})]
    if options.get("payload_format_version") != "1.0":
        found.append("the payload format of a service's integration is 1.0")
    if not options.get("credentials_arn"):
        found.append("a service's integration needs the ARN of a role")
    if found:
        raise BadRequestException(f"Local AWS: {'; '.join(found)}.")


def _check_cors(configuration: Any) -> None:
    cors = Cors.of(configuration)
    if cors and cors.credentials and "*" in cors.origins:
        raise BadRequestException("Invalid CORS configuration: AllowCredentials can't be combined with AllowOrigins *.")
    for origin in cors.origins if cors else ():
        if origin != "*" and "://" not in origin:
            raise BadRequestException(f"Invalid format for origin {origin}")
