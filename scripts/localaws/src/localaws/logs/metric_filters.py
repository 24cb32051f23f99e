"""Metric filters: create metrics from the log events that match a pattern.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from moto.logs.exceptions import InvalidParameterException
from moto.logs.models import LogsBackend

from localaws.logs.errors import MalformedPattern
from localaws.logs.patterns import ColumnsPattern, DocumentPattern, compile_pattern
from localaws.logs.patterns.document import find
from localaws.metrics.series import Metric
from localaws.metrics.store import NO_UNIT, Datum, MetricStore
from localaws.metrics.units import UNITS

_MAX_FILTERS, _MAX_DIMENSIONS = 100, 3
_TRANSFORMATION = frozenset({"metricName", "metricNamespace", "metricValue", "defaultValue", "dimensions", "unit"})
_MINUTE = 60


@dataclass(frozen=True, eq=False)
class MetricFilter:
    """One filter of a log group, with its single transformation. `created` is milliseconds since the epoch."""

    name: str
    group: str
    pattern: str
    transformation: Mapping[str, Any]
    created: int

    @property
    def matches(self) -> Callable[[str], bool]:
        """The compiled pattern."""
        return compile_pattern(self.pattern)

    @property
    def default(self) -> float | None:
        """The default value, for minutes with events of which none matches."""
        value = self.transformation.get("defaultValue")
        return None if value is None else float(value)

    def datum(self, message: str, moment: float) -> Datum | None:
        """The datum of a matching message; None if it lacks the value or a dimension."""
        value = _number(self._read(str(self.transformation["metricValue"]), message))
        named = self.transformation.get("dimensions") or {}
        dimensions = {name: self._read(source, message) for name, source in named.items()}
        if value is None or any(found in (None, "") for found in dimensions.values()):
            return None
        return self._datum(value, moment, {name: str(found) for name, found in dimensions.items()})

    def defaulted(self, moment: float, times: int) -> Datum | None:
        """The datum of a minute with events of which none matches."""
        return None if self.default is None else self._datum(self.default, moment, {}, times)

    def _datum(self, value: float, moment: float, dimensions: Mapping[str, str], times: int = 1) -> Datum:
        metric = Metric.of(self.transformation["metricNamespace"], self.transformation["metricName"], dimensions)
        return Datum(metric, moment, {value: times}, self.transformation.get("unit") or NO_UNIT)

    def _read(self, source: str, message: str) -> object:
        """A literal number, or the value of a selector ($.latency) or a field ($bytes)."""
        if not source.startswith("$"):
            return source
        if isinstance(self.matches, DocumentPattern):
            return find(source, message)
        if isinstance(self.matches, ColumnsPattern):
            return self.matches.extract(message).get(source)
        return None

    def describe(self) -> dict[str, Any]:
        """The filter as DescribeMetricFilters returns it."""
        return {
            "filterName": self.name,
            "filterPattern": self.pattern,
            "logGroupName": self.group,
            "metricTransformations": [dict(self.transformation)],
            "creationTime": self.created,
        }


def _number(found: object) -> float | None:
    if isinstance(found, bool) or not isinstance(found, int | float | str):
        return None
    try:
        return float(found)
    except ValueError:
        return None


class Reporter:
    """Reports what filters find, and the default values of minutes in which they find nothing."""

    def __init__(self, store: MetricStore) -> None:
        self._store = store
        self._unmatched: dict[tuple[MetricFilter, float], int] = defaultdict(int)
        self._matched: set[tuple[MetricFilter, float]] = set()
        self._lock = threading.Lock()

    def report(self, filter_: MetricFilter, message: str, moment: float) -> None:
        """Hold one event against a filter."""
        minute = (filter_, moment // _MINUTE * _MINUTE)
        if filter_.matches(message):
            datum = filter_.datum(message, moment)
            if datum:
                self._store.put(datum)
            with self._lock:
                self._matched.add(minute)
        elif filter_.default is not None:
            with self._lock:
                self._unmatched[minute] += 1

    def next_due(self, after: float) -> float | None:
        """Default values are reported when their minute is over."""
        return (after // _MINUTE + 1) * _MINUTE if self._unmatched else None

    def run(self, moment: float) -> None:
        """Report the default values of the minutes that are over."""
        with self._lock:
            over = [minute for minute in self._unmatched if minute[1] + _MINUTE <= moment]
            counts = {minute: self._unmatched.pop(minute) for minute in over if minute not in self._matched}
            for minute in over:
                self._unmatched.pop(minute, None)
            self._matched = {minute for minute in self._matched if minute[1] + _MINUTE > moment}
        for (filter_, start), times in counts.items():
            datum = filter_.defaulted(start, times)
            if datum:
                self._store.put(datum)


def put(backend: LogsBackend, *, name: str, group: str, pattern: str, given: list[Mapping[str, Any]], now: int) -> None:
    """Keep a filter, in place of the one with that name; raises InvalidParameterException for what can't be done."""
    if len(given) != 1:
        raise InvalidParameterException("A metric filter has exactly one metric transformation.")
    transformation = given[0]
    for key in sorted(transformation.keys() - _TRANSFORMATION):
        raise InvalidParameterException(f"metricTransformations.{key} isn't supported by local AWS.")
    _check(pattern, transformation)
    kept = filters(backend)
    others = [other for other in kept.values() if other.group == group and other.name != name]
    if len(others) >= _MAX_FILTERS:
        raise InvalidParameterException(f"A log group has at most {_MAX_FILTERS} metric filters.")
    kept[group, name] = MetricFilter(name, group, pattern, dict(transformation), now)


