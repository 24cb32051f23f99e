"""What a canary showed, and how sure one can be of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mlops.release.traffic import FAILING_SHARE, Canary, read_canary

START = datetime(2026, 11, 29, 12, 0, 30, tzinfo=UTC)


def test_without_a_request_nothing_is_known() -> None:
    canary = Canary("7", 0, 0)
    assert (canary.ceiling, canary.is_conclusive) == (1.0, False)
    assert canary.summary == "version 7 got no request during its canary: too few to judge it"


@pytest.mark.parametrize(("requests", "conclusive"), [(1, False), (72, False), (73, True), (5000, True)])
def test_too_few_requests_are_said_to_be_too_few(requests: int, conclusive: bool) -> None:
    canary = Canary("7", requests, 0)
    assert canary.is_conclusive is conclusive is (canary.ceiling <= FAILING_SHARE)
    assert canary.summary.endswith("too few requests to judge it") is not conclusive


def test_failures_widen_what_may_be() -> None:
    canary = Canary("7", 1000, 4)
    assert canary.summary == (
        "version 7 answered 1000 requests during its canary, 4 failed: "
        "at most 1.0 % of its requests do (95 % confidence)"
    )
    assert Canary("7", 40, 3).ceiling > Canary("7", 40, 0).ceiling > Canary("7", 400, 0).ceiling


class CloudWatch:
    def __init__(self, sums: dict[str, list[float]]) -> None:
        self.sums = sums
        self.asked: dict[str, Any] = {}

    def get_metric_data(self, **asked: Any) -> dict[str, Any]:
        self.asked = asked
        return {"MetricDataResults": [{"Id": name, "Values": values} for name, values in self.sums.items()]}


def test_requests_and_failures_of_the_version_are_counted_in_the_minutes_of_its_canary() -> None:
    client = CloudWatch({"requests": [40, 30], "errors": [1], "failed": [2.0]})
    canary = read_canary(client, "f", "live", "7", "mlops", (START, START + timedelta(minutes=5)))
    assert canary == Canary("7", 70, 3)
    assert client.asked["StartTime"] == START.replace(second=0)
    assert client.asked["EndTime"] == START.replace(minute=6, second=0)
    dimensions = {
        query["Id"]: {each["Name"]: each["Value"] for each in query["MetricStat"]["Metric"]["Dimensions"]}
        for query in client.asked["MetricDataQueries"]
    }
    of_version = {"FunctionName": "f", "Resource": "f:live", "ExecutedVersion": "7"}
    assert dimensions == {
        "requests": of_version,
        "errors": of_version,
        "failed": {"service": "api", "function_version": "7"},
    }


def test_metrics_that_nobody_published_count_as_none() -> None:
    period = (START, START + timedelta(minutes=5))
    assert read_canary(CloudWatch({}), "f", "live", "7", "mlops", period) == Canary("7", 0, 0)
