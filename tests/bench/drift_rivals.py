"""What others would answer to the same window: daily tests, and Evidently's default rule, as scipy computes it."""

import numpy as np
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2_contingency, ks_2samp, wasserstein_distance

from tests.bench.drift_streams import Values

LEVEL = 0.05
DISTANCE = 0.1
_SMALL = 1_000
_FEW_VALUES = 5


def p_value(reference: Values, window: Values) -> float:
    """Of Kolmogorov's and Smirnov's test of two samples of numbers, or of the chi-squared test of two of text."""
    if reference.dtype == object:
        counts = _counts(reference, window)
        return 1.0 if counts.shape[1] < 2 else float(chi2_contingency(counts, correction=False)[1])
    reference, window = reference[~np.isnan(reference)], window[~np.isnan(window)]
    return float(ks_2samp(reference, window, method="asymp").pvalue)


def evidently_alarms(reference: Values, window: Values) -> bool:
    """Whether Evidently 0.7 finds drift in a column by default.

    Up to 1,000 reference rows by a test at 0.05, with more where the Wasserstein distance in standard deviations, or
    the Jensen-Shannon distance of categories (and of numbers with at most 5 values), is at least 0.1. Missing
    values are left out.
    """
    if len(reference) <= _SMALL:
        return p_value(reference, window) < LEVEL
    if reference.dtype != object:
        reference, window = reference[~np.isnan(reference)], window[~np.isnan(window)]
    if reference.dtype == object or len(np.unique(np.concatenate([reference, window]))) <= _FEW_VALUES:
        distance = jensenshannon(*_counts(reference, window))
    else:
        distance = wasserstein_distance(reference, window) / max(float(np.std(reference)), 0.001)
    return bool(distance >= DISTANCE)


def _counts(reference: Values, window: Values) -> Values:
    values, places = np.unique(np.concatenate([reference, window]), return_inverse=True)
    return np.array(
        [np.bincount(part, minlength=len(values)) for part in (places[: len(reference)], places[len(reference) :])]
    )
