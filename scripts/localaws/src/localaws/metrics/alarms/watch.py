"""Evaluates the alarms of a region as time passes, and runs their actions when a state changes."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from localaws.metrics.alarms import messages
from localaws.metrics.alarms.alarm import Alarm, Change
from localaws.metrics.alarms.definition import Definition, define
from localaws.metrics.alarms.state import EXTRA_POINTS, evaluate
from localaws.metrics.math import Series
from localaws.metrics.queries import run_queries
from localaws.metrics.store import MetricStore
from localaws.settings import ACCOUNT
from localaws.targets import service_of

logger = logging.getLogger(__name__)
_MINUTE, _SHORT = 60, 10


class Send(Protocol):
    """Delivers a message to an ARN; returns the reason if that fails, else None."""

    def __call__(self, arn: str, body: str, attributes: Mapping[str, str], *, subject: str | None) -> str | None: ...


Publish = Callable[[str, str, Mapping[str, Any], list[str]], None]


class Alarms:
    """The alarms of one store of metrics.

    `publish` puts an event on the default bus, `send` delivers an action. `settle` is called before each evaluation: it
    returns when all events logged so far have been processed to metrics.
    """

    def __init__(
        self, store: MetricStore, region: str, publish: Publish, send: Send, settle: Callable[[], None] = lambda: None
    ) -> None:
        self._store, self._region = store, region
        self._publish, self._send, self._settle = publish, send, settle
        self._alarms: dict[str, Alarm] = {}
        self._lock = threading.RLock()

    def put(self, parameters: Mapping[str, Any], moment: float) -> Alarm:
        """Create an alarm, or update the one with that name, which keeps its state. Raises the errors of `define`."""
        definition = define(parameters)
        with self._lock:
            alarm = self._alarms.get(definition.name)
            if alarm is None:
                arn = f"arn:aws:cloudwatch:{self._region}:{ACCOUNT}:alarm:{definition.name}"
                alarm = self._alarms[definition.name] = Alarm.new(definition, arn, moment)
                verb = "Create"
            else:
                alarm.definition, alarm.configured = definition, moment
                verb = "Update"
            data = {"type": verb, "createdAlarm" if verb == "Create" else "updatedAlarm": _plain(definition.given)}
            alarm.record("ConfigurationUpdate", f'Alarm "{definition.name}" {verb.lower()}d', data, moment)
            return alarm

    def delete(self, names: Iterable[str]) -> None:
        """Delete alarms; unknown names are no error."""
        with self._lock:
            for name in names:
                self._alarms.pop(name, None)

    def all(self) -> list[Alarm]:
        """Every alarm, by name."""
        with self._lock:
            return [alarm for _, alarm in sorted(self._alarms.items())]

    def find(self, name: str) -> Alarm | None:
        """The alarm with that name."""
        return self._alarms.get(name)

    def enable(self, names: Iterable[str], enabled: bool, moment: float) -> None:
        """Enable or disable the actions of alarms."""
        for name in names:
            alarm = self._alarms.get(name)
            if alarm:
                alarm.definition = Definition({**alarm.definition.given, "ActionsEnabled": enabled})
                summary = f'Alarm "{name}" updated: actions {"enabled" if enabled else "disabled"}'
                alarm.record("ConfigurationUpdate", summary, {"type": "Update"}, moment)

    def next_due(self, after: float) -> float | None:
        """The next evaluation: each minute, or each 10 seconds for alarms with shorter periods."""
        periods = [alarm.definition.period for alarm in self.all()]
        if not periods:
            return None
        step = _SHORT if min(periods) < _MINUTE else _MINUTE
        return (after // step + 1) * step

    def run(self, moment: float) -> None:
        """Evaluate the alarms that are due."""
        self._settle()
        for alarm in self.all():
            if alarm.definition.period < _MINUTE or moment % _MINUTE == 0:
                self._evaluate(alarm, moment)

    def set_state(self, alarm: Alarm, state: str, reason: str, data: str, moment: float) -> None:
        """Set the state of an alarm and, if it changed, run its actions."""
        with self._lock:
            before = alarm.current
            if state == before.state:
                return
            alarm.current = Change(state, reason, data, moment)
            alarm.transitioned = moment
            states = {"oldState": _summary(before), "newState": _summary(alarm.current)}
            alarm.record("StateUpdate", f"Alarm updated from {before.state} to {state}", states, moment)
        detail = messages.bus_detail(alarm, before)
        self._publish("aws.cloudwatch", "CloudWatch Alarm State Change", detail, [alarm.arn])
        for arn in alarm.definition.actions(state):
            self._act(alarm, before, arn, moment)

    def _act(self, alarm: Alarm, before: Change, arn: str, moment: float) -> None:
        if service_of(arn) == "sns":
            body = json.dumps(messages.topic_message(alarm, before, self._region))
            subject = f'{alarm.current.state}: "{alarm.definition.name}" in {self._region}'[:100]
            problem = self._send(arn, body, {}, subject=subject)
        else:
            body = json.dumps(messages.function_payload(alarm, before, self._region))
            problem = self._send(arn, body, {}, subject=None)
        if problem:
            logger.warning("The alarm %s could not run its action %s: %s", alarm.definition.name, arn, problem)
        outcome = f"Failed to execute action {arn}: {problem}" if problem else f"Successfully executed action {arn}"
        data = {"actionState": "Failed" if problem else "Succeeded", "notificationResource": arn}
        alarm.record("Action", outcome, data, moment)

    def _evaluate(self, alarm: Alarm, moment: float) -> None:
        definition = alarm.definition
        period = definition.period
        start = moment - (definition.periods + EXTRA_POINTS) * period
        if definition.ignores_few_samples and self._has_few_samples(definition, start, moment):
            return
        answers = run_queries(self._store, definition.queries, start, moment)
        watched = next(answer for answer in answers if answer.query_id == definition.watched)
        points = (watched.series[0] if watched.series else Series()).points
        slots = [points.get(start + position * period) for position in range(definition.periods + EXTRA_POINTS)]
        breaches = [None if value is None else definition.breaches(value) for value in slots]
        state = evaluate(breaches, definition.periods, definition.needed, definition.missing)
        if state is None or state == alarm.current.state:
            return
        reason = messages.reason(definition, state, points)
        self.set_state(alarm, state, reason, messages.reason_data(definition, points, moment), moment)

    def _has_few_samples(self, definition: Definition, start: float, moment: float) -> bool:
        """Whether a percentile has too few samples to be significant.

        Source: "Percentile-based CloudWatch alarms and low data samples" in the guide to alarms.
        """
        statistic = str(definition.given.get("ExtendedStatistic", ""))
        if not statistic.startswith("p"):
            return False
        share = float(statistic[1:]) / 100
        # Rounded, so that p90 needs 100 samples and not 100.00000000000003.
        least = round(10 / max(1 - share if share >= 0.5 else share, 1e-9), 6)
        counting = [
            {**query, "MetricStat": {**query["MetricStat"], "Stat": "SampleCount"}} for query in definition.queries
        ]
        (answer,) = run_queries(self._store, counting, start, moment)
        counts = list(answer.series[0].points.values()) if answer.series else []
        return bool(counts) and sum(counts[-definition.periods :]) < least


def _summary(change: Change) -> dict[str, str]:
    return {"stateValue": change.state, "stateReason": change.reason}


def _plain(given: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in given.items() if key != "Tags"}
