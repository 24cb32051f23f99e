"""Deployment configurations: how the traffic of an alias is shifted over time.

https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localaws.codedeploy.errors import InvalidTrafficRouting

ALL_AT_ONCE = "CodeDeployDefault.LambdaAllAtOnce"
_PREFIX = "CodeDeployDefault.Lambda"
_MINUTE = 60
_MOST_PERCENT, _MOST_MINUTES = 99, 2880
_CANARY, _LINEAR, _AT_ONCE = "TimeBasedCanary", "TimeBasedLinear", "AllAtOnce"


@dataclass(frozen=True)
class DeploymentConfig:
    """A named configuration; `created` is epoch seconds."""

    name: str
    routing: Mapping[str, Any]
    created: float
    config_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def shifts(self) -> list[tuple[float, float]]:
        """The weight of the new version (0 to 1) from each moment on, in seconds after the traffic begins to shift."""
        if self.routing["type"] == _AT_ONCE:
            return [(0.0, 1.0)]
        if self.routing["type"] == _CANARY:
            canary = self.routing["timeBasedCanary"]
            return [(0.0, canary["canaryPercentage"] / 100), (canary["canaryInterval"] * _MINUTE, 1.0)]
        linear = self.routing["timeBasedLinear"]
        step, wait = int(linear["linearPercentage"]), linear["linearInterval"] * _MINUTE
        percents = [*range(step, 100, step), 100]
        return [(position * wait, percent / 100) for position, percent in enumerate(percents)]

    def describe(self) -> dict[str, Any]:
        """As GetDeploymentConfig returns it."""
        return {
            "deploymentConfigId": self.config_id,
            "deploymentConfigName": self.name,
            "createTime": self.created,
            "computePlatform": "Lambda",
            "trafficRoutingConfig": dict(self.routing),
        }


def checked_routing(given: Mapping[str, Any] | None) -> dict[str, Any]:
    """A valid traffic routing; without one it's AllAtOnce. Raises InvalidTrafficRouting."""
    if not given:
        return {"type": _AT_ONCE}
    kind = given.get("type")
    if kind == _AT_ONCE:
        return {"type": _AT_ONCE}
    if kind not in (_CANARY, _LINEAR):
        raise InvalidTrafficRouting(f"The type of a traffic routing is {_CANARY}, {_LINEAR} or {_AT_ONCE}, not {kind}.")
    member, prefix = ("timeBasedCanary", "canary") if kind == _CANARY else ("timeBasedLinear", "linear")
    details = given.get(member) or {}
    percent, minutes = details.get(f"{prefix}Percentage"), details.get(f"{prefix}Interval")
    if percent is None or not 1 <= percent <= _MOST_PERCENT:
        raise InvalidTrafficRouting(f"{prefix}Percentage must be from 1 to {_MOST_PERCENT}, not {percent}.")
    if minutes is None or not 1 <= minutes <= _MOST_MINUTES:
        raise InvalidTrafficRouting(f"{prefix}Interval must be from 1 to {_MOST_MINUTES} minutes, not {minutes}.")
    return {"type": kind, member: {f"{prefix}Percentage": percent, f"{prefix}Interval": minutes}}


def predefined(now: float) -> dict[str, DeploymentConfig]:
    """The configurations that every account has, by name."""
    routings: dict[str, dict[str, Any]] = {"AllAtOnce": {"type": _AT_ONCE}}
    for minutes in (5, 10, 15, 30):
        canary = {"canaryPercentage": 10, "canaryInterval": minutes}
        routings[f"Canary10Percent{minutes}Minutes"] = {"type": _CANARY, "timeBasedCanary": canary}
    for minutes in (1, 2, 3, 10):
        linear = {"linearPercentage": 10, "linearInterval": minutes}
        unit = "Minute" if minutes == 1 else "Minutes"
        routings[f"Linear10PercentEvery{minutes}{unit}"] = {"type": _LINEAR, "timeBasedLinear": linear}
    return {f"{_PREFIX}{name}": DeploymentConfig(f"{_PREFIX}{name}", given, now) for name, given in routings.items()}


def is_predefined(name: str) -> bool:
    """Whether a name is one of CodeDeploy's own."""
    return name.startswith("CodeDeployDefault.")
