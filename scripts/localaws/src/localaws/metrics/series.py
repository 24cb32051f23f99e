"""A metric's identity, and its samples."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, order=True)
class Metric:
    """A metric: namespace, name and the exact set of dimensions, sorted by name."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, namespace: str, name: str, dimensions: Mapping[str, str] | None = None) -> Metric:
        """The metric with these dimensions, whatever their order."""
        return cls(namespace, name, tuple(sorted((dimensions or {}).items())))


@dataclass(frozen=True)
class StatisticSet:
    """A statistic set: count, sum, minimum and maximum of values."""

    count: float
    total: float
    least: float
    greatest: float

    @property
    def is_one_value(self) -> bool:
        """Whether all its values are equal, and so known."""
        return self.least == self.greatest and self.total == self.least * self.count


@dataclass
class Sample:
    """The data of a metric in a time range: values with their counts, and statistic sets."""

    values: defaultdict[float, float] = field(default_factory=lambda: defaultdict(float))
    sets: list[StatisticSet] = field(default_factory=list)

    def add(self, value: float, times: float = 1) -> None:
        """Add a value."""
        self.values[value] += times

    @property
    def count(self) -> float:
        """How many values there are."""
        return sum(self.values.values()) + sum(part.count for part in self.sets)

    @property
    def total(self) -> float:
        """Their sum."""
        return sum(value * times for value, times in self.values.items()) + sum(part.total for part in self.sets)

    @property
    def least(self) -> float:
        """The smallest of them."""
        return min([*self.values, *(part.least for part in self.sets)])

    @property
    def greatest(self) -> float:
        """The largest of them."""
        return max([*self.values, *(part.greatest for part in self.sets)])

    def ranked(self) -> list[tuple[float, float]] | None:
        """The values with their counts, in ascending order; None if a statistic set hides them or one is negative."""
        counts = self.values.copy()
        for part in self.sets:
            if not part.is_one_value:
                return None
            counts[part.least] += part.count
        ranked = sorted(counts.items())
        return None if ranked and ranked[0][0] < 0 else ranked


def merged(samples: Iterable[Sample]) -> Sample:
    """The samples merged into one."""
    result = Sample()
    for sample in samples:
        for value, times in sample.values.items():
            result.add(value, times)
        result.sets += sample.sets
    return result
