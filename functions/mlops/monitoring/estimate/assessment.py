"""How good the estimates were, now that the truth is there."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.stats import norm

from mlops.evaluation.closed_form import wilson
from mlops.monitoring.estimate.instability import Difference
from mlops.monitoring.estimate.window import Estimated


@dataclass(frozen=True)
class AssessedEstimate:
    """One window's estimate of a metric next to its realised value on the rows with truth, `labelled` (None: all)."""

    metric: str
    place: int
    estimated: Estimated
    realised: float
    labelled: int | None = None

    @property
    def covered(self) -> bool:
        """Whether the interval held the realised value.

        The interval is for all rows of the window. Where only some have a truth, which those are is a further error:
        the interval is widened by as much.
        """
        each = self.estimated
        share = 1.0 if self.labelled is None else min(1.0, self.labelled / each.rows)
        error = math.hypot(each.noise, each.window_error) * math.sqrt(1 / share - 1)
        reach = float(norm.ppf((1 + each.level) / 2)) * error
        low = each.value - math.hypot(each.value - each.low, reach)
        return low <= self.realised <= each.value + math.hypot(each.high - each.value, reach)

    @property
    def difference(self) -> Difference:
        """What later estimates learn from it."""
        each = self.estimated
        return Difference(self.place, self.realised - each.uncorrected, each.noise, each.disagreement)


@dataclass(frozen=True)
class Assessment:
    """Of `windows` windows, `covered` had the realised metric in their interval: a share from `low` to `high`.

    `mean_error` is the mean distance of estimate and realised metric, `mean_difference` that with its sign (positive:
    the estimates were too low). `trustworthy` is false where so few were covered that the promised level is refuted.
    """

    metric: str
    windows: int
    covered: int
    low: float
    high: float
    mean_error: float
    mean_difference: float
    trustworthy: bool

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        return asdict(self)


def assess(assessed: Sequence[AssessedEstimate]) -> dict[str, Assessment]:
    """The assessment of each metric's estimates, by name; windows in which the metric wasn't defined don't count."""
    found = {}
    defined = [each for each in assessed if math.isfinite(each.realised)]
    for metric in sorted({each.metric for each in defined}):
        mine = [each for each in defined if each.metric == metric]
        covered = sum(each.covered for each in mine)
        share = wilson(covered / len(mine), len(mine))
        gaps = np.array([each.realised - each.estimated.value for each in mine])
        level = min(each.estimated.level for each in mine)
        found[metric] = Assessment(
            metric=metric,
            windows=len(mine),
            covered=covered,
            low=share.low,
            high=share.high,
            mean_error=float(np.abs(gaps).mean()),
            mean_difference=float(gaps.mean()),
            trustworthy=share.high >= level,
        )
    return found
