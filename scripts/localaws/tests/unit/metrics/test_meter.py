"""What Lambda and HTTP APIs report of themselves."""

from __future__ import annotations

from localaws.clock import Clock
from localaws.metrics.meter import Meter
from localaws.metrics.series import Metric
from localaws.metrics.statistics import SIMPLE
from localaws.metrics.store import MetricStore

T = 1_795_428_000.0


def metered() -> tuple[Meter, MetricStore]:
    store = MetricStore()
    return Meter(store, Clock(lambda: T)), store


def value(store: MetricStore, namespace: str, name: str, statistic: str = "Sum", **dimensions: str) -> float | None:
    metric = Metric.of(namespace, name, dimensions)
    return store.series(metric, T, T + 60, 60, SIMPLE[statistic]).get(T)


def test_a_call_is_counted_for_all_functions_for_the_function_and_for_the_alias() -> None:
    meter, store = metered()
    meter.invoked("f", "live", "3", 12.345, failed=False)
    meter.invoked("f", None, "$LATEST", 7.0, failed=True)
    assert value(store, "AWS/Lambda", "Invocations") == 2
    assert value(store, "AWS/Lambda", "Invocations", FunctionName="f") == 2
    assert value(store, "AWS/Lambda", "Invocations", FunctionName="f", Resource="f:live") == 1
    assert value(store, "AWS/Lambda", "Invocations", FunctionName="f", Resource="f:live", ExecutedVersion="3") == 1
    assert value(store, "AWS/Lambda", "Invocations", FunctionName="f", Resource="f") == 1
    assert value(store, "AWS/Lambda", "Errors", FunctionName="f") == 1
    assert value(store, "AWS/Lambda", "Duration", "Maximum", FunctionName="f") == 12.35
    assert value(store, "AWS/Lambda", "Throttles", "SampleCount", FunctionName="f") == 2


def test_a_call_by_version_number_has_no_executed_version_dimension() -> None:
    meter, store = metered()
    meter.invoked("f", "3", "3", 1.0, failed=False)
    assert {metric.dimensions for metric in store.metrics(T)} == {
        (),
        (("FunctionName", "f"),),
        (("FunctionName", "f"), ("Resource", "f:3")),
    }


def test_throttles_concurrency_and_events() -> None:
    meter, store = metered()
    meter.throttled("f", None)
    meter.running("f", 3, 5)
    meter.event("AsyncEventAge", "f", None, 12.6)
    assert value(store, "AWS/Lambda", "Throttles", FunctionName="f") == 1
    assert value(store, "AWS/Lambda", "ConcurrentExecutions", "Maximum", FunctionName="f") == 3
    assert value(store, "AWS/Lambda", "ConcurrentExecutions", "Maximum") == 5
    assert value(store, "AWS/Lambda", "AsyncEventAge", "Maximum", FunctionName="f") == 13


def test_a_request_is_counted_for_its_api_and_stage() -> None:
    meter, store = metered()
    meter.answered("a", "$default", 200, 10.4, 8.2, 100)
    meter.answered("a", "$default", 404, 1.0, None, 20)
    meter.answered("a", "prod", 503, 30.0, 30.0, 5)
    assert value(store, "AWS/ApiGateway", "Count", ApiId="a") == 3
    assert value(store, "AWS/ApiGateway", "Count", ApiId="a", Stage="$default") == 2
    assert value(store, "AWS/ApiGateway", "4xx", ApiId="a") == value(store, "AWS/ApiGateway", "5xx", ApiId="a") == 1
    assert value(store, "AWS/ApiGateway", "Latency", "Maximum", ApiId="a", Stage="$default") == 10
    assert value(store, "AWS/ApiGateway", "IntegrationLatency", "SampleCount", ApiId="a") == 2
    assert value(store, "AWS/ApiGateway", "DataProcessed", ApiId="a") == 125


def test_a_request_of_a_function_url_is_counted() -> None:
    meter, store = metered()
    meter.url_answered("f", "live", 502, 20.2)
    assert value(store, "AWS/Lambda", "UrlRequestCount", FunctionName="f") == 1
    assert value(store, "AWS/Lambda", "Url5xxCount", FunctionName="f", Resource="f:live") == 1
    assert value(store, "AWS/Lambda", "UrlRequestLatency", FunctionName="f") == 20
