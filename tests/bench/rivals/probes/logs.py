"""Probes of CloudWatch Logs: filter patterns, Insights, metric filters, subscriptions."""

from __future__ import annotations

import base64
import gzip
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.bench.rivals.cloud import Cloud, refused, until
from tests.bench.rivals.probe import Differs, expect, probe

_GUIDE = "AmazonCloudWatch/latest/logs"
_PATTERNS = f"{_GUIDE}/FilterAndPatternSyntax.html"


def _group(cloud: Cloud) -> str:
    name = cloud.name("/probe/logs")
    cloud("logs").create_log_group(logGroupName=name)
    cloud("logs").create_log_stream(logGroupName=name, logStreamName="s")
    return name


def _put(cloud: Cloud, group: str, *messages: str) -> None:
    now = int(time.time() * 1000)
    if not messages:
        return
    events = [{"timestamp": now + number, "message": text} for number, text in enumerate(messages)]
    cloud("logs").put_log_events(logGroupName=group, logStreamName="s", logEvents=events)


def _filtered(cloud: Cloud, pattern: str, *messages: str) -> list[int]:
    """The numbers of the messages that match a pattern."""
    group = _group(cloud)
    _put(cloud, group, *messages)
    found = cloud("logs").filter_log_events(logGroupName=group, filterPattern=pattern)["events"]
    return [messages.index(event["message"]) for event in found]


def _json(*items: object) -> list[str]:
    return [json.dumps(item) for item in items]


@probe(_PATTERNS)
def json_text(cloud: Cloud) -> None:
    """A JSON pattern compares a property with a text, with * for the rest"""
    lines = [*_json({"level": "ERROR"}, {"level": "INFO"}, {"level": "ERR", "x": "ERROR"}), "ERROR"]
    expect(_filtered(cloud, '{ $.level = "ERROR" }', *lines), [0])
    expect(_filtered(cloud, '{ $.level = "ERR*" }', *lines), [0, 2])


@probe(_PATTERNS)
def json_numbers(cloud: Cloud) -> None:
    """A JSON pattern compares numbers, joins by && and ||, and reads nested properties and arrays"""
    lines = _json({"r": {"ms": 150}, "c": [1, 2]}, {"r": {"ms": 50}, "c": [3, 2]}, {"r": {"ms": "150"}}, {"c": [9]})
    expect(_filtered(cloud, "{ $.r.ms >= 100 }", *lines)[:1], [0])
    expect(_filtered(cloud, "{ ($.r.ms > 10) && ($.c[0] = 3) }", *lines), [1])
    expect(_filtered(cloud, "{ $.c[0] = 9 || $.c[0] = 1 }", *lines), [0, 3])


@probe(_PATTERNS)
def json_existence(cloud: Cloud) -> None:
    """NOT EXISTS, IS NULL and IS TRUE"""
    lines = _json({"a": None}, {"a": True}, {"b": 1})
    found = [_filtered(cloud, text, *lines) for text in ("{ $.a NOT EXISTS }", "{ $.a IS NULL }", "{ $.a IS TRUE }")]
    expect(found, [[2], [0], [1]])


@probe(_PATTERNS)
def terms(cloud: Cloud) -> None:
    """Terms must all be there, one of those with ?, and none of those with -"""
    lines = ["ERROR one", "WARN two", "ERROR Exiting", "error three"]
    found = [_filtered(cloud, text, *lines) for text in ("?ERROR ?WARN", "ERROR -Exiting", '"ERROR one"', "one ERROR")]
    expect(found, [[0, 1, 2], [0], [0], [0]])


@probe(_PATTERNS)
def columns(cloud: Cloud) -> None:
    """A pattern of columns compares the fields of space-delimited events"""
    line = '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" {} 1534'
    lines = [line.format(status) for status in (404, 200)]
    pattern = '[ip, server, username, timestamp, request = "*html*", status_code = 4*, bytes > 1000]'
    expect(_filtered(cloud, pattern, *lines), [0])


