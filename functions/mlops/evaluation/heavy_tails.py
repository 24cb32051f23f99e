"""Intervals of mean errors, where a few large errors may be most of the mean: covered, or refused with the reason.

No method covers the mean of an error whose variance isn't finite: rows that are rare enough not to be among those seen
would change it. How heavy the tail is shows in the largest errors (B. Hill, Annals of Statistics 3, 1975).
"""

import math
from collections.abc import Iterator

import numpy as np

from mlops.evaluation.metrics.answers import Floats
from mlops.registry.manifest.evidence import Interval

TAIL = 0.1
LEAST_IN_TAIL = 10
LEAST_SQUARED = 2.4
"""The tail index of errors, less a standard error, from which the interval of their mean square covers: normal errors
have 4.7, those of a lognormal target that varies by a factor of e 1.9, Student's with 3 degrees of freedom 2.5."""
LEAST_ABSOLUTE = 1.3
"""The same for the mean of the errors themselves."""


def tail_index(errors: Floats) -> float:
    """Hill's estimate of the exponent of the tail of absolute values, less its standard error; small is heavy.

    It's from the largest tenth of them, and the standard error is the estimate over the root of their number.
    """
    ordered = np.sort(np.abs(errors))
    count = min(len(ordered) - 1, max(LEAST_IN_TAIL, round(TAIL * len(ordered))))
    threshold = ordered[-count - 1]
    if ordered[-1] <= threshold:
        return math.inf
    if threshold <= 0:
        return 0.0
    return float(1 / np.log(ordered[-count:] / threshold).mean()) * (1 - 1 / math.sqrt(count))


def describe_tail(errors: Floats) -> str:
    """Why errors with a heavy tail have no interval."""
    squares = np.sort(errors**2)[::-1]
    count = max(1, round(0.01 * len(squares)))
    share = squares[:count].sum() / squares.sum()
    rows = "one row has" if count == 1 else f"{count} rows have"
    return (
        f"too few large errors: {rows} {share:.0%} of the squared error of {len(squares)}, so others may be far worse"
    )


def log_interval(values: Floats, weights: Iterator[Floats], level: float) -> tuple[float, float]:
    """The interval of the mean of positive values [n], by the studentised bootstrap on the logarithmic scale.

    A. Davison and D. Hinkley, *Bootstrap Methods and their Application*, 1997, 5.2: the logarithm makes the spread
    nearly independent of the mean, and each resample is measured in its own standard errors. `weights` are resamples
    [b, n].
    """
    count = len(values)
    mean, error = float(values.mean()), float(values.std(ddof=1)) / math.sqrt(count)
    distances = []
    for block in weights:
        means = block @ values / count
        squares = block @ values**2 / count
        errors = np.sqrt(np.maximum(squares - means**2, 0) / (count - 1))
        known = errors > 0
        distances.append(np.log(means[known] / mean) * means[known] / errors[known])
    low, high = np.quantile(np.concatenate(distances), [(1 - level) / 2, (1 + level) / 2])
    relative = error / mean
    return mean * math.exp(-high * relative), mean * math.exp(-low * relative)


def interval_of_mean(values: Floats, weights: Iterator[Floats], level: float, power: float = 1.0) -> Interval:
    """The same as an Interval, of the mean's `power`."""
    low, high = log_interval(values, weights, level)
    return Interval(low=low**power, high=high**power, level=level, method="studentised bootstrap, log scale")
