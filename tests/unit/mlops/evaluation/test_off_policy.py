import math

import numpy as np
import pytest

from mlops.evaluation.off_policy import Logged, estimate_difference, estimate_value

ITEMS = 20


class Policies:
    """A policy that explores a little, and another one without chance, over items with click rates of their own."""

    def __init__(self, rng: np.random.Generator, explored: float) -> None:
        self.clicks = np.clip(rng.beta(1, rng.choice([4, 10, 30]), size=ITEMS), 0.002, 0.9)
        self.logged = np.full(ITEMS, explored / ITEMS)
        self.logged[rng.integers(ITEMS)] += 1 - explored
        self.other = np.zeros(ITEMS)
        self.other[rng.integers(ITEMS)] = 1
        self.rng = rng

    def log(self, units: int) -> tuple[Logged, Logged]:
        """What was earned, weighed for the other policy and for the one that was used."""
        shown = self.rng.choice(ITEMS, units, p=self.logged)
        rewards = (self.rng.random(units) < self.clicks[shown]).astype(np.float64)
        weights = self.other / self.logged
        return Logged(rewards, weights[shown], float(weights.max())), Logged(rewards, np.ones(units), 1.0)

    @property
    def value(self) -> float:
        return float(self.other @ self.clicks)

    @property
    def difference(self) -> float:
        return self.value - float(self.logged @ self.clicks)


@pytest.mark.parametrize("units", [50, 400])
def test_intervals_hold_the_true_value_of_a_policy_that_was_hardly_explored(units: int) -> None:
    rng = np.random.default_rng(units)
    held, told = 0, 0
    for seed in range(150):
        policies = Policies(rng, explored=0.3)
        interval = estimate_value(policies.log(units)[0], seed).interval
        if interval:
            told += 1
            held += interval.low <= policies.value <= interval.high
    assert told >= 50
    assert held >= 0.95 * told


def test_intervals_hold_the_true_difference() -> None:
    rng = np.random.default_rng(2)
    held = 0
    for seed in range(100):
        policies = Policies(rng, explored=1.0)
        interval = estimate_difference(*policies.log(400), seed).interval
        assert interval is not None
        held += interval.low <= policies.difference <= interval.high
    assert held >= 95


def test_intervals_shrink_with_the_root_of_the_units() -> None:
    widths = []
    for units in (2_000, 32_000):
        interval = estimate_value(Policies(np.random.default_rng(1), explored=1.0).log(units)[0], 0).interval
        assert interval is not None
        widths.append(interval.high - interval.low)
    assert widths[0] / widths[1] == pytest.approx(4, rel=0.35)


def test_the_estimate_is_the_weighted_mean() -> None:
    logged = Logged(np.array([1.0, 0.0, 1.0, 0.0]), np.array([2.0, 2.0, 0.0, 0.0]), largest=2.0)
    found = estimate_value(logged, 0)
    assert (found.value, found.rows) == (0.5, 4)
    # Twice the reward of one of two units says next to nothing.
    assert found.interval is not None
    assert found.interval.high - found.interval.low > 0.9


def test_a_clear_difference_is_found_and_has_its_sign() -> None:
    rng = np.random.default_rng(0)
    shown = rng.integers(0, 2, 4_000)
    rewards = (rng.random(4_000) < np.where(shown, 0.5, 0.1)).astype(np.float64)
    better, worse = (Logged(rewards, 2.0 * (shown == item), 2.0) for item in (1, 0))
    found = estimate_difference(better, worse, 0)
    assert found.interval is not None
    assert 0.3 < found.interval.low < float(found.value or 0) < found.interval.high < 0.5
    turned = estimate_difference(worse, better, 0)
    assert turned.interval is not None
    assert (turned.interval.low, turned.interval.high) == pytest.approx((-found.interval.high, -found.interval.low))


def test_the_same_seed_finds_the_same_interval() -> None:
    logged = Policies(np.random.default_rng(3), explored=1.0).log(300)[0]
    assert estimate_value(logged, 7) == estimate_value(logged, 7)


def test_a_policy_that_showed_nothing_of_it_has_no_value() -> None:
    logged = Logged(np.ones(5), np.zeros(5), largest=10.0)
    found = estimate_value(logged, 0)
    assert (found.value, found.interval) == (None, None)
    assert found.reason is not None
    assert estimate_difference(logged, Logged(np.ones(5), np.ones(5), 1.0), 0).value is None
    assert math.isnan(logged.value)


