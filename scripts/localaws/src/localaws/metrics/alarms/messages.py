"""The texts of alarms: the message to a topic, the event on the bus, a function's payload, the reason of a state."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from localaws.metrics.alarms.alarm import Alarm, Change, instant, timestamp
from localaws.metrics.alarms.composite import CompositeAlarm, CompositeDefinition
from localaws.metrics.alarms.definition import AlarmDefinition, Definition
from localaws.metrics.alarms.state import ALARM, INSUFFICIENT_DATA
from localaws.settings import ACCOUNT

_WORDS = {
    "GreaterThanOrEqualToThreshold": "greater than or equal to",
    "GreaterThanThreshold": "greater than",
    "LessThanOrEqualToThreshold": "less than or equal to",
    "LessThanThreshold": "less than",
}
_COMPOSITION = (
    "AlarmRule",
    "ActionsSuppressor",
    "ActionsSuppressorWaitPeriod",
    "ActionsSuppressorExtensionPeriod",
)
_TREATED = {"breaching": "Breaching", "notBreaching": "NonBreaching", "missing": "Missing", "ignore": "Ignored"}


def reason(definition: Definition, state: str, points: Mapping[float, float]) -> str:
    """The reason of an alarm's state: the evaluated data points, newest first."""
    if state == INSUFFICIENT_DATA:
        return f"Insufficient Data: {definition.periods} {_plural('datapoint', definition.periods)} unknown."
    if not points:
        count = definition.periods
        return (
            f"Threshold Crossed: no datapoints were received for {count} {'period' if count == 1 else 'periods'} and "
            f"{count} missing {_plural('datapoint', count)} treated as [{_TREATED[definition.missing]}]."
        )
    latest = list(points.items())[-definition.periods :][::-1]
    breaching = [point for point in latest if definition.breaches(point[1])]
    named = breaching if state == ALARM else [point for point in latest if point not in breaching]
    shown = ", ".join(f"{value} ({instant(moment):%d/%m/%y %H:%M:%S})" for moment, value in named)
    verb = "was" if len(named) == 1 else "were"
    compared = ("" if state == ALARM else "not ") + _WORDS[definition.given["ComparisonOperator"]]
    needed = definition.needed if state == ALARM else definition.periods - definition.needed + 1
    return (
        f"Threshold Crossed: {len(named)} out of the last {len(latest)} datapoints [{shown}] "
        f"{verb} {compared} the threshold ({definition.threshold}) "
        f"(minimum {needed} {'datapoint' if needed == 1 else 'datapoints'} for "
        f"{'OK -> ALARM' if state == ALARM else 'ALARM -> OK'} transition)."
    )


def _plural(noun: str, count: int) -> str:
    return f"{noun} was" if count == 1 else f"{noun}s were"


def reason_data(definition: Definition, points: Mapping[float, float], moment: float) -> str:
    """The reason as JSON."""
    latest = list(points.items())[-definition.periods :]
    statistic = definition.given.get("ExtendedStatistic") or definition.given.get("Statistic")
    data = {
        "version": "1.0",
        "queryDate": timestamp(moment),
        **({"startDate": timestamp(latest[0][0])} if latest else {}),
        **({"statistic": statistic} if statistic else {}),
        "period": definition.period,
        "recentDatapoints": [value for _, value in latest],
        "threshold": definition.threshold,
    }
    return json.dumps(data)


def bus_detail(alarm: Alarm[Any], before: Change) -> dict[str, Any]:
    """The detail of the event "CloudWatch Alarm State Change"."""
    return {
        "alarmName": alarm.definition.name,
        "configuration": _configuration(alarm.definition),
        "previousState": before.described(),
        "state": alarm.current.described(),
    }


