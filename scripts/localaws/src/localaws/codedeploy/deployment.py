"""One deployment: its settings, lifecycle events and status, and how the API describes it."""

from __future__ import annotations

import secrets
import string
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localaws.codedeploy.appspec import AFTER, ALLOW, BEFORE, AppSpec
from localaws.codedeploy.configs import ALL_AT_ONCE, DeploymentConfig
from localaws.codedeploy.groups import Group

PENDING, IN_PROGRESS, SUCCEEDED, FAILED, SKIPPED = "Pending", "InProgress", "Succeeded", "Failed", "Skipped"
CREATED, STOPPED = "Created", "Stopped"
ENDED = (SUCCEEDED, FAILED, STOPPED)
# Who created a deployment.
USER, CLOUDFORMATION, ROLLBACK = "user", "CloudFormation", "codeDeployRollback"
# The events after which a deployment is rolled back, if its group is configured so.
ON_FAILURE, ON_ALARM, ON_REQUEST = "DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"


@dataclass
class LifecycleEvent:
    """A step of a deployment; moments are epoch seconds, `error` is a code and a message."""

    name: str
    hook: str = ""
    status: str = PENDING
    started: float | None = None
    ended: float | None = None
    error: tuple[str, str] | None = None
    execution_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def start(self, moment: float) -> None:
        """The event begins."""
        self.status, self.started = IN_PROGRESS, moment

    def end(self, status: str, moment: float, error: tuple[str, str] | None = None) -> None:
        """The event ends."""
        self.status, self.ended, self.error = status, moment, error

    def describe(self) -> dict[str, Any]:
        """As part of a deployment target."""
        described: dict[str, Any] = {"lifecycleEventName": self.name, "status": self.status}
        described |= {"startTime": self.started} if self.started is not None else {}
        described |= {"endTime": self.ended} if self.ended is not None else {}
        if self.error:
            code, message = self.error
            described["diagnostics"] = {"errorCode": code, "scriptName": self.hook, "message": message}
        return described


