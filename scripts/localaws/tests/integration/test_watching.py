"""A function that is watched: its metrics, filters, subscription and alarms, deployed and seen from outside."""

from __future__ import annotations

import base64
import gzip
import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from localaws_testing.tags import own_tags

TEAM = [{"Key": "team", "Value": "ml"}]


@pytest.fixture(scope="module")
def watched(launch: Callable[..., AbstractContextManager[Any]]) -> Iterator[Any]:
    """A local AWS of its own, whose clock these tests move."""
    with launch("watched.yaml") as running:
        yield running


@pytest.fixture(scope="module")
def stack(watched: Any) -> dict[str, str]:
    return dict(watched.outputs())


def call(cloud: Any, stack: dict[str, str], **event: Any) -> None:
    """Invoke the function and wait for what it logged."""
    answer = cloud.client("lambda").invoke(FunctionName=stack["Watched"], Payload=json.dumps(event))
    request = answer["ResponseMetadata"]["RequestId"]
    assert len(cloud.logged(stack["Logs"], f"REPORT RequestId: {request}")) == 1


def total(cloud: Any, namespace: str, name: str, dimensions: dict[str, str], statistic: str = "Sum") -> float:
    """A statistic of the last day and the coming one."""
    now = cloud.tick("0s")
    points = cloud.client("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        StartTime=now - timedelta(days=1),
        EndTime=now + timedelta(days=1),
        Period=172_800,
        Statistics=[statistic],
    )["Datapoints"]
    return float(points[0][statistic]) if points else 0.0


def alarm(cloud: Any, name: str) -> Any:
    return cloud.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"][0]


def test_logs_and_metrics_of_a_call_are_available_with_its_result(watched: Any, stack: dict[str, str]) -> None:
    before = total(watched, "watched", "Scored", {"service": "watched"}, "SampleCount")
    for count in range(1, 6):
        answer = watched.client("lambda").invoke(FunctionName=stack["Watched"], Payload=json.dumps({"score": count}))
        request = answer["ResponseMetadata"]["RequestId"]
        events = watched.client("logs").filter_log_events(
            logGroupName=stack["Logs"], filterPattern=f'"REPORT RequestId: {request}"'
        )["events"]
        assert len(events) == 1
        watched.client("lambda").invoke(FunctionName=stack["Watched"], Payload=json.dumps({"score": count}))
        assert total(watched, "watched", "Scored", {"service": "watched"}, "SampleCount") == before + 2 * count


@pytest.mark.proves(
    "AWS::Logs::MetricFilter",
    "AWS::Logs::MetricFilter.FilterName",
    "AWS::Logs::MetricFilter.FilterPattern",
    "AWS::Logs::MetricFilter.LogGroupName",
    "AWS::Logs::MetricFilter.MetricTransformations.Dimensions.Key",
    "AWS::Logs::MetricFilter.MetricTransformations.Dimensions.Value",
    "AWS::Logs::MetricFilter.MetricTransformations.MetricName",
    "AWS::Logs::MetricFilter.MetricTransformations.MetricNamespace",
    "AWS::Logs::MetricFilter.MetricTransformations.MetricValue",
    "AWS::Logs::MetricFilter.MetricTransformations.Unit",
    "AWS::Logs::MetricFilter.MetricTransformations.DefaultValue",
)
def test_metric_filters_count_and_measure_what_the_function_logs(watched: Any, stack: dict[str, str]) -> None:
    lines = [{"level": "ERROR", "model": "a"}, {"level": "INFO", "latency": 40}, {"level": "INFO", "latency": 2.5}]
    call(watched, stack, log=lines)
    assert total(watched, "watched", "Faults", {"model": "a"}) == 1
    assert total(watched, "watched", "Latency", {}) == 42.5
    found = {kept["filterName"]: kept for kept in watched.client("logs").describe_metric_filters()["metricFilters"]}
    assert found["faults"]["metricTransformations"][0]["unit"] == "Count"
    (latency,) = [kept for name, kept in found.items() if name != "faults"]
    assert latency["metricTransformations"][0]["defaultValue"] == 0.0


