"""Whether the estimates show a loss beyond the margin, under any number of looks.

The estimates of many windows share one reference and one bias, so more windows don't make them truer. What they share
is paid for once, in the limit: it lies beyond the metric at training by the margin and by the 97.5 % bound of what the
shared error may be. What differs between windows is which rows came, and that the sequential test adds up. The rate of
false alarms holds as far as the relation of inputs and truth is no less stable than it was seen to be; where nothing
was seen (no truth has come, and the reference has no order), as far as it hasn't changed. No method can promise more
without truth.

The two methods of estimation shrink alike, so the truth may lie beyond both: what they disagree in, more than they did
when truth was last seen, counts as a standard error in full.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import norm

from mlops.evaluation.metrics.catalog import RELATIVE, SIGNS
from mlops.monitoring.estimate.instability import Difference, predict_difference
from mlops.monitoring.estimate.window import Estimated
from mlops.monitoring.sequential import ALPHA, LossTest


@dataclass(frozen=True)
class Trained:
    """A metric at training with its standard error, and the spec's margin.

    Of errors in the target's unit, such as rmse, the margin is a share of their value.
    """

    metric: str
    value: float
    error: float
    margin: float

    @property
    def absolute_margin(self) -> float:
        """The margin in the metric's own unit."""
        return self.margin * abs(self.value) if self.metric in RELATIVE else self.margin

    def start(self) -> LossTest:
        """A test that hasn't looked yet."""
        return LossTest.start(self.absolute_margin or self.error)


def observe_estimate(
    test: LossTest, trained: Trained, estimated: Estimated, place: int, past: Sequence[Difference]
) -> LossTest:
    """The test's state after one more window's estimate; `past` are the metric's differences known by now.

    A window whose estimate has no sampling error at all (every row alike) is no look.
    """
    if not estimated.window_error > 0:
        return test
    sign = SIGNS[trained.metric]
    bound = 1 - ALPHA / 2
    latest = max(past, key=lambda each: each.place, default=None)
    seen = 0.0 if latest is None else latest.disagreement
    doubt = abs(estimated.disagreement - seen)
    if latest is None:
        bias, scatter = float(norm.ppf(bound)) * math.hypot(estimated.change_error, doubt), 0.0
    else:
        truth_came = latest.place >= 0
        at = place if truth_came else 1 + latest.place
        predicted = predict_difference(past, at, estimated.noise, estimated.change_error, seen)
        share, further = (bound if sign > 0 else 1 - bound), math.hypot(doubt, trained.error if truth_came else 0.0)
        bias, scatter = sign * predicted.bias_quantile(share, further), predicted.scatter
    limit = -sign * trained.value + trained.absolute_margin + bias
    return test.observe_window(-sign * estimated.uncorrected, math.hypot(estimated.window_error, scatter), limit)
