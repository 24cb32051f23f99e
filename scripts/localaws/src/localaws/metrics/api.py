"""The operations of CloudWatch that moto lacks or implements incorrectly, in moto's request handler."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.cloudwatch.exceptions import InvalidParameterCombination, InvalidParameterValue, ValidationError
from moto.core.responses import ActionResult, EmptyResult

from localaws.metrics.alarms.alarm import instant
from localaws.metrics.alarms.api import AlarmsApi
from localaws.metrics.math import Series
from localaws.metrics.queries import aligned, check_period, run_queries
from localaws.metrics.reports import read_dimensions, read_reports
from localaws.metrics.series import Metric
from localaws.metrics.statistics import SIMPLE, UnknownStatistic, parse_statistic
from localaws.metrics.store import MetricStore

_MAX_DATAPOINTS = 1440
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
        answers = run_queries(self.store, parameters.get("MetricDataQueries", []), start, end)
        results = [
            _result(answer.query_id, answer.label, series, len(answer.series) > 1, backwards)
            for answer in answers
            if answer.returned
            for series in answer.series or [Series()]
        ]
        return ActionResult({"MetricDataResults": results, "Messages": []})

    def get_metric_statistics(self) -> ActionResult:
        """GetMetricStatistics: a data point per period and unit."""
        metric = Metric.of(
            self._needed("Namespace"),
            self._needed("MetricName"),
            read_dimensions(self._get_param("Dimensions", []), "Request"),
        )
        period = int(self._needed("Period"))
        check_period(period)
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


def _result(query_id: str, label: str, series: Series, is_one_of_many: bool, backwards: bool) -> dict[str, Any]:
    points = list(series.points.items())[:: -1 if backwards else 1]
    return {
        "Id": query_id,
        "Label": f"{label} {series.label}".strip() if is_one_of_many else label,
        "Timestamps": [instant(moment) for moment, _ in points],
        "Values": [value for _, value in points],
        "StatusCode": "Complete",
    }
