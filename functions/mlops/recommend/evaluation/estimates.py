"""The metrics of a model's answers with intervals: users are what's drawn at random, so they are what's resampled."""

import math
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import stdtrit

from mlops.evaluation.bootstrap import Distribution, affordable_resamples, apply, draw_weights, leave_out_weights
from mlops.recommend.evaluation.lists import Answers
from mlops.recommend.metrics.beyond import coverage, novelty, popularity_lift
from mlops.recommend.metrics.ranking import RANKING_METRICS
from mlops.registry.manifest.evidence import Estimate, Interval

type Floats = NDArray[np.float64]
type Statistic = Callable[[Floats], Floats]

LEVEL = 0.95


def estimate_ranking(answers: Answers, rng: np.random.Generator) -> dict[str, Estimate]:
    """The ranking metrics with BCa intervals over users, by name."""
    return _resample({name: (answers.score(name), None) for name in RANKING_METRICS}, rng)


def estimate_all(
    answers: Answers, histories: csr_array, popularity: Floats, rng: np.random.Generator
) -> dict[str, Estimate]:
    """All metrics with intervals over users, by name.

    `histories` [T, I] are those of the answers, `popularity` [I] the share of users who have each item. The means over
    users and the ratio of two of them have BCa bootstrap intervals. Coverage has Student's with the jackknife's
    standard error: a resample has fewer different users than the sample, so all of its values are too low.
    """
    lift = popularity_lift(answers.lists, histories, popularity)
    values = {name: (answers.score(name), None) for name in RANKING_METRICS}
    surprise = novelty(answers.lists, popularity)
    found = _resample(
        {**values, "novelty": (surprise, None), "popularity_bias": (lift.recommended, lift.taken)},
        rng,
    )
    return {**found, "coverage": estimate_coverage(answers, len(popularity))}


def estimate_coverage(answers: Answers, items: int) -> Estimate:
    """The coverage of so many items with its interval."""
    found, users = coverage(answers.lists, items), len(answers.lists)
    if users < 2:
        return Estimate(value=found.value, rows=users, reason="one user doesn't show how much it varies")
    reach = float(stdtrit(users - 1, (1 + LEVEL) / 2)) * found.error
    low, high = max(0.0, found.value - reach), min(1.0, found.value + reach)
    return Estimate(
        value=found.value, rows=users, interval=Interval(low=low, high=high, level=LEVEL, method="jackknife")
    )


def _resample(metrics: Mapping[str, tuple[Floats, Floats | None]], rng: np.random.Generator) -> dict[str, Estimate]:
    """Each metric's estimate: the mean of a value over users, or the ratio of two means less 1."""
    users = len(next(iter(metrics.values()))[0])
    statistics = [_statistic(*values) for values in metrics.values()]
    everybody = np.ones((1, users))
    actual = apply(statistics, iter([everybody]))[:, 0]
    if users < 2:
        reason = "one user doesn't show how much it varies"
        return {
            name: Estimate(value=_finite(value), rows=users, reason=reason)
            for name, value in zip(metrics, actual, strict=True)
        }
    replicates = apply(statistics, draw_weights(users, affordable_resamples(users), rng))
    left_out = apply(statistics, leave_out_weights(users))
    return {
        name: _estimate(actual[place], users, replicates[place], left_out[place]) for place, name in enumerate(metrics)
    }


def _estimate(value: float, users: int, replicates: Floats, left_out: Floats) -> Estimate:
    if not math.isfinite(value):
        return Estimate(value=None, rows=users, reason="not defined for these users")
    distribution = Distribution(value, users, replicates[np.isfinite(replicates)])
    if not distribution.spread:
        reason = "the same in every resample: these users don't show how much it varies"
        return Estimate(value=value, rows=users, reason=reason)
    low, high = distribution.bca_interval(left_out[np.isfinite(left_out)], LEVEL)
    interval = Interval(low=min(low, value), high=max(high, value), level=LEVEL, method="BCa")
    return Estimate(value=value, rows=users, interval=interval)


def _statistic(values: Floats, others: Floats | None) -> Statistic:
    """Weights of users [b, T] → the weighted mean of the known values, or its ratio to that of the others, less 1."""
    known = np.isfinite(values)
    filled = np.where(known, values, 0)
    divisor = known.astype(np.float64) if others is None else np.where(known, others, 0)
    shift = 0.0 if others is None else 1.0

    def statistic(weights: Floats) -> Floats:
        below = weights @ divisor
        ratio = np.divide(weights @ filled, below, out=np.full(len(weights), np.nan), where=below > 0)
        shifted: Floats = ratio - shift
        return shifted

    return statistic


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
