"""The API of authorizers: moto's, with checks, and the operations that it lacks.

https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-authorizers.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from moto.apigatewayv2 import models, responses
from moto.apigatewayv2.exceptions import APIGatewayV2Error, BadRequestException

from localaws.http.authorization.checks import Authorization
from localaws.http.authorization.issuers import is_issuer
from localaws.http.authorization.sources import is_source
from localaws.moto_patches import MotoPatches

Method = Callable[..., Any]
# A route's AuthorizationType → the type of its authorizer.
_BY_ROUTE = {"CUSTOM": "REQUEST", "JWT": "JWT"}
ROUTE_TYPES = ("NONE", "AWS_IAM", *_BY_ROUTE)
_LONGEST_TTL = 3600


class AuthorizerInUse(APIGatewayV2Error):
    """A deleted authorizer is that of a route."""

    code = 409

    def __init__(self, name: str) -> None:
        super().__init__("ConflictException", f"Cannot delete authorizer '{name}': it is referenced by routes.")


def install(patches: MotoPatches, authorization: Authorization) -> None:
    """Check new, changed and deleted authorizers, and add GetAuthorizers."""
    backend = models.ApiGatewayV2Backend
    patches.replace(backend, "create_authorizer", _creation)
    patches.replace(backend, "update_authorizer", lambda original: _update(original, authorization))
    patches.replace(backend, "delete_authorizer", _deletion)
    patches.replace(backend, "update_route", _route_update)
    patches.add(responses.ApiGatewayV2Response, "get_authorizers", _list)


def check_route(api: Any, options: Mapping[str, Any]) -> None:
    """Raise BadRequest for the authorization of a route that isn't valid."""
    kind, name = options.get("authorization_type") or "NONE", options.get("authorizer_id")
    if kind not in ROUTE_TYPES:
        raise BadRequestException(f"AuthorizationType must be one of {', '.join(ROUTE_TYPES)}, not {kind}.")
    if options.get("authorization_scopes") and kind != "JWT":
        raise BadRequestException("AuthorizationScopes are for routes with the AuthorizationType JWT.")
    wanted = _BY_ROUTE.get(kind)
    if wanted is None:
        if name:
            raise BadRequestException(f"A route with the AuthorizationType {kind} has no authorizer.")
    elif name not in api.authorizers or api.authorizers[name].authorizer_type != wanted:
        raise BadRequestException(f"Invalid authorizer: {kind} needs the id of an authorizer of type {wanted}.")


def _creation(original: Method) -> Method:
    def create_authorizer(backend: Any, api_id: str, **options: Any) -> Any:
        _demand_valid(options)
        return original(backend, api_id, **options)

    return create_authorizer


def _update(original: Method, authorization: Authorization) -> Method:
    def update_authorizer(backend: Any, api_id: str, authorizer_id: str, **options: Any) -> Any:
        present = vars(backend.get_authorizer(api_id, authorizer_id))
        _demand_valid(present | {name: value for name, value in options.items() if value is not None})
        changed = original(backend, api_id, authorizer_id=authorizer_id, **options)
        authorization.forget(api_id, authorizer_id)
        return changed

    return update_authorizer


def _deletion(original: Method) -> Method:
    def delete_authorizer(backend: Any, api_id: str, authorizer_id: str) -> None:
        authorizer = backend.get_authorizer(api_id, authorizer_id)
        if any(route.authorizer_id == authorizer_id for route in backend.get_routes(api_id)):
            raise AuthorizerInUse(authorizer.name)
        original(backend, api_id, authorizer_id)

    return delete_authorizer


def _route_update(original: Method) -> Method:
    def update_route(backend: Any, **options: Any) -> Any:
        api, route = backend.get_api(options["api_id"]), backend.get_route(options["api_id"], options["route_id"])
        names = ("authorization_type", "authorizer_id", "authorization_scopes")
        given = {name: options[name] for name in names if options.get(name) is not None}
        kind = given.get("authorization_type", route.authorization_type) or "NONE"
        # A type without an authorizer, or without scopes, takes away what the route had of them.
        kept: dict[str, Any] = {"authorization_type": kind}
        if kind in _BY_ROUTE:
            kept["authorizer_id"] = route.authorizer_id
        if kind == "JWT":
            kept["authorization_scopes"] = route.authorization_scopes
        authorization = kept | given
        check_route(api, authorization)
        changed = original(backend, **options)
        for name in names:
            setattr(changed, name, authorization.get(name))
        return changed

    return update_route


def _list(request: Any) -> tuple[int, dict[str, Any], str]:
    """GetAuthorizers."""
    *_, api_id, _ = request.path.split("/")
    api = request.apigatewayv2_backend.get_api(api_id)
    return 200, {}, json.dumps({"items": [authorizer.to_json() for authorizer in api.authorizers.values()]})


def _demand_valid(options: Mapping[str, Any]) -> None:
    found = [*problems(options)]
    if found:
        raise BadRequestException(f"Invalid authorizer: {'; '.join(found)}.")


def problems(options: Mapping[str, Any]) -> Iterator[str]:
    """What's wrong with an authorizer, whose options have moto's names."""
    kind, sources = options.get("authorizer_type"), options.get("identity_source") or []
    if not options.get("name"):
        yield "it has no name"
    if wrong := [source for source in sources if not is_source(source)]:
        yield f"{wrong[0]} isn't an identity source"
    if kind == "REQUEST":
        yield from _request_problems(options, sources)
    elif kind == "JWT":
        yield from _token_problems(options.get("jwt_config") or {}, sources)
    else:
        yield f"its type must be REQUEST or JWT, not {kind}"


def _request_problems(options: Mapping[str, Any], sources: list[str]) -> Iterator[str]:
    version, ttl = options.get("auth_payload_format_version"), options.get("auth_result_ttl")
    if not options.get("authorizer_uri"):
        yield "it has no URI of a function"
    if version not in ("1.0", "2.0"):
        yield f"its payload format must be 1.0 or 2.0, not {version}"
    if options.get("enable_simple_response") and version == "1.0":
        yield "simple responses need payload format 2.0"
    if ttl is not None and not 0 <= int(ttl) <= _LONGEST_TTL:
        yield f"answers are kept for 0 to {_LONGEST_TTL} seconds, not {ttl}"
    if ttl and not sources:
        yield "caching needs an identity source"


def _token_problems(configuration: Mapping[str, Any], sources: list[str]) -> Iterator[str]:
    known = {name.lower(): value for name, value in configuration.items()}
    if not is_issuer(str(known.get("issuer") or "")):
        yield "its issuer must be an HTTPS URL, or an HTTP URL of this machine"
    if not known.get("audience"):
        yield "it has no audience"
    if len(sources) != 1:
        yield "a JWT authorizer has one identity source"
