"""CodeDeploy: applications, deployment groups and deployment configurations of functions."""

from __future__ import annotations

from typing import Any, ClassVar

from localaws.resource_types.base import Deployed, Properties, Scope, tag_list, tag_map, truth
from localaws.resource_types.support import DONE, TRIGGERS, Rules, done


class Application:
    """AWS::CodeDeploy::Application."""

    name = "AWS::CodeDeploy::Application"
    replaced_by = frozenset({"ApplicationName", "ComputePlatform"})
    attributes: ClassVar[tuple[str, ...]] = ()
    properties: ClassVar[Rules] = {**done("ApplicationName", "Tags"), "ComputePlatform": ["Lambda"]}

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the application, named as given or after the stack."""
        name = properties.get("ApplicationName") or scope.generated_name(100)
        # Without a platform it's Server's, which the service refuses.
        platform = properties.get("ComputePlatform", "Server")
        tags = tag_list(properties.get("Tags"))
        scope.clients("codedeploy").create_application(applicationName=name, computePlatform=platform, tags=tags)
        return Deployed(name)

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update the tags."""
        _retag(f"application:{physical_id}", old, new, scope)
        return Deployed(physical_id)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the application."""
        scope.clients("codedeploy").delete_application(applicationName=physical_id)


class DeploymentGroup:
    """AWS::CodeDeploy::DeploymentGroup of functions."""

    name = "AWS::CodeDeploy::DeploymentGroup"
    replaced_by = frozenset({"ApplicationName", "DeploymentGroupName"})
    attributes: ClassVar[tuple[str, ...]] = ()
    properties: ClassVar[Rules] = {
        **done("ApplicationName", "DeploymentConfigName", "DeploymentGroupName", "ServiceRoleArn", "Tags"),
        "AlarmConfiguration": {"Alarms": done("Name"), **done("Enabled", "IgnorePollAlarmFailure")},
        "AutoRollbackConfiguration": {
            "Enabled": DONE,
            "Events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
        },
        "DeploymentStyle": {"DeploymentOption": ["WITH_TRAFFIC_CONTROL"], "DeploymentType": ["BLUE_GREEN"]},
        "TriggerConfigurations": TRIGGERS,
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the group, named as given or after the stack."""
        name = properties.get("DeploymentGroupName") or scope.generated_name(100)
        scope.clients("codedeploy").create_deployment_group(
            applicationName=properties["ApplicationName"],
            deploymentGroupName=name,
            tags=tag_list(properties.get("Tags")),
            **_settings(properties),
        )
        return Deployed(name)

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update the settings and tags; settings removed from the template get their defaults."""
        scope.clients("codedeploy").update_deployment_group(
            applicationName=new["ApplicationName"], currentDeploymentGroupName=physical_id, **_settings(new)
        )
        _retag(f"deploymentgroup:{new['ApplicationName']}/{physical_id}", old, new, scope)
        return Deployed(physical_id)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the group."""
        client = scope.clients("codedeploy")
        try:
            client.delete_deployment_group(
                applicationName=properties["ApplicationName"], deploymentGroupName=physical_id
            )
        except client.exceptions.ApplicationDoesNotExistException:
            return


class DeploymentConfig:
    """AWS::CodeDeploy::DeploymentConfig of functions."""

    name = "AWS::CodeDeploy::DeploymentConfig"
    replaced_by = frozenset({"ComputePlatform", "DeploymentConfigName", "TrafficRoutingConfig"})
    attributes: ClassVar[tuple[str, ...]] = ()
    properties: ClassVar[Rules] = {
        "ComputePlatform": ["Lambda"],
        "DeploymentConfigName": DONE,
        "TrafficRoutingConfig": {
            "TimeBasedCanary": done("CanaryInterval", "CanaryPercentage"),
            "TimeBasedLinear": done("LinearInterval", "LinearPercentage"),
            "Type": ["AllAtOnce", "TimeBasedCanary", "TimeBasedLinear"],
        },
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the configuration, named as given or after the stack."""
        name = properties.get("DeploymentConfigName") or scope.generated_name(100)
        given = properties.get("TrafficRoutingConfig")
        scope.clients("codedeploy").create_deployment_config(
            deploymentConfigName=name,
            computePlatform=properties.get("ComputePlatform", "Server"),
            **({"trafficRoutingConfig": _routing(given)} if given else {}),
        )
        return Deployed(name)

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Do nothing: each change makes a new configuration."""
        return Deployed(physical_id)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the configuration."""
        scope.clients("codedeploy").delete_deployment_config(deploymentConfigName=physical_id)


def _settings(properties: Properties) -> dict[str, Any]:
    alarms, rollback = properties.get("AlarmConfiguration") or {}, properties.get("AutoRollbackConfiguration") or {}
    style = properties.get("DeploymentStyle") or {}
    settings: dict[str, Any] = {
        "deploymentConfigName": properties.get("DeploymentConfigName", "CodeDeployDefault.LambdaAllAtOnce"),
        "serviceRoleArn": properties["ServiceRoleArn"],
        "alarmConfiguration": {
            "enabled": truth(alarms.get("Enabled", False)),
            "ignorePollAlarmFailure": truth(alarms.get("IgnorePollAlarmFailure", False)),
            "alarms": [{"name": alarm["Name"]} for alarm in alarms.get("Alarms") or []],
        },
        "autoRollbackConfiguration": {
            "enabled": truth(rollback.get("Enabled", False)),
            "events": list(rollback.get("Events") or []),
        },
        "triggerConfigurations": [
            {
                "triggerName": trigger["TriggerName"],
                "triggerTargetArn": trigger["TriggerTargetArn"],
                "triggerEvents": list(trigger["TriggerEvents"]),
            }
            for trigger in properties.get("TriggerConfigurations") or []
        ],
    }
    if style:
        settings["deploymentStyle"] = {
            "deploymentType": style.get("DeploymentType"),
            "deploymentOption": style.get("DeploymentOption"),
        }
    return settings


def _routing(given: Properties) -> dict[str, Any]:
    routing: dict[str, Any] = {"type": given["Type"]}
    for member, prefix in (("TimeBasedCanary", "Canary"), ("TimeBasedLinear", "Linear")):
        if member in given:
            routing[f"timeBased{prefix}"] = {
                f"{prefix.lower()}{part}": int(given[member][f"{prefix}{part}"]) for part in ("Percentage", "Interval")
            }
    return routing


def _retag(resource: str, old: Properties, new: Properties, scope: Scope) -> None:
    client, arn = scope.clients("codedeploy"), f"arn:aws:codedeploy:{scope.region}:{scope.account}:{resource}"
    before, after = tag_map(old.get("Tags")), tag_map(new.get("Tags"))
    if removed := sorted(before.keys() - after.keys()):
        client.untag_resource(ResourceArn=arn, TagKeys=removed)
    if after:
        client.tag_resource(ResourceArn=arn, Tags=tag_list(new.get("Tags")))
