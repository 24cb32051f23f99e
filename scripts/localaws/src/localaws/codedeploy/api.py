"""CodeDeploy's API: applications, deployment groups and configurations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from moto.core.responses import ActionResult, EmptyResult

from localaws.codedeploy.deployment import SUCCEEDED, Deployment
from localaws.codedeploy.deployments_api import DeploymentsApi
from localaws.codedeploy.errors import ArnNotSupported, InvalidComputePlatform, InvalidInput, InvalidRole
from localaws.codedeploy.groups import Group
from localaws.codedeploy.settings import checked_alarms, checked_rollback, checked_style, checked_triggers
from localaws.iam.sender import Sender

PRINCIPAL = "codedeploy.amazonaws.com"
# Settings of groups that deploy to servers or containers.
_UNSUPPORTED = (
    "autoScalingGroups",
    "blueGreenDeploymentConfiguration",
    "ec2DeploymentOptions",
    "ec2TagFilters",
    "ec2TagSet",
    "ecsServices",
    "loadBalancerInfo",
    "onPremisesInstanceTagFilters",
    "onPremisesTagSet",
    "terminationHookEnabled",
)


class CodeDeployApi(DeploymentsApi):
    """One method per operation; others are refused by name."""

    def create_application(self) -> ActionResult:
        """CreateApplication."""
        self._check_platform()
        application = self.applications.create(self.params["applicationName"], self.clock.now())
        self._tag(self._arn("application", application.name), self.params.get("tags") or [])
        return ActionResult({"applicationId": application.application_id})

    def get_application(self) -> ActionResult:
        """GetApplication."""
        return ActionResult({"application": self.applications.find(self.params["applicationName"]).describe()})

    def batch_get_applications(self) -> ActionResult:
        """BatchGetApplications."""
        found = [self.applications.find(name).describe() for name in self.params["applicationNames"]]
        return ActionResult({"applicationsInfo": found})

    def list_applications(self) -> ActionResult:
        """ListApplications."""
        return ActionResult({"applications": sorted(self.applications.applications)})

    def update_application(self) -> ActionResult:
        """UpdateApplication: its name."""
        if new := self.params.get("newApplicationName"):
            self.applications.rename(self.params["applicationName"], new)
        return EmptyResult()

    def delete_application(self) -> ActionResult:
        """DeleteApplication, with its groups; one that doesn't exist is no error."""
        self.applications.applications.pop(self.params["applicationName"], None)
        return EmptyResult()

    def create_deployment_group(self) -> ActionResult:
        """CreateDeploymentGroup."""
        application = self.applications.find(self.params["applicationName"]).name
        group = Group(application, self.params["deploymentGroupName"], self.params["serviceRoleArn"])
        self._configure(group)
        self.applications.add_group(group)
        self._tag(self._arn("deploymentgroup", f"{application}/{group.name}"), self.params.get("tags") or [])
        return ActionResult({"deploymentGroupId": group.group_id})

    def update_deployment_group(self) -> ActionResult:
        """UpdateDeploymentGroup; what isn't given stays as it is."""
        group = self.applications.group(self.params["applicationName"], self.params["currentDeploymentGroupName"])
        self._configure(group)
        if new := self.params.get("newDeploymentGroupName"):
            self.applications.rename_group(group, new)
        return ActionResult({"hooksNotCleanedUp": []})

    def get_deployment_group(self) -> ActionResult:
        """GetDeploymentGroup."""
        group = self.applications.group(self.params["applicationName"], self.params["deploymentGroupName"])
        return ActionResult({"deploymentGroupInfo": self._described(group)})

    def batch_get_deployment_groups(self) -> ActionResult:
        """BatchGetDeploymentGroups."""
        named = (self.applications.group(self.params["applicationName"], name) for name in self._names())
        return ActionResult({"deploymentGroupsInfo": [self._described(group) for group in named]})

    def list_deployment_groups(self) -> ActionResult:
        """ListDeploymentGroups."""
        application = self.applications.find(self.params["applicationName"])
        return ActionResult({"applicationName": application.name, "deploymentGroups": sorted(application.groups)})

    def delete_deployment_group(self) -> ActionResult:
        """DeleteDeploymentGroup; one that doesn't exist is no error."""
        self.applications.find(self.params["applicationName"]).groups.pop(self.params["deploymentGroupName"], None)
        return ActionResult({"hooksNotCleanedUp": []})

    def create_deployment_config(self) -> ActionResult:
        """CreateDeploymentConfig."""
        self._check_platform()
        for name in ("minimumHealthyHosts", "zonalConfig"):
            if self.params.get(name):
                raise InvalidInput(f"{name} is for deployments to servers, which local AWS doesn't support.")
        name, routing = self.params["deploymentConfigName"], self.params.get("trafficRoutingConfig")
        config = self.applications.create_config(name, routing, self.clock.now())
        return ActionResult({"deploymentConfigId": config.config_id})

    def get_deployment_config(self) -> ActionResult:
        """GetDeploymentConfig."""
        config = self.applications.config(self.params["deploymentConfigName"])
        return ActionResult({"deploymentConfigInfo": config.describe()})

    def list_deployment_configs(self) -> ActionResult:
        """ListDeploymentConfigs: those of Lambda."""
        return ActionResult({"deploymentConfigsList": sorted(self.applications.configs)})

    def delete_deployment_config(self) -> ActionResult:
        """DeleteDeploymentConfig."""
        self.applications.delete_config(self.params["deploymentConfigName"])
        return EmptyResult()

    def tag_resource(self) -> ActionResult:
        """TagResource."""
        self._tag(self._tagged(), self.params["Tags"])
        return EmptyResult()

    def untag_resource(self) -> ActionResult:
        """UntagResource."""
        known = self.tags.get(self._tagged(), {})
        for key in self.params["TagKeys"]:
            known.pop(key, None)
        return EmptyResult()

    def list_tags_for_resource(self) -> ActionResult:
        """ListTagsForResource."""
        known = self.tags.get(self._tagged(), {})
        return ActionResult({"Tags": [{"Key": key, "Value": value} for key, value in known.items()]})

    def _names(self) -> Iterable[str]:
        names: list[str] = self.params["deploymentGroupNames"]
        return names

    def _tag(self, arn: str, tags: Iterable[Mapping[str, str]]) -> None:
        self.tags.setdefault(arn, {}).update({tag["Key"]: tag["Value"] for tag in tags})

    def _tagged(self) -> str:
        """The ARN of the resource whose tags are asked for; raises if it doesn't exist."""
        arn = str(self.params["ResourceArn"])
        kind, _, name = arn.partition(f"arn:aws:codedeploy:{self.region}:")[2].partition(":")[2].partition(":")
        if kind == "application":
            self.applications.find(name)
        elif kind == "deploymentgroup":
            self.applications.group(*name.split("/", 1))
        else:
            raise ArnNotSupported(f"{arn} isn't the ARN of an application or a deployment group.")
        return arn

    def _check_platform(self) -> None:
        platform = self.params.get("computePlatform") or "Server"
        if platform != "Lambda":
            raise InvalidComputePlatform(f"Local AWS supports the compute platform Lambda, not {platform}.")

    def _configure(self, group: Group) -> None:
        """Set the settings of the request; raises before any is set if one is invalid."""
        for name in _UNSUPPORTED:
            if self.params.get(name):
                raise InvalidInput(f"Local AWS doesn't support {name} of a deployment group.")
        checked_style(self.params.get("deploymentStyle"))
        config, role = self.params.get("deploymentConfigName"), self.params.get("serviceRoleArn") or group.role
        if config:
            self.applications.config(config)
        arn = self._arn("deploymentgroup", f"{group.application}/{group.name}")
        if self.guard.untrusted(Sender(PRINCIPAL, arn, role)):
            raise InvalidRole("AWS CodeDeploy does not have the permissions required to assume the role " + role)
        alarms, rollback = self.params.get("alarmConfiguration"), self.params.get("autoRollbackConfiguration")
        checked = (
            None if alarms is None else checked_alarms(alarms),
            None if rollback is None else checked_rollback(rollback),
            None if (triggers := self.params.get("triggerConfigurations")) is None else checked_triggers(triggers),
        )
        group.role, group.config = role, config or group.config
        group.alarms = group.alarms if checked[0] is None else checked[0]
        group.rollback = group.rollback if checked[1] is None else checked[1]
        group.triggers = group.triggers if checked[2] is None else checked[2]

    def _described(self, group: Group) -> dict[str, Any]:
        described: dict[str, Any] = {
            "applicationName": group.application,
            "deploymentGroupId": group.group_id,
            "deploymentGroupName": group.name,
            "deploymentConfigName": group.config,
            "serviceRoleArn": group.role,
            "triggerConfigurations": group.triggers,
            "alarmConfiguration": dict(group.alarms),
            "autoRollbackConfiguration": dict(group.rollback),
            "deploymentStyle": {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
            "computePlatform": "Lambda",
        }
        attempted = [each for each in self.deployments.all() if each.group is group]
        succeeded = [each for each in attempted if each.status == SUCCEEDED]
        if attempted:
            described["lastAttemptedDeployment"] = _summary(attempted[0])
        if succeeded:
            described["lastSuccessfulDeployment"] = _summary(succeeded[0])
            described["targetRevision"] = dict(succeeded[0].revision)
        return described


def _summary(deployment: Deployment) -> dict[str, Any]:
    ended = {"endTime": deployment.completed} if deployment.completed is not None else {}
    return {
        "deploymentId": deployment.deployment_id,
        "status": deployment.status,
        "createTime": deployment.created,
        **ended,
    }
