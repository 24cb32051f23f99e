"""A version that becomes slower day by day: a sequential test on its median latency.

Sharp rises are what the alarm on the 99th percentile is for; this finds the slow leak that no threshold sees. The
first days of a version are its reference. The median's logarithm is tested, day after day, for a mean above that of the
reference by more than the tolerance, by the e-process of `mlops.monitoring.loss.sequential`: a version whose latency
stays ever alarms with a chance of at most 5 %, as far as days differ at random as those of the reference do.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import numpy as np

from mlops.monitoring.facts import SlowdownFacts
from mlops.monitoring.loss.sequential import LossTest

FEWEST_PREDICTIONS = 100
REFERENCE_DAYS = 7
TOLERANCE = 1.25
"""By so much the median may rise before it matters."""
_LEAST_DEVIATION = 0.05
"""Days never differ less than this (of a logarithm): a reference of few days may be calm by chance."""


@dataclass(frozen=True)
class LatencyTest:
    """The logarithms of the reference days' medians, and once they are complete the test of the days after."""

    reference: tuple[float, ...] = ()
    test: LossTest | None = None

    def observe(self, median: float | None, predictions: int, window: str) -> Self:
        """The state after a day with a median latency in ms; a day of few predictions changes nothing."""
        if median is None or predictions < FEWEST_PREDICTIONS:
            return self
        value = math.log(max(median, 0.001))
        if len(self.reference) < REFERENCE_DAYS:
            return replace(self, reference=(*self.reference, value))
        test = self.test or LossTest.start(math.log(TOLERANCE))
        days = len(self.reference)
        deviation = max(_LEAST_DEVIATION, float(np.std(self.reference, ddof=1)))
        # The reference's own mean is known by so few days only.
        error = deviation * math.sqrt(1 + 1 / days)
        limit = float(np.mean(self.reference)) + math.log(TOLERANCE)
        return replace(self, test=test.observe_window(value, error, limit, window))

    def facts(self) -> SlowdownFacts | None:
        """What the test shows by now; None before the reference is complete."""
        if self.test is None:
            return None
        before = math.exp(float(np.mean(self.reference)))
        return SlowdownFacts(reference_p50=round(before, 4), slower=self.test.alarm, since=self.test.since)

    def to_dict(self) -> dict[str, Any]:
        """The state, ready for JSON."""
        return {**asdict(self), "reference": list(self.reference), "test": self.test and self.test.to_dict()}

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Self:
        """The state that `to_dict` described."""
        test = fields["test"]
        return cls(tuple(fields["reference"]), None if test is None else LossTest.from_dict(test))
