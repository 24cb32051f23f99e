"""The metrics that Lambda and HTTP APIs report of themselves.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
"""

from __future__ import annotations

from localaws.clock import Clock
from localaws.metrics.series import Metric
from localaws.metrics.store import MetricStore

_LAMBDA, _GATEWAY = "AWS/Lambda", "AWS/ApiGateway"


class Meter:
    """Counts calls and requests into a store of metrics, at the clock's time."""

    def __init__(self, store: MetricStore, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def invoked(self, function: str, qualifier: str | None, version: str, milliseconds: float, failed: bool) -> None:
        """A call of a function that has ended. `qualifier` is the alias or version that was asked for."""
        for name, value, unit in (
            ("Invocations", 1.0, "Count"),
            ("Errors", float(failed), "Count"),
            ("Duration", milliseconds, "Milliseconds"),
            ("Throttles", 0.0, "Count"),
        ):
            self._function(name, function, qualifier, value, unit, version)

    def throttled(self, function: str, qualifier: str | None) -> None:
        """A call that was refused because too many were running."""
        self._function("Throttles", function, qualifier, 1.0, "Count")

    def running(self, function: str, calls: int, everywhere: int) -> None:
        """How many calls of a function, and of all of them, run now that another began."""
        now = self._clock.now()
        metric = Metric.of(_LAMBDA, "ConcurrentExecutions", {"FunctionName": function})
        self._store.count(metric, calls, now, "Count")
        self._store.count(Metric.of(_LAMBDA, "ConcurrentExecutions"), everywhere, now, "Count")

    def event(self, name: str, function: str, qualifier: str | None, value: float = 1.0) -> None:
        """Something about an asynchronous invocation: AsyncEventsReceived, AsyncEventAge, DeadLetterErrors, …"""
        unit = "Milliseconds" if name.endswith("Age") else "Count"
        self._function(name, function, qualifier, value, unit)

    def url_answered(self, function: str, qualifier: str | None, status: int, latency: float) -> None:
        """A request of a function URL that was answered."""
        for name, value, unit in (
            ("UrlRequestCount", 1.0, "Count"),
            ("Url4xxCount", float(400 <= status < 500), "Count"),
            ("Url5xxCount", float(status >= 500), "Count"),
            ("UrlRequestLatency", latency, "Milliseconds"),
        ):
            self._function(name, function, qualifier, value, unit)

    def answered(self, api: str, stage: str, status: int, latency: float, integration: float | None, size: int) -> None:
        """A request of an HTTP API that was answered. Times are milliseconds, None where no function was called."""
        values = [
            ("Count", 1.0, "Count"),
            ("4xx", float(400 <= status < 500), "Count"),
            ("5xx", float(status >= 500), "Count"),
            ("Latency", latency, "Milliseconds"),
            ("DataProcessed", float(size), "Bytes"),
        ]
        if integration is not None:
            values.append(("IntegrationLatency", integration, "Milliseconds"))
        now = self._clock.now()
        for name, value, unit in values:
            for dimensions in ({"ApiId": api}, {"ApiId": api, "Stage": stage}):
                self._store.count(Metric.of(_GATEWAY, name, dimensions), value, now, unit)

    def _function(
        self, name: str, function: str, qualifier: str | None, value: float, unit: str, version: str | None = None
    ) -> None:
        """Report with each set of dimensions that Lambda has: all functions, one, one as it was asked for."""
        resource = f"{function}:{qualifier}" if qualifier else function
        sets: list[dict[str, str]] = [{}, {"FunctionName": function}, {"FunctionName": function, "Resource": resource}]
        if version and qualifier and qualifier != version:
            sets.append({"FunctionName": function, "Resource": resource, "ExecutedVersion": version})
        now = self._clock.now()
        for dimensions in sets:
            self._store.count(Metric.of(_LAMBDA, name, dimensions), value, now, unit)