@dataclass
class Deployment:
    """A deployment of one function; moments are epoch seconds, `due` is when it goes on.

    `rollback_on` has the events after which it's rolled back, `alarms` its alarm configuration.
    """

    deployment_id: str
    group: Group
    config: DeploymentConfig
    appspec: AppSpec
    revision: Mapping[str, Any]
    creator: str
    created: float
    due: float
    alarms: Mapping[str, Any]
    rollback: Mapping[str, Any]
    description: str = ""
    status: str = CREATED
    started: float | None = None
    completed: float | None = None
    weight: float = 0.0
    error: tuple[str, str] | None = None
    # Whether a stop was requested, and if so whether that is to be followed by a rollback.
    stop: bool | None = None
    rolled_back_by: str = ""
    rolls_back: str = ""
    events: list[LifecycleEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        """The lifecycle events of its hooks."""
        self.events = [LifecycleEvent(name, self.appspec.hooks.get(name, "")) for name in (BEFORE, ALLOW, AFTER)]

    @property
    def has_ended(self) -> bool:
        """Whether nothing more happens."""
        return self.status in ENDED

    @property
    def current(self) -> LifecycleEvent | None:
        """The first lifecycle event that hasn't ended."""
        return next((event for event in self.events if event.status in (PENDING, IN_PROGRESS)), None)

    @property
    def alarm_names(self) -> list[str]:
        """The alarms that stop it."""
        given = self.alarms.get("alarms") or [] if self.alarms.get("enabled") else []
        return [alarm["name"] for alarm in given]

    @property
    def target_id(self) -> str:
        """The id of its one target: function and alias."""
        return f"{self.appspec.function}:{self.appspec.alias}"

    def rolls_back_on(self, event: str) -> bool:
        """Whether it's rolled back after an event."""
        return bool(self.rollback.get("enabled")) and event in (self.rollback.get("events") or [])

    def end(self, status: str, moment: float, error: tuple[str, str] | None = None) -> None:
        """End it, and skip the lifecycle events that haven't begun."""
        self.status, self.completed, self.error = status, moment, error
        for event in self.events:
            if event.status == PENDING:
                event.end(SKIPPED, moment)
            elif event.status == IN_PROGRESS:
                event.end(FAILED if status != SUCCEEDED else SUCCEEDED, moment, event.error)

    def rollback_at(self, moment: float) -> Deployment:
        """A deployment that gives all traffic back to the version before, and runs no hooks."""
        spec = self.appspec.reversed
        revision = {"revisionType": "AppSpecContent", "appSpecContent": {"content": spec.text}}
        config = DeploymentConfig(ALL_AT_ONCE, {"type": "AllAtOnce"}, moment)
        back = Deployment(new_id(), self.group, config, spec, revision, ROLLBACK, moment, moment, {}, {})
        back.description = f"Deployment {back.deployment_id} was triggered by the failure of {self.deployment_id}"
        back.rolls_back, self.rolled_back_by = self.deployment_id, back.deployment_id
        back.status, back.started = IN_PROGRESS, moment
        return back

    def describe(self) -> dict[str, Any]:
        """As GetDeployment returns it."""
        counts = dict.fromkeys((PENDING, IN_PROGRESS, SUCCEEDED, FAILED, SKIPPED, "Ready"), 0)
        counts[_target_status(self.status)] = 1
        described: dict[str, Any] = {
            "applicationName": self.group.application,
            "deploymentGroupName": self.group.name,
            "deploymentConfigName": self.config.name,
            "deploymentId": self.deployment_id,
            "revision": dict(self.revision),
            "status": self.status,
            "createTime": self.created,
            "deploymentOverview": counts,
            "description": self.description,
            "creator": self.creator,
            "ignoreApplicationStopFailures": False,
            "autoRollbackConfiguration": dict(self.rollback),
            "updateOutdatedInstancesOnly": False,
            "deploymentStyle": {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
            "instanceTerminationWaitTimeStarted": False,
            "computePlatform": "Lambda",
        }
        described |= {"startTime": self.started} if self.started is not None else {}
        described |= {"completeTime": self.completed} if self.completed is not None else {}
        described |= {"errorInformation": dict(zip(("code", "message"), self.error, strict=True))} if self.error else {}
        if self.rolled_back_by or self.rolls_back:
            described["rollbackInfo"] = self._rollback_info()
        return described

    def _rollback_info(self) -> dict[str, str]:
        if self.rolls_back:
            return {"rollbackTriggeringDeploymentId": self.rolls_back}
        message = f"Deployment {self.deployment_id} was rolled back by deployment {self.rolled_back_by}."
        return {"rollbackDeploymentId": self.rolled_back_by, "rollbackMessage": message}

    def describe_target(self, prefix: str) -> dict[str, Any]:
        """As GetDeploymentTarget returns it; `prefix` begins the ARNs of Lambda."""
        updated = [event.ended or event.started for event in self.events if event.started or event.ended]
        return {
            "deploymentTargetType": "LambdaTarget",
            "lambdaTarget": {
                "deploymentId": self.deployment_id,
                "targetId": self.target_id,
                "targetArn": f"{prefix}:function:{self.target_id}",
                "status": _target_status(self.status),
                "lastUpdatedAt": max([self.created, *(moment for moment in updated if moment is not None)]),
                "lifecycleEvents": [event.describe() for event in self.events],
                "lambdaFunctionInfo": {
                    "functionName": self.appspec.function,
                    "functionAlias": self.appspec.alias,
                    "currentVersion": self.appspec.current,
                    "targetVersion": self.appspec.target,
                    "targetVersionWeight": self.weight,
                },
            },
        }


def _target_status(status: str) -> str:
    return {CREATED: PENDING, STOPPED: FAILED}.get(status, status)


def new_id() -> str:
    """The id of a new deployment."""
    return "d-" + "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(9))
