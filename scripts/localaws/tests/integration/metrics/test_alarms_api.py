"""Alarms and dashboards as boto3 sees them, over a clock that moves."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

TOPIC = "arn:aws:sns:us-east-1:123456789012:ops"
DIMENSIONS = [{"Name": "service", "Value": "api"}]
ALARM: dict[str, Any] = {
    "AlarmName": "errors",
    "AlarmDescription": "too many",
    "Namespace": "app",
    "MetricName": "errors",
    "Dimensions": DIMENSIONS,
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 5.0,
    "ComparisonOperator": "GreaterThanThreshold",
    "AlarmActions": [TOPIC],
}


@pytest.fixture
def cloudwatch(world: Any) -> Any:
    return world.client("cloudwatch")


def test_an_alarm_is_evaluated_runs_its_actions_and_has_a_history(world: Any, cloudwatch: Any) -> None:
    cloudwatch.put_metric_alarm(**ALARM)
    (made,) = cloudwatch.describe_alarms()["MetricAlarms"]
    assert (made["StateValue"], made["StateReason"]) == ("INSUFFICIENT_DATA", "Unchecked: Initial alarm creation")
    assert {key: made[key] for key in ALARM} == ALARM
    assert made["AlarmArn"] == "arn:aws:cloudwatch:us-east-1:123456789012:alarm:errors"
    cloudwatch.put_metric_data(
        Namespace="app", MetricData=[{"MetricName": "errors", "Dimensions": DIMENSIONS, "Value": 6.0}]
    )
    world.timetable.move(60)
    (alarm,) = cloudwatch.describe_alarms(StateValue="ALARM")["MetricAlarms"]
    assert "[6.0 (" in alarm["StateReason"]
    assert json.loads(alarm["StateReasonData"])["recentDatapoints"] == [6.0]
    ((arn, message),) = world.sent
    assert (arn, message["NewStateValue"]) == (TOPIC, "ALARM")
    assert [detail["state"]["value"] for detail in world.published] == ["ALARM"]
    entries = cloudwatch.describe_alarm_history(AlarmName="errors", ScanBy="TimestampAscending")["AlarmHistoryItems"]
    assert [entry["HistoryItemType"] for entry in entries] == ["ConfigurationUpdate", "StateUpdate", "Action"]
    updates = cloudwatch.describe_alarm_history(HistoryItemType="StateUpdate")["AlarmHistoryItems"]
    assert [entry["HistorySummary"] for entry in updates] == ["Alarm updated from INSUFFICIENT_DATA to ALARM"]


def test_alarms_are_found_by_name_prefix_state_action_and_metric(cloudwatch: Any) -> None:
    for name in ("errors", "errors-late", "latency"):
        cloudwatch.put_metric_alarm(**ALARM | {"AlarmName": name})

    def found(**options: Any) -> list[str]:
        pages = cloudwatch.get_paginator("describe_alarms").paginate(**options, PaginationConfig={"PageSize": 2})
        return [alarm["AlarmName"] for page in pages for alarm in page["MetricAlarms"]]

    assert found() == ["errors", "errors-late", "latency"]
    assert found(AlarmNamePrefix="errors") == ["errors", "errors-late"]
    assert found(AlarmNames=["latency", "nobody"]) == ["latency"]
    assert found(ActionPrefix="arn:aws:sns") == ["errors", "errors-late", "latency"]
    assert found(ActionPrefix="arn:aws:lambda") == []
    assert found(StateValue="OK") == []
    watched = cloudwatch.describe_alarms_for_metric(Namespace="app", MetricName="errors", Dimensions=DIMENSIONS)
    assert len(watched["MetricAlarms"]) == 3
    assert cloudwatch.describe_alarms_for_metric(Namespace="app", MetricName="errors")["MetricAlarms"] == []


def test_a_state_can_be_set_and_actions_disabled(world: Any, cloudwatch: Any) -> None:
    cloudwatch.put_metric_alarm(**ALARM)
    cloudwatch.disable_alarm_actions(AlarmNames=["errors"])
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="a drill")
    assert world.sent == []
    cloudwatch.enable_alarm_actions(AlarmNames=["errors"])
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="OK", StateReason="over", StateReasonData="{}")
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="again")
    ((arn, message),) = world.sent
    assert (arn, message["NewStateReason"]) == (TOPIC, "again")
    with pytest.raises(ClientError, match="nobody"):
        cloudwatch.set_alarm_state(AlarmName="nobody", StateValue="OK", StateReason="x")
    with pytest.raises(ClientError, match="JSON"):
        cloudwatch.set_alarm_state(AlarmName="errors", StateValue="OK", StateReason="x", StateReasonData="{")


def test_a_deleted_alarm_is_gone(cloudwatch: Any) -> None:
    cloudwatch.put_metric_alarm(**ALARM, Tags=[{"Key": "team", "Value": "ml"}])
    arn = cloudwatch.describe_alarms()["MetricAlarms"][0]["AlarmArn"]
    assert cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "team", "Value": "ml"}]
    cloudwatch.delete_alarms(AlarmNames=["errors"])
    assert cloudwatch.describe_alarms()["MetricAlarms"] == []
    with pytest.raises(ClientError, match="errors"):
        cloudwatch.delete_alarms(AlarmNames=["errors"])


@pytest.mark.proves("composite alarm queries")
def test_composite_alarms_are_found_by_type_child_and_parent(world: Any, cloudwatch: Any) -> None:
    cloudwatch.put_metric_alarm(**ALARM)
    tags = [{"Key": "team", "Value": "ml"}]
    cloudwatch.put_composite_alarm(AlarmName="inner", AlarmRule="ALARM(errors)", AlarmActions=[TOPIC], Tags=tags)
    cloudwatch.put_composite_alarm(AlarmName="outer", AlarmRule='ALARM("inner") OR ALARM(errors)')

    def found(**options: Any) -> tuple[list[str], list[str]]:
        answer = cloudwatch.describe_alarms(**options)
        return tuple([alarm["AlarmName"] for alarm in answer[kind]] for kind in ("MetricAlarms", "CompositeAlarms"))  # type: ignore[return-value]

    assert found() == (["errors"], [])
    assert found(AlarmTypes=["CompositeAlarm"]) == ([], ["inner", "outer"])
    assert found(AlarmTypes=["CompositeAlarm", "MetricAlarm"], StateValue="OK") == ([], ["inner", "outer"])
    assert found(ChildrenOfAlarmName="outer") == (["errors"], ["inner"])
    assert found(ParentsOfAlarmName="errors") == ([], ["inner", "outer"])
    assert found(ChildrenOfAlarmName="errors") == ([], [])
    (child,) = cloudwatch.describe_alarms(ChildrenOfAlarmName="inner")["MetricAlarms"]
    assert child.keys() == {"AlarmName", "AlarmArn", "StateValue", "StateUpdatedTimestamp"}
    with pytest.raises(ClientError, match="StateValue can't be given along with ParentsOfAlarmName"):
        found(ParentsOfAlarmName="errors", StateValue="OK")
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="a trial")
    ((_, message), (arn, composed)) = world.sent
    assert (message["AlarmName"], arn, composed["AlarmName"]) == ("errors", TOPIC, "inner")
    inner, outer = cloudwatch.describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    assert (inner["StateValue"], outer["StateValue"]) == ("ALARM", "ALARM")
    assert cloudwatch.list_tags_for_resource(ResourceARN=inner["AlarmArn"])["Tags"] == tags
    history = cloudwatch.describe_alarm_history(AlarmTypes=["CompositeAlarm"], HistoryItemType="StateUpdate")
    assert {entry["AlarmName"] for entry in history["AlarmHistoryItems"]} == {"inner", "outer"}
    metric = cloudwatch.describe_alarm_history(HistoryItemType="StateUpdate")["AlarmHistoryItems"]
    assert {entry["AlarmName"] for entry in metric} == {"errors"}


@pytest.mark.proves("composite alarm cycles")
def test_alarms_that_composite_alarms_depend_on_are_not_deleted(cloudwatch: Any) -> None:
    cloudwatch.put_metric_alarm(**ALARM)
    for name in ("one", "two"):
        cloudwatch.put_composite_alarm(AlarmName=name, AlarmRule="ALARM(errors)")
    with pytest.raises(ClientError, match="Cannot delete errors as there are composite alarm"):
        cloudwatch.delete_alarms(AlarmNames=["errors"])
    with pytest.raises(ClientError, match="two composite alarms"):
        cloudwatch.delete_alarms(AlarmNames=["one", "two"])
    cloudwatch.delete_alarms(AlarmNames=["one"])
    cloudwatch.delete_alarms(AlarmNames=["two", "errors"])
    assert cloudwatch.describe_alarms()["MetricAlarms"] == []


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"AlarmActions": ["arn:aws:automate:us-east-1:ec2:stop"]}, "arn:aws:automate"),
        ({"Period": 45}, "multiple of 60"),
        ({"ComparisonOperator": "GreaterThanUpperThreshold"}, "anomaly detection"),
    ],
)
def test_an_invalid_alarm_is_refused(cloudwatch: Any, changes: dict[str, Any], error: str) -> None:
    with pytest.raises(ClientError, match=error):
        cloudwatch.put_metric_alarm(**ALARM | changes)
    assert cloudwatch.describe_alarms()["MetricAlarms"] == []


def test_a_dashboard_is_stored(cloudwatch: Any) -> None:
    body = json.dumps({"widgets": []})
    cloudwatch.put_dashboard(DashboardName="board", DashboardBody=body)
    assert cloudwatch.get_dashboard(DashboardName="board")["DashboardBody"] == body
    assert [entry["DashboardName"] for entry in cloudwatch.list_dashboards()["DashboardEntries"]] == ["board"]
    cloudwatch.delete_dashboards(DashboardNames=["board"])
    assert cloudwatch.list_dashboards()["DashboardEntries"] == []


@pytest.mark.proves("alarms: tags")
def test_alarms_have_tags_and_few_actions(cloudwatch: Any) -> None:
    cloudwatch.put_metric_alarm(**ALARM, Tags=[{"Key": "team", "Value": "a"}])
    (alarm,) = cloudwatch.describe_alarms()["MetricAlarms"]
    named = {"ResourceARN": alarm["AlarmArn"]}

    cloudwatch.tag_resource(**named, Tags=[{"Key": "cost", "Value": "b"}])
    cloudwatch.untag_resource(**named, TagKeys=["team"])
    assert cloudwatch.list_tags_for_resource(**named)["Tags"] == [{"Key": "cost", "Value": "b"}]
    with pytest.raises(ClientError, match="ResourceNotFound"):
        cloudwatch.tag_resource(ResourceARN=f"{alarm['AlarmArn']}-other", Tags=[{"Key": "a", "Value": "b"}])
    with pytest.raises(ClientError, match="AlarmActions must have at most 5"):
        cloudwatch.put_metric_alarm(**ALARM | {"AlarmActions": [TOPIC] * 6})
