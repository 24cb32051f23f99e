"""The test for loss on estimates, where there's no truth yet.

The estimates of many windows share one reference and one bias, so more windows don't make them truer. What they share
is paid for once, in the limit: it lies beyond the metric at training by the margin and by the 98.75 % bound of what the
shared error may be. What differs between windows is which rows came, and that the sequential test adds up. The rate of
false alarms holds as far as the relation of inputs and truth is no less stable than it was seen to be; where nothing
was seen (no truth has come, and the reference has no order), as far as it hasn't changed. No method can promise more
without truth.

The two methods of estimation shrink alike, so the truth may lie beyond both: what they disagree in, more than they did
when truth was last seen, counts as a standard error in full.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import numpy as np
from scipy.stats import norm

from mlops.evaluation.metrics.answers import Answers
from mlops.monitoring.estimate.instability import Difference, predict_difference
from mlops.monitoring.estimate.window import Estimated
from mlops.monitoring.loss.sequential import LossTest
from mlops.monitoring.loss.trained import TEST_ALPHA, Trained

_BOUND = 1 - TEST_ALPHA / 2


@dataclass(frozen=True)
class EstimatedLoss:
    """The state of the test of one metric of a version, after window `window`."""

    trained: Trained
    test: LossTest
    window: str | None = None

    @classmethod
    def start(cls, metric: str, held_out: Answers, margin: float, rng: np.random.Generator) -> Self | None:
        """The test before its first window, from the answers to the held-out rows and the spec's margin.

        None where the metric isn't defined on the held-out rows.
        """
        trained = Trained.measure(metric, held_out, margin, rng)
        return None if trained is None else cls.of(trained)

    @classmethod
    def of(cls, trained: Trained) -> Self:
        """The test before its first window, for a metric as it was at training."""
        return cls(trained, LossTest.start(trained.absolute_margin or trained.error, TEST_ALPHA))

    def observe(self, estimated: Estimated, place: int, past: Sequence[Difference], window: str) -> Self:
        """The state after one more window's estimate; `past` are the metric's differences known by now.

        The window that was observed last changes nothing. A window whose estimate has no sampling error at all (every
        row alike) is no look. Raises ValueError for a window before the last.
        """
        if self.window is not None and window <= self.window:
            if window == self.window:
                return self
            raise ValueError(f"window {window} comes after {self.window} was observed")
        seen = replace(self, window=window)
        if not estimated.window_error > 0:
            return seen
        trained, sign = self.trained, self.trained.sign
        bias, scatter = _shared_error(trained, estimated, place, past)
        limit = -sign * trained.value + trained.absolute_margin + bias
        error = math.hypot(estimated.window_error, scatter)
        return replace(seen, test=self.test.observe_window(-sign * estimated.uncorrected, error, limit, window))

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> Self:
        """The state that `to_dict` wrote."""
        return cls(Trained(**state["trained"]), LossTest.from_dict(state["test"]), state["window"])

    def to_dict(self) -> dict[str, Any]:
        """The state, ready for JSON; nothing is lost."""
        return {"trained": asdict(self.trained), "test": self.test.to_dict(), "window": self.window}


def _shared_error(
    trained: Trained, estimated: Estimated, place: int, past: Sequence[Difference]
) -> tuple[float, float]:
    """The bound of how much too bad all estimates may be, as a loss, and the deviation of what's new in each window."""
    latest = max(past, key=lambda each: each.place, default=None)
    seen = 0.0 if latest is None else latest.disagreement
    doubt = abs(estimated.disagreement - seen)
    if latest is None:
        return float(norm.ppf(_BOUND)) * math.hypot(estimated.change_error, doubt), 0.0
    truth_came = latest.place >= 0
    at = place if truth_came else 1 + latest.place
    predicted = predict_difference(past, at, estimated.noise, estimated.change_error, seen)
    share = _BOUND if trained.sign > 0 else 1 - _BOUND
    further = math.hypot(doubt, trained.error if truth_came else 0.0)
    return trained.sign * predicted.bias_quantile(share, further), predicted.scatter
