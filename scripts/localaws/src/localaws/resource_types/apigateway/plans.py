"""AWS::ApiGateway::ApiKey, UsagePlan and UsagePlanKey."""

from __future__ import annotations

import secrets
import string
from typing import Any, ClassVar

from localaws.resource_types.apigateway.patches import changes, unless_gone
from localaws.resource_types.base import Deployed, Properties, Scope, tag_map, truth
from localaws.resource_types.support import Rules, done

_THROTTLE: Rules = done("BurstLimit", "RateLimit")
_QUOTA: Rules = {
    **done("Limit", "Offset"),
    "Period": ["DAY", "WEEK", "MONTH"],
}


class ApiKey:
    """AWS::ApiGateway::ApiKey."""

    name = "AWS::ApiGateway::ApiKey"
    replaced_by = frozenset({"GenerateDistinctId", "Name", "Value"})
    attributes = ("APIKeyId",)
    properties: ClassVar[Rules] = {
        **done("CustomerId", "Description", "Enabled", "GenerateDistinctId", "Name", "Tags", "Value"),
        "StageKeys": done("RestApiId", "StageName"),
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the key."""
        optional = {
            "customerId": properties.get("CustomerId"),
            "description": properties.get("Description"),
            # A generated value stays the same if the state is kept: callers have it.
            "value": properties.get("Value")
            or scope.names.of(f"{scope.stack_name}/{scope.logical_id}/value", _new_value),
        }
        made = scope.clients("apigateway").create_api_key(
            name=str(properties.get("Name") or scope.generated_name()),
            enabled=truth(properties.get("Enabled", False)),
            stageKeys=[
                {"restApiId": key["RestApiId"], "stageName": key["StageName"]}
                for key in properties.get("StageKeys") or []
            ],
            tags=tag_map(properties.get("Tags")),
            **{name: str(value) for name, value in optional.items() if value},
        )
        return Deployed(made["id"], {"APIKeyId": made["id"]})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update the description, and whether it's enabled."""
        names = {"CustomerId": "/customerId", "Description": "/description", "Enabled": "/enabled"}
        scope.clients("apigateway").update_api_key(apiKey=physical_id, patchOperations=changes(old, new, names))
        return Deployed(physical_id, {"APIKeyId": physical_id})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the key."""
        client = scope.clients("apigateway")
        unless_gone(client, lambda: client.delete_api_key(apiKey=physical_id))


def _new_value() -> str:
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(40))


class UsagePlan:
    """AWS::ApiGateway::UsagePlan."""

    name = "AWS::ApiGateway::UsagePlan"
    replaced_by = frozenset[str]()
    attributes = ("Id",)
    properties: ClassVar[Rules] = {
        **done("Description", "Tags", "UsagePlanName"),
        "ApiStages": {
            **done("ApiId", "Stage"),
            "Throttle": {
                "*": _THROTTLE,
            },
        },
        "Quota": _QUOTA,
        "Throttle": _THROTTLE,
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the plan."""
        made = scope.clients("apigateway").create_usage_plan(
            name=str(properties.get("UsagePlanName") or scope.generated_name()),
            description=properties.get("Description", ""),
            apiStages=[_stage(stage) for stage in properties.get("ApiStages") or []],
            tags=tag_map(properties.get("Tags")),
            **_limits(properties),
        )
        return Deployed(made["id"], {"Id": made["id"]})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update the name, the limits and the stages."""
        operations = changes(old, new, {"Description": "/description", "UsagePlanName": "/name"})
        for part, paths in (("Throttle", ("BurstLimit", "RateLimit")), ("Quota", ("Limit", "Offset", "Period"))):
            names = {name: f"/{part.lower()}/{name[0].lower()}{name[1:]}" for name in paths}
            operations += changes(old.get(part) or {}, new.get(part) or {}, names)
        before, after = (
            {f"{stage['ApiId']}:{stage['Stage']}" for stage in properties.get("ApiStages") or []}
            for properties in (old, new)
        )
        for kind, stages in (("remove", before - after), ("add", after - before)):
            operations += [{"op": kind, "path": "/apiStages", "value": stage} for stage in sorted(stages)]
        scope.clients("apigateway").update_usage_plan(usagePlanId=physical_id, patchOperations=operations)
        return Deployed(physical_id, {"Id": physical_id})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Remove the plan's stages, then the plan."""
        client = scope.clients("apigateway")
        unless_gone(client, lambda: _delete_plan(client, physical_id))


class UsagePlanKey:
    """AWS::ApiGateway::UsagePlanKey."""

    name = "AWS::ApiGateway::UsagePlanKey"
    replaced_by = frozenset({"KeyId", "KeyType", "UsagePlanId"})
    attributes = ("Id",)
    properties: ClassVar[Rules] = {
        **done("KeyId", "UsagePlanId"),
        "KeyType": ["API_KEY"],
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Add the key to the plan."""
        scope.clients("apigateway").create_usage_plan_key(
            usagePlanId=properties["UsagePlanId"], keyId=properties["KeyId"], keyType="API_KEY"
        )
        name = f"{properties['KeyId']}:{properties['UsagePlanId']}"
        return Deployed(name, {"Id": name})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Do nothing: no property changes in place."""
        return Deployed(physical_id, {"Id": physical_id})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Remove the key from the plan."""
        client, plan = scope.clients("apigateway"), properties["UsagePlanId"]
        unless_gone(client, lambda: client.delete_usage_plan_key(usagePlanId=plan, keyId=properties["KeyId"]))


def _delete_plan(client: Any, plan: str) -> None:
    stages = client.get_usage_plan(usagePlanId=plan)["apiStages"]
    operations = [{"op": "remove", "path": "/apiStages", "value": f"{s['apiId']}:{s['stage']}"} for s in stages]
    if operations:
        client.update_usage_plan(usagePlanId=plan, patchOperations=operations)
    client.delete_usage_plan(usagePlanId=plan)


def _throttle(given: Properties) -> dict[str, Any]:
    return {"burstLimit": int(given.get("BurstLimit", 0)), "rateLimit": float(given.get("RateLimit", 0))}


def _stage(stage: Properties) -> dict[str, Any]:
    throttle = {method: _throttle(limit) for method, limit in (stage.get("Throttle") or {}).items()}
    return {"apiId": stage["ApiId"], "stage": stage["Stage"], "throttle": throttle}


def _limits(properties: Properties) -> dict[str, Any]:
    limits: dict[str, Any] = {}
    if properties.get("Throttle"):
        limits["throttle"] = _throttle(properties["Throttle"])
    if properties.get("Quota"):
        quota = properties["Quota"]
        limits["quota"] = {
            "limit": int(quota.get("Limit", 0)),
            "offset": int(quota.get("Offset", 0)),
            "period": quota["Period"],
        }
    return limits
