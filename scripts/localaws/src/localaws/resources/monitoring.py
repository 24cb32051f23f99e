"""What watches: alarms, dashboards, metric filters and subscriptions of log groups."""

from __future__ import annotations

import json
from typing import Any

from localaws.resources.base import Deployed, Properties, Scope, tag_list, truth

_NUMBERS = {"EvaluationPeriods": int, "DatapointsToAlarm": int, "Period": int, "Threshold": float}


class Alarm:
    """AWS::CloudWatch::Alarm: its properties are the parameters of PutMetricAlarm."""

    name = "AWS::CloudWatch::Alarm"
    replaced_by = frozenset({"AlarmName"})

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the alarm, named as given or after the stack."""
        return self._put(properties.get("AlarmName") or scope.generated_name(255), properties, scope)

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Overwrite the alarm's configuration; it keeps its state."""
        return self._put(physical_id, new, scope)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the alarm."""
        client = scope.clients("cloudwatch")
        try:
            client.delete_alarms(AlarmNames=[physical_id])
        except client.exceptions.ResourceNotFound:
            return

    @staticmethod
    def _put(name: str, properties: Properties, scope: Scope) -> Deployed:
        parameters: dict[str, Any] = {key: value for key, value in properties.items() if key != "AlarmName"}
        for key, kind in _NUMBERS.items():
            if key in parameters:
                parameters[key] = kind(parameters[key])
        if "ActionsEnabled" in parameters:
            parameters["ActionsEnabled"] = truth(parameters["ActionsEnabled"])
        if "Tags" in parameters:
            parameters["Tags"] = tag_list(parameters["Tags"])
        if "Metrics" in parameters:
            parameters["Metrics"] = [_query(query) for query in parameters["Metrics"]]
        client = scope.clients("cloudwatch")
        client.put_metric_alarm(AlarmName=name, **parameters)
        (alarm,) = client.describe_alarms(AlarmNames=[name])["MetricAlarms"]
        return Deployed(name, {"Arn": alarm["AlarmArn"]})


def _query(query: dict[str, Any]) -> dict[str, Any]:
    """A query with its numbers and truths as the API takes them, which a template may write as text."""
    typed = dict(query)
    if "ReturnData" in typed:
        typed["ReturnData"] = truth(typed["ReturnData"])
    if "Period" in typed:
        typed["Period"] = int(typed["Period"])
    if "MetricStat" in typed:
        typed["MetricStat"] = {**typed["MetricStat"], "Period": int(typed["MetricStat"]["Period"])}
    return typed


class Dashboard:
    """AWS::CloudWatch::Dashboard: kept and given back, not drawn."""

    name = "AWS::CloudWatch::Dashboard"
    replaced_by = frozenset({"DashboardName"})

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Keep the dashboard, named as given or after the stack."""
        return self.update(properties.get("DashboardName") or scope.generated_name(255), {}, properties, scope)

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Keep the new body."""
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


class MetricFilter:
    """AWS::Logs::MetricFilter."""

    name = "AWS::Logs::MetricFilter"
    replaced_by = frozenset({"FilterName", "LogGroupName"})

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the filter, named as given or after the stack."""
        return self.update(properties.get("FilterName") or scope.generated_name(512), {}, properties, scope)

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Set the filter's pattern and metric anew."""
        scope.clients("logs").put_metric_filter(
            filterName=physical_id,
            logGroupName=new["LogGroupName"],
            filterPattern=new["FilterPattern"],
            metricTransformations=[_transformation(given) for given in new["MetricTransformations"]],
        )
        return Deployed(physical_id)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the filter; one whose group is gone is gone too."""
        logs = scope.clients("logs")
        try:
            logs.delete_metric_filter(filterName=physical_id, logGroupName=properties["LogGroupName"])
        except logs.exceptions.ResourceNotFoundException:
            return


def _transformation(given: dict[str, Any]) -> dict[str, Any]:
    typed = {key[0].lower() + key[1:]: value for key, value in given.items()}
    typed["metricValue"] = str(typed["metricValue"])
    if "defaultValue" in typed:
        typed["defaultValue"] = float(typed["defaultValue"])
    if "dimensions" in typed:
        typed["dimensions"] = {dimension["Key"]: dimension["Value"] for dimension in typed["dimensions"]}
    return typed


class SubscriptionFilter:
    """AWS::Logs::SubscriptionFilter."""

    name = "AWS::Logs::SubscriptionFilter"
    replaced_by = frozenset({"FilterName", "LogGroupName"})

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the subscription, named as given or after the stack."""
        return self.update(properties.get("FilterName") or scope.generated_name(512), {}, properties, scope)

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Set the subscription's pattern and destination anew."""
        scope.clients("logs").put_subscription_filter(
            filterName=physical_id,
            logGroupName=new["LogGroupName"],
            filterPattern=new["FilterPattern"],
            destinationArn=new["DestinationArn"],
        )
        return Deployed(physical_id)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the subscription; one whose group is gone is gone too."""
        logs = scope.clients("logs")
        try:
            logs.delete_subscription_filter(filterName=physical_id, logGroupName=properties["LogGroupName"])
        except logs.exceptions.ResourceNotFoundException:
            return