def function_payload(alarm: Alarm[Any], before: Change, region: str) -> dict[str, Any]:
    """The payload for a Lambda function that's an alarm's action."""
    return {
        "source": "aws.cloudwatch",
        "alarmArn": alarm.arn,
        "accountId": ACCOUNT,
        "time": timestamp(alarm.current.moment),
        "region": region,
        "alarmData": bus_detail(alarm, before),
    }


def topic_message(alarm: Alarm[Any], before: Change, region: str) -> dict[str, Any]:
    """The JSON message for a topic."""
    definition, given = alarm.definition, alarm.definition.given
    return {
        "AlarmName": definition.name,
        "AlarmDescription": given.get("AlarmDescription"),
        "AWSAccountId": ACCOUNT,
        "AlarmConfigurationUpdatedTimestamp": timestamp(alarm.configured),
        "NewStateValue": alarm.current.state,
        "NewStateReason": alarm.current.reason,
        "StateChangeTime": timestamp(alarm.current.moment),
        "Region": region,
        "AlarmArn": alarm.arn,
        "OldStateValue": before.state,
        "OKActions": given.get("OKActions", []),
        "AlarmActions": given.get("AlarmActions", []),
        "InsufficientDataActions": given.get("InsufficientDataActions", []),
        **(_composition(alarm) if isinstance(alarm, CompositeAlarm) else {"Trigger": _trigger(definition)}),
    }


def _composition(alarm: CompositeAlarm) -> dict[str, Any]:
    triggering = json.loads(alarm.current.data or "{}").get("triggeringAlarms", [])
    return {
        "AlarmRule": alarm.definition.given["AlarmRule"],
        "TriggeringChildren": [
            {
                "Arn": child["arn"],
                "State": {"Value": child["state"]["value"], "Timestamp": child["state"]["timestamp"]},
            }
            for child in triggering
        ],
    }


def _trigger(definition: Definition) -> dict[str, Any]:
    given = definition.given
    trigger: dict[str, Any] = {
        "Period": definition.period,
        "EvaluationPeriods": definition.periods,
        "DatapointsToAlarm": definition.needed,
        "ComparisonOperator": given["ComparisonOperator"],
        "Threshold": definition.threshold,
        "TreatMissingData": definition.missing,
        "EvaluateLowSampleCountPercentile": given.get("EvaluateLowSampleCountPercentile", ""),
    }
    if "Metrics" in given:
        return trigger | {"Metrics": list(given["Metrics"])}
    extended = given.get("ExtendedStatistic")
    return trigger | {
        "MetricName": given["MetricName"],
        "Namespace": given["Namespace"],
        "StatisticType": "ExtendedStatistic" if extended else "Statistic",
        **({"ExtendedStatistic": extended} if extended else {"Statistic": given["Statistic"].upper()}),
        "Unit": given.get("Unit"),
        "Dimensions": [{"value": item["Value"], "name": item["Name"]} for item in given.get("Dimensions", [])],
    }


def _configuration(definition: AlarmDefinition) -> dict[str, Any]:
    text = definition.given.get("AlarmDescription")
    described = {"description": text} if text else {}
    if isinstance(definition, CompositeDefinition):
        return described | {
            key[0].lower() + key[1:]: value for key, value in definition.given.items() if key in _COMPOSITION
        }
    assert isinstance(definition, Definition)
    return described | {"metrics": [_described_query(query) for query in definition.queries]}


def _described_query(query: Mapping[str, Any]) -> dict[str, Any]:
    described = {"id": query["Id"], "returnData": query.get("ReturnData", True)}
    described |= {"label": query["Label"]} if query.get("Label") else {}
    if "Expression" in query:
        return described | {"expression": query["Expression"]}
    stat = query["MetricStat"]
    metric = {
        "name": stat["Metric"]["MetricName"],
        "namespace": stat["Metric"]["Namespace"],
        "dimensions": {item["Name"]: item["Value"] for item in stat["Metric"].get("Dimensions", [])},
    }
    return described | {"metricStat": {"metric": metric, "period": stat["Period"], "stat": stat["Stat"]}}