@pytest.mark.proves(
    "AWS::Logs::SubscriptionFilter",
    "AWS::Logs::SubscriptionFilter.DestinationArn",
    "AWS::Logs::SubscriptionFilter.FilterName",
    "AWS::Logs::SubscriptionFilter.FilterPattern",
    "AWS::Logs::SubscriptionFilter.LogGroupName",
)
def test_a_subscription_invokes_its_function_with_what_matches(watched: Any, stack: dict[str, str]) -> None:
    call(watched, stack, log=[{"level": "ERROR", "marker": "sent"}, {"level": "INFO", "marker": "kept back"}])
    end = time.monotonic() + 20
    while not any('"sent"' in message for _, message in forwarded(watched, stack)) and time.monotonic() < end:
        time.sleep(0.1)
    found = forwarded(watched, stack)
    assert [name for name, message in found if '"sent"' in message] == [["forward"]]
    assert not any("kept back" in message for _, message in found)


def forwarded(cloud: Any, stack: dict[str, str]) -> list[tuple[list[str], str]]:
    """What the subscribed function got so far: the names of the filters, and each message."""
    lines = cloud.logged(f"/aws/lambda/{stack['Echo']}", "awslogs")
    packed = [base64.b64decode(json.loads(line)["seen"]["awslogs"]["data"]) for line in lines]
    told = [json.loads(gzip.decompress(part)) for part in packed]
    return [(each["subscriptionFilters"], event["message"]) for each in told for event in each["logEvents"]]


def test_after_a_move_what_a_function_logs_has_the_clocks_time(watched: Any, stack: dict[str, str]) -> None:
    now = watched.tick("3h")
    assert now - datetime.now(UTC) > timedelta(hours=2)
    call(watched, stack)
    since = {"logGroupName": stack["Logs"], "startTime": int(now.timestamp() * 1000)}
    found = [event["message"] for event in watched.client("logs").filter_log_events(**since)["events"]]
    assert [message.split()[0] for message in found if message.startswith(("START", "REPORT"))] == ["START", "REPORT"]


def test_lambda_reports_its_own_metrics(watched: Any, stack: dict[str, str]) -> None:
    function = {"FunctionName": stack["Watched"]}
    before = {name: total(watched, "AWS/Lambda", name, function) for name in ("Invocations", "Errors")}
    call(watched, stack)
    call(watched, stack, fail=True)
    assert total(watched, "AWS/Lambda", "Invocations", function) == before["Invocations"] + 2
    assert total(watched, "AWS/Lambda", "Errors", function) == before["Errors"] + 1
    assert total(watched, "AWS/Lambda", "Duration", function, "Maximum") > 0
    assert total(watched, "AWS/Lambda", "ConcurrentExecutions", function, "Maximum") >= 1


