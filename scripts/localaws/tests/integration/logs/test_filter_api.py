"""FilterLogEvents and the filters that keep patterns, as boto3 sees them."""

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from moto.logs.models import logs_backends

from localaws_testing.log_sample import GROUP, MESSAGES, REGION, STREAM

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient


def messages(logs: "CloudWatchLogsClient", **arguments: Any) -> list[str]:
    where: Any = {} if "logGroupIdentifier" in arguments else {"logGroupName": GROUP}
    pages = logs.get_paginator("filter_log_events").paginate(**where, **arguments)
    return [event["message"] for page in pages for event in page["events"]]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("", MESSAGES),
        ("START", MESSAGES[:1]),
        ('{ $.level = "INFO" && $.latency > 4 }', MESSAGES[1:2]),
        ("{ $.cold IS FALSE }", MESSAGES[2:4]),
        ("[type=REPORT, ...]", MESSAGES[4:]),
        ("{ $.level = DEBUG }", []),
    ],
)
def test_a_pattern_matches_exactly_its_events(logs: "CloudWatchLogsClient", pattern: str, found: list[str]) -> None:
    assert messages(logs, filterPattern=pattern) == found


@pytest.mark.usefixtures("logs")
def test_filters_in_moto_use_the_same_patterns() -> None:
    backend = logs_backends["123456789012"][REGION]
    events, _, _ = backend.filter_log_events(GROUP, [], 0, 0, None, None, "{ $.level = ERROR }", True)
    assert [event["message"] for event in events] == MESSAGES[3:4]


def test_streams_times_and_identifiers_narrow_the_search(logs: "CloudWatchLogsClient", now: int) -> None:
    arn = f"arn:aws:logs:{REGION}:123456789012:log-group:{GROUP}"
    assert messages(logs, logGroupIdentifier=arn, startTime=now + 1000, endTime=now + 2000) == MESSAGES[1:3]
    assert messages(logs, logStreamNames=[STREAM]) == MESSAGES
    assert messages(logs, logStreamNamePrefix="2026/") == MESSAGES
    assert messages(logs, logStreamNamePrefix="2025/") == []


def test_pages_neither_lose_nor_repeat_events_when_new_ones_arrive(logs: "CloudWatchLogsClient", now: int) -> None:
    first = logs.filter_log_events(logGroupName=GROUP, limit=2)
    logs.put_log_events(
        logGroupName=GROUP, logStreamName=STREAM, logEvents=[{"timestamp": now - 5000, "message": "late"}]
    )
    second = logs.filter_log_events(logGroupName=GROUP, nextToken=first["nextToken"])
    assert [event["message"] for event in first["events"] + second["events"]] == MESSAGES


def test_the_latest_events_come_first_if_requested(logs: "CloudWatchLogsClient") -> None:
    assert messages(logs, startFromHead=False, PaginationConfig={"PageSize": 2}) == MESSAGES[::-1]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"filterPattern": "{ $.level = "}, "needs a value"),
        ({"filterPattern": "a.b"}, "Invalid character"),
        ({"logStreamNames": ["a"], "logStreamNamePrefix": "b"}, "can't be combined"),
        ({"limit": 10_001}, "limit"),
        ({"nextToken": "nonsense"}, "nextToken"),
    ],
)
def test_a_wrong_request_is_refused(logs: "CloudWatchLogsClient", arguments: dict[str, Any], error: str) -> None:
    with pytest.raises(logs.exceptions.InvalidParameterException, match=error):
        logs.filter_log_events(logGroupName=GROUP, **arguments)


def test_a_missing_group_is_named(logs: "CloudWatchLogsClient") -> None:
    with pytest.raises(logs.exceptions.ResourceNotFoundException, match="nowhere"):
        logs.filter_log_events(logGroupName="nowhere")


def test_a_metric_filter_with_a_malformed_pattern_is_refused(logs: "CloudWatchLogsClient") -> None:
    transformation: Any = {"metricName": "m", "metricNamespace": "n", "metricValue": "1"}
    arguments: Any = {"logGroupName": GROUP, "filterName": "f", "metricTransformations": [transformation]}
    with pytest.raises(ClientError, match="InvalidParameterException"):
        logs.put_metric_filter(**arguments, filterPattern="{ $.x }")
    logs.put_metric_filter(**arguments, filterPattern="{ $.x = 1 }")
    assert [kept["filterPattern"] for kept in logs.describe_metric_filters()["metricFilters"]] == ["{ $.x = 1 }"]


