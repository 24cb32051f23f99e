"""Holds what was reported for every metric, by the minute, or by the second for high-resolution metrics."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from localaws.metrics.series import Metric, Sample, StatisticSet, merged

STANDARD, HIGH = 60, 1
NO_UNIT = "None"
# ListMetrics tells of what was reported in the last two weeks.
_LISTED_SECONDS = 14 * 86_400

Statistic = Callable[[Sample], float | None]


@dataclass(frozen=True)
class Datum:
    """One report: values with their counts, or a statistic set. `timestamp` is epoch seconds."""

    metric: Metric
    timestamp: float
    values: Mapping[float, float] | StatisticSet
    unit: str = NO_UNIT
    resolution: int = STANDARD


class MetricStore:
    """Metrics by unit; safe to use from several threads."""

    def __init__(self) -> None:
        self._buckets: dict[Metric, dict[tuple[str, int], Sample]] = {}
        self._latest: dict[Metric, float] = {}
        self._lock = threading.Lock()

    def put(self, datum: Datum) -> None:
        """Add a report to the stretch of time that it falls in."""
        bucket = int(datum.timestamp // datum.resolution) * datum.resolution
        with self._lock:
            sample = self._buckets.setdefault(datum.metric, {}).setdefault((datum.unit, bucket), Sample())
            if isinstance(datum.values, StatisticSet):
                sample.sets.append(datum.values)
            else:
                for value, times in datum.values.items():
                    sample.add(value, times)
            self._latest[datum.metric] = max(self._latest.get(datum.metric, 0.0), datum.timestamp)

    def count(self, metric: Metric, value: float, moment: float, unit: str = NO_UNIT) -> None:
        """Add one value."""
        self.put(Datum(metric, moment, {value: 1}, unit))

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._buckets.clear()
            self._latest.clear()

    def metrics(self, now: float) -> list[Metric]:
        """The metrics reported lately, in order."""
        with self._lock:
            return sorted(metric for metric, latest in self._latest.items() if latest > now - _LISTED_SECONDS)

    def units(self, metric: Metric) -> list[str]:
        """The units in which a metric was reported."""
        with self._lock:
            return sorted({unit for unit, _ in self._buckets.get(metric, {})})

    def samples(
        self, metric: Metric, start: float, end: float, period: int, unit: str | None = None
    ) -> dict[float, Sample]:
        """What was reported from `start` (inclusive) to `end` (exclusive), by the start of each period that has some.

        Periods count from `start`; no unit means all of them.
        """
        parts: dict[float, list[Sample]] = defaultdict(list)
        with self._lock:
            for (reported, bucket), sample in self._buckets.get(metric, {}).items():
                if start <= bucket < end and unit in (None, reported):
                    parts[start + (bucket - start) // period * period].append(sample)
            return {moment: merged(found) for moment, found in sorted(parts.items())}

    def series(
        self, metric: Metric, start: float, end: float, period: int, statistic: Statistic, unit: str | None = None
    ) -> dict[float, float]:
        """A statistic of each period that has one, by the period's start."""
        samples = self.samples(metric, start, end, period, unit)
        values = {moment: statistic(sample) for moment, sample in samples.items()}
        return {moment: value for moment, value in values.items() if value is not None}
