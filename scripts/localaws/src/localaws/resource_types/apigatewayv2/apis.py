"""API Gateway: HTTP APIs, defined by OpenAPI, as SAM generates it, or by routes and integrations."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from localaws.resource_types.base import Deployed, Properties, Scope, tag_map, truth
from localaws.resource_types.support import CORS, DONE, ROUTE_SETTINGS, Rules, done
from localaws.template.openapi import ANY, INTEGRATION, has_no_route, operations
from localaws.template.security import AUTHORIZER, authorizers, is_signed, schemes, security

_CORS = "x-amazon-apigateway-cors"
_TAG = "x-amazon-apigateway-tag-value"


class Api:
    """AWS::ApiGatewayV2::Api with protocol HTTP."""

    name = "AWS::ApiGatewayV2::Api"
    replaced_by = frozenset({"ProtocolType"})
    attributes = ("ApiEndpoint", "ApiId")
    properties: ClassVar[Rules] = {
        **done("Body", "Description", "FailOnWarnings", "Name", "Tags"),
        "CorsConfiguration": CORS,
        "ProtocolType": ["HTTP"],
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the API and its routes, and start serving it."""
        client = scope.clients("apigatewayv2")
        body = _body(properties)
        info = body.get("info", {})
        api = client.create_api(
            Name=str(properties.get("Name") or info.get("title") or scope.logical_id),
            ProtocolType="HTTP",
            Description=str(properties.get("Description") or info.get("description") or ""),
            Version=str(info.get("version", "")),
            Tags=_tags(body) | tag_map(properties.get("Tags")),
            **_cors(properties, body),
        )
        self._import(client, api["ApiId"], body)
        return Deployed(api["ApiId"], {"ApiId": api["ApiId"], "ApiEndpoint": api["ApiEndpoint"]})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Replace the API's routes."""
        client = scope.clients("apigatewayv2")
        before, after = _cors(old, _body(old)), _cors(new, _body(new))
        if before and not after:
            client.delete_cors_configuration(ApiId=physical_id)
        elif before != after:
            client.update_api(ApiId=physical_id, **after)
        if _body(old) != _body(new):
            for route in client.get_routes(ApiId=physical_id)["Items"]:
                client.delete_route(ApiId=physical_id, RouteId=route["RouteId"])
            for integration in client.get_integrations(ApiId=physical_id)["Items"]:
                client.delete_integration(ApiId=physical_id, IntegrationId=integration["IntegrationId"])
            imported = {name for name, _ in authorizers(_body(old))}
            for authorizer in client.get_authorizers(ApiId=physical_id)["Items"]:
                if authorizer["Name"] in imported:
                    client.delete_authorizer(ApiId=physical_id, AuthorizerId=authorizer["AuthorizerId"])
            self._import(client, physical_id, _body(new))
        endpoint = client.get_api(ApiId=physical_id)["ApiEndpoint"]
        return Deployed(physical_id, {"ApiId": physical_id, "ApiEndpoint": endpoint})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the API and stop serving it."""
        scope.clients("apigatewayv2").delete_api(ApiId=physical_id)

    @staticmethod
    def _import(client: Any, api_id: str, body: dict[str, Any]) -> None:
        ids = {
            name: client.create_authorizer(ApiId=api_id, Name=name, **_authorizer(given))["AuthorizerId"]
            for name, given in authorizers(body)
        }
        for path, method, operation in operations(body):
            if method == "options" and INTEGRATION not in operation and _CORS in body:
                continue  # SAM generates it for CORS, which the API handles itself
            integration = operation.get(INTEGRATION)
            if integration is None:
                raise ValueError(f"{method} {path} has no {INTEGRATION}.")
            verb = "ANY" if method == ANY else method.upper()
            key = "$default" if path in ("/$default", "$default") else f"{verb} {path}"
            timeout = integration.get("timeoutInMillis")
            made = client.create_integration(
                ApiId=api_id,
                IntegrationType=str(integration["type"]).upper(),
                IntegrationMethod=integration.get("httpMethod", "POST"),
                PayloadFormatVersion=str(integration.get("payloadFormatVersion", "2.0")),
                **_called(integration),
                **({"TimeoutInMillis": int(timeout)} if timeout else {}),
            )
            if not has_no_route(path):
                target, authorization = f"integrations/{made['IntegrationId']}", _authorization(body, operation, ids)
                client.create_route(ApiId=api_id, RouteKey=key, Target=target, **authorization)


def _authorizer(given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of CreateAuthorizer for the extension of a security scheme."""
    sources = given.get("identitySource") or []
    options: dict[str, Any] = {
        "AuthorizerType": str(given["type"]).upper(),
        "IdentitySource": sources.split(",") if isinstance(sources, str) else list(sources),
    }
    texts = {
        "AuthorizerUri": "authorizerUri",
        "AuthorizerCredentialsArn": "authorizerCredentials",
        "AuthorizerPayloadFormatVersion": "authorizerPayloadFormatVersion",
    }
    options |= {name: str(given[key]) for name, key in texts.items() if key in given}
    if "authorizerResultTtlInSeconds" in given:
        options["AuthorizerResultTtlInSeconds"] = int(given["authorizerResultTtlInSeconds"])
    if "enableSimpleResponses" in given:
        options["EnableSimpleResponses"] = truth(given["enableSimpleResponses"])
    if jwt := given.get("jwtConfiguration"):
        audience = jwt.get("audience") or []
        options["JwtConfiguration"] = {
            "Issuer": jwt.get("issuer", ""),
            "Audience": [audience] if isinstance(audience, str) else audience,
        }
    return options