@pytest.mark.proves(
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Alarm.ActionsEnabled",
    "AWS::CloudWatch::Alarm.AlarmActions",
    "AWS::CloudWatch::Alarm.AlarmName",
    "AWS::CloudWatch::Alarm.ComparisonOperator",
    "AWS::CloudWatch::Alarm.DatapointsToAlarm",
    "AWS::CloudWatch::Alarm.Dimensions.Name",
    "AWS::CloudWatch::Alarm.Dimensions.Value",
    "AWS::CloudWatch::Alarm.EvaluationPeriods",
    "AWS::CloudWatch::Alarm.MetricName",
    "AWS::CloudWatch::Alarm.Namespace",
    "AWS::CloudWatch::Alarm.OKActions",
    "AWS::CloudWatch::Alarm.Period",
    "AWS::CloudWatch::Alarm.Statistic",
    "AWS::CloudWatch::Alarm.Threshold",
    "AWS::CloudWatch::Alarm.TreatMissingData",
    "AWS::CloudWatch::Alarm.Unit",
)
def test_an_alarm_fires_and_recovers_and_notifies_topic_bus_and_function(watched: Any, stack: dict[str, str]) -> None:
    sns, sqs = watched.client("sns"), watched.client("sqs")
    url = sqs.create_queue(QueueName="ops")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=stack["Topic"], Protocol="sqs", Endpoint=arn)
    watched.tick("10m")
    assert alarm(watched, "too-many-errors")["StateValue"] == "OK"
    call(watched, stack, fail=True)
    watched.tick("1m")
    assert alarm(watched, "too-many-errors")["StateValue"] == "ALARM"
    watched.tick("10m")
    assert alarm(watched, "too-many-errors")["StateValue"] == "OK"

    def mailed(wanted: int) -> list[Any]:
        notes = watched.drain(url, lambda bodies: len(bodies) >= wanted)
        return [json.loads(note["Message"]) for note in notes]

    told = [(note["OldStateValue"], note["NewStateValue"]) for note in mailed(2)]
    assert ("OK", "ALARM") in told and ("ALARM", "OK") in told
    changes = watched.drain(stack["StateChanges"], lambda found: len(found) >= 2)
    states = [change["detail"]["state"]["value"] for change in changes]
    assert "ALARM" in states and states[-1] == "OK"
    told_function = watched.logged(f"/aws/lambda/{stack['Echo']}", "alarmData")
    assert json.loads(told_function[-1])["seen"]["alarmData"]["alarmName"] == "too-many-errors"


@pytest.mark.proves(
    "AWS::CloudWatch::Alarm.Metrics.Expression",
    "AWS::CloudWatch::Alarm.Metrics.Id",
    "AWS::CloudWatch::Alarm.Metrics.Label",
    "AWS::CloudWatch::Alarm.Metrics.MetricStat.Metric.Dimensions.Name",
    "AWS::CloudWatch::Alarm.Metrics.MetricStat.Metric.Dimensions.Value",
    "AWS::CloudWatch::Alarm.Metrics.MetricStat.Metric.MetricName",
    "AWS::CloudWatch::Alarm.Metrics.MetricStat.Metric.Namespace",
    "AWS::CloudWatch::Alarm.Metrics.MetricStat.Period",
    "AWS::CloudWatch::Alarm.Metrics.MetricStat.Stat",
    "AWS::CloudWatch::Alarm.Metrics.MetricStat.Unit",
    "AWS::CloudWatch::Alarm.Metrics.Period",
    "AWS::CloudWatch::Alarm.Metrics.ReturnData",
)
def test_an_alarm_on_an_expression_over_embedded_metrics_is_evaluated(watched: Any, stack: dict[str, str]) -> None:
    watched.tick("1m")
    call(watched, stack, score=[1, 2])
    watched.tick("1m")
    assert alarm(watched, stack["Rate"])["StateValue"] == "OK"  # p90 of 1 and 2 is 2, times 100
    call(watched, stack, score=3)
    watched.tick("1m")
    fired = alarm(watched, stack["Rate"])
    assert (fired["StateValue"], "[300.0 (" in fired["StateReason"]) == ("ALARM", True)


@pytest.mark.proves(
    "AWS::CloudWatch::Alarm.ExtendedStatistic", "AWS::CloudWatch::Alarm.EvaluateLowSampleCountPercentile"
)
def test_a_percentile_of_a_metric_filter_is_evaluated(watched: Any, stack: dict[str, str]) -> None:
    watched.tick("1m")
    call(watched, stack, log=[{"latency": 101}])
    watched.tick("1m")
    found = alarm(watched, stack["Slow"])
    assert (found["StateValue"], found["EvaluateLowSampleCountPercentile"]) == ("ALARM", "evaluate")