@probe(_PATTERNS)
def regexes(cloud: Cloud) -> None:
    """A regular expression stands between percent signs"""
    lines = ["GET /a 404", "GET /b 200", *_json({"path": "/b/17"})]
    expect(_filtered(cloud, "%4[0-9]{2}%", *lines), [0])
    expect(_filtered(cloud, "{ $.path = %^/b/[0-9]+$% }", *lines), [2])


@probe("AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html")
def invalid_pattern(cloud: Cloud) -> None:
    """A pattern that's none is refused with InvalidParameterException"""
    refused("InvalidParameterException", _filtered, cloud=cloud, pattern="{ $.a = }")


def _asked(cloud: Cloud, text: str, *messages: str) -> list[dict[str, str]]:
    """The rows of an Insights query over these messages, without pointers."""
    group, logs = _group(cloud), cloud("logs")
    _put(cloud, group, *messages)
    now = int(time.time())
    query = logs.start_query(logGroupName=group, startTime=now - 600, endTime=now + 600, queryString=text)["queryId"]
    found: dict[str, Any] = {}

    def is_done() -> bool:
        found.update(logs.get_query_results(queryId=query))
        return found["status"] in ("Complete", "Failed")

    until(is_done)
    expect(found["status"], "Complete")
    return [{cell["field"]: cell["value"] for cell in row if cell["field"] != "@ptr"} for row in found["results"]]


@probe(f"{_GUIDE}/CWL_QuerySyntax-Stats.html")
def insights_stats(cloud: Cloud) -> None:
    """Insights counts and averages JSON fields by group, filtered and sorted"""
    lines = _json({"p": "a", "ms": 10}, {"p": "a", "ms": 30}, {"p": "b", "ms": 5}, {"p": "c", "ms": 1000})
    text = "filter ms < 500 | stats count(*) as n, avg(ms) as mean by p | sort mean desc"
    found = [(row["p"], row["n"], float(row["mean"])) for row in _asked(cloud, text, *lines)]
    expect(found, [("a", "2", 20.0), ("b", "1", 5.0)])


@probe(f"{_GUIDE}/CWL_QuerySyntax-Parse.html")
def insights_parse(cloud: Cloud) -> None:
    """Insights parses messages with globs and regular expressions"""
    lines = ["user=ann ms=12", "user=bob ms=7", "other"]
    text = 'parse @message "user=* ms=*" as who, ms | filter ispresent(who) | display who, ms | sort ms desc'
    found = [(row["who"], row["ms"]) for row in _asked(cloud, text, *lines)]
    expect(sorted(found), [("ann", "12"), ("bob", "7")])
    text = r"parse @message /user=(?<who>\w+)/ | filter who = 'bob' | fields who"
    expect([row["who"] for row in _asked(cloud, text, *lines)], ["bob"])


@probe(f"{_GUIDE}/CWL_QuerySyntax-Filter.html")
def insights_filter(cloud: Cloud) -> None:
    """Insights filters by like, in and not"""
    lines = _json({"a": "x1", "n": 1}, {"a": "x2", "n": 2}, {"a": "y1", "n": 3})
    found = [
        [row["n"] for row in _asked(cloud, f"fields n | filter {text} | sort n asc", *lines)]
        for text in ("a like /^x/", 'a like "1"', "n in [1, 3]", 'not (a like "x")')
    ]
    expect(found, [["1", "2"], ["1", "3"], ["1", "3"], ["3"]])


@probe("AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html")
def insights_malformed(cloud: Cloud) -> None:
    """A query that's none is refused with MalformedQueryException"""
    refused("MalformedQueryException", _asked, cloud=cloud, text="flter level = | stats")


