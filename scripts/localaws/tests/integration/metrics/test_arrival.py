"""The processing of arriving log events: embedded metrics, metric filters, subscriptions, and retention."""

from __future__ import annotations

import base64
import gzip
import json
import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.awslambda.models import lambda_backends
from moto.logs.models import logs_backends

GROUP, STREAM = "/aws/lambda/api", "2026/11/23/[$LATEST]" + "0123456789abcdef" * 2
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:seen"
FIREHOSE = "arn:aws:firehose:us-east-1:123456789012:deliverystream/s"


@pytest.fixture
def logs(world: Any) -> Any:
    client = world.client("logs")
    client.create_log_group(logGroupName=GROUP)
    client.create_log_stream(logGroupName=GROUP, logStreamName=STREAM)
    return client


def put(logs: Any, *messages: Any, ago: float = 0.0) -> None:
    texts = [message if isinstance(message, str) else json.dumps(message) for message in messages]
    moment = int((time.time() - ago) * 1000)
    logs.put_log_events(
        logGroupName=GROUP, logStreamName=STREAM, logEvents=[{"timestamp": moment, "message": text} for text in texts]
    )


def statistics(world: Any, namespace: str, name: str, dimensions: dict[str, str] | None = None) -> Any:
    """SampleCount, Sum, Maximum and unit of the last hour and the coming one, None where nothing was reported."""
    now = datetime.fromtimestamp(world.clock.now(), UTC)
    points = world.client("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in (dimensions or {}).items()],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(hours=1),
        Period=7200,
        Statistics=["SampleCount", "Sum", "Maximum"],
    )["Datapoints"]
    return (points[0]["SampleCount"], points[0]["Sum"], points[0]["Maximum"], points[0]["Unit"]) if points else None


