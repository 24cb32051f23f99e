"""Alarms over time: evaluation, state changes and actions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from moto.core.exceptions import ServiceException

from localaws.clock import Clock, Timetable
from localaws.iam.sender import Sender
from localaws.metrics.alarms.alarm import Alarm
from localaws.metrics.alarms.watch import Alarms
from localaws.metrics.series import Metric
from localaws.metrics.store import Datum, MetricStore

TOPIC = "arn:aws:sns:us-east-1:123456789012:ops"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:act"
CLOUDWATCH = "cloudwatch.amazonaws.com"
T = 1_795_428_000.0
ERRORS = Metric.of("app", "errors", {"service": "api"})


class World:
    """A clock at T, a store, and all messages of alarms."""

    def __init__(self, problem: str | None = None) -> None:
        self.store = MetricStore()
        self.sent: list[tuple[str, Any, str | None]] = []
        self.published: list[tuple[str, str, Any, list[str]]] = []
        self.problem = problem
        self.alarms = Alarms(self.store, "us-east-1", self.publish, self.send)
        self.clock = Clock(lambda: T)
        self.timetable = Timetable(self.clock)
        self.timetable.add(self.alarms)

    def send(
        self, sender: Sender, arn: str, body: str, attributes: Mapping[str, str], *, subject: str | None
    ) -> str | None:
        assert sender.service == (CLOUDWATCH if arn == TOPIC else f"lambda.alarms.{CLOUDWATCH}")
        assert sender.source.startswith("arn:aws:cloudwatch:us-east-1:123456789012:alarm:")
        self.sent.append((arn, json.loads(body), subject))
        return self.problem

    def publish(self, source: str, kind: str, detail: Mapping[str, Any], resources: list[str]) -> None:
        self.published.append((source, kind, detail, resources))

    def alarm(self, **changes: Any) -> Alarm:
        parameters = {
            "AlarmName": "errors",
            "Namespace": "app",
            "MetricName": "errors",
            "Dimensions": [{"Name": "service", "Value": "api"}],
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 5.0,
            "ComparisonOperator": "GreaterThanThreshold",
            "AlarmActions": [TOPIC],
        }
        return self.alarms.put(parameters | changes, self.clock.now())

    def minutes(self, *values: float | None, metric: Metric = ERRORS) -> None:
        """Report one value, or nothing, in each coming minute."""
        for value in values:
            if value is not None:
                self.store.put(Datum(metric, self.clock.now() + 1, {value: 1}))
            self.timetable.move(60)


@pytest.fixture
def world() -> World:
    return World()


def states(world: World) -> list[tuple[str, str]]:
    return [(detail["previousState"]["value"], detail["state"]["value"]) for _, _, detail, _ in world.published]


def test_an_alarm_follows_its_metric_and_notifies_once_per_change(world: World) -> None:
    alarm = world.alarm(OKActions=[FUNCTION])
    assert alarm.current.state == "INSUFFICIENT_DATA"
    world.minutes(3, 6, 7, 5, 6)
    assert states(world) == [("INSUFFICIENT_DATA", "OK"), ("OK", "ALARM"), ("ALARM", "OK"), ("OK", "ALARM")]
    assert [arn for arn, _, _ in world.sent] == [FUNCTION, TOPIC, FUNCTION, TOPIC]


def test_the_message_to_a_topic_is_as_on_aws(world: World) -> None:
    world.alarm(AlarmDescription="too many")
    world.minutes(6)
    ((_, message, subject),) = world.sent
    assert subject == 'ALARM: "errors" in us-east-1'
    assert (message["AlarmName"], message["NewStateValue"]) == ("errors", "ALARM")
    assert (message["OldStateValue"], message["AlarmDescription"]) == ("INSUFFICIENT_DATA", "too many")
    assert message["NewStateReason"] == (
        "Threshold Crossed: 1 out of the last 1 datapoints [6.0 (23/11/26 10:00:00)] was greater than the threshold "
        "(5.0) (minimum 1 datapoint for OK -> ALARM transition)."
    )
    assert message["StateChangeTime"] == "2026-11-23T10:01:00.000+0000"
    trigger = message["Trigger"]
    assert (trigger["MetricName"], trigger["Statistic"], trigger["Threshold"]) == ("errors", "SUM", 5.0)
    assert trigger["Dimensions"] == [{"name": "service", "value": "api"}]


def test_the_event_on_the_bus_is_as_on_aws(world: World) -> None:
    alarm = world.alarm(AlarmActions=[])
    world.minutes(6)
    ((source, kind, detail, resources),) = world.published
    assert (source, kind) == ("aws.cloudwatch", "CloudWatch Alarm State Change")
    assert resources == [alarm.arn] == ["arn:aws:cloudwatch:us-east-1:123456789012:alarm:errors"]
    (watched,) = detail["configuration"]["metrics"]
    metric = {"name": "errors", "namespace": "app", "dimensions": {"service": "api"}}
    assert watched["metricStat"] == {"metric": metric, "period": 60, "stat": "Sum"}
    assert json.loads(detail["state"]["reasonData"])["recentDatapoints"] == [6.0]
    assert "reasonData" not in detail["previousState"]


def test_the_event_for_a_function_is_as_on_aws(world: World) -> None:
    world.alarm(AlarmActions=[FUNCTION])
    world.minutes(6)
    ((arn, payload, subject),) = world.sent
    assert (arn, subject, payload["source"]) == (FUNCTION, None, "aws.cloudwatch")
    assert payload["alarmData"]["state"]["value"] == "ALARM"
    assert payload["alarmData"]["previousState"]["value"] == "INSUFFICIENT_DATA"
    assert payload["alarmArn"].endswith(":alarm:errors")


def test_m_of_n_points_must_breach(world: World) -> None:
    alarm = world.alarm(EvaluationPeriods=3, DatapointsToAlarm=2)
    world.minutes(1, 1, 6)
    assert alarm.current.state == "OK"
    world.minutes(1, 6)
    assert alarm.current.state == "ALARM"
    assert alarm.current.reason.startswith("Threshold Crossed: 2 out of the last 3 datapoints [6.0 (23/11/26 10:04:00)")
    world.minutes(1, 1)
    assert alarm.current.state == "OK"


@pytest.mark.parametrize(
    ("missing", "after"),
    [("missing", "INSUFFICIENT_DATA"), ("ignore", "ALARM"), ("breaching", "ALARM"), ("notBreaching", "OK")],
)
def test_missing_data_is_treated_as_configured(world: World, missing: str, after: str) -> None:
    alarm = world.alarm(TreatMissingData=missing)
    world.minutes(6)
    assert alarm.current.state == "ALARM"
    world.minutes(None, None, None)
    assert alarm.current.state == after
    if after == "OK":
        assert "1 missing datapoint was treated as [NonBreaching]" in alarm.current.reason


@pytest.mark.parametrize(
    ("comparison", "breaching", "within"),
    [
        ("GreaterThanThreshold", 6, 5),
        ("GreaterThanOrEqualToThreshold", 5, 4),
        ("LessThanThreshold", 4, 5),
        ("LessThanOrEqualToThreshold", 5, 6),
    ],
)
def test_each_comparison_compares(world: World, comparison: str, breaching: float, within: float) -> None:
    alarm = world.alarm(ComparisonOperator=comparison)
    world.minutes(breaching)
    assert alarm.current.state == "ALARM"
    world.minutes(within)
    assert alarm.current.state == "OK"


def test_a_percentile_is_evaluated_and_ignored_with_few_samples(world: World) -> None:
    parameters: dict[str, Any] = {"Statistic": None, "ExtendedStatistic": "p90", "Threshold": 100}
    always = world.alarm(**parameters)
    patient = world.alarm(AlarmName="patient", EvaluateLowSampleCountPercentile="ignore", **parameters)
    for value in (*range(1, 9), 200, 300):
        world.store.put(Datum(ERRORS, T + 5, {float(value): 1}))
    world.timetable.move(60)
    # p90 of ten values is the ninth, and 10 / (1 - 0.9) samples are needed.
    assert (always.current.state, patient.current.state) == ("ALARM", "INSUFFICIENT_DATA")
    for _ in range(100):
        world.store.put(Datum(ERRORS, T + 65, {1.0: 1}))
    world.timetable.move(60)
    assert (always.current.state, patient.current.state) == ("OK", "OK")


def test_an_alarm_on_an_expression_is_evaluated(world: World) -> None:
    def metric(name: str) -> dict[str, Any]:
        stat = {"Metric": {"Namespace": "app", "MetricName": name}, "Period": 60, "Stat": "Sum"}
        return {"Id": name, "MetricStat": stat, "ReturnData": False}

    single = ("Namespace", "MetricName", "Dimensions", "Statistic", "Period")
    queries = [metric("bad"), metric("all"), {"Id": "rate", "Expression": "100 * bad / all", "Label": "Error rate"}]
    alarm = world.alarm(**dict.fromkeys(single), Metrics=queries)
    world.minutes(100, metric=Metric.of("app", "all"))
    # A missing point counts as 0 if the other metric has one.
    assert alarm.current.state == "OK"
    world.store.put(Datum(Metric.of("app", "bad"), world.clock.now(), {6.0: 1}))
    world.minutes(100, metric=Metric.of("app", "all"))
    assert alarm.current.state == "ALARM"
    assert world.published[-1][2]["configuration"]["metrics"][2] == {
        "id": "rate",
        "label": "Error rate",
        "expression": "100 * bad / all",
        "returnData": True,
    }


CALLS = Metric.of("app", "calls", {})


def stat(name: str, metric: Metric) -> dict[str, Any]:
    dimensions = [{"Name": key, "Value": value} for key, value in metric.dimensions]
    named = {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": dimensions}
    return {"Id": name, "ReturnData": False, "MetricStat": {"Metric": named, "Period": 60, "Stat": "Sum"}}


@pytest.mark.proves("metric math gaps")
@pytest.mark.parametrize(
    ("expression", "missing", "errors", "calls", "after"),
    [
        # A point that one of two series lacks is 0, one that both lack is missing.
        ("bad + all", "breaching", [None], [6], "ALARM"),
        ("all - bad", "notBreaching", [None], [6], "ALARM"),
        ("bad + all", "breaching", [6, None, None, None], [6, None, None, None], "ALARM"),
        ("bad + all", "notBreaching", [6, None, None, None], [6, None, None, None], "OK"),
        ("bad + all", "ignore", [6, None, None, None], [6, None, None, None], "ALARM"),
        ("bad + all", "missing", [6, None, None, None], [6, None, None, None], "INSUFFICIENT_DATA"),
        # So is the result of a division by 0, or by a point that's missing.
        ("100 * bad / all", "notBreaching", [6], [None], "OK"),
        ("100 * bad / all", "breaching", [6], [0], "ALARM"),
        # With FILL there's a point for each period, that which isn't reported yet too: nothing is missing.
        ("FILL(bad, 6)", "notBreaching", [None], [None], "ALARM"),
        ("FILL(bad, 0)", "breaching", [None], [None], "OK"),
        ("FILL(bad, 0) / FILL(all, 1)", "breaching", [6, None, None, None], [1, None, None, None], "OK"),
        ("FILL(bad, REPEAT)", "notBreaching", [6, None], [1, 1], "ALARM"),
        ("FILL(bad, REPEAT)", "breaching", [None], [1], "ALARM"),
        ("FILL(bad, LINEAR)", "notBreaching", [6, None, None, None], [1, 1, 1, 1], "OK"),
    ],
)
def test_gaps_in_an_expression_are_treated_as_documented(
    world: World, expression: str, missing: str, errors: list[float | None], calls: list[float | None], after: str
) -> None:
    queries = [stat("bad", ERRORS), stat("all", CALLS), {"Id": "e", "Expression": expression, "ReturnData": True}]
    alarm = world.alarms.put(
        {
            "AlarmName": "gaps",
            "Metrics": queries,
            "EvaluationPeriods": 1,
            "Threshold": 5.0,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": missing,
        },
        T,
    )
    for bad, called in zip(errors, calls, strict=True):
        for metric, value in ((ERRORS, bad), (CALLS, called)):
            if value is not None:
                world.store.put(Datum(metric, world.clock.now() + 1, {value: 1}))
        world.timetable.move(60)
    assert alarm.current.state == after


def test_a_longer_period_slides_each_minute(world: World) -> None:
    alarm = world.alarm(Period=300)
    world.minutes(2, 2, 2)
    assert states(world) == [("INSUFFICIENT_DATA", "OK"), ("OK", "ALARM")]
    world.minutes(None, None, None, None, 0)
    assert alarm.current.state == "OK"


def test_a_high_resolution_alarm_is_evaluated_each_ten_seconds(world: World) -> None:
    alarm = world.alarm(Period=10)
    world.store.put(Datum(ERRORS, T + 3, {6.0: 1}, resolution=1))
    world.timetable.move(10)
    assert alarm.current.state == "ALARM"
    assert alarm.current.moment == T + 10


def test_a_set_state_runs_its_actions_and_lasts_until_the_next_evaluation(world: World) -> None:
    alarm = world.alarm()
    world.minutes(1)
    world.alarms.set_state(alarm, "ALARM", "a drill", "", world.clock.now())
    assert (alarm.current.reason, len(world.sent)) == ("a drill", 1)
    world.minutes(1)
    assert alarm.current.state == "OK"


def test_actions_that_are_disabled_do_nothing_but_the_state_changes(world: World) -> None:
    alarm = world.alarm()
    world.alarms.enable(["errors", "nobody"], False, T)
    world.minutes(6)
    assert (alarm.current.state, world.sent, len(world.published)) == ("ALARM", [], 1)


def test_an_updated_alarm_keeps_its_state(world: World) -> None:
    alarm = world.alarm()
    world.minutes(6)
    assert world.alarm(Threshold=100.0) is alarm
    assert alarm.current.state == "ALARM"
    world.minutes(6)
    assert alarm.current.state == "OK"
    world.alarms.delete(["errors"])
    assert (world.alarms.all(), world.alarms.next_due(T)) == ([], None)


def test_the_history_has_state_changes_and_the_results_of_actions() -> None:
    world = World(problem="no such topic")
    alarm = world.alarm()
    world.minutes(6)
    kinds = [(entry["HistoryItemType"], entry["HistorySummary"]) for entry in alarm.history]
    assert kinds == [
        ("ConfigurationUpdate", 'Alarm "errors" created'),
        ("StateUpdate", "Alarm updated from INSUFFICIENT_DATA to ALARM"),
        ("Action", f"Failed to execute action {TOPIC}: no such topic"),
    ]
    assert json.loads(alarm.history[1]["HistoryData"])["newState"]["stateValue"] == "ALARM"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"AlarmActions": ["arn:aws:automate:us-east-1:ec2:stop"]}, "not arn:aws:automate"),
        ({"OKActions": ["arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:x"]}, "OKActions"),
        ({"ComparisonOperator": "LessThanLowerOrGreaterThanUpperThreshold"}, "anomaly detection"),
        ({"ThresholdMetricId": "ad1", "Threshold": None}, "anomaly detection"),
        ({"Threshold": None}, "Threshold"),
        ({"DatapointsToAlarm": 2}, "DatapointsToAlarm"),
        ({"TreatMissingData": "guess"}, "not guess"),
        ({"Period": 45}, "multiple of 60"),
        ({"Period": 3600, "EvaluationPeriods": 200}, "a week"),
        ({"Period": 60, "EvaluationPeriods": 1500, "DatapointsToAlarm": 1}, "a day"),
        ({"Statistic": "Median"}, "Median"),
        ({"Statistic": None, "ExtendedStatistic": "p101"}, "p101"),
        ({"ExtendedStatistic": "p99"}, "either Statistic or ExtendedStatistic"),
        ({"MetricName": None}, "either MetricName or Metrics"),
        ({"Namespace": None}, "Namespace"),
        ({"Dimensions": [{"Name": "a", "Value": ""}]}, "non-empty"),
    ],
)
def test_an_invalid_alarm_is_refused(world: World, changes: dict[str, Any], error: str) -> None:
    with pytest.raises(ServiceException, match=error):
        world.alarm(**changes)
    assert world.alarms.all() == []


@pytest.mark.parametrize(
    ("expression", "error"),
    [
        ("m9 + 1", "m9"),
        ("m1 +", "its end"),
        ("SEARCH('x', 'Sum')", "SEARCH"),
        ("ANOMALY_DETECTION_BAND(m1)", "ANOMALY"),
    ],
)
def test_an_invalid_expression_of_an_alarm_is_refused(world: World, expression: str, error: str) -> None:
    single = ("Namespace", "MetricName", "Dimensions", "Statistic", "Period")
    with pytest.raises(ServiceException, match=error):
        world.alarm(**dict.fromkeys(single), Metrics=[{"Id": "e1", "Expression": expression}])
