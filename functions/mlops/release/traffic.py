"""Requests and failures of a version during its canary, and how sure one can be of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mlops.evaluation.closed_form import wilson

FAILING_SHARE = 0.05
"""The share of failures above which the alarm of the version takes it back, as template.yaml has it."""
_PERIOD = 60


@dataclass(frozen=True)
class Canary:
    """What a version answered while it had a part of the traffic. `failures` are errors of the function and 5xx."""

    version: str
    requests: int
    failures: int

    @property
    def ceiling(self) -> float:
        """The share of failures that the version has at most, with 95 % confidence (Wilson); 1 without requests."""
        if not self.requests:
            return 1.0
        return wilson(min(self.failures, self.requests) / self.requests, self.requests).high

    @property
    def is_conclusive(self) -> bool:
        """Whether there were enough requests to notice the share of failures that takes a version back."""
        return self.ceiling <= FAILING_SHARE

    @property
    def summary(self) -> str:
        """One line for people."""
        if not self.requests:
            return f"version {self.version} got no request during its canary: too few to judge it"
        found = (
            f"version {self.version} answered {self.requests} requests during its canary, {self.failures} failed: "
            f"at most {100 * self.ceiling:.1f} % of its requests do (95 % confidence)"
        )
        return found if self.is_conclusive else f"{found}, which is too few requests to judge it"


def read_canary(
    client: Any, function: str, alias: str, version: str, namespace: str, period: tuple[datetime, datetime]
) -> Canary:
    """The canary of a version, of the minutes of a period. `client` is boto3's for CloudWatch.

    Metrics arrive within minutes on AWS, so the last ones of a canary that has just ended may not be counted yet.
    """
    of_version = {"FunctionName": function, "Resource": f"{function}:{alias}", "ExecutedVersion": version}
    queries = [
        _sum("requests", "AWS/Lambda", "Invocations", of_version),
        _sum("errors", "AWS/Lambda", "Errors", of_version),
        _sum("failed", namespace, "RequestFailed", {"service": "api", "function_version": version}),
    ]
    start, end = (_minute(moment) for moment in period)
    found = client.get_metric_data(
        MetricDataQueries=queries, StartTime=start, EndTime=end + timedelta(seconds=_PERIOD)
    )["MetricDataResults"]
    sums = {result["Id"]: int(sum(result["Values"])) for result in found}
    return Canary(version, sums.get("requests", 0), sums.get("errors", 0) + sums.get("failed", 0))


def _sum(query: str, namespace: str, metric: str, dimensions: Mapping[str, str]) -> dict[str, Any]:
    named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    return {
        "Id": query,
        "MetricStat": {
            "Metric": {"Namespace": namespace, "MetricName": metric, "Dimensions": named},
            "Period": _PERIOD,
            "Stat": "Sum",
        },
    }


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