def filters(backend: LogsBackend) -> dict[tuple[str, str], MetricFilter]:
    """The filters by group and name. Kept on the backend, so that moto's reset forgets them with the rest."""
    kept: dict[tuple[str, str], MetricFilter] = vars(backend).setdefault("true_metric_filters", {})
    return kept


def _check(pattern: str, transformation: Mapping[str, Any]) -> None:
    try:
        compiled = compile_pattern(pattern)
    except MalformedPattern as error:
        raise InvalidParameterException(str(error)) from error
    _check_names(transformation)
    value = str(transformation["metricValue"])
    if value.startswith("$"):
        _check_source("metricValue", value, compiled)
    elif _number(value) is None:
        raise InvalidParameterException(f"metricValue is neither a number nor a field of the pattern: {value}")
    dimensions = transformation.get("dimensions") or {}
    if dimensions and transformation.get("defaultValue") is not None:
        raise InvalidParameterException("A metric filter with dimensions can't have a defaultValue.")
    if len(dimensions) > _MAX_DIMENSIONS:
        raise InvalidParameterException(f"A metric filter has at most {_MAX_DIMENSIONS} dimensions.")
    for name, source in dimensions.items():
        _check_source(f"the dimension {name}", source, compiled)


def _check_names(transformation: Mapping[str, Any]) -> None:
    for key in ("metricName", "metricNamespace", "metricValue"):
        if not transformation.get(key):
            raise InvalidParameterException(f"metricTransformations.{key} is missing")
    if str(transformation["metricNamespace"]).startswith("AWS/"):
        raise InvalidParameterException("metricNamespace can't begin with AWS/")
    if transformation.get("unit", NO_UNIT) not in UNITS:
        raise InvalidParameterException(f"unit {transformation['unit']} isn't one of CloudWatch's")


def _check_source(what: str, source: str, compiled: object) -> None:
    if isinstance(compiled, DocumentPattern) and source.startswith("$."):
        return
    if isinstance(compiled, ColumnsPattern) and source.removeprefix("$") in compiled.names and source[0] == "$":
        return
    raise InvalidParameterException(f"{what} {source} isn't a field of the pattern")
