"""Publishes the metrics of Lambda, of APIs and of state machines.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from localaws.clock import Clock
from localaws.metrics.series import Metric
from localaws.metrics.store import MetricStore, Track

_LAMBDA, _GATEWAY, _STATES = "AWS/Lambda", "AWS/ApiGateway", "AWS/States"


# The metrics of each report of a function or an API, with their units.
_CALLED = (("Invocations", "Count"), ("Errors", "Count"), ("Duration", "Milliseconds"), ("Throttles", "Count"))
_URL = (
    ("UrlRequestCount", "Count"),
    ("Url4xxCount", "Count"),
    ("Url5xxCount", "Count"),
    ("UrlRequestLatency", "Milliseconds"),
)
_ANSWERED = (
    ("Count", "Count"),
    ("4xx", "Count"),
    ("5xx", "Count"),
    ("Latency", "Milliseconds"),
    ("DataProcessed", "Bytes"),
    ("IntegrationLatency", "Milliseconds"),
)
_REST_ANSWERED = (
    ("Count", "Count"),
    ("4XXError", "Count"),
    ("5XXError", "Count"),
    ("Latency", "Milliseconds"),
    ("IntegrationLatency", "Milliseconds"),
)
Names = tuple[tuple[str, str], ...]
Dimensions = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ExecutionDimensions:
    """What the metrics of an execution are of: the ARNs of its state machine, its version and its alias, if any."""

    machine: str
    version: str = ""
    alias: str = ""

    @property
    def sets(self) -> tuple[Dimensions, ...]:
        """The state machine, and each way in which it was named."""
        of_machine = ("StateMachineArn", self.machine)
        sets: tuple[Dimensions, ...] = ((of_machine,),)
        if self.version:
            sets = (*sets, (of_machine, ("Version", self.version.rpartition(":")[2])))
        if self.alias:
            sets = (*sets, (("Alias", self.alias.rpartition(":")[2]), of_machine))
        return sets


class Meter:
    """Adds calls and requests to the metrics, at the clock's time.

    It's called for each request, so the tracks of its metrics are cached.
    """

    def __init__(self, store: MetricStore, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._known: dict[tuple[str, Names, tuple[Dimensions, ...]], list[list[Track]]] = {}

    def invoked(self, function: str, qualifier: str | None, version: str, milliseconds: float, failed: bool) -> None:
        """Count a call that has ended. `qualifier` is the alias or version that the caller used."""
        values = (1.0, float(failed), round(milliseconds, 2), 0.0)
        self._report(_LAMBDA, _CALLED, _of_function(function, qualifier, version), values)

    def throttled(self, function: str, qualifier: str | None) -> None:
        """Count a throttled call."""
        self._report(_LAMBDA, (("Throttles", "Count"),), _of_function(function, qualifier), (1.0,))

    def running(self, function: str, calls: int, everywhere: int) -> None:
        """Record the number of running calls of a function, and of all functions, at the start of a call."""
        names = (("ConcurrentExecutions", "Count"),)
        self._report(_LAMBDA, names, ((("FunctionName", function),),), (float(calls),))
        self._report(_LAMBDA, names, ((),), (float(everywhere),))

    def event(self, name: str, function: str, qualifier: str | None, value: float = 1.0) -> None:
        """Record a metric of asynchronous invocations: AsyncEventsReceived, AsyncEventAge, DeadLetterErrors, …"""
        unit = "Milliseconds" if name.endswith("Age") else "Count"
        self._report(_LAMBDA, ((name, unit),), _of_function(function, qualifier), (float(round(value)),))

    def url_answered(self, function: str, qualifier: str | None, status: int, latency: float) -> None:
        """Count a request of a function URL."""
        values = (1.0, float(400 <= status < 500), float(status >= 500), float(round(latency)))
        self._report(_LAMBDA, _URL, _of_function(function, qualifier), values)

    def answered(self, api: str, stage: str, status: int, latency: float, integration: float | None, size: int) -> None:
        """Count a request of an HTTP API. Times are milliseconds, None if no function was called."""
        values = [1.0, float(400 <= status < 500), float(status >= 500), float(round(latency)), float(size)]
        if integration is not None:
            values.append(float(round(integration)))
        of_stage = (("ApiId", api), ("Stage", stage))
        self._report(_GATEWAY, _ANSWERED[: len(values)], (of_stage[:1], of_stage), values)

    def rest_answered(
        self, api: str, stage: str, status: int, latency: float, integration: float | None, method: Dimensions = ()
    ) -> None:
        """Count a request of a REST API, by its name; `method` has the dimensions of a method with its own metrics."""
        values = [1.0, float(400 <= status < 500), float(status >= 500), float(round(latency))]
        if integration is not None:
            values.append(float(round(integration)))
        named = ("ApiName", api)
        of_stage: Dimensions = (named, ("Stage", stage))
        sets: tuple[Dimensions, ...] = ((named,), of_stage)
        if method:
            sets = (*sets, tuple(sorted((*of_stage, *method))))
        self._report(_GATEWAY, _REST_ANSWERED[: len(values)], sets, values)

    def execution(self, of: ExecutionDimensions, name: str, value: float = 1.0) -> None:
        """Record a metric of a state machine's executions: ExecutionsStarted, ExecutionTime (milliseconds), …"""
        unit = "Milliseconds" if name.endswith("Time") else "Count"
        self._report(_STATES, ((name, unit),), of.sets, (value,))

    def _report(self, namespace: str, names: Names, sets: tuple[Dimensions, ...], values: Sequence[float]) -> None:
        """Add a value for each name, with each set of dimensions."""
        key = (namespace, names, sets)
        tracks = self._known.get(key)
        if tracks is None:
            tracks = self._known[key] = [
                [self._store.track(Metric(namespace, name, dimensions)) for dimensions in sets] for name, _ in names
            ]
        reported = zip(tracks, names, values, strict=True)
        entries = [(track, unit, value) for each, (_, unit), value in reported for track in each]
        self._store.count_all(entries, self._clock.now())


def _of_function(function: str, qualifier: str | None, version: str | None = None) -> tuple[Dimensions, ...]:
    """The dimension sets of Lambda's metrics: all functions, one function, one function with its qualifier."""
    resource = f"{function}:{qualifier}" if qualifier else function
    one, qualified = ("FunctionName", function), ("Resource", resource)
    sets: tuple[Dimensions, ...] = ((), (one,), (one, qualified))
    return (
        (*sets, (("ExecutedVersion", version), one, qualified))
        if version and qualifier not in (None, version)
        else sets
    )
