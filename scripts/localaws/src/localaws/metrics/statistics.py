"""The statistics of CloudWatch: Average, p99, tm90, TM(10%:90%), PR(:300) and others.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
Where a share of the values has no whole number of them, a percentile is the smallest value that at least that share
is no larger than, and a trimmed statistic keeps that value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from localaws.metrics.series import Sample

SIMPLE: dict[str, Callable[[Sample], float]] = {
    "SampleCount": lambda sample: sample.count,
    "Sum": lambda sample: sample.total,
    "Average": lambda sample: sample.total / sample.count,
    "Minimum": lambda sample: sample.least,
    "Maximum": lambda sample: sample.greatest,
}
_SHORT = re.compile(r"(p|tm|wm|tc|ts)(\d{1,2}(?:\.\d{1,10})?|100)")
_LONG = re.compile(r"(TM|WM|TC|TS|PR)\((-?[\d.]+%?)?:(-?[\d.]+%?)?\)")

Ranked = list[tuple[float, float]]


class UnknownStatistic(ValueError):
    """An unknown statistic."""


@dataclass(frozen=True)
class _Range:
    """A range of the ranked values: between two fractions (0 to 1), or above one value and up to another."""

    low: float | None
    high: float | None
    shares: bool

    def kept(self, ranked: Ranked) -> Ranked:
        """The values inside, with how many of each."""
        if not self.shares:
            low = -math.inf if self.low is None else self.low
            high = math.inf if self.high is None else self.high
            return [(value, times) for value, times in ranked if low < value <= high]
        first, last = self._ranks(ranked)
        kept: Ranked = []
        before = 0.0
        for value, times in ranked:
            inside = min(before + times, last) - max(before, first)
            if inside > 0:
                kept.append((value, inside))
            before += times
        return kept

    def clamped(self, ranked: Ranked) -> Ranked:
        """The values with those outside moved to the nearer edge."""
        if self.shares:
            inside = self.kept(ranked)
            if not inside:
                return []
            low, high = inside[0][0], inside[-1][0]
        else:
            low = -math.inf if self.low is None else self.low
            high = math.inf if self.high is None else self.high
        return [(min(max(value, low), high), times) for value, times in ranked]

    def _ranks(self, ranked: Ranked) -> tuple[int, int]:
        count = sum(times for _, times in ranked)
        # Rounded first, so that 0.9 of 10 values is 9 and not 9.000000000000002.
        low = math.floor(round((self.low or 0.0) * count, 6))
        return low, math.ceil(round((1.0 if self.high is None else self.high) * count, 6))


def parse_statistic(text: str) -> Callable[[Sample], float | None]:
    """The statistic called `text`, as a function of a non-empty sample; its result is None where AWS has no value.

    Raises UnknownStatistic.
    """
    if text in SIMPLE:
        return SIMPLE[text]
    if text == "IQM":
        return _ranking(_mean, _Range(0.25, 0.75, shares=True))
    if match := _SHORT.fullmatch(text):
        return _ranking(_KINDS[match[1]], _Range(None, float(match[2]) / 100, shares=True))
    if (match := _LONG.fullmatch(text)) and (match[2] or match[3]):
        return _ranking(_KINDS[match[1].lower()], _range(match[2], match[3], text))
    raise UnknownStatistic(f"The statistic {text} is not supported.")


def _range(low: str | None, high: str | None, text: str) -> _Range:
    shares = {edge.endswith("%") for edge in (low, high) if edge}
    if len(shares) > 1 or (shares == {True} and text.startswith("PR")):
        raise UnknownStatistic(f"The statistic {text} is not supported: both bounds must be of the same kind.")
    scale = 100 if shares == {True} else 1
    edges = [None if not edge else float(edge.removesuffix("%")) / scale for edge in (low, high)]
    return _Range(edges[0], edges[1], shares == {True})


def _ranking(measure: Callable[[Ranked, _Range], float | None], between: _Range) -> Callable[[Sample], float | None]:
    def statistic(sample: Sample) -> float | None:
        ranked = sample.ranked()
        return None if not ranked else measure(ranked, between)

    return statistic


def _percentile(ranked: Ranked, between: _Range) -> float | None:
    kept = between.kept(ranked)
    return kept[-1][0] if kept else ranked[0][0]


def _count(ranked: Ranked, between: _Range) -> float:
    return sum(times for _, times in between.kept(ranked))


def _sum(ranked: Ranked, between: _Range) -> float:
    return sum(value * times for value, times in between.kept(ranked))


def _mean(ranked: Ranked, between: _Range) -> float | None:
    count = _count(ranked, between)
    return _sum(ranked, between) / count if count else None


def _winsorized(ranked: Ranked, between: _Range) -> float | None:
    clamped = between.clamped(ranked)
    count = sum(times for _, times in clamped)
    return sum(value * times for value, times in clamped) / count if count else None


def _rank(ranked: Ranked, between: _Range) -> float:
    return 100 * _count(ranked, between) / sum(times for _, times in ranked)


_KINDS: dict[str, Callable[[Ranked, _Range], float | None]] = {
    "p": _percentile,
    "tm": _mean,
    "wm": _winsorized,
    "tc": _count,
    "ts": _sum,
    "pr": _rank,
}