def embedded(**members: Any) -> dict[str, Any]:
    definition = {"Namespace": "app", "Dimensions": [["model"], []], "Metrics": [{"Name": "rows", "Unit": "Count"}]}
    return {"_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [definition]}, **members}


def test_embedded_metrics_become_metrics_with_each_set_of_dimensions(world: Any, logs: Any) -> None:
    put(logs, embedded(model="a", rows=[1, 2, 3]), embedded(model="b", rows=4))
    assert statistics(world, "app", "rows", {"model": "a"}) == (3.0, 6.0, 3.0, "Count")
    assert statistics(world, "app", "rows", {"model": "b"}) == (1.0, 4.0, 4.0, "Count")
    assert statistics(world, "app", "rows") == (4.0, 10.0, 4.0, "Count")


def test_a_document_is_found_after_lambdas_prefix(world: Any, logs: Any) -> None:
    put(logs, f"2026-11-23T10:00:00Z\tb4f-1\t{json.dumps(embedded(model='a', rows=1))}")
    assert statistics(world, "app", "rows", {"model": "a"}) == (1.0, 1.0, 1.0, "Count")


def test_an_invalid_document_is_counted_and_creates_no_metric(world: Any, logs: Any) -> None:
    put(logs, embedded(model=5, rows=1), embedded(model="a", rows="many"))
    assert statistics(world, "app", "rows", {"model": "a"}) is None
    assert statistics(world, "AWS/Logs", "EMFValidationErrors", {"LogGroupName": GROUP})[1] == 2.0


def test_arriving_events_are_counted(world: Any, logs: Any) -> None:
    put(logs, "one", "two")
    assert statistics(world, "AWS/Logs", "IncomingLogEvents", {"LogGroupName": GROUP})[1] == 2.0
    assert statistics(world, "AWS/Logs", "IncomingBytes", {"LogGroupName": GROUP})[1] == 2 * (3 + 26)


def test_metrics_of_events_after_a_move_of_the_clock_carry_its_time(world: Any, logs: Any) -> None:
    world.timetable.move(1800)
    put(logs, embedded(model="a", rows=1))
    now = datetime.fromtimestamp(world.clock.now(), UTC)
    found = world.client("cloudwatch").get_metric_statistics(
        Namespace="app",
        MetricName="rows",
        StartTime=now - timedelta(minutes=2),
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Sum"],
    )
    assert sum(point["Sum"] for point in found["Datapoints"]) == 1.0


def metric_filter(logs: Any, pattern: str, name: str = "f", **transformation: Any) -> None:
    given = {"metricNamespace": "app", "metricName": "found", "metricValue": "1"} | transformation
    logs.put_metric_filter(logGroupName=GROUP, filterName=name, filterPattern=pattern, metricTransformations=[given])


def test_a_metric_filter_counts_what_matches_from_then_on(world: Any, logs: Any) -> None:
    put(logs, "ERROR before")
    metric_filter(logs, "ERROR", unit="Count")
    put(logs, "ERROR one", "fine", "ERROR two")
    assert statistics(world, "app", "found") == (2.0, 2.0, 1.0, "Count")
    logs.delete_metric_filter(logGroupName=GROUP, filterName="f")
    put(logs, "ERROR three")
    assert statistics(world, "app", "found")[1] == 2.0


def test_a_metric_filter_takes_values_and_dimensions_from_json(world: Any, logs: Any) -> None:
    metric_filter(logs, "{ $.latency = * }", metricValue="$.latency", dimensions={"model": "$.who.model"})
    put(logs, {"latency": 4.5, "who": {"model": "a"}}, {"latency": 2, "who": {"model": "a"}}, {"latency": 9})
    put(logs, {"latency": "none", "who": {"model": "a"}}, "text")
    assert statistics(world, "app", "found", {"model": "a"}) == (2.0, 6.5, 4.5, "None")
    assert statistics(world, "app", "found") is None


def test_a_metric_filter_takes_values_and_dimensions_from_columns(world: Any, logs: Any) -> None:
    metric_filter(
        logs, "[ip, ..., status = 4*, bytes]", metricValue="$bytes", unit="Bytes", dimensions={"status": "$status"}
    )
    put(logs, '127.0.0.1 - frank "GET / HTTP/1.0" 404 1534', '127.0.0.1 - frank "GET / HTTP/1.0" 200 10')
    put(logs, '127.0.0.1 - "GET / HTTP/1.0" 404 many')
    assert statistics(world, "app", "found", {"status": "404"}) == (1.0, 1534.0, 1534.0, "Bytes")


def test_the_default_value_is_published_for_minutes_with_events_but_without_a_match(world: Any, logs: Any) -> None:
    metric_filter(logs, "ERROR", defaultValue=0.5)
    put(logs, "fine", "fine too", ago=240)
    put(logs, "fine", "ERROR", ago=120)
    world.timetable.move(60)
    # Two events without a match in one minute, one match in another, and nothing where no events came.
    assert statistics(world, "app", "found") == (3.0, 2.0, 1.0, "None")


def test_metric_filters_are_described_and_replaced_by_name(logs: Any) -> None:
    metric_filter(logs, "ERROR")
    metric_filter(logs, "WARN")
    metric_filter(logs, "INFO", name="other", metricName="infos")
    found = logs.describe_metric_filters(logGroupName=GROUP)["metricFilters"]
    assert [(kept["filterName"], kept["filterPattern"]) for kept in found] == [("f", "WARN"), ("other", "INFO")]
    named = logs.describe_metric_filters(metricName="infos", metricNamespace="app")["metricFilters"]
    assert [kept["filterName"] for kept in named] == ["other"]
    assert logs.describe_metric_filters(filterNamePrefix="o", logGroupName=GROUP)["metricFilters"] == named


def test_a_pattern_can_be_tested_on_messages(logs: Any) -> None:
    tried = logs.test_metric_filter(
        filterPattern="{ $.a.b > 1 }", logEventMessages=['{"a": {"b": 1}}', '{"a": {"b": 2}}']
    )
    assert tried["matches"] == [
        {"eventNumber": 2, "eventMessage": '{"a": {"b": 2}}', "extractedValues": {"$.a.b": "2"}}
    ]
    columns = logs.test_metric_filter(filterPattern="[a, b = 4*]", logEventMessages=["x 404"])["matches"]
    assert columns[0]["extractedValues"] == {"$a": "x", "$b": "404"}
    assert logs.test_metric_filter(filterPattern="x", logEventMessages=["x"])["matches"][0]["extractedValues"] == {}


@pytest.mark.parametrize(
    ("pattern", "transformation", "error"),
    [
        ("{ $.x }", {}, "EXISTS|comparison"),
        ("ERROR", {"metricValue": "$.latency"}, r"\$.latency isn't a field"),
        ("ERROR", {"metricValue": "many"}, "neither a number"),
        ("[a, b]", {"metricValue": "$c"}, r"\$c isn't a field"),
        ("[a, b]", {"dimensions": {"x": "$.a"}}, "isn't a field"),
        ("[a, b]", {"dimensions": {"x": "$a"}, "defaultValue": 0.0}, "can't have a defaultValue"),
        ("ERROR", {"unit": "Parsecs"}, "Parsecs"),
        ("ERROR", {"metricNamespace": "AWS/Mine"}, "begin with AWS/"),
        ("{ $.a = 1 }", {"dimensions": dict.fromkeys("wxyz", "$.a")}, "at most 3"),
    ],
)
def test_an_invalid_metric_filter_is_refused(
    logs: Any, pattern: str, transformation: dict[str, Any], error: str
) -> None:
    with pytest.raises(ClientError, match=error):
        metric_filter(logs, pattern, **transformation)
    assert logs.describe_metric_filters(logGroupName=GROUP)["metricFilters"] == []


def test_a_metric_filter_needs_its_group(logs: Any) -> None:
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.put_metric_filter(logGroupName="nowhere", filterName="f", filterPattern="", metricTransformations=[
            {"metricNamespace": "a", "metricName": "b", "metricValue": "1"}
        ])  # fmt: skip
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.delete_metric_filter(logGroupName=GROUP, filterName="nobody")


@pytest.fixture
def subscribed(logs: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The client, with the function that log events go to known to moto."""
    backend = lambda_backends["123456789012"]["us-east-1"]
    monkeypatch.setattr(backend, "get_function", lambda *_: object())
    return logs


def unpacked(payload: Any) -> Any:
    return json.loads(gzip.decompress(base64.b64decode(payload["awslogs"]["data"])))


def test_a_subscription_gets_what_matches_as_aws_packs_it(world: Any, subscribed: Any) -> None:
    subscribed.put_subscription_filter(
        logGroupName=GROUP, filterName="errors", filterPattern='{ $.level = "ERROR" }', destinationArn=FUNCTION
    )
    put(subscribed, {"level": "INFO"}, {"level": "ERROR", "n": 1}, {"level": "ERROR", "n": 2})
    ((arn, payload),) = world.sent
    told = unpacked(payload)
    assert (arn, told["messageType"], told["owner"]) == (FUNCTION, "DATA_MESSAGE", "123456789012")
    assert (told["logGroup"], told["logStream"], told["subscriptionFilters"]) == (GROUP, STREAM, ["errors"])
    assert [json.loads(event["message"])["n"] for event in told["logEvents"]] == [1, 2]
    found = {event["eventId"]: event for event in subscribed.filter_log_events(logGroupName=GROUP)["events"]}
    assert all(found[event["id"]]["timestamp"] == event["timestamp"] for event in told["logEvents"])
    assert statistics(world, "AWS/Logs", "ForwardedLogEvents", {"LogGroupName": GROUP})[1] == 2.0


def test_nothing_is_sent_where_nothing_matches_or_the_subscription_is_gone(world: Any, subscribed: Any) -> None:
    subscribed.put_subscription_filter(
        logGroupName=GROUP, filterName="errors", filterPattern="ERROR", destinationArn=FUNCTION
    )
    put(subscribed, "fine")
    subscribed.delete_subscription_filter(logGroupName=GROUP, filterName="errors")
    put(subscribed, "ERROR")
    assert world.sent == []


def test_too_many_events_for_one_call_are_sent_in_several(world: Any, subscribed: Any) -> None:
    subscribed.put_subscription_filter(logGroupName=GROUP, filterName="all", filterPattern="", destinationArn=FUNCTION)
    # Texts that don't shrink to less than half when they're packed. Functions write so many at once, clients don't.
    moment = int(time.time() * 1000)
    texts = [{"timestamp": moment, "message": secrets.token_hex(200_000)} for _ in range(10)]
    logs_backends["123456789012"]["us-east-1"].put_log_events(GROUP, STREAM, texts)
    events = [unpacked(payload)["logEvents"] for _, payload in world.sent]
    assert len(events) > 1
    assert sum(map(len, events)) == 10


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"destinationArn": "arn:aws:kinesis:us-east-1:123456789012:stream/s"}, "not of arn:aws:kinesis"),
        ({"destinationArn": FIREHOSE, "roleArn": "arn:aws:iam::123456789012:role/r"}, "specified Firehose stream"),
        ({"destinationArn": FIREHOSE}, "needs a roleArn"),
        ({"filterPattern": "{ $.x }"}, "comparison|EXISTS"),
        ({"applyOnTransformedLogs": True}, "applyOnTransformedLogs"),
    ],
)
def test_an_unsupported_subscription_is_refused(subscribed: Any, options: dict[str, Any], error: str) -> None:
    given = {"logGroupName": GROUP, "filterName": "f", "filterPattern": "", "destinationArn": FUNCTION}
    with pytest.raises(ClientError, match=error):
        subscribed.put_subscription_filter(**given | options)


@pytest.mark.proves("logs retention")
def test_events_end_with_the_retention_of_their_group(world: Any, logs: Any) -> None:
    put(logs, "old")
    logs.create_log_group(logGroupName="kept")
    logs.create_log_stream(logGroupName="kept", logStreamName="s")
    logs.put_log_events(
        logGroupName="kept", logStreamName="s", logEvents=[{"timestamp": int(time.time() * 1000), "message": "kept"}]
    )
    logs.put_retention_policy(logGroupName=GROUP, retentionInDays=1)
    world.timetable.move(23 * 3600)
    assert len(logs.filter_log_events(logGroupName=GROUP)["events"]) == 1
    world.timetable.move(2 * 3600)
    assert logs.filter_log_events(logGroupName=GROUP)["events"] == []
    assert len(logs.filter_log_events(logGroupName="kept")["events"]) == 1
    # What comes after the clock was moved is new, though it carries the machine's time.
    put(logs, "new")
    world.timetable.move(3 * 3600)
    assert [event["message"] for event in logs.filter_log_events(logGroupName=GROUP)["events"]] == ["new"]
