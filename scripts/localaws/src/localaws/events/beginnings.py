"""From when on the rates of rules and schedules count, also over a restart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.events.models import events_backends
from moto.scheduler.models import scheduler_backends

from localaws.settings import ACCOUNT


class Beginnings:
    """When rules and schedules began: at their creation or last change.

    Those that a start creates again go on from when they began: `expect` has their ARNs, each with what was scheduled.
    """

    def __init__(self) -> None:
        self._expected: dict[str, tuple[Any, float]] = {}

    def expect(self, kept: Mapping[str, Any]) -> None:
        """Let what is created next go on from a saved state."""
        self._expected = {arn: (what, since) for arn, (what, since) in kept.items()}

    def of(self, arn: str, what: Any, now: float) -> float:
        """When something that's created or changed now begins. The clock may have been ahead when that was saved."""
        before, since = self._expected.pop(arn, (None, now))
        return min(since, now) if before == what else now

    @staticmethod
    def read(region: str) -> dict[str, Any]:
        """The beginnings of all rules and schedules, to save them."""
        rules: Any = events_backends[ACCOUNT][region].event_buses["default"].rules
        groups: Any = scheduler_backends[ACCOUNT][region].schedule_groups
        timed = [rule for rule in list(rules.values()) if rule.scheduled_expression]
        timed += [schedule for group in list(groups.values()) for schedule in list(group.schedules.values())]
        return {each.arn: [timing(each), each.localaws_since] for each in timed}


def timing(timed: Any) -> list[Any]:
    """What says when a rule or schedule is due, as JSON."""
    if hasattr(timed, "scheduled_expression"):
        return [timed.scheduled_expression]
    return [timed.schedule_expression, timed.schedule_expression_timezone, str(timed.start_date)]
