"""Probes of CloudWatch: metrics and alarms."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.bench.rivals.cloud import Cloud, refused, until
from tests.bench.rivals.probe import expect, probe

_GUIDE = "AmazonCloudWatch/latest/monitoring"
_API = "AmazonCloudWatch/latest/APIReference"


def _minute(ago: int) -> datetime:
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    return now - timedelta(minutes=ago)


def _put(cloud: Cloud, namespace: str, name: str, ago: int, *values: float) -> None:
    data = [{"MetricName": name, "Timestamp": _minute(ago), "Value": value} for value in values]
    cloud("cloudwatch").put_metric_data(Namespace=namespace, MetricData=data)


def _data(cloud: Cloud, *queries: dict[str, Any]) -> dict[str, list[float]]:
    answer = cloud("cloudwatch").get_metric_data(
        MetricDataQueries=list(queries), StartTime=_minute(10), EndTime=_minute(-1), ScanBy="TimestampAscending"
    )
    return {found["Id"]: found["Values"] for found in answer["MetricDataResults"]}


def _query(identifier: str, namespace: str, name: str, statistic: str = "Sum") -> dict[str, Any]:
    metric = {"Namespace": namespace, "MetricName": name}
    return {"Id": identifier, "MetricStat": {"Metric": metric, "Period": 60, "Stat": statistic}, "ReturnData": True}


@probe(f"{_API}/API_PutMetricData.html")
def statistic_sets(cloud: Cloud) -> None:
    """A statistic set counts as its samples"""
    namespace = cloud.name("space")
    values = {"SampleCount": 4, "Sum": 10, "Minimum": 1, "Maximum": 4}
    metric = {"MetricName": "m", "Timestamp": _minute(3), "StatisticValues": values}
    cloud("cloudwatch").put_metric_data(Namespace=namespace, MetricData=[metric])
    _put(cloud, namespace, "m", 3, 10)
    points = cloud("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName="m",
        StartTime=_minute(10),
        EndTime=_minute(-1),
        Period=60,
        Statistics=["SampleCount", "Average", "Minimum", "Maximum"],
    )["Datapoints"]
    found = [(point["SampleCount"], point["Average"], point["Minimum"], point["Maximum"]) for point in points]
    expect(found, [(5.0, 4.0, 1.0, 10.0)])


@probe(f"{_GUIDE}/Statistics-definitions.html")
def percentiles(cloud: Cloud) -> None:
    """Percentiles of the values, and a trimmed mean"""
    namespace = cloud.name("space")
    _put(cloud, namespace, "m", 3, *range(1, 101))
    found = _data(cloud, *(_query(name, namespace, "m", name) for name in ("p50", "p90")))
    near = [abs(found[name][0] - value) <= 1 for name, value in (("p50", 50), ("p90", 90))]
    expect(near, [True, True], str(found))


@probe(f"{_GUIDE}/using-metric-math.html")
def metric_math(cloud: Cloud) -> None:
    """An expression over metrics has its value for each minute, FILL fills the gaps"""
    namespace = cloud.name("space")
    _put(cloud, namespace, "errors", 5, 1)
    _put(cloud, namespace, "calls", 5, 4)
    _put(cloud, namespace, "calls", 4, 10)
    found = _data(
        cloud,
        _query("e", namespace, "errors"),
        _query("c", namespace, "calls"),
        {"Id": "rate", "Expression": "100 * e / c", "ReturnData": True},
        {"Id": "filled", "Expression": "100 * FILL(e, 0) / c", "ReturnData": True},
    )
    expect((found["rate"][:1], found["filled"]), ([25.0], [25.0, 0.0]))


@probe(f"{_API}/API_PutMetricData.html")
def invalid_value(cloud: Cloud) -> None:
    """A value that's no number is refused with InvalidParameterValue"""
    put = cloud("cloudwatch").put_metric_data
    data = [{"MetricName": "m", "Value": float("nan")}]
    codes = "InvalidParameterValue|InvalidParameterValueException"
    refused(codes, put, Namespace=cloud.name("space"), MetricData=data)


