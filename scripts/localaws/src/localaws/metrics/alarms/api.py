"""CloudWatch's operations on alarms."""

from __future__ import annotations

import json

from moto.cloudwatch.exceptions import (
    InvalidFormat,
    InvalidParameterCombination,
    InvalidParameterValue,
    ResourceNotFound,
    ValidationError,
)
from moto.core.responses import ActionResult, EmptyResult

from localaws.metrics.alarms.alarm import Alarm
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

    def describe_alarms(self) -> ActionResult:
        """Alarms by name, prefix, state or action."""
        names, prefix = self._get_param("AlarmNames", []), self._get_param("AlarmNamePrefix")
        state, action = self._get_param("StateValue"), self._get_param("ActionPrefix")
        for parameter in ("ChildrenOfAlarmName", "ParentsOfAlarmName"):
            if self._get_param(parameter):
                raise ValidationError(f"{parameter}: local AWS doesn't support composite alarms.")
        if names and prefix:
            raise InvalidParameterCombination("AlarmNames and AlarmNamePrefix can't be given together.")
        wanted = self._get_param("AlarmTypes", [])
        found = [
            alarm
            for alarm in self.alarms.all()
            if not wanted or "MetricAlarm" in wanted
            if not names or alarm.definition.name in names
            if not prefix or alarm.definition.name.startswith(prefix)
            if state in (None, alarm.current.state)
            if not action or any(arn.startswith(action) for arn in alarm.definition.given.get("AlarmActions", []))
        ]
        page, token = self._page(found, int(self._get_param("MaxRecords") or _DESCRIBED))
        result = {"MetricAlarms": [alarm.describe() for alarm in page], "CompositeAlarms": []}
        return ActionResult(result | ({"NextToken": token} if token else {}))

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
            for alarm in self.alarms.all()
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
        for name in names:
            self._alarm(name)
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

    def _alarm(self, name: str) -> Alarm:
        alarm = self.alarms.find(name)
        if alarm is None:
            raise ResourceNotFound(f"The alarm {name} doesn't exist.")
        return alarm
