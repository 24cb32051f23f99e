"""AWS::ApiGateway::Method."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from localaws.resource_types.apigateway.patches import text, texts, unless_gone
from localaws.resource_types.base import Deployed, Properties, Scope, truth
from localaws.resource_types.support import NO_TLS, NOT_ENFORCED, Rules, done
from localaws.rest.support import AUTHORIZATIONS, INTEGRATIONS

_INTEGRATION: Rules = {
    **done(
        "CacheKeyParameters",
        "CacheNamespace",
        "IntegrationHttpMethod",
        "PassthroughBehavior",
        "RequestParameters",
        "RequestTemplates",
        "TimeoutInMillis",
        "Uri",
    ),
    "ConnectionType": ["INTERNET"],
    "ContentHandling": ["CONVERT_TO_TEXT"],
    "Credentials": NOT_ENFORCED,
    "IntegrationResponses": {
        **done("ResponseParameters", "ResponseTemplates", "SelectionPattern", "StatusCode"),
        "ContentHandling": ["CONVERT_TO_TEXT"],
    },
    "ResponseTransferMode": ["BUFFERED"],
    "TlsConfig": NO_TLS,
    "Type": list(INTEGRATIONS),
}


class Method:
    """AWS::ApiGateway::Method with its integration and responses."""

    name = "AWS::ApiGateway::Method"
    replaced_by = frozenset({"HttpMethod", "ResourceId", "RestApiId"})
    attributes: ClassVar[tuple[str, ...]] = ()
    properties: ClassVar[Rules] = {
        **done(
            "ApiKeyRequired",
            "AuthorizerId",
            "HttpMethod",
            "OperationName",
            "RequestModels",
            "RequestParameters",
            "RequestValidatorId",
            "ResourceId",
            "RestApiId",
        ),
        "AuthorizationType": list(AUTHORIZATIONS),
        "Integration": _INTEGRATION,
        "MethodResponses": done("ResponseModels", "ResponseParameters", "StatusCode"),
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the method, its responses, its integration and that one's responses."""
        client, place = scope.clients("apigateway"), _place(properties)
        optional = {
            "authorizerId": properties.get("AuthorizerId"),
            "operationName": properties.get("OperationName"),
            "requestModels": properties.get("RequestModels"),
            "requestValidatorId": properties.get("RequestValidatorId"),
        }
        client.put_method(
            **place,
            authorizationType=properties.get("AuthorizationType", "NONE"),
            apiKeyRequired=truth(properties.get("ApiKeyRequired", False)),
            requestParameters=dict(_flags(properties.get("RequestParameters"))),
            **{name: value for name, value in optional.items() if value},
        )
        try:
            self._put_rest(client, place, properties)
        except BaseException:
            client.delete_method(**place)
            raise
        return Deployed(f"{place['restApiId']}|{place['resourceId']}|{place['httpMethod']}")

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Put the method again."""
        self.delete(physical_id, old, scope)
        return self.create(new, scope)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the method."""
        client = scope.clients("apigateway")
        unless_gone(client, lambda: client.delete_method(**_place(properties)))

    @staticmethod
    def _put_rest(client: Any, place: Mapping[str, str], properties: Properties) -> None:
        for response in properties.get("MethodResponses") or []:
            client.put_method_response(
                **place,
                statusCode=str(response["StatusCode"]),
                responseModels=response.get("ResponseModels") or {},
                responseParameters=dict(_flags(response.get("ResponseParameters"))),
            )
        integration = properties.get("Integration")
        if not integration:
            return
        client.put_integration(**place, **dict(_integration(integration)))
        for response in integration.get("IntegrationResponses") or []:
            optional = {"selectionPattern": response.get("SelectionPattern")}
            client.put_integration_response(
                **place,
                statusCode=str(response["StatusCode"]),
                responseParameters=texts(response.get("ResponseParameters")),
                responseTemplates=texts(response.get("ResponseTemplates")),
                **{name: value for name, value in optional.items() if value},
            )


def _place(properties: Properties) -> dict[str, str]:
    return {
        "restApiId": properties["RestApiId"],
        "resourceId": properties["ResourceId"],
        "httpMethod": properties["HttpMethod"],
    }


def _flags(given: Mapping[str, Any] | None) -> Iterator[tuple[str, bool]]:
    for name, value in (given or {}).items():
        yield name, truth(value)


def _integration(given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, member in (
        ("CacheNamespace", "cacheNamespace"),
        ("ConnectionType", "connectionType"),
        ("Credentials", "credentials"),
        ("IntegrationHttpMethod", "integrationHttpMethod"),
        ("PassthroughBehavior", "passthroughBehavior"),
        ("Type", "type"),
        ("Uri", "uri"),
    ):
        if given.get(name):
            yield member, text(given[name])
    yield "requestParameters", texts(given.get("RequestParameters"))
    yield "requestTemplates", texts(given.get("RequestTemplates"))
    yield "cacheKeyParameters", given.get("CacheKeyParameters") or []
    if given.get("TimeoutInMillis"):
        yield "timeoutInMillis", int(given["TimeoutInMillis"])
