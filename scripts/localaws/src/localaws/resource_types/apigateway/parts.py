"""AWS::ApiGateway::Model, RequestValidator, Authorizer and GatewayResponse."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from localaws.resource_types.apigateway.patches import changes, texts, unless_gone
from localaws.resource_types.base import Deployed, Properties, Scope, truth
from localaws.resource_types.support import NOT_ENFORCED, Rules, done
from localaws.rest.support import AUTHORIZERS


class Model:
    """AWS::ApiGateway::Model."""

    name = "AWS::ApiGateway::Model"
    replaced_by = frozenset({"ContentType", "Name", "RestApiId"})
    attributes: ClassVar[tuple[str, ...]] = ()
    properties: ClassVar[Rules] = done("ContentType", "Description", "Name", "RestApiId", "Schema")

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the model."""
        name = str(properties.get("Name") or f"{scope.logical_id}{scope.generated_name()[-12:]}".replace("-", ""))
        scope.clients("apigateway").create_model(
            restApiId=properties["RestApiId"],
            name=name,
            contentType=properties.get("ContentType", "application/json"),
            description=properties.get("Description", ""),
            schema=_schema(properties),
        )
        return Deployed(name)

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update the schema and the description."""
        operations = changes(old, new, {"Description": "/description"})
        operations.append({"op": "replace", "path": "/schema", "value": _schema(new)})
        scope.clients("apigateway").update_model(
            restApiId=new["RestApiId"], modelName=physical_id, patchOperations=operations
        )
        return Deployed(physical_id)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the model."""
        client = scope.clients("apigateway")
        unless_gone(client, lambda: client.delete_model(restApiId=properties["RestApiId"], modelName=physical_id))


class RequestValidator:
    """AWS::ApiGateway::RequestValidator."""

    name = "AWS::ApiGateway::RequestValidator"
    replaced_by = frozenset({"Name", "RestApiId"})
    attributes = ("RequestValidatorId",)
    properties: ClassVar[Rules] = done("Name", "RestApiId", "ValidateRequestBody", "ValidateRequestParameters")

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the validator."""
        made = scope.clients("apigateway").create_request_validator(
            restApiId=properties["RestApiId"],
            name=str(properties.get("Name") or scope.logical_id),
            validateRequestBody=truth(properties.get("ValidateRequestBody", False)),
            validateRequestParameters=truth(properties.get("ValidateRequestParameters", False)),
        )
        return Deployed(made["id"], {"RequestValidatorId": made["id"]})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update what it validates."""
        operations = [
            {
                "op": "replace",
                "path": f"/{name[0].lower()}{name[1:]}",
                "value": str(truth(new.get(name, False))).lower(),
            }
            for name in ("ValidateRequestBody", "ValidateRequestParameters")
        ]
        scope.clients("apigateway").update_request_validator(
            restApiId=new["RestApiId"], requestValidatorId=physical_id, patchOperations=operations
        )
        return Deployed(physical_id, {"RequestValidatorId": physical_id})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the validator."""
        client, api = scope.clients("apigateway"), properties["RestApiId"]
        unless_gone(client, lambda: client.delete_request_validator(restApiId=api, requestValidatorId=physical_id))


class Authorizer:
    """AWS::ApiGateway::Authorizer that calls a function."""

    name = "AWS::ApiGateway::Authorizer"
    replaced_by = frozenset({"RestApiId"})
    attributes = ("AuthorizerId",)
    properties: ClassVar[Rules] = {
        **done(
            "AuthorizerResultTtlInSeconds",
            "AuthorizerUri",
            "IdentitySource",
            "IdentityValidationExpression",
            "Name",
            "RestApiId",
        ),
        "AuthType": ["custom"],
        "AuthorizerCredentials": NOT_ENFORCED,
        "Type": list(AUTHORIZERS),
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the authorizer."""
        optional = {
            "authType": properties.get("AuthType"),
            "authorizerCredentials": properties.get("AuthorizerCredentials"),
            "identitySource": properties.get("IdentitySource"),
            "identityValidationExpression": properties.get("IdentityValidationExpression"),
        }
        if "AuthorizerResultTtlInSeconds" in properties:
            optional["authorizerResultTtlInSeconds"] = int(properties["AuthorizerResultTtlInSeconds"])
        made = scope.clients("apigateway").create_authorizer(
            restApiId=properties["RestApiId"],
            name=str(properties.get("Name") or scope.logical_id),
            type=properties["Type"],
            authorizerUri=properties.get("AuthorizerUri", ""),
            **{name: value for name, value in optional.items() if value is not None},
        )
        return Deployed(made["id"], {"AuthorizerId": made["id"]})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update all properties."""
        names = {name: f"/{name[0].lower()}{name[1:]}" for name in self.properties if name != "RestApiId"}
        scope.clients("apigateway").update_authorizer(
            restApiId=new["RestApiId"], authorizerId=physical_id, patchOperations=changes(old, new, names)
        )
        return Deployed(physical_id, {"AuthorizerId": physical_id})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the authorizer."""
        client, api = scope.clients("apigateway"), properties["RestApiId"]
        unless_gone(client, lambda: client.delete_authorizer(restApiId=api, authorizerId=physical_id))


class GatewayResponse:
    """AWS::ApiGateway::GatewayResponse."""

    name = "AWS::ApiGateway::GatewayResponse"
    replaced_by = frozenset({"ResponseType", "RestApiId"})
    attributes = ("Id",)
    properties: ClassVar[Rules] = done(
        "ResponseParameters", "ResponseTemplates", "ResponseType", "RestApiId", "StatusCode"
    )

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Put the response."""
        status: dict[str, Any] = {"statusCode": str(properties["StatusCode"])} if properties.get("StatusCode") else {}
        scope.clients("apigateway").put_gateway_response(
            restApiId=properties["RestApiId"],
            responseType=properties["ResponseType"],
            responseParameters=texts(properties.get("ResponseParameters")),
            responseTemplates=texts(properties.get("ResponseTemplates")),
            **status,
        )
        name = f"{properties['RestApiId']}|{properties['ResponseType']}"
        return Deployed(name, {"Id": name})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Put the response again."""
        return self.create(new, scope)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Return to the default response."""
        client, kind = scope.clients("apigateway"), properties["ResponseType"]
        unless_gone(
            client, lambda: client.delete_gateway_response(restApiId=properties["RestApiId"], responseType=kind)
        )


def _schema(properties: Properties) -> str:
    schema = properties.get("Schema") or {}
    return schema if isinstance(schema, str) else json.dumps(schema)
