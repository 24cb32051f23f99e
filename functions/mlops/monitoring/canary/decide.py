"""The decision about a canary. No input or output: what was observed in, what becomes of it out.

A version that's as good as the champion is withdrawn wrongly with a chance of at most ALPHA, over all guards and looks:
the guards share it, and each of them holds at every look (see betting.py). One that's worse by the margin or more is
promoted with a chance of at most PROMOTION_ALPHA. The two ways to see a difference of losses, on the same rows and on
different ones, share each of these.
"""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np

from mlops.monitoring.canary.betting import evidence_above, evidence_below, mean_interval
from mlops.monitoring.canary.observed import Observed
from mlops.monitoring.figure import Figure
from mlops.registry.aliases import Undecided

type Outcome = Literal["promote", "withdraw"]

ALPHA = 0.05
LOSS_ALPHA, FAILURE_ALPHA, SLOWNESS_ALPHA = 0.03, 0.01, 0.01
PROMOTION_ALPHA = 0.05
FAILURES = 0.01
"""The share of its requests that a challenger may fail to answer."""
SLOW = 0.1
"""The share of its answers that may be slow: of the champion's about 5 % are."""
FEWEST_REQUESTS = 50
"""Of so many requests in its share the guards have seen something: none is promoted before."""


@dataclass(frozen=True)
class Rules:
    """`margin` is the mean loss that doesn't matter; at `until` the trial ends, `undecided` as that says."""

    margin: float
    until: datetime
    undecided: Undecided


@dataclass(frozen=True)
class Estimated:
    """The spec's metric of challenger minus champion, where there's no truth; positive is better, `margin` its own."""

    metric: str
    value: float
    low: float
    high: float
    margin: float


@dataclass(frozen=True)
class Decision:
    """What becomes of a canary, None: it goes on; and why.

    `worse` and `not_worse` are the evidence of a loss and against one of the margin, as shares of what suffices.
    """

    outcome: Outcome | None
    reason: str
    worse: float
    not_worse: float


def decide(observed: Observed, rules: Rules, now: datetime, estimated: Estimated | None = None) -> Decision:
    """Decide by what was observed until `now`; `estimated` counts at the end alone, if no truth came by then."""
    ways = (observed.paired, observed.unpaired)
    worse = _share(max(evidence_above(each, 0, -1) for each in ways), LOSS_ALPHA / 2)
    not_worse = _share(max(evidence_below(each, rules.margin, 1) for each in ways), PROMOTION_ALPHA / 2)

    def conclude(outcome: Outcome | None, reason: str) -> Decision:
        return Decision(outcome, reason, worse, not_worse)

    if harm := _find_harm(observed):
        return conclude("withdraw", harm)
    if worse >= 1:
        return conclude("withdraw", f"it's worse: {describe_difference(observed)}")
    if not_worse >= 1 and len(observed.failed) >= FEWEST_REQUESTS:
        reason = f"it isn't worse by {rules.margin:.3g} or more: {describe_difference(observed)}"
        return conclude("promote", reason)
    if now < rules.until:
        return conclude(None, "undecided")
    return conclude(*_end(observed, rules, estimated))


def estimate_difference(observed: Observed) -> Figure | None:
    """The mean difference of losses and its bounds: on the same rows, or if there are none on different ones."""
    values = observed.paired if len(observed.paired) else observed.unpaired
    if not len(values):
        return None
    low, high = mean_interval(values, -1, 1, LOSS_ALPHA)
    return Figure(value=float(values.mean()), low=low, high=high, level=1 - LOSS_ALPHA, rows=len(values))


def describe_difference(observed: Observed) -> str:
    """The difference of losses with its bounds and rows, in words."""
    difference = estimate_difference(observed)
    if difference is None:
        return "no answer's truth is known"
    rows = "rows that both answered" if len(observed.paired) else "rows that it answered"
    return (
        f"its mean loss minus the champion's is {difference.value:+.3g} "
        f"({difference.low:+.3g} to {difference.high:+.3g}) on {difference.rows:,} {rows}"
    )


def _find_harm(observed: Observed) -> str | None:
    """What a version does wrong whatever its answers are worth."""
    if observed.refused:
        return f"instances can't use it: {observed.refused}"
    failed, requests = int(observed.failed.sum()), len(observed.failed)
    if _share(evidence_above(observed.failed.astype(np.float64), FAILURES, 0), FAILURE_ALPHA) >= 1:
        return f"it failed to answer {failed:,} of {requests:,} requests, which the champion answered in its place"
    slow, answered = int(observed.slow.sum()), len(observed.slow)
    # Slow answers come in bursts, as where an instance starts: what came since counts too.
    evidence = evidence_above(observed.slow.astype(np.float64), SLOW, 0, ever=False)
    if answered >= FEWEST_REQUESTS and _share(evidence, SLOWNESS_ALPHA) >= 1:
        return f"it's slower: {slow:,} of its {answered:,} answers took more than {observed.slow_from:.3g} ms"
    return None


def _end(observed: Observed, rules: Rules, estimated: Estimated | None) -> tuple[Outcome, str]:
    """What becomes of a canary whose time is up."""
    requests = len(observed.failed)
    if estimated is not None and not len(observed.paired) and not len(observed.unpaired):
        told = (
            f"no truth came, and its estimated {estimated.metric} is better than the champion's by "
            f"{estimated.value:+.3g} ({estimated.low:+.3g} to {estimated.high:+.3g})"
        )
        if estimated.high < 0:
            return "withdraw", f"it's worse: {told}"
        if estimated.low > -estimated.margin and requests >= FEWEST_REQUESTS:
            return "promote", f"it isn't worse by {estimated.margin:.3g} or more: {told}"
    few = f"; of {FEWEST_REQUESTS} requests it needs it had {requests:,}" if requests < FEWEST_REQUESTS else ""
    lack = f"{describe_difference(observed)}{few}"
    if rules.undecided == "promote":
        return "promote", f"its time is up, and undecided ones are to be promoted then: {lack}"
    return "withdraw", f"its time is up, and nothing is decided: {lack}"


def _share(evidence: float, alpha: float) -> float:
    """Evidence, the logarithm of a wealth, as a share of what suffices at alpha."""
    return evidence / math.log(1 / alpha)