def _authorization(body: dict[str, Any], operation: Mapping[str, Any], ids: dict[str, str]) -> dict[str, Any]:
    """The parameters of CreateRoute for the authorization of an operation."""
    wanted = security(body, operation)
    if wanted is None:
        return {}
    name, scopes = wanted
    if is_signed(schemes(body).get(name, {})):
        return {"AuthorizationType": "AWS_IAM"}
    if name not in ids:
        raise ValueError(f"The security scheme {name} has no authorizer.")
    if schemes(body)[name][AUTHORIZER]["type"] == "jwt":
        return {"AuthorizationType": "JWT", "AuthorizerId": ids[name], "AuthorizationScopes": scopes}
    return {"AuthorizationType": "CUSTOM", "AuthorizerId": ids[name]}


def _called(integration: dict[str, Any]) -> dict[str, Any]:
    """What an integration of an OpenAPI document calls: a function, or a service."""
    if "integrationSubtype" not in integration:
        return {"IntegrationUri": integration["uri"]}
    return {
        "IntegrationSubtype": integration["integrationSubtype"],
        "CredentialsArn": integration.get("credentials", ""),
        "RequestParameters": {key: str(value) for key, value in integration.get("requestParameters", {}).items()},
    }


class Stage:
    """AWS::ApiGatewayV2::Stage; stages other than $default are served under their name."""

    name = "AWS::ApiGatewayV2::Stage"
    replaced_by = frozenset({"ApiId", "StageName"})
    attributes: ClassVar[tuple[str, ...]] = ()
    properties: ClassVar[Rules] = {
        **done("ApiId", "Description", "StageName", "StageVariables", "Tags"),
        "AccessLogSettings": {"DestinationArn": DONE, "Format": DONE},
        "AutoDeploy": ["true", "True"],
        "DefaultRouteSettings": ROUTE_SETTINGS,
        "RouteSettings": {"*": ROUTE_SETTINGS},
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the stage."""
        scope.clients("apigatewayv2").create_stage(
            ApiId=properties["ApiId"],
            StageName=properties["StageName"],
            AutoDeploy=truth(properties.get("AutoDeploy", False)),
            StageVariables=properties.get("StageVariables", {}),
            Description=properties.get("Description", ""),
            Tags=tag_map(properties.get("Tags")),
            AccessLogSettings=dict(properties.get("AccessLogSettings") or {}),
            DefaultRouteSettings=_limits(properties.get("DefaultRouteSettings") or {}),
            RouteSettings={key: _limits(given) for key, given in (properties.get("RouteSettings") or {}).items()},
        )
        return Deployed(properties["StageName"])

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update the stage's variables and settings."""
        self.delete(physical_id, old, scope)
        return self.create(new, scope)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the stage; it's no error if its API was deleted."""
        client = scope.clients("apigatewayv2")
        try:
            client.delete_stage(ApiId=properties["ApiId"], StageName=physical_id)
        except client.exceptions.NotFoundException:
            return


def _limits(settings: Properties) -> dict[str, Any]:
    """The settings of routes that have an effect, as numbers."""
    numbers = {"ThrottlingBurstLimit": int, "ThrottlingRateLimit": float}
    return {name: kind(settings[name]) for name, kind in numbers.items() if name in settings}


def _body(properties: Properties) -> dict[str, Any]:
    body = properties.get("Body") or {}
    parsed: dict[str, Any] = json.loads(body) if isinstance(body, str) else body
    return parsed


def _tags(body: dict[str, Any]) -> dict[str, str]:
    """The tags that SAM writes into the OpenAPI document."""
    return {tag["name"]: str(tag[_TAG]) for tag in body.get("tags", []) if _TAG in tag}


def _cors(properties: Properties, body: dict[str, Any]) -> dict[str, Any]:
    given = properties.get("CorsConfiguration") or body.get(_CORS)
    if not given:
        return {}
    known = {name.lower(): value for name, value in given.items()}
    cors: dict[str, Any] = {
        name: known[name.lower()]
        for name in ("AllowOrigins", "AllowMethods", "AllowHeaders", "ExposeHeaders")
        if known.get(name.lower())
    }
    if "allowcredentials" in known:
        cors["AllowCredentials"] = truth(known["allowcredentials"])
    if known.get("maxage") is not None:
        cors["MaxAge"] = int(known["maxage"])
    return {"CorsConfiguration": cors}
