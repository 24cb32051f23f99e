"""API Gateway: authorizers of an HTTP API."""

from __future__ import annotations

from typing import Any, ClassVar

from localaws.resource_types.apigatewayv2.routes import unless_gone
from localaws.resource_types.base import Deployed, Properties, Scope, truth
from localaws.resource_types.support import Rules, done

_TEXTS = ("AuthorizerCredentialsArn", "AuthorizerPayloadFormatVersion", "AuthorizerType", "AuthorizerUri", "Name")


class Authorizer:
    """AWS::ApiGatewayV2::Authorizer: a Lambda function, or an issuer of tokens."""

    name = "AWS::ApiGatewayV2::Authorizer"
    replaced_by = frozenset({"ApiId"})
    attributes = ("AuthorizerId",)
    properties: ClassVar[Rules] = {
        **done(
            "ApiId",
            "AuthorizerCredentialsArn",
            "AuthorizerResultTtlInSeconds",
            "AuthorizerUri",
            "EnableSimpleResponses",
            "IdentitySource",
            "Name",
        ),
        "AuthorizerPayloadFormatVersion": ["2.0", "1.0"],
        "AuthorizerType": ["REQUEST", "JWT"],
        "JwtConfiguration": done("Audience", "Issuer"),
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the authorizer."""
        made = scope.clients("apigatewayv2").create_authorizer(ApiId=properties["ApiId"], **_options(properties))
        return Deployed(made["AuthorizerId"], {"AuthorizerId": made["AuthorizerId"]})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update the authorizer."""
        client = scope.clients("apigatewayv2")
        client.update_authorizer(ApiId=new["ApiId"], AuthorizerId=physical_id, **_options(new))
        return Deployed(physical_id, {"AuthorizerId": physical_id})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the authorizer."""
        client = scope.clients("apigatewayv2")
        unless_gone(client, lambda: client.delete_authorizer(ApiId=properties["ApiId"], AuthorizerId=physical_id))


def _options(properties: Properties) -> dict[str, Any]:
    """The parameters of CreateAuthorizer and UpdateAuthorizer."""
    sources = properties.get("IdentitySource", [])
    options: dict[str, Any] = {name: str(properties[name]) for name in _TEXTS if name in properties}
    options["IdentitySource"] = [sources] if isinstance(sources, str) else sources
    if "AuthorizerResultTtlInSeconds" in properties:
        options["AuthorizerResultTtlInSeconds"] = int(properties["AuthorizerResultTtlInSeconds"])
    if "EnableSimpleResponses" in properties:
        options["EnableSimpleResponses"] = truth(properties["EnableSimpleResponses"])
    if "JwtConfiguration" in properties:
        options["JwtConfiguration"] = dict(properties["JwtConfiguration"])
    return options