@pytest.mark.proves(
    "AWS::CloudWatch::Alarm.AlarmDescription",
    "AWS::CloudWatch::Alarm.InsufficientDataActions",
    "AWS::CloudWatch::Alarm.Tags",
    "!GetAtt AWS::CloudWatch::Alarm.Arn",
    "AWS::CloudWatch::Dashboard",
    "AWS::CloudWatch::Dashboard.DashboardBody",
    "AWS::CloudWatch::Dashboard.DashboardName",
)
def test_an_alarm_and_a_dashboard_are_as_cloudwatch_describes_them(watched: Any, stack: dict[str, str]) -> None:
    cloudwatch = watched.client("cloudwatch")
    found = alarm(watched, "too-many-errors")
    assert (found["AlarmArn"], found["AlarmDescription"]) == (stack["Alarm"], "The function fails.")
    assert found["InsufficientDataActions"] == [stack["Topic"]]
    assert own_tags(cloudwatch.list_tags_for_resource(ResourceARN=stack["Alarm"])["Tags"]) == TEAM
    assert json.loads(cloudwatch.get_dashboard(DashboardName="board")["DashboardBody"]) == {"widgets": []}


def test_queues_and_apis_report_their_own_metrics(watched: Any, stack: dict[str, str]) -> None:
    sqs = watched.client("sqs")
    url = sqs.create_queue(QueueName="measured")["QueueUrl"]
    for body in ("one", "three"):
        sqs.send_message(QueueUrl=url, MessageBody=body)
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    watched.tick("2m")
    queue = {"QueueName": "measured"}
    assert total(watched, "AWS/SQS", "NumberOfMessagesSent", queue) == 2
    assert total(watched, "AWS/SQS", "SentMessageSize", queue) == 8
    assert total(watched, "AWS/SQS", "NumberOfMessagesReceived", queue) == 1
    assert total(watched, "AWS/SQS", "NumberOfMessagesDeleted", queue) == 1
    assert total(watched, "AWS/SQS", "ApproximateNumberOfMessagesVisible", queue, "Maximum") == 1
    assert total(watched, "AWS/SQS", "ApproximateAgeOfOldestMessage", queue, "Maximum") >= 60


@pytest.mark.proves(
    "AWS::Serverless::Function.ImageConfig.Command",
    "AWS::Serverless::Function.ImageUri",
    "AWS::Lambda::Function.Code.ImageUri",
    "AWS::Lambda::Function.ImageConfig.Command",
)
def test_an_image_runs_the_functions_command(watched: Any, stack: dict[str, str]) -> None:
    answer = watched.client("lambda").invoke(FunctionName=stack["Pictured"], Payload=b"{}")
    assert json.loads(answer["Payload"].read()) == "the function's"


def test_a_reset_deletes_metrics_and_recreates_alarms(watched: Any, stack: dict[str, str]) -> None:
    cloudwatch = watched.client("cloudwatch")
    cloudwatch.put_metric_data(Namespace="mine", MetricData=[{"MetricName": "m", "Value": 1}])
    cloudwatch.put_metric_alarm(
        AlarmName="by hand",
        Namespace="mine",
        MetricName="m",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    answer = httpx.post(f"{watched.endpoint}/_localaws/reset", json={}, timeout=60)
    assert "result" in json.loads(answer.text.strip().splitlines()[-1]), answer.text
    assert cloudwatch.list_metrics(Namespace="mine")["Metrics"] == []
    found = cloudwatch.describe_alarms()["MetricAlarms"]
    assert {item["AlarmName"] for item in found} >= {"too-many-errors"}
    assert {item["StateValue"] for item in found} == {"INSUFFICIENT_DATA"}
    assert "by hand" not in {item["AlarmName"] for item in found}


def test_resources_removed_from_the_template_are_deleted(watched: Any, stack: dict[str, str]) -> None:
    client = watched.client("cloudformation")
    body = json.dumps({"Resources": {"Kept": {"Type": "AWS::SNS::Topic"}}})
    client.update_stack(StackName="local", TemplateBody=body)
    assert client.describe_stacks(StackName="local")["Stacks"][0]["StackStatus"] == "UPDATE_COMPLETE"
    assert watched.client("cloudwatch").describe_alarms()["MetricAlarms"] == []
    assert watched.client("cloudwatch").list_dashboards()["DashboardEntries"] == []
    assert watched.client("logs").describe_metric_filters()["metricFilters"] == []
