"""The operations of CloudWatch that moto lacks or implements incorrectly, in moto's request handler."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.cloudwatch.exceptions import InvalidParameterCombination, InvalidParameterValue, ValidationError
from moto.core.responses import ActionResult, EmptyResult

from localaws.metrics.alarms.alarm import instant
from localaws.metrics.alarms.api import AlarmsApi
from localaws.metrics.labels import check_label, render
from localaws.metrics.math import Series
from localaws.metrics.queries import INVALID_PERIOD, Answer, aligned, is_period, run_queries
from localaws.metrics.reports import read_dimensions, read_reports
from localaws.metrics.series import Metric
from localaws.metrics.statistics import SIMPLE, UnknownStatistic, parse_statistic
from localaws.metrics.store import MetricStore

_MAX_DATAPOINTS = 1440
_MAX_QUERIES = 500
_MAX_RETURNED = 100_800
_MAX_EXTENDED = 10
_LISTED = 500
_RECENT = 3 * 3600


class MetricsApi(AlarmsApi):
    """moto's request handler with aggregated metrics and evaluated alarms."""

    store: MetricStore

    def put_metric_data(self) -> ActionResult:
        """PutMetricData."""
        for datum in read_reports(self._needed("Namespace"), self._get_param("MetricData", []), self.clock.now()):
            self.store.put(datum)
        return EmptyResult()

    def get_metric_data(self) -> ActionResult:
        """GetMetricData."""
        parameters = self._get_params()
        start, end = parameters["StartTime"].timestamp(), parameters["EndTime"].timestamp()
        if start >= end:
            raise ValidationError("The parameter StartTime must be less than the parameter EndTime.")
        backwards = parameters.get("ScanBy", "TimestampDescending") == "TimestampDescending"
        queries = parameters.get("MetricDataQueries", [])
        if len(queries) > _MAX_QUERIES:
            raise ValidationError(f"The collection MetricDataQueries must not have a size greater than {_MAX_QUERIES}.")
        for query in queries:
            check_label(query.get("Label") or "")
        asked = {query.get("Id"): query for query in queries}
        results = [
            _result(answer, series, asked[answer.query_id], self.region, backwards)
            for answer in run_queries(self.store, queries, start, end)
            if answer.returned
            for series in answer.series or [Series()]
        ]
        begin = self._begin()
        size = int(parameters.get("MaxDatapoints") or _MAX_RETURNED)
        page, more = points_of_page(results, begin, size)
        token = {"NextToken": str(begin + size)} if more else {}
        return ActionResult({"MetricDataResults": page, "Messages": [], **token})

    def get_metric_statistics(self) -> ActionResult:
        """GetMetricStatistics: a data point per period and unit."""
        metric = Metric.of(
            self._needed("Namespace"),
            self._needed("MetricName"),
            read_dimensions(self._get_param("Dimensions", []), "Request"),
        )
        period = int(self._needed("Period"))
        if not is_period(period):
            raise InvalidParameterValue(INVALID_PERIOD)
        start, end = self._needed("StartTime").timestamp(), self._needed("EndTime").timestamp()
        if start >= end:
            raise InvalidParameterValue("The parameter StartTime must be less than the parameter EndTime.")
        if (end - start) / period > _MAX_DATAPOINTS:
            raise InvalidParameterCombination(
                f"You have requested up to {(end - start) / period:,.0f} datapoints, which exceeds the limit of "
                f"{_MAX_DATAPOINTS:,}. You may reduce the datapoints requested by increasing Period, or decreasing "
                "the time range."
            )
        points = self._datapoints(metric, aligned(start, period), end, period)
        return ActionResult({"Label": metric.name, "Datapoints": points})

    def _datapoints(self, metric: Metric, start: float, end: float, period: int) -> list[dict[str, Any]]:
        simple, extended = self._get_param("Statistics", []), self._get_param("ExtendedStatistics", [])
        if not simple and not extended:
            raise InvalidParameterCombination("Must specify either Statistics or ExtendedStatistics")
        for name in simple:
            if name not in SIMPLE:
                raise InvalidParameterValue(f"The value {name} for parameter Statistics is not supported.")
        if len(extended) > _MAX_EXTENDED:
            raise InvalidParameterValue(f"The collection ExtendedStatistics must have at most {_MAX_EXTENDED} members.")
        try:
            ranked = {name: parse_statistic(name) for name in extended}
        except UnknownStatistic as error:
            raise InvalidParameterValue(str(error)) from None
        unit = self._get_param("Unit")
        points: list[dict[str, Any]] = []
        for reported in [unit] if unit else self.store.units(metric):
            for moment, sample in self.store.samples(metric, start, end, period, reported).items():
                values = {name: statistic(sample) for name, statistic in ranked.items()}
                known = {name: value for name, value in values.items() if value is not None}
                statistics = {name: SIMPLE[name](sample) for name in simple} | (
                    {"ExtendedStatistics": known} if known else {}
                )
                if statistics:
                    points.append({"Timestamp": instant(moment), "Unit": reported, **statistics})
        return points

    def list_metrics(self) -> ActionResult:
        """ListMetrics: the metrics of the last two weeks."""
        now = self.clock.now()
        namespace, name = self._get_param("Namespace"), self._get_param("MetricName")
        wanted = self._get_param("Dimensions", [])
        recent = self._get_param("RecentlyActive")
        found = [
            metric
            for metric in self.store.metrics(now)
            if namespace in (None, metric.namespace) and name in (None, metric.name) and _has(metric, wanted)
            if not recent or self.store.samples(metric, now - _RECENT, now + 60, 60)
        ]
        page, token = self._page(found, _LISTED)
        metrics = [
            {
                "Namespace": metric.namespace,
                "MetricName": metric.name,
                "Dimensions": [{"Name": key, "Value": value} for key, value in metric.dimensions],
            }
            for metric in page
        ]
        return ActionResult({"Metrics": metrics} | ({"NextToken": token} if token else {}))


def _has(metric: Metric, wanted: list[Mapping[str, str]]) -> bool:
    """Whether a metric has the wanted dimensions, with their values if they're given."""
    dimensions = dict(metric.dimensions)
    return all(
        filter_["Name"] in dimensions and filter_.get("Value") in (None, dimensions[filter_["Name"]])
        for filter_ in wanted
    )


def _result(answer: Answer, series: Series, query: Mapping[str, Any], region: str, backwards: bool) -> dict[str, Any]:
    points = list(series.points.items())[:: -1 if backwards else 1]
    label = render(query["Label"], answer.default, series, query, region) if query.get("Label") else answer.default
    return {
        "Id": answer.query_id,
        "Label": f"{label} {series.label}".strip() if len(answer.series) > 1 else label,
        "Timestamps": [instant(moment) for moment, _ in points],
        "Values": [value for _, value in points],
        "StatusCode": "Complete",
    }


def points_of_page(results: list[dict[str, Any]], begin: int, size: int) -> tuple[list[dict[str, Any]], bool]:
    """The results with `size` data points of all of them from `begin` on, and whether there are more.

    A result without data points counts as one, so that it's in one page. One that goes on in the next page has
    partial data.
    """
    end, position, page = begin + size, 0, []
    for result in results:
        count = max(len(result["Values"]), 1)
        first, last = max(begin - position, 0), min(end - position, count)
        position += count
        if first < last:
            cut = {name: result[name][first:last] for name in ("Timestamps", "Values")}
            page.append({**result, **cut, "StatusCode": "Complete" if last == count else "PartialData"})
    return page, position > end