@pytest.mark.proves("logs live tail")
def test_a_live_tail_is_refused_by_name(client: Any) -> None:
    logs = client("logs", inject_host_prefix=False)
    arn = f"arn:aws:logs:{REGION}:123456789012:log-group:{GROUP}"
    logs.create_log_group(logGroupName=GROUP)
    with pytest.raises(ClientError, match=r"InvalidOperationException.*localaws logs NAME --follow"):
        logs.start_live_tail(logGroupIdentifiers=[arn])


@pytest.mark.proves("logs pages")
def test_pages_of_a_stream_go_both_ways_and_on_when_new_events_arrive(logs: "CloudWatchLogsClient", now: int) -> None:
    def page(**arguments: Any) -> tuple[list[str], str, str]:
        answer = logs.get_log_events(logGroupName=GROUP, logStreamName=STREAM, limit=2, **arguments)
        shown = [event["message"] for event in answer["events"]]
        return shown, answer["nextBackwardToken"], answer["nextForwardToken"]

    assert page()[0] == MESSAGES[-2:]
    first, _, forward = page(startFromHead=True)
    second, backward, forward = page(nextToken=forward)
    last, _, forward = page(nextToken=forward)
    assert first + second + last == MESSAGES
    assert page(nextToken=backward)[0] == first
    assert page(nextToken=forward) == ([], forward.replace("f", "b", 1), forward)
    logs.put_log_events(
        logGroupName=GROUP, logStreamName=STREAM, logEvents=[{"timestamp": now + 50_000, "message": "new"}]
    )
    assert page(nextToken=forward)[0] == ["new"]
    # The end isn't part of the range.
    assert page(startFromHead=True, startTime=now + 1000, endTime=now + 2000)[0] == MESSAGES[1:2]
    with pytest.raises(logs.exceptions.InvalidParameterException, match="nextToken"):
        page(nextToken="nonsense")


@pytest.mark.proves("logs requests")
def test_what_logs_refuses_is_refused(logs: "CloudWatchLogsClient", now: int) -> None:
    def code(call: Any, **arguments: Any) -> str:
        with pytest.raises(ClientError) as caught:
            call(**arguments)
        return str(caught.value.response["Error"]["Code"])

    invalid = "InvalidParameterException"
    assert code(logs.filter_log_events, logGroupName=GROUP, logStreamNames=["none"]) == "ResourceNotFoundException"
    assert code(logs.filter_log_events, logGroupName=GROUP, startTime=now + 1, endTime=now) == invalid
    assert code(logs.filter_log_events, logGroupName=GROUP, filterPattern="a" * 1025) == invalid
    many: Any = [{"timestamp": now, "message": "a"}] * 10_001
    assert code(logs.put_log_events, logGroupName=GROUP, logStreamName=STREAM, logEvents=many) == invalid
    for kind in ("OTHER", "INFREQUENT_ACCESS"):
        assert code(logs.create_log_group, logGroupName="other", logGroupClass=kind) == invalid
    transformation: Any = {"metricName": "m", "metricNamespace": "n", "metricValue": "1"}
    named = {"logGroupName": GROUP, "filterPattern": "a", "metricTransformations": [transformation]}
    assert code(logs.put_metric_filter, filterName="a:b", **named) == invalid
    destination = {"destinationName": "d", "targetArn": "arn:aws:kinesis:us-east-1:123456789012:stream/s"}
    role = "arn:aws:iam::123456789012:role/r"
    assert code(logs.put_destination, **destination, roleArn=role) == "InvalidOperationException"


def test_a_group_has_its_class_and_counts_its_metric_filters(logs: "CloudWatchLogsClient") -> None:
    transformation: Any = {"metricName": "m", "metricNamespace": "n", "metricValue": "1"}
    logs.put_metric_filter(
        logGroupName=GROUP, filterName="f", filterPattern="a", metricTransformations=[transformation]
    )

    (group,) = logs.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"]
    assert (group["metricFilterCount"], group["logGroupClass"]) == (1, "STANDARD")
