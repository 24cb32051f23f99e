"""GetMetricData: metrics and expressions over a time range."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from moto.cloudwatch.exceptions import ValidationError

from localaws.metrics.math import Grid, Malformed, Scope, Series, evaluate, names_in, parse
from localaws.metrics.math.values import Value
from localaws.metrics.series import Metric
from localaws.metrics.statistics import UnknownStatistic, parse_statistic
from localaws.metrics.store import MetricStore

_ID = re.compile(r"[a-z]\w*", re.ASCII)
_SHORT_PERIODS = (1, 5, 10, 20, 30)
INVALID_PERIOD = "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60."


@dataclass(frozen=True)
class Answer:
    """The result of a query: an expression over arrays has several series. `default` is its label if none is given."""

    query_id: str
    default: str
    series: list[Series]
    returned: bool


def is_period(period: int) -> bool:
    """Whether data points can have a period, in seconds."""
    return period in _SHORT_PERIODS or (period >= 60 and period % 60 == 0)


def check_period(period: int) -> None:
    """Raise ValidationError for an invalid period."""
    if not is_period(period):
        raise ValidationError(INVALID_PERIOD)


def aligned(moment: float, period: int) -> float:
    """`moment` rounded down to the minute, or to the period if that's shorter."""
    step = min(period, 60)
    return moment // step * step


def run_queries(store: MetricStore, queries: Iterable[Mapping[str, Any]], start: float, end: float) -> list[Answer]:
    """The results of queries, in order. Raises ValidationError naming the query and the error."""
    queries = list(queries)
    _check_ids(queries)
    metrics: dict[str, Series] = {}
    for query in queries:
        if "MetricStat" in query:
            metrics[query["Id"]] = _metric(store, query, start, end)
    results = _expressions([query for query in queries if "MetricStat" not in query], metrics, start, end)
    answers: list[Answer] = []
    for query in queries:
        name = query["Id"]
        value = metrics.get(name, results.get(name, []))
        series = value if isinstance(value, list) else [value] if isinstance(value, Series) else []
        default = series[0].label if name in metrics else name
        answers.append(Answer(name, default, series, query.get("ReturnData", True)))
    return answers


def _check_ids(queries: list[Mapping[str, Any]]) -> None:
    names = [str(query.get("Id")) for query in queries]
    for name in names:
        if not _ID.fullmatch(name):
            raise ValidationError(
                f"The id {name} must begin with a lowercase letter and contain letters, digits and _ only."
            )
        if names.count(name) > 1:
            raise ValidationError(f"The id {name} is used by more than one query.")
    for query in queries:
        if ("MetricStat" in query) == ("Expression" in query):
            raise ValidationError(f"The query {query['Id']} needs either MetricStat or Expression.")


def _metric(store: MetricStore, query: Mapping[str, Any], start: float, end: float) -> Series:
    stat = query["MetricStat"]
    metric = metric_of(stat["Metric"])
    period = int(stat["Period"])
    check_period(period)
    try:
        statistic = parse_statistic(stat["Stat"])
    except UnknownStatistic as error:
        raise ValidationError(str(error)) from None
    points = store.series(metric, aligned(start, period), end, period, statistic, stat.get("Unit"))
    return Series(points, metric.name, period)


def metric_of(described: Mapping[str, Any]) -> Metric:
    """The metric of an API's Metric structure."""
    dimensions = {dimension["Name"]: dimension["Value"] for dimension in described.get("Dimensions", [])}
    return Metric.of(described["Namespace"], described["MetricName"], dimensions)


def _expressions(
    queries: list[Mapping[str, Any]], metrics: Mapping[str, Series], start: float, end: float
) -> dict[str, Value]:
    """The values of expressions, which may refer to each other in any order but not circularly."""
    results: dict[str, Value] = {}
    waiting = {query["Id"]: query for query in queries}
    periods = [series.period for series in metrics.values() if series.period]
    while waiting:
        ready: list[str] = []
        for name, query in waiting.items():
            try:
                node = parse(query["Expression"])
                if any(other in waiting for other in names_in(node)):
                    continue
                period = int(query.get("Period") or max(periods, default=60))
                scope = Scope(Grid(aligned(start, period), end, period), metrics, results)
                value = evaluate(node, scope)
                if isinstance(value, float):
                    raise Malformed("The result is a single number, not a time series.")
            except Malformed as error:
                raise ValidationError(f"Error in expression '{name}': {error}") from None
            results[name] = value
            ready.append(name)
        if not ready:
            raise ValidationError(f"The expressions {', '.join(sorted(waiting))} refer to each other circularly.")
        for name in ready:
            del waiting[name]
    return results
