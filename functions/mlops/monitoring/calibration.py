"""Whether probabilities still mean what they say, on rows with truth."""

import numpy as np

from mlops.evaluation.closed_form import wilson
from mlops.evaluation.metrics.answers import ClassAnswers
from mlops.evaluation.metrics.probabilities import equal_mass_bins, predicted_and_observed
from mlops.monitoring.facts import CalibrationBin

BINS = 10


def calibration_bins(answers: ClassAnswers, most: int = BINS) -> tuple[CalibrationBin, ...]:
    """At most so many bins of equally many rows, in the order of their probabilities; fewer where rows are few.

    Each has the mean probability, and the share that came true with its 95 % interval (Wilson).

    With two labels they are of the positive label's probability, with more of the most probable label's.
    """
    predicted, observed = predicted_and_observed(answers)
    bins = equal_mass_bins(predicted, most)
    found = []
    for place in np.unique(bins):
        inside = bins == place
        rows, share = int(inside.sum()), float(observed[inside].mean())
        ends = wilson(share, rows)
        mean = float(predicted[inside].mean())
        found.append(CalibrationBin(predicted=mean, observed=share, low=ends.low, high=ends.high, rows=rows))
    return tuple(found)