def _alarm(cloud: Cloud, namespace: str, **options: Any) -> str:
    name = cloud.name("alarm")
    given: dict[str, Any] = {
        "Namespace": namespace,
        "MetricName": "m",
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 5,
        "ComparisonOperator": "GreaterThanThreshold",
        **options,
    }
    cloud("cloudwatch").put_metric_alarm(AlarmName=name, **given)
    return name


def _state(cloud: Cloud, name: str) -> str:
    found = cloud("cloudwatch").describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    return str([*found.get("MetricAlarms", []), *found.get("CompositeAlarms", [])][0]["StateValue"])


@probe(f"{_GUIDE}/AlarmThatSendsEmail.html")
def fires(cloud: Cloud) -> None:
    """An alarm whose metric is over its threshold is in ALARM within two minutes, and tells its topic"""
    namespace, (url, arn) = cloud.name("space"), cloud.queue()
    topic = cloud("sns").create_topic(Name=cloud.name())["TopicArn"]
    raw = {"RawMessageDelivery": "true"}
    cloud("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=raw)
    name = _alarm(cloud, namespace, AlarmActions=[topic])
    until_moment = time.monotonic() + 90
    while _state(cloud, name) != "ALARM" and time.monotonic() < until_moment:
        _put(cloud, namespace, "m", 0, 10)
        time.sleep(3)
    expect(_state(cloud, name), "ALARM")
    found = cloud.bodies(url)[0]
    expect((found["AlarmName"], found["NewStateValue"]), (name, "ALARM"))


@probe(f"{_GUIDE}/alarms-and-missing-data.html")
def missing_data(cloud: Cloud) -> None:
    """Without data an alarm is INSUFFICIENT_DATA, or what its treatment of missing data says"""
    namespace = cloud.name("space")
    names = [_alarm(cloud, namespace, TreatMissingData=text) for text in ("missing", "breaching", "notBreaching")]
    documented = ["INSUFFICIENT_DATA", "ALARM", "OK"]
    until(lambda: [_state(cloud, name) for name in names] == documented, 75)
    expect([_state(cloud, name) for name in names], documented)


@probe(f"{_API}/API_SetAlarmState.html")
def set_state(cloud: Cloud) -> None:
    """A state that's set runs the alarm's actions, with the reason"""
    url, arn = cloud.queue()
    topic = cloud("sns").create_topic(Name=cloud.name())["TopicArn"]
    cloud("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    name = _alarm(cloud, cloud.name("space"), AlarmActions=[topic])
    cloud("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a trial")
    found = json.loads(cloud.bodies(url)[0]["Message"])
    names = (found["AlarmName"], found["NewStateValue"], found["NewStateReason"])
    expect(names, (name, "ALARM", "a trial"))


@probe(f"{_GUIDE}/alarm-combining.html")
def composite(cloud: Cloud) -> None:
    """A composite alarm follows its rule over other alarms"""
    children = [_alarm(cloud, cloud.name("space"), TreatMissingData="ignore") for _ in range(2)]
    name = cloud.name("composite")
    rule = f'ALARM("{children[0]}") AND NOT ALARM("{children[1]}")'
    cloud("cloudwatch").put_composite_alarm(AlarmName=name, AlarmRule=rule)
    for child, state in zip(children, ("ALARM", "OK"), strict=True):
        cloud("cloudwatch").set_alarm_state(AlarmName=child, StateValue=state, StateReason="a trial")
    until(lambda: _state(cloud, name) == "ALARM")
    expect(_state(cloud, name), "ALARM")


@probe(f"{_API}/API_PutCompositeAlarm.html")
def invalid_rule(cloud: Cloud) -> None:
    """A composite alarm over an alarm that doesn't exist, or with a rule that's none, is refused"""
    put = cloud("cloudwatch").put_composite_alarm
    codes = "ValidationError|ValidationException|InvalidParameterValue"
    for rule in (f'ALARM("{cloud.name()}")', "ALARM AND"):
        refused(codes, put, AlarmName=cloud.name("composite"), AlarmRule=rule)
