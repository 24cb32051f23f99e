"""Logs Insights as boto3 sees it."""

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from localaws_testing.log_sample import GROUP, MESSAGES, REGION, STREAM

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

ARN = f"arn:aws:logs:{REGION}:123456789012:log-group:{GROUP}"


def run(logs: "CloudWatchLogsClient", now: int, text: str, **more: Any) -> list[dict[str, str]]:
    where: dict[str, Any] = (
        {"logGroupName": GROUP} if "logGroupNames" not in more and "logGroupIdentifiers" not in more else {}
    )
    arguments: Any = {"startTime": now // 1000, "endTime": now // 1000 + 100, "queryString": text} | where | more
    results = logs.get_query_results(queryId=logs.start_query(**arguments)["queryId"])
    assert results["status"] == "Complete"
    return [{cell["field"]: cell["value"] for cell in row} for row in results["results"]]


def test_a_query_counts_by_a_json_field(logs: "CloudWatchLogsClient", now: int) -> None:
    rows = run(logs, now, "filter ispresent(model_version) | stats count(*) by model_version | sort model_version")
    assert rows == [{"model_version": "1", "count(*)": "1"}, {"model_version": "2", "count(*)": "2"}]


def test_results_have_pointers_and_correct_statistics(logs: "CloudWatchLogsClient", now: int) -> None:
    query_id = logs.start_query(
        logGroupName=GROUP, startTime=now // 1000, endTime=now // 1000 + 100, queryString='filter level = "INFO"'
    )["queryId"]
    results = logs.get_query_results(queryId=query_id)
    assert [[cell["field"] for cell in row] for row in results["results"]] == [["@timestamp", "@message", "@ptr"]] * 2
    assert len({row[2]["value"] for row in results["results"]}) == 2
    statistics = results["statistics"]
    assert (statistics["recordsMatched"], statistics["recordsScanned"]) == (2.0, 5.0)
    assert statistics["bytesScanned"] == sum(len(message) for message in MESSAGES)


def test_the_time_range_is_inclusive_and_in_seconds(logs: "CloudWatchLogsClient", now: int) -> None:
    second = now // 1000
    [row] = run(logs, now, "stats count(*) as n", startTime=second + 1, endTime=second + 3)
    assert row == {"n": "3"}


def test_groups_are_named_by_arn_or_several_at_once(logs: "CloudWatchLogsClient", now: int) -> None:
    logs.create_log_group(logGroupName="other")
    logs.create_log_stream(logGroupName="other", logStreamName="s")
    logs.put_log_events(logGroupName="other", logStreamName="s", logEvents=[{"timestamp": now, "message": "hello"}])
    query = "stats count(*) as n by @log | sort n"
    both = [{"@log": "123456789012:other", "n": "1"}, {"@log": f"123456789012:{GROUP}", "n": "5"}]
    assert run(logs, now, query, logGroupNames=[GROUP, "other"]) == both
    assert run(logs, now, query, logGroupIdentifiers=[ARN, "other"]) == both


def test_a_limit_caps_rows_and_pages_hold_them(logs: "CloudWatchLogsClient", now: int) -> None:
    assert len(run(logs, now, "fields @message", limit=2)) == 2
    query_id = logs.start_query(
        logGroupName=GROUP, startTime=now // 1000, endTime=now // 1000 + 100, queryString="fields @message"
    )["queryId"]
    first = logs.get_query_results(queryId=query_id, maxItems=3)
    second = logs.get_query_results(queryId=query_id, maxItems=3, nextToken=first["nextToken"])
    assert (len(first["results"]), len(second["results"])) == (3, 2)
    assert "nextToken" not in second


@pytest.mark.parametrize(
    ("query", "named"),
    [("fields a | pattern @message", "'pattern'"), ("stats p99(x)", "p99()"), ("filter (", "end of the query")],
)
def test_a_query_that_is_not_supported_is_refused_by_name_and_place(
    logs: "CloudWatchLogsClient", now: int, query: str, named: str
) -> None:
    with pytest.raises(logs.exceptions.MalformedQueryException) as caught:
        run(logs, now, query)
    response: Any = caught.value.response
    assert named in response["Error"]["Message"]
    location = response["queryCompileError"]["location"]
    assert 0 <= location["startCharOffset"] <= location["endCharOffset"] <= len(query)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"logGroupNames": ["missing"]}, "ResourceNotFoundException"),
        ({"logGroupIdentifiers": [ARN + "x"]}, "ResourceNotFoundException"),
        ({"logGroupName": GROUP, "logGroupNames": [GROUP]}, "InvalidParameterException"),
        ({"endTime": 1}, "InvalidParameterException"),
        ({"limit": 100_001}, "InvalidParameterException"),
        ({"queryLanguage": "SQL"}, "InvalidParameterException"),
    ],
)
def test_a_wrong_request_is_refused(
    logs: "CloudWatchLogsClient", now: int, arguments: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError, match=code):
        run(logs, now, "fields @message", **arguments)


def test_queries_are_described_newest_first_and_a_finished_one_can_not_be_stopped(
    logs: "CloudWatchLogsClient", now: int
) -> None:
    run(logs, now, "fields @message")
    run(logs, now, "stats count(*)")
    described = logs.describe_queries(logGroupName=GROUP, status="Complete")["queries"]
    assert [query["queryString"] for query in described] == ["stats count(*)", "fields @message"]
    assert logs.describe_queries(logGroupName="other")["queries"] == []
    with pytest.raises(logs.exceptions.InvalidParameterException, match="not running"):
        logs.stop_query(queryId=described[0]["queryId"])
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.get_query_results(queryId="unknown")


def test_lambda_lines_have_discovered_fields(logs: "CloudWatchLogsClient", now: int) -> None:
    [row] = run(logs, now, 'filter @type = "REPORT" | display @logStream, @duration, @memorySize, @maxMemoryUsed')
    assert row.pop("@ptr")
    assert row == {
        "@logStream": STREAM,
        "@duration": "12.34",
        "@memorySize": "1.28E8",
        "@maxMemoryUsed": "8.1E7",
    }
