"""What a policy would have earned, from what another one earned: the self-normalised estimate, and intervals that hold.

Of each unit, such as one request, the log has the reward and the propensity: the chance with which what was shown was
shown. The weight is the chance of the other policy to show the same over that chance. The estimate is the weighted mean
of the rewards (A. Swaminathan and T. Joachims, "The self-normalized estimator for counterfactual learning", NeurIPS
2015).

Weights are zero for most units and large for the rest where a policy without chance is judged by little exploration:
there the intervals of the delta method, the bootstrap and empirical likelihood held the truth in as little as a third
of our simulations. At the true value the weighted residuals have a mean of zero, so nobody can win by betting on their
sign. The interval are the values at which a fixed way of betting doesn't win 1 / (1 - level) times the stake: it holds
for any number of units, rewards and weights, and is about 1.5 times as wide as the delta method's where that one holds.
I. Waudby-Smith and A. Ramdas, "Estimating means of bounded random variables by betting", JRSS B 86 (2024); the same et
al., "Anytime-valid off-policy inference for contextual bandits" (2024).

Units of one user are alike. Where it's known whose they are, the interval is widened by the root of the design effect:
how many times the variance of the residuals' sum by users is that of as many independent units (W. Cochran, Sampling
Techniques, 3rd ed., 1977, section 9.7). Residuals of few users say nothing of that, so there's no interval then.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from mlops.registry.manifest.evidence import Estimate, Interval

type Floats = NDArray[np.float64]

LEVEL = 0.95
ORDERS = 4
"""Bets go from unit to unit: their results in so many random orders are averaged."""
FEWEST_USERS = 10
"""Users that there must be among those with weight, in effect, for an interval."""
_MOST = 0.75
"""The share of its capital that a bet may lose at most."""
_NEAR = 1e-6
"""How far a limit may be off: it's moved outwards by that."""
_TINY = 1e-12


@dataclass(frozen=True, eq=False)
class Logged:
    """Units [n]: rewards from 0 to 1, and a policy's weights; `largest` is the largest that can occur.

    The largest follows from the exploration, not from the sample: 1 over the least propensity of what the policy shows.
    `users` int64 [n] says whose each unit is, from 0 on; without them all are independent. Raises ValueError for
    rewards and weights out of their ranges.
    """

    rewards: Floats
    weights: Floats
    largest: float
    users: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        if len(self.rewards) != len(self.weights):
            raise ValueError(f"{len(self.rewards)} rewards and {len(self.weights)} weights")
        if self.users is not None and len(self.users) != len(self.rewards):
            raise ValueError(f"{len(self.rewards)} rewards and {len(self.users)} users")
        if not ((self.rewards >= 0) & (self.rewards <= 1)).all():
            raise ValueError("rewards must be from 0 to 1")
        if not ((self.weights >= 0) & (self.weights <= self.largest * (1 + _TINY))).all():
            raise ValueError(f"weights must be from 0 to the largest that can occur, {self.largest:g}")

    @property
    def value(self) -> float:
        """The weighted mean reward; NaN if all weights are zero."""
        total = self.weights.sum()
        return float(self.weights @ self.rewards / total) if total > 0 else math.nan

    @property
    def effective_users(self) -> float:
        """How many users of equal weight there are as much of in it (L. Kish, Survey Sampling, 1965); units if unknown.

        0 without weight.
        """
        sums = self.weights if self.users is None else np.bincount(self.users, self.weights)
        squares = float(sums @ sums)
        return float(sums.sum()) ** 2 / squares if squares > 0 else 0.0


def estimate_value(logged: Logged, seed: int, level: float = LEVEL) -> Estimate:
    """The mean reward of the policy, with an interval that holds it in at least `level` of all cases."""
    count = len(logged.rewards)
    if not count or math.isnan(logged.value):
        return Estimate(value=None, rows=count, reason="the policy would have shown nothing of what was shown")
    orders = _orders(count, seed)
    # Bets on units without weight win and lose nothing.
    turns = np.nonzero(logged.weights[orders])[1].reshape(ORDERS, -1)
    chosen = np.take_along_axis(orders, turns, axis=1)
    earned, weights = (logged.weights * logged.rewards)[chosen], logged.weights[chosen]

    def wealth(value: float) -> float:
        # Of rewards from 0 to 1, by the policy itself, the variance is at most this; weights multiply it at most so.
        variance = logged.largest * value * (1 - value)
        bounds = value * logged.largest, (1 - value) * logged.largest
        return _log_wealth(earned - value * weights, turns + 1, count, variance, bounds, level)

    if reason := _too_few_users(logged):
        return Estimate(value=logged.value, rows=count, reason=reason)

    def widen(limit: float) -> float:
        wider = _widen(limit, logged.value, logged.weights * (logged.rewards - limit), logged.users)
        return min(max(wider, 0.0), 1.0)

    low, high = _limits(wealth, logged.value, 0.0, 1.0, level)
    interval = Interval(low=widen(low), high=widen(high), level=level, method=_method(logged))
    return Estimate(value=logged.value, rows=count, interval=interval)


