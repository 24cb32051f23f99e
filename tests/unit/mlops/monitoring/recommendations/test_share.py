"""Shares of answers of users: intervals allow for several answers of one user."""

import math

import numpy as np

from mlops.monitoring.recommendations.share import Share, Sums


def of_users(n: np.ndarray, y: np.ndarray) -> Share:
    return Share.of(
        Sums(len(n), float(n.sum()), float(y.sum()), float((n * n).sum()), float((y * y).sum()), float((n * y).sum()))
    )


def test_answers_of_users_who_ask_once_have_the_binomial_error() -> None:
    share = of_users(np.ones(400), np.repeat([1.0, 0.0], [100, 300]))
    assert share.value == 0.25
    assert math.isclose(share.error, math.sqrt(0.25 * 0.75 / 399), rel_tol=1e-9)
    assert share.rows == share.users == 400


def test_ten_equal_answers_of_a_user_are_worth_one() -> None:
    once = of_users(np.ones(400), np.repeat([1.0, 0.0], [100, 300]))
    tenfold = of_users(np.full(400, 10.0), np.repeat([10.0, 0.0], [100, 300]))
    assert math.isclose(once.error, tenfold.error)
    assert math.isclose(tenfold.design_effect, 10, rel_tol=0.01)
    wide, narrow = tenfold.figure(), once.figure()
    assert wide.rows == 4_000
    assert wide.low is not None
    assert narrow.low is not None
    assert math.isclose(wide.low, narrow.low, abs_tol=1e-3)


def test_no_click_at_all_still_has_an_interval_by_its_users() -> None:
    figure = of_users(np.full(20, 50.0), np.zeros(20)).figure()
    assert figure.value == figure.low == 0
    assert figure.high is not None
    assert 0.1 < figure.high < 0.2


def test_one_user_has_no_interval() -> None:
    figure = of_users(np.array([5.0]), np.array([2.0])).figure()
    assert (figure.value, figure.low, figure.high, figure.rows) == (0.4, None, None, 5)


def test_intervals_hold_for_users_who_differ() -> None:
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(1_000):
        counts = 1 + rng.geometric(0.25, 300)
        chances = rng.beta(0.5, 4.5, 300)  # 10 % of the answers, some users nearly always
        figure = of_users(counts.astype(float), rng.binomial(counts, chances).astype(float)).figure()
        assert figure.low is not None
        assert figure.high is not None
        covered += figure.low <= 0.1 <= figure.high
    assert covered >= 930
