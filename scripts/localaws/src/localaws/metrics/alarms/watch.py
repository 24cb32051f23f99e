"""Evaluates the alarms of a region as time passes, and runs their actions when a state changes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, Literal

from moto.cloudwatch.exceptions import ValidationError

from localaws.metrics.alarms import messages
from localaws.metrics.alarms.alarm import Alarm
from localaws.metrics.alarms.composite import CompositeAlarm, define_composite
from localaws.metrics.alarms.composites import Composites
from localaws.metrics.alarms.definition import AlarmDefinition, Definition, define
from localaws.metrics.alarms.notifier import Notifier, Publish, Send
from localaws.metrics.alarms.state import EXTRA_POINTS, evaluate
from localaws.metrics.math import Series
from localaws.metrics.queries import run_queries
from localaws.metrics.store import MetricStore
from localaws.settings import ACCOUNT

_MINUTE, _SHORT = 60, 10


class Alarms:
    """The alarms of one store of metrics.

    `publish` puts an event on the default bus, `send` delivers an action. `settle` is called before each evaluation: it
    returns when all events logged so far have been processed to metrics.
    """

    def __init__(
        self, store: MetricStore, region: str, publish: Publish, send: Send, settle: Callable[[], None] = lambda: None
    ) -> None:
        self._store, self._region, self._settle = store, region, settle
        self._alarms: dict[str, Alarm[Any]] = {}
        self._lock = threading.RLock()
        self.composites = Composites(self._alarms, self._lock, Notifier(region, publish, send))

    def put(self, parameters: Mapping[str, Any], moment: float) -> Alarm:
        """Create an alarm, or update the one with that name, which keeps its state. Raises the errors of `define`."""
        definition = define(parameters)
        with self._lock:
            alarm, _ = self._put(definition, Alarm, moment)
            return alarm

    def put_composite(self, parameters: Mapping[str, Any], moment: float) -> CompositeAlarm:
        """Create or update a composite alarm, and evaluate it. Raises the errors of `define_composite`."""
        definition = define_composite(parameters)
        with self._lock:
            suppressors = [definition.suppressor] if definition.suppressor else []
            unknown = [name for name in (*definition.rule.children, *suppressors) if not self.find(name)]
            if unknown:
                raise ValidationError(
                    f"Could not save the composite alarm as alarms [{', '.join(unknown)}] in the alarm rule or as its "
                    "ActionsSuppressor do not exist"
                )
            alarm, verb = self._put(definition, CompositeAlarm, moment)
        self.composites.configured(alarm, verb, moment)
        return alarm

    def _put[D: AlarmDefinition, A: Alarm[Any]](
        self, definition: D, kind: type[A], moment: float
    ) -> tuple[A, Literal["created", "updated"]]:
        alarm = self._alarms.get(definition.name)
        if alarm is not None and type(alarm) is not kind:
            raise ValidationError(f"{definition.name} is the name of an alarm of the type {alarm.definition.kind}.")
        if alarm is None:
            verb: Literal["created", "updated"] = "created"
            arn = f"arn:aws:cloudwatch:{self._region}:{ACCOUNT}:alarm:{definition.name}"
            alarm = self._alarms[definition.name] = kind.new(definition, arn, moment)
        else:
            verb = "updated"
            alarm.definition, alarm.configured = definition, moment
        data = {"type": verb.removesuffix("d").title(), f"{verb}Alarm": _plain(definition.given)}
        alarm.record("ConfigurationUpdate", f'Alarm "{definition.name}" {verb}', data, moment)
        return alarm, verb

    def delete(self, names: Collection[str]) -> None:
        """Delete alarms; unknown names are no error. Raises ValidationError if a composite alarm depends on one."""
        with self._lock:
            for name in names:
                alarm = self._alarms.get(name)
                parents = self.composites.parents(alarm) if alarm else []
                if any(parent.definition.name not in names or parent is alarm for parent in parents):
                    raise ValidationError(f"Cannot delete {name} as there are composite alarm(s) depending on it.")
            for name in names:
                self._alarms.pop(name, None)

    def clear(self) -> None:
        """Delete all alarms."""
        with self._lock:
            self._alarms.clear()

    def all(self) -> list[Alarm]:
        """Every alarm of a metric, by name."""
        with self._lock:
            return [alarm for _, alarm in sorted(self._alarms.items()) if not isinstance(alarm, CompositeAlarm)]

    def find(self, reference: str) -> Alarm[Any] | None:
        """The alarm with that name or ARN."""
        return self.composites.find(reference)

    def enable(self, names: Iterable[str], enabled: bool, moment: float) -> None:
        """Enable or disable the actions of alarms."""
        for name in names:
            alarm = self._alarms.get(name)
            if alarm:
                given = {**alarm.definition.given, "ActionsEnabled": enabled}
                alarm.definition = replace(alarm.definition, given=given)
                summary = f'Alarm "{name}" updated: actions {"enabled" if enabled else "disabled"}'
                alarm.record("ConfigurationUpdate", summary, {"type": "Update"}, moment)

    def next_due(self, after: float) -> float | None:
        """The next evaluation: each minute, or 10 seconds for shorter periods; or the next end of a suppression."""
        periods = [alarm.definition.period for alarm in self.all()]
        step = _step(min(periods, default=_MINUTE))
        evaluations = [(after // step + 1) * step] if periods else []
        suppression = self.composites.next_due(after)
        return min([*evaluations, *([] if suppression is None else [suppression])], default=None)

    def run(self, moment: float) -> None:
        """Evaluate the alarms that are due."""
        self._settle()
        for alarm in self.all():
            if moment % _step(alarm.definition.period) == 0:
                self._evaluate(alarm, moment)
        self.composites.run(moment)

    def set_state(self, alarm: Alarm[Any], state: str, reason: str, data: str, moment: float) -> None:
        """Set the state of an alarm and, if it changed, run its actions."""
        with self._lock:
            before = alarm.change(state, reason, data, moment)
        if before:
            self.composites.changed(alarm, before, moment)

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


def _step(period: int) -> int:
    return _SHORT if period < _MINUTE else _MINUTE


def _plain(given: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in given.items() if key != "Tags"}
