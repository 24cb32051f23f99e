"""CloudWatch: alarms and dashboards."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import Any, ClassVar

from localaws.resource_types.base import Deployed, Properties, Scope, tag_list, truth
from localaws.resource_types.support import DONE, Rules, done

_NUMBERS = {"EvaluationPeriods": int, "DatapointsToAlarm": int, "Period": int, "Threshold": float}
_SUPPRESSION_PERIODS = ("ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod")


class _AlarmType(ABC):
    """What both types of alarms have: they're put by one operation, whether they're new or not."""

    replaced_by = frozenset({"AlarmName"})
    attributes = ("Arn",)

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the alarm, named as given or after the stack."""
        return self._put(properties.get("AlarmName") or scope.generated_name(255), properties, scope)

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Overwrite the alarm's configuration; it keeps its state."""
        return self._put(physical_id, new, scope)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the alarm."""
        _delete_alarm(physical_id, scope)

    @abstractmethod
    def _put(self, name: str, properties: Properties, scope: Scope) -> Deployed: ...


class Alarm(_AlarmType):
    """AWS::CloudWatch::Alarm: its properties are the parameters of PutMetricAlarm."""

    name = "AWS::CloudWatch::Alarm"
    properties: ClassVar[Rules] = {
        **done(
            "ActionsEnabled",
            "AlarmActions",
            "AlarmDescription",
            "AlarmName",
            "DatapointsToAlarm",
            "EvaluationPeriods",
            "ExtendedStatistic",
            "InsufficientDataActions",
            "MetricName",
            "Namespace",
            "OKActions",
            "Period",
            "Tags",
            "Threshold",
            "Unit",
        ),
        "ComparisonOperator": [
            "GreaterThanOrEqualToThreshold",
            "GreaterThanThreshold",
            "LessThanOrEqualToThreshold",
            "LessThanThreshold",
        ],
        "Dimensions": done("Name", "Value"),
        "EvaluateLowSampleCountPercentile": ["evaluate", "ignore"],
        "Metrics": {
            **done("Expression", "Id", "Label", "Period", "ReturnData"),
            "MetricStat": {
                **done("Period", "Stat", "Unit"),
                "Metric": {
                    "Dimensions": done("Name", "Value"),
                    "MetricName": DONE,
                    "Namespace": DONE,
                },
            },
        },
        "Statistic": ["Average", "Maximum", "Minimum", "SampleCount", "Sum"],
        "TreatMissingData": ["breaching", "ignore", "missing", "notBreaching"],
    }

    def _put(self, name: str, properties: Properties, scope: Scope) -> Deployed:
        parameters: dict[str, Any] = {key: value for key, value in properties.items() if key != "AlarmName"}
        for key, kind in _NUMBERS.items():
            if key in parameters:
                parameters[key] = kind(parameters[key])
        _convert_common(parameters)
        if "Metrics" in parameters:
            parameters["Metrics"] = [_query(query) for query in parameters["Metrics"]]
        client = scope.clients("cloudwatch")
        client.put_metric_alarm(AlarmName=name, **parameters)
        (alarm,) = client.describe_alarms(AlarmNames=[name])["MetricAlarms"]
        return Deployed(name, {"Arn": alarm["AlarmArn"]})


def _query(query: dict[str, Any]) -> dict[str, Any]:
    """A query with numbers and booleans converted from strings, as the API requires."""
    typed = dict(query)
    if "ReturnData" in typed:
        typed["ReturnData"] = truth(typed["ReturnData"])
    if "Period" in typed:
        typed["Period"] = int(typed["Period"])
    if "MetricStat" in typed:
        typed["MetricStat"] = {**typed["MetricStat"], "Period": int(typed["MetricStat"]["Period"])}
    return typed


class CompositeAlarm(_AlarmType):
    """AWS::CloudWatch::CompositeAlarm: its properties are the parameters of PutCompositeAlarm."""

    name = "AWS::CloudWatch::CompositeAlarm"
    properties: ClassVar[Rules] = done(
        "ActionsEnabled",
        "ActionsSuppressor",
        *_SUPPRESSION_PERIODS,
        "AlarmActions",
        "AlarmDescription",
        "AlarmName",
        "AlarmRule",
        "InsufficientDataActions",
        "OKActions",
        "Tags",
    )

    def _put(self, name: str, properties: Properties, scope: Scope) -> Deployed:
        parameters: dict[str, Any] = {key: value for key, value in properties.items() if key != "AlarmName"}
        for key in _SUPPRESSION_PERIODS:
            if key in parameters:
                parameters[key] = int(parameters[key])
        _convert_common(parameters)
        client = scope.clients("cloudwatch")
        client.put_composite_alarm(AlarmName=name, **parameters)
        (alarm,) = client.describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
        return Deployed(name, {"Arn": alarm["AlarmArn"]})


def _convert_common(parameters: dict[str, Any]) -> None:
    """Convert the properties that both types of alarms have to the types of the API."""
    if "ActionsEnabled" in parameters:
        parameters["ActionsEnabled"] = truth(parameters["ActionsEnabled"])
    if "Tags" in parameters:
        parameters["Tags"] = tag_list(parameters["Tags"])


def _delete_alarm(name: str, scope: Scope) -> None:
    client = scope.clients("cloudwatch")
    try:
        client.delete_alarms(AlarmNames=[name])
    except client.exceptions.ResourceNotFound:
        return


class Dashboard:
    """AWS::CloudWatch::Dashboard: stored only."""

    name = "AWS::CloudWatch::Dashboard"
    replaced_by = frozenset({"DashboardName"})
    attributes: ClassVar[tuple[str, ...]] = ()
    properties: ClassVar[Rules] = done("DashboardBody", "DashboardName")

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the dashboard, named as given or after the stack."""
        return self.update(properties.get("DashboardName") or scope.generated_name(255), {}, properties, scope)

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Replace the body."""
        body = new["DashboardBody"]
        text = body if isinstance(body, str) else json.dumps(body)
        scope.clients("cloudwatch").put_dashboard(DashboardName=physical_id, DashboardBody=text)
        return Deployed(physical_id)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the dashboard."""
        client = scope.clients("cloudwatch")
        try:
            client.delete_dashboards(DashboardNames=[physical_id])
        except client.exceptions.ResourceNotFound:
            return
