"""Checks of the settings of deployment groups and deployments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from localaws.codedeploy.deployment import ON_ALARM, ON_FAILURE, ON_REQUEST
from localaws.codedeploy.errors import (
    InvalidAlarmConfig,
    InvalidAutoRollbackConfig,
    InvalidDeploymentStyle,
    InvalidTriggerConfig,
)
from localaws.codedeploy.reports import TRIGGER_EVENTS

_EVENTS = (ON_FAILURE, ON_ALARM, ON_REQUEST)
_MOST_ALARMS = 10
_STYLE = {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}


def checked_alarms(given: Mapping[str, Any]) -> dict[str, Any]:
    """A valid alarm configuration. Raises InvalidAlarmConfig."""
    names = [alarm.get("name") for alarm in given.get("alarms") or []]
    if given.get("enabled") and not names:
        raise InvalidAlarmConfig("Alarm configuration is enabled, but has no alarms")
    if not all(names) or len({*names}) != len(names):
        raise InvalidAlarmConfig("Each alarm must have a name of its own")
    if len(names) > _MOST_ALARMS:
        raise InvalidAlarmConfig(f"A deployment group can have {_MOST_ALARMS} alarms at most, not {len(names)}")
    return {
        "enabled": bool(given.get("enabled")),
        "ignorePollAlarmFailure": bool(given.get("ignorePollAlarmFailure")),
        "alarms": [{"name": name} for name in names],
    }


def checked_rollback(given: Mapping[str, Any]) -> dict[str, Any]:
    """A valid configuration of automatic rollbacks. Raises InvalidAutoRollbackConfig."""
    events = list(given.get("events") or [])
    if unknown := sorted({*events} - {*_EVENTS}):
        raise InvalidAutoRollbackConfig(f"Unknown events of automatic rollbacks: {', '.join(unknown)}")
    if given.get("enabled") and not events:
        raise InvalidAutoRollbackConfig("Automatic rollbacks are enabled, but have no events")
    return {"enabled": bool(given.get("enabled")), "events": events}


def checked_style(given: Mapping[str, Any] | None) -> None:
    """Raise InvalidDeploymentStyle unless a style is the one of functions."""
    if given is not None and dict(given) != _STYLE:
        raise InvalidDeploymentStyle(
            "Functions are deployed by the deployment type BLUE_GREEN with the option WITH_TRAFFIC_CONTROL"
        )


def checked_triggers(given: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Valid triggers. Raises InvalidTriggerConfig."""
    triggers: list[Mapping[str, Any]] = [dict(trigger) for trigger in given]
    for trigger in triggers:
        if not all(trigger.get(name) for name in ("triggerName", "triggerTargetArn", "triggerEvents")):
            raise InvalidTriggerConfig("A trigger must have triggerName, triggerTargetArn and triggerEvents")
        if unknown := sorted({*trigger["triggerEvents"]} - TRIGGER_EVENTS):
            raise InvalidTriggerConfig(f"Unknown events of a trigger: {', '.join(unknown)}")
    return triggers
