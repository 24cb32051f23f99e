"""AWS::ApiGateway::Deployment and Stage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from localaws.resource_types.apigateway.patches import Operation, changes, escaped, map_changes, text, unless_gone
from localaws.resource_types.base import Deployed, Properties, Scope, tag_map, truth
from localaws.resource_types.support import NO_TRACES, NOT_ENCRYPTED, Rules, done

_NO_EXECUTION_LOGS = "execution logs aren't written"
METHOD_SETTINGS: Rules = {
    **done(
        "CacheTtlInSeconds",
        "CachingEnabled",
        "HttpMethod",
        "MetricsEnabled",
        "ResourcePath",
        "ThrottlingBurstLimit",
        "ThrottlingRateLimit",
    ),
    "CacheDataEncrypted": NOT_ENCRYPTED,
    "DataTraceEnabled": _NO_EXECUTION_LOGS,
    "LoggingLevel": _NO_EXECUTION_LOGS,
}
# Properties of a method's settings → where patch operations change them.
_PATHS = {
    "CacheTtlInSeconds": "caching/ttlInSeconds",
    "CachingEnabled": "caching/enabled",
    "CacheDataEncrypted": "caching/dataEncrypted",
    "DataTraceEnabled": "logging/dataTrace",
    "LoggingLevel": "logging/loglevel",
    "MetricsEnabled": "metrics/enabled",
    "ThrottlingBurstLimit": "throttling/burstLimit",
    "ThrottlingRateLimit": "throttling/rateLimit",
}
NO_CACHE_SIZE = "a stage's cache has no limit of its size"
STAGE: Rules = {
    **done("CacheClusterEnabled", "Description", "MethodSettings", "Tags", "Variables"),
    "AccessLogSetting": done("DestinationArn", "Format"),
    "CacheClusterSize": NO_CACHE_SIZE,
    "MethodSettings": METHOD_SETTINGS,
    "TracingEnabled": NO_TRACES,
}
_LOGS = {"DestinationArn": "/accessLogSettings/destinationArn", "Format": "/accessLogSettings/format"}
_SETTINGS = {
    "CacheClusterEnabled": "/cacheClusterEnabled",
    "CacheClusterSize": "/cacheClusterSize",
    "DeploymentId": "/deploymentId",
    "Description": "/description",
    "TracingEnabled": "/tracingEnabled",
}


class Deployment:
    """AWS::ApiGateway::Deployment: the API as it is when the deployment is created, with a stage if it's named."""

    name = "AWS::ApiGateway::Deployment"
    replaced_by = frozenset({"RestApiId", "StageName"})
    attributes = ("DeploymentId",)
    properties: ClassVar[Rules] = {
        **done("Description", "RestApiId", "StageName"),
        "StageDescription": {
            **STAGE,
            **{name: rule for name, rule in METHOD_SETTINGS.items() if name not in ("HttpMethod", "ResourcePath")},
        },
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Deploy the API."""
        client, stage = scope.clients("apigateway"), properties.get("StageDescription") or {}
        optional = {
            "stageName": properties.get("StageName"),
            "description": properties.get("Description"),
            "stageDescription": stage.get("Description"),
        }
        made = client.create_deployment(
            restApiId=properties["RestApiId"],
            variables={key: text(value) for key, value in (stage.get("Variables") or {}).items()},
            **{name: value for name, value in optional.items() if value},
        )
        if properties.get("StageName") and stage:
            operations = [*_stage_operations({}, {key: stage[key] for key in stage if key in STAGE})]
            everywhere = {key: stage[key] for key in stage if key in METHOD_SETTINGS}
            operations += _method_operations({}, {"/*/*": everywhere})
            self._patch(client, properties, [item for item in operations if item["path"] != "/description"])
            if stage.get("Tags"):
                arn = f"arn:aws:apigateway:{scope.region}::/restapis/{properties['RestApiId']}/stages/"
                client.tag_resource(resourceArn=f"{arn}{properties['StageName']}", tags=tag_map(stage["Tags"]))
        return Deployed(made["id"], {"DeploymentId": made["id"]})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update the description: the deployment itself doesn't change."""
        operations = changes(old, new, {"Description": "/description"})
        client = scope.clients("apigateway")
        client.update_deployment(restApiId=new["RestApiId"], deploymentId=physical_id, patchOperations=operations)
        before, after = old.get("StageDescription") or {}, new.get("StageDescription") or {}
        if new.get("StageName") and before != after:
            self._patch(client, new, list(_stage_operations(before, after)))
        return Deployed(physical_id, {"DeploymentId": physical_id})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the deployment, after the stage that it made."""
        client, api = scope.clients("apigateway"), properties["RestApiId"]
        name = properties.get("StageName")
        if name:
            unless_gone(client, lambda: _delete_stage_of(client, api, name, physical_id))
        unless_gone(client, lambda: client.delete_deployment(restApiId=api, deploymentId=physical_id))

    @staticmethod
    def _patch(client: Any, properties: Properties, operations: list[Operation]) -> None:
        if operations:
            client.update_stage(
                restApiId=properties["RestApiId"], stageName=properties["StageName"], patchOperations=operations
            )


def _delete_stage_of(client: Any, api: str, name: str, deployment: str) -> None:
    """Delete a stage unless it has another deployment by now."""
    if client.get_stage(restApiId=api, stageName=name)["deploymentId"] == deployment:
        client.delete_stage(restApiId=api, stageName=name)


class Stage:
    """AWS::ApiGateway::Stage."""

    name = "AWS::ApiGateway::Stage"
    replaced_by = frozenset({"RestApiId", "StageName"})
    attributes: ClassVar[tuple[str, ...]] = ()
    properties: ClassVar[Rules] = {
        **done("DeploymentId", "RestApiId", "StageName"),
        **STAGE,
        "DocumentationVersion": "documentation isn't kept",
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the stage."""
        client, name = scope.clients("apigateway"), str(properties["StageName"])
        client.create_stage(
            restApiId=properties["RestApiId"],
            stageName=name,
            deploymentId=properties["DeploymentId"],
            description=properties.get("Description", ""),
            variables={key: text(value) for key, value in (properties.get("Variables") or {}).items()},
            cacheClusterEnabled=truth(properties.get("CacheClusterEnabled", False)),
            tracingEnabled=truth(properties.get("TracingEnabled", False)),
            tags=tag_map(properties.get("Tags")),
        )
        given = {key: properties[key] for key in ("AccessLogSetting", "MethodSettings") if key in properties}
        try:
            self._patch(client, properties, name, list(_stage_operations({}, given)))
        except BaseException:
            client.delete_stage(restApiId=properties["RestApiId"], stageName=name)
            raise
        return Deployed(name, _url(properties, scope))

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update the deployment, the variables and the settings."""
        self._patch(scope.clients("apigateway"), new, physical_id, list(_stage_operations(old, new)))
        return Deployed(physical_id, _url(new, scope))

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the stage."""
        client = scope.clients("apigateway")
        unless_gone(client, lambda: client.delete_stage(restApiId=properties["RestApiId"], stageName=physical_id))

    @staticmethod
    def _patch(client: Any, properties: Properties, name: str, operations: list[Operation]) -> None:
        if operations:
            client.update_stage(restApiId=properties["RestApiId"], stageName=name, patchOperations=operations)


def _url(properties: Properties, scope: Scope) -> dict[str, str]:
    """The stage's URL on AWS, which the engine replaces by the local one."""
    host = f"{properties['RestApiId']}.execute-api.{scope.region}.amazonaws.com"
    return {"Url": f"https://{host}/{properties['StageName']}"}


def _stage_operations(old: Properties, new: Properties) -> Iterator[Operation]:
    yield from changes(old, new, _SETTINGS)
    yield from map_changes(old.get("Variables"), new.get("Variables"), "/variables")
    yield from _method_operations(_by_method(old), _by_method(new))
    logs = (old.get("AccessLogSetting") or {}, new.get("AccessLogSetting") or {})
    if logs[0] and not logs[1]:
        yield {"op": "remove", "path": "/accessLogSettings"}
    else:
        yield from changes(*logs, _LOGS)


def _by_method(properties: Properties) -> dict[str, Mapping[str, Any]]:
    """The settings of methods by the start of their patch paths."""
    return {
        f"/{_resource(setting.get('ResourcePath', '/*'))}/{setting.get('HttpMethod', '*')}": setting
        for setting in properties.get("MethodSettings") or []
    }


def _resource(path: str) -> str:
    return "*" if path in ("/*", "*") else escaped(path)


def _method_operations(
    old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]
) -> Iterator[Operation]:
    for start in [*old, *(key for key in new if key not in old)]:
        before, after = old.get(start, {}), new.get(start, {})
        yield from changes(before, after, {name: f"{start}/{path}" for name, path in _PATHS.items()})
