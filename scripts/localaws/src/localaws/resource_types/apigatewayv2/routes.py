"""API Gateway: routes and integrations of an HTTP API."""

from __future__ import annotations

from typing import Any, ClassVar

from localaws.resource_types.base import Deployed, Properties, Scope
from localaws.resource_types.support import Rules, done


class Integration:
    """AWS::ApiGatewayV2::Integration of a Lambda function."""

    name = "AWS::ApiGatewayV2::Integration"
    replaced_by = frozenset({"ApiId", "IntegrationType", "IntegrationUri", "PayloadFormatVersion", "TimeoutInMillis"})
    attributes = ("IntegrationId",)
    properties: ClassVar[Rules] = {
        **done("ApiId", "Description", "IntegrationMethod", "IntegrationUri", "TimeoutInMillis"),
        "IntegrationType": ["AWS_PROXY"],
        "PayloadFormatVersion": ["2.0"],
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the integration."""
        timeout = properties.get("TimeoutInMillis")
        made = scope.clients("apigatewayv2").create_integration(
            ApiId=properties["ApiId"],
            IntegrationType=properties["IntegrationType"],
            IntegrationMethod=properties.get("IntegrationMethod", "POST"),
            IntegrationUri=properties["IntegrationUri"],
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
        _unless_gone(client, lambda: client.delete_integration(ApiId=properties["ApiId"], IntegrationId=physical_id))


class Route:
    """AWS::ApiGatewayV2::Route."""

    name = "AWS::ApiGatewayV2::Route"
    replaced_by = frozenset({"ApiId", "RouteKey", "Target"})
    attributes = ("RouteId",)
    properties: ClassVar[Rules] = {
        **done("ApiId", "OperationName", "RouteKey", "Target"),
        "AuthorizationType": ["NONE"],
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the route."""
        optional = {key: properties[key] for key in ("AuthorizationType", "OperationName") if key in properties}
        made = scope.clients("apigatewayv2").create_route(
            ApiId=properties["ApiId"], RouteKey=properties["RouteKey"], Target=properties["Target"], **optional
        )
        return Deployed(made["RouteId"], {"RouteId": made["RouteId"]})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Do nothing: no property changes in place."""
        return Deployed(physical_id, {"RouteId": physical_id})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the route."""
        client = scope.clients("apigatewayv2")
        _unless_gone(client, lambda: client.delete_route(ApiId=properties["ApiId"], RouteId=physical_id))


def _unless_gone(client: Any, delete: Any) -> None:
    """Run `delete`; it's no error if the API was deleted."""
    try:
        delete()
    except client.exceptions.NotFoundException:
        return
