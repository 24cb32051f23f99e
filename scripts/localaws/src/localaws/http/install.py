"""Patches moto's API Gateway to serve HTTP APIs and to refuse other kinds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from moto.apigateway import exceptions as rest_exceptions
from moto.apigateway import models as rest
from moto.apigatewayv2 import models
from moto.apigatewayv2.exceptions import BadRequestException

from localaws.http.cors import Cors
from localaws.http.function_urls import FunctionUrls
from localaws.http.servers import HttpServers
from localaws.http.sites import ApiSite
from localaws.moto_patches import MotoPatches

Method = Callable[..., Any]


def install(patches: MotoPatches, servers: HttpServers, urls: FunctionUrls) -> None:
    """Serve each new HTTP API at a local URL, and function URLs by `urls`."""
    urls.install(patches)
    wrap, backend = _Wrappers(servers), models.ApiGatewayV2Backend
    patches.replace(backend, "create_api", wrap.creation)
    patches.replace(backend, "update_api", wrap.update)
    patches.replace(backend, "delete_api", wrap.deletion)
    patches.replace(backend, "create_integration", wrap.integration)
    patches.replace(backend, "create_route", wrap.route)
    for operation in ("create_rest_api", "put_rest_api"):
        patches.replace_method(rest.APIGatewayBackend, operation, _refuse_rest)


@dataclass(frozen=True)
class _Wrappers:
    """One method per patch: each takes moto's method and returns the replacement."""

    servers: HttpServers

    def creation(self, original: Method) -> Method:
        def create_api(backend: Any, *args: Any, **options: Any) -> Any:
            kind = options.get("protocol_type")
            if kind != "HTTP":
                raise BadRequestException(f"Local AWS supports HTTP APIs, not {kind}.")
            _check_cors(options.get("cors_configuration"))
            api = original(backend, *args, **options)
            api.api_endpoint = self.servers.start(ApiSite(api))
            return api

        return create_api

    def update(self, original: Method) -> Method:
        def update_api(backend: Any, api_id: str, **options: Any) -> Any:
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
            kind, version = options.get("integration_type"), options.get("payload_format_version")
            if kind != "AWS_PROXY" or version != "2.0":
                raise BadRequestException(
                    f"Local AWS supports AWS_PROXY integrations with payload format 2.0, not {kind} with {version}."
                )
            return original(backend, *args, **options)

        return create_integration

    def route(self, original: Method) -> Method:
        def create_route(backend: Any, *args: Any, **options: Any) -> Any:
            kind = options.get("authorization_type") or "NONE"
            if kind != "NONE" or options.get("authorizer_id"):
                raise BadRequestException(
                    f"Local AWS doesn't support authorizers: AuthorizationType must be NONE, not {kind}."
                )
            return original(backend, *args, **options)

        return create_route


def _refuse_rest(*_: Any, **__: Any) -> None:
    raise rest_exceptions.BadRequestException("Local AWS supports HTTP APIs, not REST APIs.")


def _check_cors(configuration: Any) -> None:
    cors = Cors.of(configuration)
    if cors and cors.credentials and "*" in cors.origins:
        raise BadRequestException("Invalid CORS configuration: AllowCredentials can't be combined with AllowOrigins *.")