def _sums(cloud: Cloud, namespace: str, name: str) -> list[float]:
    now = datetime.now(UTC)

    def found() -> list[float]:
        answer = cloud("cloudwatch").get_metric_statistics(
            Namespace=namespace,
            MetricName=name,
            StartTime=now - timedelta(minutes=10),
            EndTime=now + timedelta(minutes=10),
            Period=3600,
            Statistics=["Sum"],
        )
        return [point["Sum"] for point in answer["Datapoints"]]

    return [sum(until(found))]


@probe(f"{_GUIDE}/FilterAndPatternSyntaxForMetricFilters.html")
def metric_filter(cloud: Cloud) -> None:
    """A metric filter publishes a value of the matching events"""
    group, namespace = _group(cloud), cloud.name("space")
    cloud("logs").put_metric_filter(
        logGroupName=group,
        filterName="ms",
        filterPattern="{ $.ms = * }",
        metricTransformations=[{"metricName": "ms", "metricNamespace": namespace, "metricValue": "$.ms"}],
    )
    _put(cloud, group, *_json({"ms": 10}, {"ms": 2.5}, {"other": 1}))
    expect(_sums(cloud, namespace, "ms"), [12.5])


@probe("AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html")
def embedded_metrics(cloud: Cloud) -> None:
    """An event in the embedded metric format is a metric with its values"""
    group, namespace = _group(cloud), cloud.name("space")
    directive = {"Namespace": namespace, "Dimensions": [[]], "Metrics": [{"Name": "ms", "Unit": "Milliseconds"}]}
    _put(
        cloud,
        group,
        *_json({"_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}, "ms": [1, 2, 4]}),
    )
    expect(_sums(cloud, namespace, "ms"), [7.0])


@probe(f"{_GUIDE}/SubscriptionFilters.html")
def subscription(cloud: Cloud) -> None:
    """A subscription sends the matching events to a function, gzipped and in base64"""
    group, (answers, _) = _group(cloud), cloud.queue()
    code = (
        "import boto3\ndef handler(event, context):\n    boto3.client('sqs').send_message("
        f"QueueUrl='{answers}', MessageBody=event['awslogs']['data'])\n"
    )
    name = cloud.function(code, Timeout=20)
    cloud("lambda").add_permission(
        FunctionName=name, StatementId="logs", Action="lambda:InvokeFunction", Principal="logs.amazonaws.com"
    )
    cloud("logs").put_subscription_filter(
        logGroupName=group, filterName="f", filterPattern="ERROR", destinationArn=cloud.arn(name)
    )
    _put(cloud, group, "ERROR one", "INFO two")
    messages = cloud.messages(answers, 1, 20)
    if not messages:
        raise Differs("nothing arrived")
    found = json.loads(gzip.decompress(base64.b64decode(messages[0]["Body"])))
    lines = [event["message"] for event in found["logEvents"]]
    expect((found["messageType"], found["logGroup"], lines), ("DATA_MESSAGE", group, ["ERROR one"]))


@probe("AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html")
def retention(cloud: Cloud) -> None:
    """A retention of 4 days is refused with InvalidParameterException, one of 5 isn't"""
    group, put = _group(cloud), cloud("logs").put_retention_policy
    put(logGroupName=group, retentionInDays=5)
    refused("InvalidParameterException", put, logGroupName=group, retentionInDays=4)


@probe("AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html")
def old_events(cloud: Cloud) -> None:
    """Events older than 14 days are rejected and counted, the newer ones of the batch stored"""
    group, now = _group(cloud), int(time.time() * 1000)
    limit, hour = now - 14 * 86_400_000, 3_600_000
    # A batch spans at most 24 hours.
    events = [{"timestamp": limit - hour, "message": "old"}, {"timestamp": limit + hour, "message": "new"}]
    answer = cloud("logs").put_log_events(logGroupName=group, logStreamName="s", logEvents=events)
    expect(answer.get("rejectedLogEventsInfo", {}).get("tooOldLogEventEndIndex"), 1)
    found = cloud("logs").filter_log_events(logGroupName=group)["events"]
    expect([event["message"] for event in found], ["new"])