def test_impossible_logs_are_refused() -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        Logged(np.array([2.0]), np.ones(1), 1.0)
    with pytest.raises(ValueError, match="largest that can occur"):
        Logged(np.ones(1), np.array([3.0]), 2.0)
    with pytest.raises(ValueError, match="2 weights"):
        Logged(np.ones(1), np.ones(2), 2.0)
    with pytest.raises(ValueError, match="same units"):
        estimate_difference(Logged(np.ones(1), np.ones(1), 1.0), Logged(np.zeros(1), np.ones(1), 1.0), 0)


def test_units_of_one_user_are_alike() -> None:
    rng = np.random.default_rng(5)
    logged = Policies(rng, explored=1.0).log(2_000)[0]
    # Each unit four times says as much of its user, and no more of others.
    four = [np.repeat(column, 4) for column in (logged.rewards, logged.weights)]
    alone = estimate_value(Logged(four[0], four[1], logged.largest), 0).interval
    by_users = estimate_value(Logged(four[0], four[1], logged.largest, np.repeat(np.arange(2_000), 4)), 0).interval
    assert alone is not None
    assert by_users is not None
    assert by_users.method == "betting, by users"
    # The lower limits are bounded by 0.
    assert by_users.high - logged.value == pytest.approx(2 * (alone.high - logged.value))
    assert by_users.low < alone.low


def test_users_of_one_unit_each_change_nothing() -> None:
    both = Policies(np.random.default_rng(6), explored=1.0).log(400)
    first, second = (Logged(each.rewards, each.weights, each.largest, np.arange(400)) for each in both)
    plain, by_users = estimate_value(both[0], 0), estimate_value(first, 0)
    assert by_users.value == plain.value
    assert by_users.interval is not None
    assert plain.interval is not None
    # A limit is put back by rounding alone.
    assert (by_users.interval.low, by_users.interval.high) == pytest.approx((plain.interval.low, plain.interval.high))
    differences = [estimate_difference(*each, 0).interval for each in (both, (first, second))]
    assert differences[0] is not None
    assert differences[1] is not None
    assert differences[1].low == pytest.approx(differences[0].low)


def test_the_differences_of_alike_units_are_alike() -> None:
    both = Policies(np.random.default_rng(7), explored=1.0).log(1_000)
    widths = []
    for users in (None, np.repeat(np.arange(1_000), 4)):
        first, second = (
            Logged(np.repeat(each.rewards, 4), np.repeat(each.weights, 4), each.largest, users) for each in both
        )
        interval = estimate_difference(first, second, 0).interval
        assert interval is not None
        widths.append(interval.high - interval.low)
    assert widths[1] > 1.5 * widths[0]


def test_intervals_hold_where_eager_users_have_more_units() -> None:
    rng = np.random.default_rng(8)
    held, told, trials = 0, 0, 150
    for seed in range(trials):
        policies = Policies(rng, explored=0.3)
        policies.clicks = np.minimum(policies.clicks, 0.5)
        kind = rng.integers(2, size=300)
        users = np.repeat(np.arange(300), rng.geometric(1 / np.array([2, 8])[kind]))
        shown = rng.choice(ITEMS, len(users), p=policies.logged)
        rewards = (rng.random(len(users)) < policies.clicks[shown] * np.array([0.2, 1.8])[kind][users]).astype(float)
        weights = policies.other / policies.logged
        found = estimate_value(Logged(rewards, weights[shown], float(weights.max()), users), seed).interval
        if found:
            told += 1
            held += found.low <= policies.value * (2 * 0.2 + 8 * 1.8) / 10 <= found.high
    assert told >= 50
    assert held >= 0.95 * told


def test_too_few_users_have_no_interval() -> None:
    """Whatever the number of units: how they differ can't be told from nine users."""
    units = 900
    rewards = (np.random.default_rng(0).random(units) < 0.2).astype(float)
    few = Logged(rewards, np.ones(units), 1.0, np.arange(units) % 9)
    many = Logged(rewards, np.ones(units), 1.0, np.arange(units) % 30)
    assert few.effective_users == pytest.approx(9)
    found = estimate_value(few, 0)
    assert found.value == pytest.approx(rewards.mean())
    assert found.interval is None
    assert found.reason is not None
    assert "9.0 users" in found.reason
    assert estimate_difference(few, few, 0).interval is None
    assert estimate_value(many, 0).interval is not None


def test_users_of_other_units_are_refused() -> None:
    with pytest.raises(ValueError, match="3 users"):
        Logged(np.ones(2), np.ones(2), 1.0, np.arange(3))
    known, unknown = Logged(np.ones(2), np.ones(2), 1.0, np.arange(2)), Logged(np.ones(2), np.ones(2), 1.0)
    with pytest.raises(ValueError, match="same units"):
        estimate_difference(known, unknown, 0)
