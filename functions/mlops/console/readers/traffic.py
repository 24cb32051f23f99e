"""Predictions and latency of the last hours, from CloudWatch: minutes old, where reports are hours old."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from mlops.console.readers.cache import Cache

HOURS = 24
_HOUR = timedelta(hours=1)
_SECONDS = 60.0
_MOST_QUERIES = 500  # of one call
# Name → metric and statistic; "service" is that of the API, whose metrics these are.
_METRICS = {
    "p": ("Predictions", "Sum"),
    "r": ("Recommendations", "Sum"),
    "l": ("Latency", "p99"),
}
_SERVICE = "api"


@dataclass(frozen=True)
class Traffic:
    """A model's hours, the current one last: when each begins, its predictions, and the 99th percentile of latency in
    ms, None where nothing was asked."""

    hours: tuple[datetime, ...]
    predictions: tuple[float, ...]
    latency: tuple[float | None, ...]

    @property
    def total(self) -> int:
        """All predictions."""
        return round(sum(self.predictions))

    @property
    def slowest(self) -> float | None:
        """The highest of the hours' latencies."""
        return max((each for each in self.latency if each is not None), default=None)


class TrafficReader:
    """Reads the metrics of a namespace by `client`, boto3's of CloudWatch; `warn` is called where that fails."""

    def __init__(self, client: Any, namespace: str, cache: Cache, warn: Callable[[str], None]) -> None:
        self._client, self._namespace, self._cache, self._warn = client, namespace, cache, warn

    def read(self, models: Sequence[str], now: datetime) -> Mapping[str, Traffic] | None:
        """The last hours of each model; None if CloudWatch doesn't answer."""
        key = ("traffic", *models)
        return self._cache.get(key, _SECONDS, lambda: self._read(models, now))

    def _read(self, models: Sequence[str], now: datetime) -> Mapping[str, Traffic] | None:
        end = now.replace(minute=0, second=0, microsecond=0) + _HOUR
        hours = tuple(end - place * _HOUR for place in range(HOURS, 0, -1))
        queries = [
            self._query(f"{short}{place}", model, *_METRICS[short])
            for place, model in enumerate(models)
            for short in _METRICS
        ]
        values: dict[str, dict[datetime, float]] = {}
        try:
            for first in range(0, len(queries), _MOST_QUERIES):
                pages = self._client.get_paginator("get_metric_data").paginate(
                    MetricDataQueries=queries[first : first + _MOST_QUERIES], StartTime=hours[0], EndTime=end
                )
                for page in pages:
                    for each in page["MetricDataResults"]:
                        found = dict(zip(each["Timestamps"], each["Values"], strict=True))
                        values.setdefault(each["Id"], {}).update(found)
        except (ClientError, BotoCoreError) as error:
            self._warn(f"CloudWatch gives no metrics: {error}")
            return None
        return {model: _traffic(hours, place, values) for place, model in enumerate(models)}

    def _query(self, identity: str, model: str, name: str, statistic: str) -> Mapping[str, Any]:
        dimensions = [{"Name": "service", "Value": _SERVICE}, {"Name": "model", "Value": model}]
        metric = {"Namespace": self._namespace, "MetricName": name, "Dimensions": dimensions}
        stat = {"Metric": metric, "Period": 3600, "Stat": statistic}
        return {"Id": identity, "MetricStat": stat, "ReturnData": True}


def _traffic(hours: tuple[datetime, ...], place: int, values: Mapping[str, Mapping[datetime, float]]) -> Traffic:
    asked = [values.get(f"{short}{place}", {}) for short in ("p", "r")]
    slow = values.get(f"l{place}", {})
    return Traffic(
        hours=hours,
        predictions=tuple(sum(each.get(hour, 0.0) for each in asked) for hour in hours),
        latency=tuple(slow.get(hour) for hour in hours),
    )
