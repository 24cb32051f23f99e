"""Holds what was reported for every metric, by the minute, or by the second for high-resolution metrics."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
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


class Track:
    """What was reported for one metric, by unit and by the start of each stretch of time."""

    __slots__ = ("buckets", "latest")

    def __init__(self) -> None:
        self.buckets: dict[tuple[str, int], Sample] = {}
        self.latest = 0.0

    def sample(self, unit: str, bucket: int) -> Sample:
        """The sample to add to."""
        found = self.buckets.get((unit, bucket))
        if found is None:
            found = self.buckets[unit, bucket] = Sample()
        return found


class MetricStore:
    """Metrics by unit; safe to use from several threads."""

    def __init__(self) -> None:
        self._tracks: dict[Metric, Track] = {}
        self._lock = threading.Lock()

    def put(self, datum: Datum) -> None:
        """Add a report to the stretch of time that it falls in."""
        bucket = int(datum.timestamp // datum.resolution) * datum.resolution
        with self._lock:
            track = self._track(datum.metric)
            sample = track.sample(datum.unit, bucket)
            if isinstance(datum.values, StatisticSet):
                sample.sets.append(datum.values)
            else:
                for value, times in datum.values.items():
                    sample.add(value, times)
            track.latest = max(track.latest, datum.timestamp)

    def count(self, metric: Metric, value: float, moment: float, unit: str = NO_UNIT) -> None:
        """Add one value."""
        self.count_all([(self.track(metric), unit, value)], moment)

    def track(self, metric: Metric) -> Track:
        """Where a metric is kept, for those that report to it often."""
        with self._lock:
            return self._track(metric)

    def count_all(self, values: Iterable[tuple[Track, str, float]], moment: float) -> None:
        """Add a value each to several metrics at once, with their units."""
        bucket = int(moment // STANDARD) * STANDARD
        with self._lock:
            for track, unit, value in values:
                track.sample(unit, bucket).values[value] += 1
                track.latest = max(track.latest, moment)

    def _track(self, metric: Metric) -> Track:
        found = self._tracks.get(metric)
        if found is None:
            found = self._tracks[metric] = Track()
        return found

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            for track in self._tracks.values():
                track.buckets.clear()
                track.latest = 0.0

    def metrics(self, now: float) -> list[Metric]:
        """The metrics reported lately, in order."""
        with self._lock:
            return sorted(metric for metric, track in self._tracks.items() if track.latest > now - _LISTED_SECONDS)

    def units(self, metric: Metric) -> list[str]:
        """The units in which a metric was reported."""
        with self._lock:
            return sorted({unit for unit, _ in self._buckets(metric)})

    def samples(
        self, metric: Metric, start: float, end: float, period: int, unit: str | None = None
    ) -> dict[float, Sample]:
        """What was reported from `start` (inclusive) to `end` (exclusive), by the start of each period that has some.

        Periods count from `start`; no unit means all of them.
        """
        parts: dict[float, list[Sample]] = defaultdict(list)
        with self._lock:
            for (reported, bucket), sample in self._buckets(metric).items():
                if start <= bucket < end and unit in (None, reported):
                    parts[start + (bucket - start) // period * period].append(sample)
            return {moment: merged(found) for moment, found in sorted(parts.items())}

    def _buckets(self, metric: Metric) -> Mapping[tuple[str, int], Sample]:
        track = self._tracks.get(metric)
        return track.buckets if track else {}

    def series(
        self, metric: Metric, start: float, end: float, period: int, statistic: Statistic, unit: str | None = None
    ) -> dict[float, float]:
        """A statistic of each period that has one, by the period's start."""
        samples = self.samples(metric, start, end, period, unit)
        values = {moment: statistic(sample) for moment, sample in samples.items()}
        return {moment: value for moment, value in values.items() if value is not None}
