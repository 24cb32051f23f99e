"""AWS::ApiGateway::RestApi, Resource and Account."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from localaws.resource_types.apigateway.patches import changes, text, texts, unless_gone
from localaws.resource_types.base import Deployed, Properties, Scope, tag_map, truth
from localaws.resource_types.support import DONE, NO_TLS, Rules, done

_SETTINGS = {
    "ApiKeySourceType": "/apiKeySource",
    "Description": "/description",
    "DisableExecuteApiEndpoint": "/disableExecuteApiEndpoint",
    "MinimumCompressionSize": "/minimumCompressionSize",
    "Name": "/name",
    "Policy": "/policy",
}
ONE_ADDRESS = "APIs are served at 127.0.0.1"
PRIVATE = "a private API is served on this machine, like any other"
ENDPOINTS: Rules = {
    "IpAddressType": ONE_ADDRESS,
    "Types": ["EDGE", "REGIONAL", {"PRIVATE": PRIVATE}],
    "VpcEndpointIds": PRIVATE,
}


class RestApi:
    """AWS::ApiGateway::RestApi, with or without an OpenAPI document."""

    name = "AWS::ApiGateway::RestApi"
    replaced_by = frozenset[str]()
    attributes = ("RestApiId", "RootResourceId")
    properties: ClassVar[Rules] = {
        **done(
            "ApiKeySourceType",
            "BinaryMediaTypes",
            "Body",
            "Description",
            "DisableExecuteApiEndpoint",
            "FailOnWarnings",
            "MinimumCompressionSize",
            "Mode",
            "Name",
            "Policy",
            "Tags",
        ),
        "EndpointAccessMode": NO_TLS,
        "EndpointConfiguration": ENDPOINTS,
        "SecurityPolicy": NO_TLS,
        "Parameters": {
            "basepath": ["ignore"],
            "endpointConfigurationTypes": DONE,
        },
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the API and start serving it."""
        client = scope.clients("apigateway")
        title = _body(properties).get("info", {}).get("title")
        optional = {
            member: properties[name]
            for name, member in (("ApiKeySourceType", "apiKeySource"), ("Description", "description"))
            if name in properties
        }
        if "MinimumCompressionSize" in properties:
            optional["minimumCompressionSize"] = int(properties["MinimumCompressionSize"])
        if "Policy" in properties:
            optional["policy"] = text(properties["Policy"])
        if "EndpointConfiguration" in properties:
            optional["endpointConfiguration"] = {"types": properties["EndpointConfiguration"].get("Types", ["EDGE"])}
        api = client.create_rest_api(
            name=str(properties.get("Name") or title or scope.logical_id),
            disableExecuteApiEndpoint=truth(properties.get("DisableExecuteApiEndpoint", False)),
            binaryMediaTypes=[item.replace("~1", "/") for item in properties.get("BinaryMediaTypes") or []],
            tags=tag_map(properties.get("Tags")),
            **optional,
        )
        try:
            self._put(client, api["id"], properties)
        except BaseException:
            client.delete_rest_api(restApiId=api["id"])
            raise
        return self._deployed(client, api["id"])

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update the settings, and the definition if its document changed."""
        client = scope.clients("apigateway")
        if _body(old) != _body(new):
            self._put(client, physical_id, new)
        operations = changes(old, new, {name: path for name, path in _SETTINGS.items() if name in {*old, *new}})
        before, after = (set(properties.get("BinaryMediaTypes") or []) for properties in (old, new))
        for kind, items in (("remove", before - after), ("add", after - before)):
            operations += [{"op": kind, "path": f"/binaryMediaTypes/{item.replace('/', '~1')}"} for item in items]
        if operations:
            client.update_rest_api(restApiId=physical_id, patchOperations=operations)
        return self._deployed(client, physical_id)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the API and stop serving it."""
        client = scope.clients("apigateway")
        unless_gone(client, lambda: client.delete_rest_api(restApiId=physical_id))

    @staticmethod
    def _put(client: Any, api: str, properties: Properties) -> None:
        body = _body(properties)
        if body:
            client.put_rest_api(
                restApiId=api,
                mode=properties.get("Mode") or "overwrite",
                parameters=texts(properties.get("Parameters")),
                body=json.dumps(body).encode(),
            )
            # Properties take precedence over what the document says.
            operations = changes({}, properties, {name: path for name, path in _SETTINGS.items() if name in properties})
            if operations:
                client.update_rest_api(restApiId=api, patchOperations=operations)

    @staticmethod
    def _deployed(client: Any, api: str) -> Deployed:
        root = client.get_rest_api(restApiId=api)["rootResourceId"]
        return Deployed(api, {"RestApiId": api, "RootResourceId": root})


class Resource:
    """AWS::ApiGateway::Resource."""

    name = "AWS::ApiGateway::Resource"
    replaced_by = frozenset({"ParentId", "PathPart", "RestApiId"})
    attributes = ("ResourceId",)
    properties: ClassVar[Rules] = done("ParentId", "PathPart", "RestApiId")

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the resource."""
        made = scope.clients("apigateway").create_resource(
            restApiId=properties["RestApiId"], parentId=properties["ParentId"], pathPart=properties["PathPart"]
        )
        return Deployed(made["id"], {"ResourceId": made["id"]})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Do nothing: no property changes in place."""
        return Deployed(physical_id, {"ResourceId": physical_id})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the resource."""
        client = scope.clients("apigateway")
        unless_gone(client, lambda: client.delete_resource(restApiId=properties["RestApiId"], resourceId=physical_id))


class Account:
    """AWS::ApiGateway::Account."""

    name = "AWS::ApiGateway::Account"
    replaced_by = frozenset[str]()
    attributes = ("Id",)
    properties: ClassVar[Rules] = done("CloudWatchRoleArn")

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Set the role."""
        self._set(scope, properties.get("CloudWatchRoleArn"))
        name = scope.generated_name()
        return Deployed(name, {"Id": name})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Set the role."""
        self._set(scope, new.get("CloudWatchRoleArn"))
        return Deployed(physical_id, {"Id": physical_id})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Leave the role, as CloudFormation does."""

    @staticmethod
    def _set(scope: Scope, role: Any) -> None:
        if role:
            operation = {"op": "replace", "path": "/cloudwatchRoleArn", "value": str(role)}
            scope.clients("apigateway").update_account(patchOperations=[operation])


def _body(properties: Properties) -> dict[str, Any]:
    body = properties.get("Body") or {}
    parsed: dict[str, Any] = json.loads(body) if isinstance(body, str) else body
    return parsed
