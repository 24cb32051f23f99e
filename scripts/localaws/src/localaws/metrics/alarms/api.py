"""CloudWatch's operations on alarms."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from moto.cloudwatch.exceptions import (
    InvalidFormat,
    InvalidParameterCombination,
    InvalidParameterValue,
    ResourceNotFound,
    ResourceNotFoundException,
    ValidationError,
)
from moto.core.responses import ActionResult, EmptyResult

from localaws.metrics.alarms.alarm import Alarm
from localaws.metrics.alarms.composite import CompositeAlarm
from localaws.metrics.alarms.state import STATES
from localaws.metrics.alarms.watch import Alarms
from localaws.metrics.reports import read_dimensions
from localaws.metrics.request import Request
from localaws.metrics.series import Metric

_DESCRIBED = 100


class AlarmsApi(Request):
    """The operations on alarms, which moto stores but doesn't evaluate."""

    alarms: Alarms

    def put_metric_alarm(self) -> ActionResult:
        """Create or update an alarm."""
        parameters = dict(self._get_params())
        alarm = self.alarms.put(parameters, self.clock.now())
        tags = parameters.get("Tags")
        if tags:
            self.cloudwatch_backend.tagger.tag_resource(alarm.arn, tags)
        return EmptyResult()

    def put_composite_alarm(self) -> ActionResult:
        """Create or update a composite alarm."""
        parameters = dict(self._get_params())
        alarm = self.alarms.put_composite(parameters, self.clock.now())
        tags = parameters.get("Tags")
        if tags:
            self.cloudwatch_backend.tagger.tag_resource(alarm.arn, tags)
        return EmptyResult()

    def describe_alarms(self) -> ActionResult:
        """Alarms by name, prefix, state or action."""
        names, prefix = self._get_param("AlarmNames", []), self._get_param("AlarmNamePrefix")
        state, action = self._get_param("StateValue"), self._get_param("ActionPrefix")
        for parameter in ("ChildrenOfAlarmName", "ParentsOfAlarmName"):
            if self._get_param(parameter):
                return self._describe_relatives(parameter)
        if names and prefix:
            raise InvalidParameterCombination("AlarmNames and AlarmNamePrefix can't be given together.")
        found = [
            alarm
            for alarm in self._of_wanted_types()
            if not names or alarm.definition.name in names
            if not prefix or alarm.definition.name.startswith(prefix)
            if state in (None, alarm.current.state)
            if not action or any(arn.startswith(action) for arn in alarm.definition.given.get("AlarmActions", []))
        ]
        page, token = self._page(found, int(self._get_param("MaxRecords") or _DESCRIBED))
        return _described([(alarm, alarm.describe()) for alarm in page], token)

    def _describe_relatives(self, relation: str) -> ActionResult:
        """The alarms in the rule of a composite alarm, or the composite alarms whose rules refer to an alarm."""
        others = sorted({*self._get_params()} - {relation, "MaxRecords", "NextToken"})
        if others:
            raise ValidationError(f"{others[0]} can't be given along with {relation}.")
        alarm = self._alarm(self._get_param(relation))
        shown = ["AlarmName", "AlarmArn"]
        if relation == "ParentsOfAlarmName":
            found: list[Alarm[Any]] = [*self.alarms.composites.parents(alarm)]
        else:
            shown += ["StateValue", "StateUpdatedTimestamp"]
            children = alarm.definition.rule.children if isinstance(alarm, CompositeAlarm) else ()
            found = [child for child in map(self.alarms.find, children) if child]
        page, token = self._page(found, int(self._get_param("MaxRecords") or _DESCRIBED))
        parts = [(each, each.describe()) for each in page]
        return _described([(each, {key: described[key] for key in shown}) for each, described in parts], token)

    def _of_wanted_types(self) -> list[Alarm[Any]]:
        """The alarms of the types in the parameter AlarmTypes: those of metrics, if it isn't given."""
        wanted = self._get_param("AlarmTypes") or ["MetricAlarm"]
        metric: list[Alarm[Any]] = [*self.alarms.all()] if "MetricAlarm" in wanted else []
        return [*metric, *(self.alarms.composites.all() if "CompositeAlarm" in wanted else [])]

    def describe_alarms_for_metric(self) -> ActionResult:
        """The alarms that watch one metric."""
        dimensions = read_dimensions(self._get_param("Dimensions", []), "Request")
        metric = Metric.of(self._needed("Namespace"), self._needed("MetricName"), dimensions)
        named = {key: self._get_param(key) for key in ("Statistic", "ExtendedStatistic", "Period", "Unit")}
        found = [
            alarm.describe()
            for alarm in self.alarms.all()
            if alarm.definition.watches(metric)
            if all(value in (None, alarm.definition.given.get(key)) for key, value in named.items())
        ]
        return ActionResult({"MetricAlarms": found})

    def describe_alarm_history(self) -> ActionResult:
        """The history of alarms, newest first."""
        name, kind = self._get_param("AlarmName"), self._get_param("HistoryItemType")
        start, end = self._get_param("StartDate"), self._get_param("EndDate")
        entries = [
            entry
            for alarm in self._of_wanted_types()
            if name in (None, alarm.definition.name)
            for entry in alarm.history
            if kind in (None, entry["HistoryItemType"])
            if (start is None or entry["Timestamp"].timestamp() >= start.timestamp())
            and (end is None or entry["Timestamp"].timestamp() <= end.timestamp())
        ]
        backwards = self._get_param("ScanBy", "TimestampDescending") == "TimestampDescending"
        entries.sort(key=lambda entry: entry["Timestamp"])
        ordered = entries[::-1] if backwards else entries
        page, token = self._page(ordered, int(self._get_param("MaxRecords") or _DESCRIBED))
        return ActionResult({"AlarmHistoryItems": page} | ({"NextToken": token} if token else {}))

    def set_alarm_state(self) -> ActionResult:
        """Set the state of an alarm until its next evaluation."""
        alarm = self._alarm(self._needed("AlarmName"))
        state, data = self._needed("StateValue"), self._get_param("StateReasonData") or ""
        if state not in STATES:
            raise InvalidParameterValue(f"StateValue must be one of {', '.join(STATES)}, not {state}.")
        try:
            json.loads(data or "{}")
        except ValueError:
            raise InvalidFormat("StateReasonData isn't JSON.") from None
        self.alarms.set_state(alarm, state, self._needed("StateReason"), data, self.clock.now())
        return EmptyResult()

    def delete_alarms(self) -> ActionResult:
        """Delete alarms."""
        names = self._get_param("AlarmNames", [])
        alarms = [self._alarm(name) for name in names]
        if sum(isinstance(alarm, CompositeAlarm) for alarm in alarms) > 1:
            raise ValidationError("You can't delete two composite alarms with one operation.")
        self.alarms.delete(names)
        return EmptyResult()

    def enable_alarm_actions(self) -> ActionResult:
        """Enable the actions of alarms."""
        self.alarms.enable(self._get_param("AlarmNames", []), True, self.clock.now())
        return EmptyResult()

    def disable_alarm_actions(self) -> ActionResult:
        """Disable the actions of alarms."""
        self.alarms.enable(self._get_param("AlarmNames", []), False, self.clock.now())
        return EmptyResult()

    def tag_resource(self) -> ActionResult:
        """Tag an alarm."""
        self.cloudwatch_backend.tagger.tag_resource(self._tagged(), self._get_param("Tags", []))
        return EmptyResult()

    def untag_resource(self) -> ActionResult:
        """Remove tags of an alarm."""
        self.cloudwatch_backend.tagger.untag_resource_using_names(self._tagged(), self._get_param("TagKeys", []))
        return EmptyResult()

    def _tagged(self) -> str:
        """The ARN of the alarm that the request is about."""
        arn = str(self._needed("ResourceARN"))
        known: list[Alarm[Any]] = [*self.alarms.all(), *self.alarms.composites.all()]
        if arn not in [alarm.arn for alarm in known]:
            raise ResourceNotFoundException
        return arn

    def _alarm(self, name: str) -> Alarm[Any]:
        alarm = self.alarms.find(name)
        if alarm is None:
            raise ResourceNotFound(f"The alarm {name} doesn't exist.")
        return alarm


def _described(alarms: Iterable[tuple[Alarm[Any], dict[str, Any]]], token: str | None) -> ActionResult:
    result: dict[str, Any] = {"MetricAlarms": [], "CompositeAlarms": []}
    for alarm, described in alarms:
        result[f"{alarm.definition.kind}s"].append(described)
    return ActionResult(result | ({"NextToken": token} if token else {}))
