"""Lambda: versions of functions, and aliases."""

from __future__ import annotations

from typing import Any, ClassVar

from localaws.resource_types.awslambda.alias_deployments import deploy_alias
from localaws.resource_types.base import Deployed, Properties, Scope
from localaws.resource_types.support import NOT_KEPT_WARM, Rules, done


class Version:
    """AWS::Lambda::Version: a published snapshot of a function's code and configuration."""

    name = "AWS::Lambda::Version"
    replaced_by = frozenset({"FunctionName", "Description"})
    attributes = ("Version", "FunctionArn")
    properties: ClassVar[Rules] = done("Description", "FunctionName")

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Publish a version; for an unchanged function it's the last one."""
        published = scope.clients("lambda").publish_version(
            FunctionName=properties["FunctionName"], Description=properties.get("Description", "")
        )
        arn = published["FunctionArn"]
        return Deployed(arn, {"Version": published["Version"], "FunctionArn": arn})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Do nothing: a version never changes."""
        return Deployed(physical_id, {"Version": physical_id.rsplit(":", 1)[1], "FunctionArn": physical_id})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the version."""
        client = scope.clients("lambda")
        try:
            client.delete_function(FunctionName=physical_id)
        except client.exceptions.ResourceNotFoundException:
            return


class Alias:
    """AWS::Lambda::Alias: a name for one version, or for two with weights."""

    name = "AWS::Lambda::Alias"
    replaced_by = frozenset({"Name", "FunctionName"})
    attributes = ("AliasArn",)
    properties: ClassVar[Rules] = {
        **done("Description", "FunctionName", "FunctionVersion", "Name"),
        "ProvisionedConcurrencyConfig": NOT_KEPT_WARM,
        "RoutingConfig": {
            "AdditionalVersionWeights": done("FunctionVersion", "FunctionWeight"),
        },
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the alias; its ARN is the value of Ref."""
        arn = scope.clients("lambda").create_alias(**_alias(properties))["AliasArn"]
        return Deployed(arn, {"AliasArn": arn})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Point the alias to another version, by CodeDeploy if its UpdatePolicy says so."""
        policy = scope.update_policy.get("CodeDeployLambdaAliasUpdate")
        if policy and old["FunctionVersion"] != new["FunctionVersion"]:
            deploy_alias(policy, old, new, scope)
        scope.clients("lambda").update_alias(**_alias(new))
        return Deployed(physical_id, {"AliasArn": physical_id})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the alias."""
        client = scope.clients("lambda")
        try:
            client.delete_alias(FunctionName=properties["FunctionName"], Name=properties["Name"])
        except client.exceptions.ResourceNotFoundException:
            return


def _alias(properties: Properties) -> dict[str, Any]:
    return {
        "FunctionName": properties["FunctionName"],
        "Name": properties["Name"],
        "FunctionVersion": str(properties["FunctionVersion"]),
        "Description": properties.get("Description", ""),
        "RoutingConfig": {"AdditionalVersionWeights": _weights(properties.get("RoutingConfig") or {})},
    }


def _weights(routing: Properties) -> dict[str, float]:
    weights = routing.get("AdditionalVersionWeights") or []
    return {str(item["FunctionVersion"]): float(item["FunctionWeight"]) for item in weights}
