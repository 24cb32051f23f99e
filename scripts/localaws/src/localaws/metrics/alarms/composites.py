"""Evaluates composite alarms when an alarm that they depend on changes, and suppresses their actions.

Sources: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Composite_Alarm_Suppression.html
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from localaws.metrics.alarms.alarm import Alarm, Change, instant, timestamp
from localaws.metrics.alarms.composite import CompositeAlarm
from localaws.metrics.alarms.notifier import Notifier
from localaws.metrics.alarms.state import ALARM, OK


class Composites:
    """The composite alarms among `alarms`, which has all alarms by name; `lock` guards their states."""

    def __init__(self, alarms: Mapping[str, Alarm[Any]], lock: threading.RLock, notifier: Notifier) -> None:
        self._alarms, self._lock, self._notifier = alarms, lock, notifier

    def all(self) -> list[CompositeAlarm]:
        """Every composite alarm, by name."""
        with self._lock:
            return [alarm for _, alarm in sorted(self._alarms.items()) if isinstance(alarm, CompositeAlarm)]

    def find(self, reference: str) -> Alarm[Any] | None:
        """The alarm with that name or ARN."""
        alarm = self._alarms.get(reference)
        if alarm is None and reference.startswith("arn:"):
            named = self._alarms.get(reference.split(":", 6)[-1])
            return named if named and named.arn == reference else None
        return alarm

    def parents(self, alarm: Alarm[Any]) -> list[CompositeAlarm]:
        """The composite alarms whose rules refer to an alarm."""
        references = {alarm.definition.name, alarm.arn}
        return [parent for parent in self.all() if references.intersection(parent.definition.rule.children)]

    def next_due(self, after: float) -> float | None:
        """The first end of a period of suppression."""
        ends = [max(alarm.window[1], after) for alarm in self.all() if alarm.window]
        return min(ends, default=None)

    def run(self, moment: float) -> None:
        """End the periods of suppression that are over."""
        for alarm in self.all():
            if alarm.window and alarm.window[1] <= moment:
                self._resume(alarm, moment)

    def configured(self, alarm: CompositeAlarm, verb: str, moment: float) -> None:
        """Evaluate an alarm that was created or updated (`verb`)."""
        with self._lock:
            alarm.window, alarm.current = None, replace(alarm.current, suppressed_by="")
        state = self._state(alarm)
        reason = f"{alarm.arn} was {verb} and its alarm rule evaluates to {state}"
        self._evaluate(alarm, reason, [], moment, ())

    def changed(self, alarm: Alarm[Any], before: Change, moment: float, path: tuple[str, ...] = ()) -> None:
        """Notify of an alarm's new state, and evaluate the composite alarms that depend on it.

        `path` has the alarms whose changes led to this one: evaluation stops where it would come back to one of them.
        """
        is_suppressed = isinstance(alarm, CompositeAlarm) and self._suppress(alarm, moment)
        self._notifier.announce(alarm, before)
        if not is_suppressed:
            self._act(alarm, before, moment)
        for parent in self.all():
            if parent.definition.suppressor in (alarm.definition.name, alarm.arn):
                self._follow_suppressor(parent, before.state, alarm.current.state, moment)
        when = instant(alarm.current.moment)
        reason = f"{alarm.arn} transitioned to {alarm.current.state} at {when:%A %d %B, %Y %H:%M:%S} UTC"
        followed = (*path, alarm.definition.name)
        for parent in self.parents(alarm):
            if parent.definition.name not in followed:
                self._evaluate(parent, reason, [alarm], moment, followed)

    def _state(self, alarm: CompositeAlarm) -> str:
        def state_of(reference: str) -> str | None:
            child = self.find(reference)
            return child.current.state if child else None

        return ALARM if alarm.definition.rule.holds(state_of) else OK

    def _evaluate(
        self, alarm: CompositeAlarm, reason: str, causes: list[Alarm[Any]], moment: float, path: tuple[str, ...]
    ) -> None:
        triggering = [
            {"arn": cause.arn, "state": {"value": cause.current.state, "timestamp": timestamp(cause.current.moment)}}
            for cause in causes
        ]
        with self._lock:
            state = self._state(alarm)
            before = alarm.change(state, reason, json.dumps({"triggeringAlarms": triggering}), moment)
        if before:
            self.changed(alarm, before, moment, path)

    def _suppress(self, alarm: CompositeAlarm, moment: float) -> bool:
        """Whether the actions of a new state are suppressed; starts the wait for the suppressor."""
        definition = alarm.definition
        with self._lock:
            if not definition.suppressor:
                return False
            suppressor = self.find(definition.suppressor)
            if suppressor and suppressor.current.state == ALARM:
                self._mark(alarm, "Alarm", moment)
            elif alarm.window:
                self._mark(alarm, alarm.window[0], moment)
            elif definition.wait:
                alarm.window = ("WaitPeriod", moment + definition.wait)
                self._mark(alarm, "WaitPeriod", moment)
            else:
                return False
            return True

    def _follow_suppressor(self, alarm: CompositeAlarm, before: str, state: str, moment: float) -> None:
        extension = alarm.definition.extension
        if state == ALARM:
            with self._lock:
                alarm.window = None
                self._mark(alarm, "Alarm", moment)
        elif before == ALARM and extension:
            with self._lock:
                alarm.window = ("ExtensionPeriod", moment + extension)
                self._mark(alarm, "ExtensionPeriod", moment)
        elif before == ALARM:
            self._resume(alarm, moment)

    def _resume(self, alarm: CompositeAlarm, moment: float) -> None:
        """End the suppression: the actions of the current state run if those of another one ran last."""
        with self._lock:
            suppressed = alarm.current
            alarm.window, alarm.current = None, replace(suppressed, suppressed_by="", moment=moment)
            is_due = alarm.acted != suppressed.state
        if is_due:
            self._act(alarm, suppressed, moment)

    def _act(self, alarm: Alarm[Any], before: Change, moment: float) -> None:
        if isinstance(alarm, CompositeAlarm):
            alarm.acted = alarm.current.state
        self._notifier.act(alarm, before, moment)

    @staticmethod
    def _mark(alarm: CompositeAlarm, by: str, moment: float) -> None:
        alarm.current = replace(alarm.current, suppressed_by=by)
        alarm.record("Action", alarm.current.suppressed_reason, {"actionsSuppressedBy": by}, moment)
