"""What others learn about a deployment: events on the default bus, and messages of triggers.

https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-cloudwatch-events.html
https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-sns-event-notifications-json-format.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from localaws.codedeploy.deployment import FAILED, IN_PROGRESS, ROLLBACK, STOPPED, SUCCEEDED, Deployment
from localaws.codedeploy.role import ServiceRole
from localaws.settings import ACCOUNT

# source, detail type, detail, resources
Put = Callable[[str, str, Mapping[str, Any], list[str]], None]
_STATES = {IN_PROGRESS: "START", SUCCEEDED: "SUCCESS", FAILED: "FAILURE", STOPPED: "STOP"}
_TRIGGERS = {
    IN_PROGRESS: "DeploymentStart",
    SUCCEEDED: "DeploymentSuccess",
    FAILED: "DeploymentFailure",
    STOPPED: "DeploymentStop",
}
TRIGGER_EVENTS = frozenset(
    {
        *_TRIGGERS.values(),
        "DeploymentReady",
        "DeploymentRollback",
        "InstanceFailure",
        "InstanceReady",
        "InstanceStart",
        "InstanceSuccess",
    }
)


class Reports:
    """Reports each change of a deployment's status; `put` puts an event on the default bus."""

    def __init__(self, put: Put, role: ServiceRole, region: str) -> None:
        self._put, self._role, self._region = put, role, region

    def changed(self, deployment: Deployment) -> None:
        """Report the present status."""
        prefix, group = f"arn:aws:codedeploy:{self._region}:{ACCOUNT}", deployment.group
        detail = {
            "region": self._region,
            "deploymentId": deployment.deployment_id,
            "instanceGroupId": group.group_id,
            "deploymentGroup": group.name,
            "state": _STATES[deployment.status],
            "application": group.application,
        }
        resources = [
            f"{prefix}:application:{group.application}",
            f"{prefix}:deploymentgroup:{group.application}/{group.name}",
        ]
        self._put("aws.codedeploy", "CodeDeploy Deployment State-change Notification", detail, resources)
        self._trigger(deployment, _TRIGGERS[deployment.status])
        if deployment.creator == ROLLBACK and deployment.status == IN_PROGRESS:
            self._trigger(deployment, "DeploymentRollback")

    def _trigger(self, deployment: Deployment, event: str) -> None:
        for trigger in deployment.group.triggers:
            if event in trigger["triggerEvents"]:
                subject = (
                    f"{_STATES[deployment.status]}: AWS CodeDeploy {deployment.deployment_id} in {self._region} to "
                    f"{deployment.group.application}"
                )
                message = self._message(deployment, event) | {"triggerName": trigger["triggerName"]}
                self._role.publish(deployment, trigger["triggerTargetArn"], subject[:100], message)

    def _message(self, deployment: Deployment, event: str) -> dict[str, Any]:
        described = deployment.describe()
        return {
            "region": self._region,
            "accountId": ACCOUNT,
            "eventTriggerName": event,
            "applicationName": deployment.group.application,
            "deploymentId": deployment.deployment_id,
            "deploymentGroupName": deployment.group.name,
            "createTime": _text(deployment.created),
            "completeTime": _text(deployment.completed),
            "deploymentOverview": described["deploymentOverview"],
            "status": _STATES[deployment.status],
            "errorInformation": described.get("errorInformation"),
            "rollbackInformation": described.get("rollbackInfo"),
        }


def _text(moment: float | None) -> str | None:
    return datetime.fromtimestamp(moment, UTC).strftime("%a %b %d %H:%M:%S UTC %Y") if moment is not None else None
