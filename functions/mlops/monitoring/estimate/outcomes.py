"""What a method of estimation says of a window: values, and how far the realised metrics may lie from them."""

from dataclasses import dataclass

import numpy as np

from mlops.evaluation.metrics.answers import Floats

RESAMPLES = 400
FEWEST_RESAMPLES = 100
CELLS_IN_ALL = 2 * 10**7
CURVES = 50
"""Bootstrap samples of the reference, for each of which the method is fitted again."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """One metric of a window, as estimated.

    `noise` [b] are draws of what the realised metric may be, were the method right: truth is drawn again in each.
    `reference_error` is the standard error from the reference being a finite sample, `change_error` that of the
    difference from the reference's own realised metric (they err together), and `window_error` that of the value as an
    estimate for all rows like the window's. `disagreement` is how far two methods, of which the value is the mean, lie
    apart.
    """

    value: float
    noise: Floats
    reference_error: float
    change_error: float
    window_error: float
    disagreement: float = 0.0


def spread(draws: Floats) -> float:
    """The standard deviation of the draws that are defined."""
    known = draws[np.isfinite(draws)]
    return float(known.std(ddof=1)) if len(known) > 1 else 0.0


def resamples(cells: int) -> int:
    """How many draws of so many cells each are worth their time."""
    return max(FEWEST_RESAMPLES, min(RESAMPLES, CELLS_IN_ALL // max(1, cells)))