def estimate_difference(logged: Logged, other: Logged, seed: int, level: float = LEVEL) -> Estimate:
    """By how much the policy earns more than another one on the same units, with an interval that holds.

    Raises ValueError for other units.
    """
    same = np.array_equal(logged.rewards, other.rewards)
    if not same or not _are_same(logged.users, other.users):
        raise ValueError("both policies must be judged by the same units")
    count = len(logged.rewards)
    value = logged.value - other.value
    if not count or math.isnan(value):
        return Estimate(value=None, rows=count, reason="one of the policies would have shown nothing of what was shown")
    if reason := _too_few_users(logged) or _too_few_users(other):
        return Estimate(value=value, rows=count, reason=reason)
    orders, largest = _orders(count, seed), max(logged.largest, other.largest)
    rewards, change = logged.rewards[orders], (logged.weights - other.weights)[orders]
    # The differences of weights have a mean of zero, so any constant may be taken from the rewards: the mean so far
    # leaves the least variance.
    turns = np.arange(1, count + 1)
    usual = _before(np.cumsum(rewards, axis=1), 0.5) / turns
    earned = change * (rewards - usual)

    def wealth(difference: float) -> float:
        bound = largest + abs(difference)
        return _log_wealth(earned - difference, turns, count, largest * 0.25, (bound, bound), level)

    centre = float(np.clip(earned.mean(), -1, 1))
    low, high = _limits(wealth, centre, -1.0, 1.0, level)
    gained = (logged.weights - other.weights) * (logged.rewards - logged.rewards.mean())
    low, high = (min(max(_widen(limit, centre, gained - limit, logged.users), -1.0), 1.0) for limit in (low, high))
    interval = Interval(low=min(low, value), high=max(high, value), level=level, method=_method(logged))
    return Estimate(value=value, rows=count, interval=interval)


def _too_few_users(logged: Logged) -> str | None:
    if logged.users is None or logged.effective_users >= FEWEST_USERS:
        return None
    return (
        f"what counts is {logged.effective_users:.1f} users' in effect, of whom there must be {FEWEST_USERS} for an "
        "interval: more answers must be explored"
    )


def _are_same(users: NDArray[np.int64] | None, others: NDArray[np.int64] | None) -> bool:
    if users is None or others is None:
        return users is others
    return np.array_equal(users, others)


def _method(logged: Logged) -> str:
    return "betting" if logged.users is None else "betting, by users"


def _widen(limit: float, centre: float, residuals: Floats, users: NDArray[np.int64] | None) -> float:
    """The limit, further from the centre by the root of the design effect of its residuals [n], if it's above 1."""
    squares = float(residuals @ residuals)
    if users is None or squares == 0:
        return limit
    sums = np.bincount(users, residuals)
    return centre + math.sqrt(max(1.0, float(sums @ sums) / squares)) * (limit - centre)


def _orders(count: int, seed: int) -> NDArray[np.int64]:
    rng = np.random.default_rng([seed, count])
    return np.stack([rng.permutation(count) for _ in range(ORDERS)])


def _log_wealth(
    residuals: Floats,
    turns: NDArray[np.int64],
    count: int,
    variance: float,
    bounds: tuple[float, float],
    level: float,
) -> float:
    """The logarithm of what bets on and against each residual [orders, m] make of a stake of 1, on average.

    `turns` [orders, m] say which of `count` units, from 1, each is; the others have no residual. Each bet depends on
    the residuals before it only: by their variance so far, which begins with `variance`. No residual is below the first
    of `bounds`, times -1, or above the second.
    """
    spread = _before(np.cumsum(residuals**2, axis=1), max(variance, _TINY)) / turns
    bets = np.sqrt(2 * math.log(2 / (1 - level)) / (count * spread))
    most_below, most_above = (_MOST / max(bound, _TINY) for bound in bounds)
    above = np.log1p(np.minimum(bets, most_below) * residuals).sum(axis=1)
    below = np.log1p(-np.minimum(bets, most_above) * residuals).sum(axis=1)
    return float(np.logaddexp.reduce(np.concatenate((above, below)))) - math.log(2 * ORDERS)


def _before(sums: Floats, first: float) -> Floats:
    """Running sums [orders, n] up to the unit before each, `first` added."""
    return np.concatenate((np.zeros((len(sums), 1)), sums[:, :-1]), axis=1) + first


def _limits(
    wealth: Callable[[float], float], centre: float, lowest: float, highest: float, level: float
) -> tuple[float, float]:
    """The values around the centre at which the bets don't win 1 / (1 - level), rounded outwards."""
    enough = -math.log(1 - level)

    def limit(end: float) -> float:
        if wealth(end) < enough:
            return end
        if wealth(centre) >= enough:
            return centre
        found = float(brentq(lambda value: wealth(value) - enough, centre, end, xtol=_NEAR))
        return min(found + _NEAR, highest) if end > centre else max(found - _NEAR, lowest)

    return limit(lowest), limit(highest)
