"""Saves and restores when rules and schedules began, and schedules and their groups that belong to no stack."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from moto.scheduler.models import scheduler_backends

from localaws.events.beginnings import Beginnings
from localaws.settings import ACCOUNT
from localaws.state.part import Part

_DEFAULT = "default"
# The parameters of a schedule, which moto keeps by the same names.
_GIVEN = (
    "action_after_completion",
    "description",
    "end_date",
    "flexible_time_window",
    "group_name",
    "kms_key_arn",
    "name",
    "schedule_expression",
    "schedule_expression_timezone",
    "start_date",
    "state",
    "target",
)


class Schedules(Part):
    """The state of the Scheduler, and the beginnings of EventBridge's rules."""

    def __init__(self, beginnings: Beginnings, region: str) -> None:
        self._beginnings, self._region = beginnings, region
        self._backend: Any = scheduler_backends[ACCOUNT][region]

    def read(self) -> dict[str, Any]:
        """Beginnings, groups, and schedules with their parameters."""
        groups = list(self._backend.schedule_groups.values())
        schedules = [schedule for group in groups for schedule in list(group.schedules.values())]
        return {
            "beginnings": self._beginnings.read(self._region),
            "groups": [group.name for group in groups],
            "schedules": [{name: getattr(schedule, name) for name in _GIVEN} for schedule in schedules],
        }

    def expect(self, kept: Mapping[str, Any]) -> None:
        """Let what the stacks schedule go on from when it began."""
        self._beginnings.expect(kept["beginnings"])

    def restore(self, kept: Mapping[str, Any], of_stacks: Collection[str]) -> list[str]:
        """Restore the groups and schedules that no stack has created again, and that none had."""
        groups = self._backend.schedule_groups
        for name in kept["groups"]:
            if name not in groups and name not in of_stacks:
                self._backend.create_schedule_group(name, [])
        for given in kept["schedules"]:
            group = groups.get(given["group_name"] or _DEFAULT)
            if group and given["name"] not in group.schedules and given["name"] not in of_stacks:
                self._backend.create_schedule(**given)
        return []
