"""Applications, their groups, and deployments as JSON, to save and to restore them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

from localaws.codedeploy.appspec import read_appspec
from localaws.codedeploy.configs import DeploymentConfig, is_predefined
from localaws.codedeploy.deployment import FAILED, IN_PROGRESS, STOPPED, Deployment, LifecycleEvent
from localaws.codedeploy.groups import Application, Applications, Group

_PLAIN = (
    "deployment_id",
    "revision",
    "creator",
    "created",
    "due",
    "alarms",
    "rollback",
    "description",
    "status",
    "started",
    "completed",
    "weight",
    "stop",
    "rolled_back_by",
    "rolls_back",
)
_STOPPED = ("MANUAL_STOP", "Local AWS was stopped while the deployment ran.")


def saved_applications(applications: Applications) -> dict[str, Any]:
    """All applications with their groups, and all configurations but the predefined ones."""
    return {
        "applications": [asdict(application) for application in applications.applications.values()],
        "configs": [asdict(config) for config in applications.configs.values() if not is_predefined(config.name)],
    }


def restore_applications(applications: Applications, kept: Mapping[str, Any], of_stacks: Collection[str]) -> None:
    """Restore what no stack has created again, and none had; what one has gets its identifiers back."""
    for state in kept["applications"]:
        groups = {name: Group(**group) for name, group in state["groups"].items()}
        known = applications.applications.get(state["name"])
        if known is None and state["name"] not in of_stacks:
            applications.applications[state["name"]] = Application(**{**state, "groups": groups})
        elif known is not None:
            known.application_id, known.created = state["application_id"], state["created"]
            for name, group in groups.items():
                if name in known.groups:
                    known.groups[name].group_id = group.group_id
                elif name not in of_stacks:
                    known.groups[name] = group
    for state in kept["configs"]:
        if state["name"] not in of_stacks:
            applications.configs.setdefault(state["name"], DeploymentConfig(**state))


def saved_deployment(deployment: Deployment) -> dict[str, Any]:
    """A deployment as JSON."""
    return {
        **{name: getattr(deployment, name) for name in _PLAIN},
        "error": deployment.error,
        "group": asdict(deployment.group),
        "config": asdict(deployment.config),
        "appspec": deployment.appspec.text,
        "events": [asdict(event) for event in deployment.events],
    }


def restored_deployment(state: Mapping[str, Any], applications: Applications, now: float) -> Deployment:
    """A saved deployment; one that hadn't ended was stopped by the end of local AWS."""
    plain = {name: state[name] for name in _PLAIN}
    deployment = Deployment(
        **plain,
        error=_pair(state["error"]),
        group=_group(state["group"], applications),
        config=DeploymentConfig(**state["config"]),
        appspec=read_appspec(state["appspec"]),
    )
    deployment.events = [LifecycleEvent(**{**event, "error": _pair(event["error"])}) for event in state["events"]]
    if not deployment.has_ended:
        for event in deployment.events:
            if event.status == IN_PROGRESS:
                event.end(FAILED, now, _STOPPED)
        deployment.end(STOPPED, now, _STOPPED)
    return deployment


def _group(state: Mapping[str, Any], applications: Applications) -> Group:
    """The group that there is again, or what it was."""
    application = applications.applications.get(state["application"])
    return (application.groups.get(state["name"]) if application else None) or Group(**state)


def _pair(error: Collection[str] | None) -> tuple[str, str] | None:
    if error is None:
        return None
    code, message = error
    return code, message
