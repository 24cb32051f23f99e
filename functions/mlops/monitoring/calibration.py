"""Whether probabilities still mean what they say, on rows with truth."""

from dataclasses import dataclass

import numpy as np

from mlops.evaluation.intervals import wilson
from mlops.evaluation.metrics.answers import ClassAnswers
from mlops.evaluation.metrics.probabilities import equal_mass_bins, predicted_and_observed

BINS = 10


@dataclass(frozen=True)
class CalibrationBin:
    """Rows of like probabilities: their mean, and the share that came true, from `low` to `high` (95 %)."""

    predicted: float
    observed: float
    low: float
    high: float
    rows: int

    @property
    def calibrated(self) -> bool:
        """Whether the mean probability lies within the interval of the share."""
        return self.low <= self.predicted <= self.high


def calibration_bins(answers: ClassAnswers, most: int = BINS) -> tuple[CalibrationBin, ...]:
    """At most so many bins of equally many rows, in the order of their probabilities; fewer where rows are few.

    With two labels they are of the positive label's probability, with more of the most probable label's.
    """
    predicted, observed = predicted_and_observed(answers)
    bins = equal_mass_bins(predicted, most)
    found = []
    for place in np.unique(bins):
        inside = bins == place
        rows, share = int(inside.sum()), float(observed[inside].mean())
        ends = wilson(share, rows)
        found.append(CalibrationBin(float(predicted[inside].mean()), share, ends.low, ends.high, rows))
    return tuple(found)
