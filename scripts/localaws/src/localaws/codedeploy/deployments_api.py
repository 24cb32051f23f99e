"""CodeDeploy's API: deployments, their targets and the answers of hooks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from moto.core.responses import ActionResult, BaseResponse

from localaws.clock import Clock
from localaws.codedeploy.deployment import CLOUDFORMATION, FAILED, SUCCEEDED, USER, Deployment
from localaws.codedeploy.engine import Deployments
from localaws.codedeploy.errors import (
    AccessDenied,
    DeploymentTargetDoesNotExist,
    InvalidHookExecutionStatus,
    InvalidInput,
    InvalidRevision,
    RevisionRequired,
)
from localaws.codedeploy.groups import Applications
from localaws.codedeploy.role import Refused, ServiceRole
from localaws.codedeploy.settings import checked_alarms, checked_rollback
from localaws.iam.guard import Guard
from localaws.settings import ACCOUNT

# Settings of deployments to servers or containers.
_UNSUPPORTED = (
    "deploymentMode",
    "ec2DeploymentOptions",
    "fileExistsBehavior",
    "ignoreApplicationStopFailures",
    "targetInstances",
    "updateOutdatedInstancesOnly",
)
_CALLED_BY = "cloudformation.amazonaws.com"
_TEXTS = {"AppSpecContent": "appSpecContent", "String": "string"}


class DeploymentsApi(BaseResponse):
    """The operations on deployments."""

    applications: Applications
    deployments: Deployments
    role: ServiceRole
    guard: Guard
    clock: Clock
    # ARN → tags
    tags: dict[str, dict[str, str]]

    def __init__(self) -> None:
        super().__init__(service_name="codedeploy")
        self.automated_parameter_parsing = True

    def create_deployment(self) -> ActionResult:
        """CreateDeployment."""
        for name in _UNSUPPORTED:
            if self.params.get(name):
                raise InvalidInput(f"Local AWS doesn't support {name} of a deployment.")
        group = self.applications.group(self.params["applicationName"], self.params["deploymentGroupName"])
        self._authorize("CreateDeployment", f"{group.application}/{group.name}")
        config = self.applications.config(self.params.get("deploymentConfigName") or group.config)
        revision = self.params.get("revision")
        if not revision:
            raise RevisionRequired("A deployment needs a revision")
        alarms, rollback = self.params.get("overrideAlarmConfiguration"), self.params.get("autoRollbackConfiguration")
        caller = CLOUDFORMATION if _CALLED_BY in str(self.headers.get("User-Agent")) else USER
        deployment = self.deployments.create(
            group,
            config,
            revision,
            self._text(revision, group.role),
            caller,
            alarms=checked_alarms(alarms) if alarms else group.alarms,
            rollback=checked_rollback(rollback) if rollback else group.rollback,
            description=self.params.get("description") or "",
        )
        return ActionResult({"deploymentId": deployment.deployment_id})

    def get_deployment(self) -> ActionResult:
        """GetDeployment."""
        return ActionResult({"deploymentInfo": self._deployment("GetDeployment").describe()})

    def batch_get_deployments(self) -> ActionResult:
        """BatchGetDeployments."""
        found = [self.deployments.find(name).describe() for name in self.params["deploymentIds"]]
        return ActionResult({"deploymentsInfo": found})

    def list_deployments(self) -> ActionResult:
        """ListDeployments, the latest first: of a group or of all, by status and time of creation."""
        if self.params.get("externalId"):
            raise InvalidInput("Local AWS doesn't support externalId.")
        application, group = self.params.get("applicationName"), self.params.get("deploymentGroupName")
        if application and group:
            self.applications.group(application, group)
        statuses = self.params.get("includeOnlyStatuses") or []
        period = self.params.get("createTimeRange") or {}
        start, end = _seconds(period.get("start"), 0.0), _seconds(period.get("end"), float("inf"))
        found = [
            each.deployment_id
            for each in self.deployments.all()
            if application in (None, each.group.application)
            and group in (None, each.group.name)
            and (not statuses or each.status in statuses)
            and start <= each.created <= end
        ]
        return ActionResult({"deployments": found})

    def stop_deployment(self) -> ActionResult:
        """StopDeployment; the stop follows at once, but after the answer."""
        deployment = self._deployment("StopDeployment")
        status = self.deployments.request_stop(deployment.deployment_id, self.params.get("autoRollbackEnabled"))
        message = (
            "Deployment was stopped" if status == SUCCEEDED else "No more commands will be scheduled for execution"
        )
        return ActionResult({"status": status, "statusMessage": message})

    def get_deployment_target(self) -> ActionResult:
        """GetDeploymentTarget."""
        return ActionResult({"deploymentTarget": self._target(self.params["targetId"])})

    def batch_get_deployment_targets(self) -> ActionResult:
        """BatchGetDeploymentTargets."""
        return ActionResult({"deploymentTargets": [self._target(name) for name in self.params["targetIds"]]})

    def list_deployment_targets(self) -> ActionResult:
        """ListDeploymentTargets: a Lambda deployment has one."""
        if self.params.get("targetFilters"):
            raise InvalidInput("targetFilters are for deployments to servers, which local AWS doesn't support.")
        return ActionResult({"targetIds": [self._deployment("ListDeploymentTargets").target_id]})

    def put_lifecycle_event_hook_execution_status(self) -> ActionResult:
        """PutLifecycleEventHookExecutionStatus."""
        deployment = self._deployment("PutLifecycleEventHookExecutionStatus")
        execution, status = self.params.get("lifecycleEventHookExecutionId") or "", self.params.get("status")
        if status not in (SUCCEEDED, FAILED):
            raise InvalidHookExecutionStatus(f"The status of a hook must be {SUCCEEDED} or {FAILED}, not {status}")
        self.deployments.answer(deployment.deployment_id, execution, status)
        return ActionResult({"lifecycleEventHookExecutionId": execution})

    def _deployment(self, action: str) -> Deployment:
        """The deployment that a request names, if the caller may `action` on its group."""
        deployment = self.deployments.find(self.params.get("deploymentId") or "")
        self._authorize(action, f"{deployment.group.application}/{deployment.group.name}")
        return deployment

    def _target(self, target: str) -> dict[str, Any]:
        deployment = self._deployment("GetDeploymentTarget")
        if target != deployment.target_id:
            raise DeploymentTargetDoesNotExist(f"Deployment {deployment.deployment_id} has no target {target}")
        return deployment.describe_target(f"arn:aws:lambda:{self.region}:{ACCOUNT}")

    def _text(self, revision: Mapping[str, Any], role: str) -> str:
        """The AppSpec file of a revision."""
        kind = revision.get("revisionType")
        if kind in _TEXTS:
            return str((revision.get(_TEXTS[kind]) or {}).get("content") or "")
        location = revision.get("s3Location") or {}
        if kind != "S3" or location.get("bundleType") not in ("YAML", "JSON"):
            raise InvalidRevision(
                "Local AWS reads AppSpec files in YAML or JSON of the types AppSpecContent, String and S3, "
                f"not {kind} {location.get('bundleType', '')}".rstrip()
            )
        try:
            return self.role.read_object(role, location)
        except Refused as error:
            raise InvalidRevision(str(error)) from None

    def _authorize(self, action: str, group: str) -> None:
        arn = self._arn("deploymentgroup", group)
        if denied := self.guard.denied_to_key(self.access_key, f"codedeploy:{action}", arn, {}):
            raise AccessDenied(str(denied))

    def _arn(self, kind: str, name: str) -> str:
        return f"arn:aws:codedeploy:{self.region}:{ACCOUNT}:{kind}:{name}"


def _seconds(moment: Any, default: float) -> float:
    if moment is None:
        return default
    return moment.timestamp() if isinstance(moment, datetime) else float(moment)
