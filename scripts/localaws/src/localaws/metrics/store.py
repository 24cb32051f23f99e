"""Stores the data of all metrics, per minute, or per second for high-resolution metrics."""

from __future__ import annotations

import threading
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from localaws.metrics.series import Metric, Sample, StatisticSet, merged
from localaws.metrics.spill import Place, Spill

STANDARD, HIGH = 60, 1
NO_UNIT = "None"
# ListMetrics returns the metrics of the last two weeks.
_LISTED_SECONDS = 14 * 86_400
# Samples stay in memory for these seconds after the last data of their metric.
_OPEN_SECONDS = 180

Statistic = Callable[[Sample], float | None]


@dataclass(frozen=True)
class Datum:
    """One datum: values with their counts, or a statistic set. `timestamp` is epoch seconds."""

    metric: Metric
    timestamp: float
    values: Mapping[float, float] | StatisticSet
    unit: str = NO_UNIT
    resolution: int = STANDARD


class Track:
    """The samples of one metric, by unit and start time; those of past minutes are in `spill`."""

    __slots__ = ("_open", "_order", "_past", "_spill", "latest")

    def __init__(self, spill: Spill) -> None:
        self._spill = spill
        self._open: dict[tuple[str, int], Sample] = {}
        self._past: dict[tuple[str, int], Place] = {}
        # The buckets of each unit, sorted: alarms look at the last minutes of weeks.
        self._order: dict[str, list[int]] = {}
        self.latest = 0.0

    @property
    def units(self) -> list[str]:
        """The units that there are data of."""
        return sorted(self._order)

    def sample(self, unit: str, bucket: int) -> Sample:
        """The sample of a unit and a bucket, to add data to; it's created if it's missing."""
        key = (unit, bucket)
        found = self._open.get(key)
        if found is not None:
            return found
        if key in self._past:
            found = self._spill.read(self._past.pop(key))
        else:
            found = Sample()
            insort(self._order.setdefault(unit, []), bucket)
        self._close_past()
        self._open[key] = found
        return found

    def between(self, start: float, end: float, unit: str | None) -> Iterator[tuple[int, Sample]]:
        """Buckets from `start` (inclusive) to `end` (exclusive) with their samples, of one unit or of all."""
        for name in self.units if unit is None else [unit]:
            order = self._order.get(name, [])
            for bucket in order[bisect_left(order, start) : bisect_left(order, end)]:
                key = (name, bucket)
                yield bucket, self._open[key] if key in self._open else self._spill.read(self._past[key])

    def clear(self) -> None:
        """Delete all samples."""
        self._open.clear()
        self._past.clear()
        self._order.clear()
        self.latest = 0.0

    def _close_past(self) -> None:
        """Write the samples that get no more data, in general, into the file."""
        for unit, bucket in [key for key in self._open if key[1] < self.latest - _OPEN_SECONDS]:
            self._past[unit, bucket] = self._spill.write(self._open.pop((unit, bucket)))


class MetricStore:
    """Metrics by unit; safe to use from several threads."""

    def __init__(self) -> None:
        self._spill = Spill()
        self._tracks: dict[Metric, Track] = {}
        self._lock = threading.Lock()

    def put(self, datum: Datum) -> None:
        """Add a datum."""
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
        """The track of a metric, for repeated use."""
        with self._lock:
            return self._track(metric)

    def count_all(self, values: Iterable[tuple[Track, str, float]], moment: float) -> None:
        """Add one value to each of several metrics, with their units."""
        bucket = int(moment // STANDARD) * STANDARD
        with self._lock:
            for track, unit, value in values:
                track.sample(unit, bucket).values[value] += 1
                track.latest = max(track.latest, moment)

    def _track(self, metric: Metric) -> Track:
        found = self._tracks.get(metric)
        if found is None:
            found = self._tracks[metric] = Track(self._spill)
        return found

    def clear(self) -> None:
        """Delete all metrics."""
        with self._lock:
            for track in self._tracks.values():
                track.clear()
            self._spill.clear()

    def metrics(self, now: float) -> list[Metric]:
        """The metrics of the last two weeks, sorted."""
        with self._lock:
            return sorted(metric for metric, track in self._tracks.items() if track.latest > now - _LISTED_SECONDS)

    def units(self, metric: Metric) -> list[str]:
        """The units of a metric's data."""
        with self._lock:
            track = self._tracks.get(metric)
            return track.units if track else []

    def samples(
        self, metric: Metric, start: float, end: float, period: int, unit: str | None = None
    ) -> dict[float, Sample]:
        """Period start → sample, from `start` (inclusive) to `end` (exclusive), for periods with data.

        Periods count from `start`; without a unit all units are included.
        """
        parts: dict[float, list[Sample]] = defaultdict(list)
        with self._lock:
            track = self._tracks.get(metric)
            for bucket, sample in track.between(start, end, unit) if track else ():
                parts[start + (bucket - start) // period * period].append(sample)
            return {moment: merged(found) for moment, found in sorted(parts.items())}

    def series(
        self, metric: Metric, start: float, end: float, period: int, statistic: Statistic, unit: str | None = None
    ) -> dict[float, float]:
        """Period start → statistic, for periods that have one."""
        samples = self.samples(metric, start, end, period, unit)
        values = {moment: statistic(sample) for moment, sample in samples.items()}
        return {moment: value for moment, value in values.items() if value is not None}
