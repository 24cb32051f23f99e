"""CloudWatch metrics as boto3 sees them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

DIMENSIONS = [{"Name": "service", "Value": "api"}]


@pytest.fixture
def minute(world: Any) -> datetime:
    """A whole minute, ten minutes ago by the clock, which other tests move."""
    now = datetime.fromtimestamp(world.clock.now(), UTC)
    return now.replace(second=0, microsecond=0) - timedelta(minutes=10)


@pytest.fixture
def cloudwatch(world: Any, minute: datetime) -> Any:
    """A client, with latencies 1 to 10 in one minute and 100 in the next, and a count without dimensions."""
    client = world.client("cloudwatch")
    client.put_metric_data(
        Namespace="app",
        MetricData=[
            {
                "MetricName": "latency",
                "Dimensions": DIMENSIONS,
                "Timestamp": minute + timedelta(seconds=5),
                "Values": [float(value) for value in range(1, 11)],
                "Unit": "Milliseconds",
            },
            {
                "MetricName": "latency",
                "Dimensions": DIMENSIONS,
                "Timestamp": minute + timedelta(seconds=65),
                "Value": 100.0,
                "Unit": "Milliseconds",
            },
            {"MetricName": "requests", "Timestamp": minute, "Value": 4.0, "Unit": "Count"},
            {
                "MetricName": "sizes",
                "Timestamp": minute,
                "StatisticValues": {"SampleCount": 3, "Sum": 12, "Minimum": 2, "Maximum": 6},
            },
            {"MetricName": "sizes", "Timestamp": minute, "Values": [1.0, 2.0], "Counts": [4.0, 1.0]},
        ],
    )
    return client


def statistics(client: Any, minute: datetime, name: str, **options: Any) -> list[dict[str, Any]]:
    asked = {"Namespace": "app", "MetricName": name, "StartTime": minute, "EndTime": minute + timedelta(minutes=5)}
    found = client.get_metric_statistics(**asked | {"Period": 60} | options)
    assert found["Label"] == name
    return sorted(found["Datapoints"], key=lambda point: point["Timestamp"])


def test_statistics_are_those_of_each_period(cloudwatch: Any, minute: datetime) -> None:
    first, second = statistics(
        cloudwatch,
        minute,
        "latency",
        Dimensions=DIMENSIONS,
        Statistics=["SampleCount", "Sum", "Average", "Minimum", "Maximum"],
        ExtendedStatistics=["p90", "tm90"],
    )
    assert first == {
        "Timestamp": minute,
        "Unit": "Milliseconds",
        "SampleCount": 10.0,
        "Sum": 55.0,
        "Average": 5.5,
        "Minimum": 1.0,
        "Maximum": 10.0,
        "ExtendedStatistics": {"p90": 9.0, "tm90": 5.0},
    }
    assert (second["Timestamp"], second["Sum"]) == (minute + timedelta(minutes=1), 100.0)
    (whole,) = statistics(cloudwatch, minute, "latency", Dimensions=DIMENSIONS, Statistics=["Sum"], Period=300)
    assert whole["Sum"] == 155.0


def test_statistic_sets_and_counted_values_add_up(cloudwatch: Any, minute: datetime) -> None:
    names = ["SampleCount", "Sum", "Minimum", "Maximum"]
    (point,) = statistics(cloudwatch, minute, "sizes", Statistics=names, ExtendedStatistics=["p50"])
    assert [point[name] for name in names] == [8.0, 18.0, 1.0, 6.0]
    assert "ExtendedStatistics" not in point


@pytest.mark.parametrize("dimensions", [[], [{"Name": "service", "Value": "web"}], [*DIMENSIONS, *DIMENSIONS[:0]]])
def test_dimensions_must_be_exactly_the_metrics_own(cloudwatch: Any, minute: datetime, dimensions: list[Any]) -> None:
    found = statistics(cloudwatch, minute, "latency", Dimensions=dimensions, Statistics=["Sum"])
    assert bool(found) == (dimensions == DIMENSIONS)


def test_a_unit_that_was_not_reported_has_no_data(cloudwatch: Any, minute: datetime) -> None:
    assert statistics(cloudwatch, minute, "requests", Statistics=["Sum"], Unit="Bytes") == []
    assert statistics(cloudwatch, minute, "requests", Statistics=["Sum"], Unit="Count")[0]["Sum"] == 4.0


def stat(query_id: str, name: str, statistic: str, dimensions: Any = (), **options: Any) -> dict[str, Any]:
    metric = {"Namespace": "app", "MetricName": name, "Dimensions": list(dimensions)}
    return {"Id": query_id, "MetricStat": {"Metric": metric, "Period": 60, "Stat": statistic}, **options}


def test_metric_data_answers_metrics_and_expressions(cloudwatch: Any, minute: datetime) -> None:
    answer = cloudwatch.get_metric_data(
        MetricDataQueries=[
            stat("slow", "latency", "p100", DIMENSIONS),
            stat("count", "latency", "SampleCount", DIMENSIONS, ReturnData=False),
            {"Id": "each", "Expression": "slow / count", "Label": "per call"},
            {"Id": "both", "Expression": "[slow, count] * 2"},
        ],
        StartTime=minute,
        EndTime=minute + timedelta(minutes=5),
        ScanBy="TimestampAscending",
    )
    told = [(result["Id"], result["Label"], result["Values"]) for result in answer["MetricDataResults"]]
    assert told == [
        ("slow", "latency", [10.0, 100.0]),
        ("each", "per call", [1.0, 100.0]),
        ("both", "both latency", [20.0, 200.0]),
        ("both", "both latency", [20.0, 2.0]),
    ]
    assert answer["MetricDataResults"][0]["Timestamps"] == [minute, minute + timedelta(minutes=1)]
    newest = cloudwatch.get_metric_data(
        MetricDataQueries=[stat("m", "latency", "Sum", DIMENSIONS)],
        StartTime=minute,
        EndTime=minute + timedelta(minutes=5),
    )
    assert newest["MetricDataResults"][0]["Values"] == [100.0, 55.0]


def test_metrics_are_listed_by_namespace_name_and_dimensions(cloudwatch: Any) -> None:
    def listed(**options: Any) -> list[str]:
        pages = cloudwatch.get_paginator("list_metrics").paginate(**options)
        return [metric["MetricName"] for page in pages for metric in page["Metrics"]]

    assert listed() == ["latency", "requests", "sizes"]
    assert listed(Namespace="app", MetricName="sizes") == ["sizes"]
    assert listed(Dimensions=[{"Name": "service"}]) == ["latency"]
    assert listed(Dimensions=[{"Name": "service", "Value": "web"}]) == []
    assert listed(Namespace="other") == []
    assert listed(RecentlyActive="PT3H") == ["latency", "requests", "sizes"]


@pytest.mark.parametrize(
    ("datum", "message"),
    [
        ({"Value": float("nan")}, "invalid"),
        ({"Value": 1.0, "Values": [1.0]}, "only one"),
        ({}, "only one"),
        ({"Value": 1.0, "Unit": "Parsecs"}, "Unit"),
        ({"Value": 1.0, "StorageResolution": 5}, "1 or 60"),
        ({"Value": 1.0, "Dimensions": [{"Name": "a", "Value": ""}]}, "aren't empty|Invalid length"),
        ({"Value": 1.0, "Timestamp": datetime(2020, 1, 1, tzinfo=UTC)}, "two weeks"),
        ({"Values": [1.0], "Counts": [1.0, 2.0]}, "as many"),
        ({"StatisticValues": {"SampleCount": 1, "Sum": 1, "Minimum": 2, "Maximum": 1}}, "isn't that of any"),
    ],
)
def test_invalid_metric_data_is_refused(world: Any, datum: dict[str, Any], message: str) -> None:
    client = world.client("cloudwatch")
    with pytest.raises(Exception, match=message):
        client.put_metric_data(Namespace="app", MetricData=[{"MetricName": "m"} | datum])
    assert client.list_metrics()["Metrics"] == []


def test_custom_metrics_in_the_namespace_of_aws_are_refused(world: Any) -> None:
    with pytest.raises(ClientError, match="AWS/"):
        world.client("cloudwatch").put_metric_data(Namespace="AWS/Lambda", MetricData=[{"MetricName": "m", "Value": 1}])


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"Id": "Upper", "Expression": "1"}, "lowercase"),
        ({"Id": "e"}, "either MetricStat or Expression"),
        ({"Id": "e", "Expression": "nobody + 1"}, "nobody"),
        ({"Id": "e", "Expression": "e + 1"}, "refer to each other circularly"),
        ({"Id": "e", "Expression": "1 + 1"}, "not a time series"),
        ({"Id": "e", "Expression": "SEARCH('x', 'Sum')"}, "SEARCH isn't supported"),
        (stat("m", "latency", "Median"), "Median"),
    ],
)
def test_an_invalid_query_is_refused(cloudwatch: Any, query: dict[str, Any], message: str) -> None:
    now = datetime.now(UTC)
    with pytest.raises(ClientError, match=message):
        cloudwatch.get_metric_data(MetricDataQueries=[query], StartTime=now - timedelta(hours=1), EndTime=now)


def test_too_many_data_points_and_backward_times_are_refused(cloudwatch: Any, minute: datetime) -> None:
    with pytest.raises(ClientError, match="1,440"):
        statistics(cloudwatch, minute - timedelta(days=2), "latency", Statistics=["Sum"], EndTime=minute)
    with pytest.raises(ClientError, match="StartTime"):
        statistics(cloudwatch, minute, "latency", Statistics=["Sum"], EndTime=minute - timedelta(minutes=1))
    with pytest.raises(ClientError, match="Period"):
        statistics(cloudwatch, minute, "latency", Statistics=["Sum"], Period=61)


@pytest.mark.parametrize(
    ("operation", "arguments", "message"),
    [
        (
            "put_metric_stream",
            {"Name": "s", "FirehoseArn": "arn:a", "RoleArn": "arn:b", "OutputFormat": "json"},
            "metric streams",
        ),
        ("put_insight_rule", {"RuleName": "r", "RuleDefinition": "{}"}, "Contributor Insights"),
        ("get_metric_widget_image", {"MetricWidget": "{}"}, "pictures"),
        (
            "put_anomaly_detector",
            {"SingleMetricAnomalyDetector": {"Namespace": "n", "MetricName": "m", "Stat": "Sum"}},
            "anomaly detection",
        ),
    ],
)
def test_unsupported_operations_are_refused_by_name(
    world: Any, operation: str, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ClientError, match=f"Local AWS doesn't support {message}"):
        getattr(world.client("cloudwatch"), operation)(**arguments)


def query(name: str, **options: Any) -> dict[str, Any]:
    metric = {"Namespace": "app", "MetricName": name, "Dimensions": DIMENSIONS if name == "latency" else []}
    return {"Id": name, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}, **options}


@pytest.mark.proves("metrics: labels")
def test_a_label_has_the_values_of_its_series(cloudwatch: Any, minute: datetime) -> None:
    def labelled(label: str, name: str = "latency") -> str:
        found = cloudwatch.get_metric_data(
            MetricDataQueries=[query(name, Label=label)], StartTime=minute, EndTime=minute + timedelta(minutes=5)
        )
        return str(found["MetricDataResults"][0]["Label"])

    assert labelled("${LABEL}: ${FIRST} to ${LAST} of ${SUM}, ${DATAPOINT_COUNT}") == "latency: 55 to 100 of 155, 2"
    assert labelled("${MIN} ${MAX} ${AVG}") == "55 100 77.5"
    properties = "${PROP('Namespace')} ${PROP('Stat')} ${PROP('Period')} ${PROP('Dim.service')} ${PROP('Region')}"
    assert labelled(properties) == "app Sum 60 api us-east-1"
    assert labelled("a ${MAX}", "nothing") == "a --"
    for label in ("${MAX_TIME}", "${MAX}" * 7):
        with pytest.raises(ClientError, match="ValidationError"):
            labelled(label)


@pytest.mark.proves("metrics: pages")
def test_results_have_pages_of_data_points(cloudwatch: Any, minute: datetime) -> None:
    asked = {
        "MetricDataQueries": [query("latency"), query("nothing"), query("requests")],
        "StartTime": minute,
        "EndTime": minute + timedelta(minutes=5),
        "ScanBy": "TimestampAscending",
    }
    pages = []
    token: dict[str, str] = {}
    while True:
        page = cloudwatch.get_metric_data(**asked, MaxDatapoints=1, **token)
        pages.append([(each["Id"], each["Values"], each["StatusCode"]) for each in page["MetricDataResults"]])
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}

    assert pages == [
        [("latency", [55.0], "PartialData")],
        [("latency", [100.0], "Complete")],
        [("nothing", [], "Complete")],
        [("requests", [4.0], "Complete")],
    ]


@pytest.mark.proves("metrics: requests")
def test_requests_outside_of_the_limits_are_refused(cloudwatch: Any, minute: datetime) -> None:
    def code(call: Any, **arguments: Any) -> str:
        with pytest.raises(ClientError) as caught:
            call(**arguments)
        return str(caught.value.response["Error"]["Code"])

    invalid = "InvalidParameterValue"
    put = cloudwatch.put_metric_data
    assert code(put, Namespace=":a", MetricData=[{"MetricName": "m", "Value": 1.0}]) == invalid
    assert code(put, Namespace="a", MetricData=[{"MetricName": "m" * 256, "Value": 1.0}]) == invalid
    times = {"StartTime": minute, "EndTime": minute + timedelta(minutes=5)}
    read = {"Namespace": "app", "MetricName": "requests", **times}
    assert code(cloudwatch.get_metric_statistics, **read, Period=61, Statistics=["Sum"]) == invalid
    ranks = [f"p{rank}" for rank in range(11)]
    assert code(cloudwatch.get_metric_statistics, **read, Period=60, ExtendedStatistics=ranks) == invalid
    many = [query("requests", Id=f"q{number}") for number in range(501)]
    assert code(cloudwatch.get_metric_data, MetricDataQueries=many, **times) == "ValidationError"
    assert code(cloudwatch.put_dashboard, DashboardName="a b", DashboardBody="{}") == invalid
