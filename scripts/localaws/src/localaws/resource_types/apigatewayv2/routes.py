"""API Gateway: routes and integrations of an HTTP API."""

from __future__ import annotations

from typing import Any, ClassVar

from localaws.http.authorization.authorizers import ROUTE_TYPES
from localaws.http.service_calls import SUBTYPES
from localaws.resource_types.base import Deployed, Properties, Scope
from localaws.resource_types.support import DONE, Rules, done

_CALLED = ("CredentialsArn", "IntegrationSubtype", "IntegrationUri", "RequestParameters")
_AUTHORIZATION = ("AuthorizationScopes", "AuthorizationType", "AuthorizerId")


class Integration:
    """AWS::ApiGatewayV2::Integration of a Lambda function, or of a service."""

    name = "AWS::ApiGatewayV2::Integration"
    replaced_by = frozenset(
        {
            "ApiId",
            "CredentialsArn",
            "IntegrationSubtype",
            "IntegrationType",
            "IntegrationUri",
            "PayloadFormatVersion",
            "RequestParameters",
            "TimeoutInMillis",
        }
    )
    attributes = ("IntegrationId",)
    properties: ClassVar[Rules] = {
        **done("ApiId", "CredentialsArn", "Description", "IntegrationMethod", "IntegrationUri", "TimeoutInMillis"),
        "ConnectionType": ["INTERNET"],
        "IntegrationSubtype": list(SUBTYPES),
        "IntegrationType": ["AWS_PROXY"],
        "PayloadFormatVersion": ["2.0", "1.0"],
        "RequestParameters": {name: DONE for names in SUBTYPES.values() for group in names for name in group},
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the integration."""
        timeout = properties.get("TimeoutInMillis")
        made = scope.clients("apigatewayv2").create_integration(
            ApiId=properties["ApiId"],
            IntegrationType=properties["IntegrationType"],
            IntegrationMethod=properties.get("IntegrationMethod", "POST"),
            **{name: properties[name] for name in _CALLED if name in properties},
            PayloadFormatVersion=str(properties["PayloadFormatVersion"]),
            Description=properties.get("Description", ""),
            **({"TimeoutInMillis": int(timeout)} if timeout else {}),
        )
        return Deployed(made["IntegrationId"], {"IntegrationId": made["IntegrationId"]})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update the description: nothing else changes in place."""
        return Deployed(physical_id, {"IntegrationId": physical_id})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the integration."""
        client = scope.clients("apigatewayv2")
        unless_gone(client, lambda: client.delete_integration(ApiId=properties["ApiId"], IntegrationId=physical_id))


class Route:
    """AWS::ApiGatewayV2::Route."""

    name = "AWS::ApiGatewayV2::Route"
    replaced_by = frozenset({"ApiId", "RouteKey", "Target"})
    attributes = ("RouteId",)
    properties: ClassVar[Rules] = {
        **done("ApiId", "AuthorizationScopes", "AuthorizerId", "OperationName", "RouteKey", "Target"),
        "AuthorizationType": list(ROUTE_TYPES),
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the route."""
        optional = {key: properties[key] for key in ("OperationName", *_AUTHORIZATION) if key in properties}
        made = scope.clients("apigatewayv2").create_route(
            ApiId=properties["ApiId"], RouteKey=properties["RouteKey"], Target=properties["Target"], **optional
        )
        return Deployed(made["RouteId"], {"RouteId": made["RouteId"]})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update the authorization: nothing else changes in place."""
        authorization = {key: new[key] for key in _AUTHORIZATION if key in new}
        scope.clients("apigatewayv2").update_route(
            ApiId=new["ApiId"], RouteId=physical_id, **({"AuthorizationType": "NONE"} | authorization)
        )
        return Deployed(physical_id, {"RouteId": physical_id})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the route."""
        client = scope.clients("apigatewayv2")
        unless_gone(client, lambda: client.delete_route(ApiId=properties["ApiId"], RouteId=physical_id))


def unless_gone(client: Any, delete: Any) -> None:
    """Run `delete`; it's no error if the API was deleted."""
    try:
        delete()
    except client.exceptions.NotFoundException:
        return
