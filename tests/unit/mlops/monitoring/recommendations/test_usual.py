"""What a day's share of clicks is expected to be, by the days before it."""

import math

import numpy as np
import pytest
from scipy import stats

from mlops.monitoring.recommendations.share import Share
from mlops.monitoring.recommendations.usual import Expected, expect


def day(value: float, rows: int = 1_000_000) -> Share:
    return Share(value, math.sqrt(value * (1 - value) / rows), rows, rows // 2)


def test_weekdays_explain_a_week() -> None:
    ago = [*range(28, 0, -1)]
    low = [day(0.05 if each % 7 == 0 else 0.1) for each in ago]
    known, unknown = expect(low, ago), expect(low, None)
    assert known.value == pytest.approx(0.05, rel=0.01)
    assert unknown.value > 0.085
    assert known.spread < 0.01 < unknown.spread
    assert (known.freedom, unknown.freedom) == (20, 26)


def test_weekdays_count_only_with_three_days_of_each() -> None:
    ago = [*range(20, 0, -1)]
    found = expect([day(0.05 if each % 7 == 0 else 0.1) for each in ago], ago)
    assert found.value > 0.085
    assert found.freedom == 18


def test_luck_of_weekdays_is_hardly_believed() -> None:
    rng = np.random.default_rng(0)
    ago = [*range(28, 0, -1)]
    off = []
    for _ in range(200):
        days = [day(0.1 * math.exp(0.1 * rng.normal())) for _ in ago]
        off.append(math.log(expect(days, ago).value / 0.1))
    # The mean of four days alone would be off by 0.05, that of all by 0.019.
    assert float(np.std(off)) < 0.035


def test_the_chance_of_answers_is_none_of_the_spread_between_days() -> None:
    rng = np.random.default_rng(1)
    days = [day(float(rng.binomial(1_000, 0.1)) / 1_000, rows=1_000) for _ in range(28)]
    assert expect(days, None).spread < 0.06  # chance alone is 0.095
    spread = [day(0.1 * math.exp(0.2 * rng.normal())) for _ in range(28)]
    assert expect(spread, None).spread == pytest.approx(0.2, rel=0.3)


def test_days_that_do_not_differ_leave_the_binomial_distribution() -> None:
    usual = Expected(value=0.1, spread=1e-9, freedom=20, effect=2.0)
    found = usual.chance_below(Share(0.06, 0.01, 400, 200), 0.8)
    assert found == pytest.approx(float(stats.binom.cdf(12, 200, 0.08)), rel=1e-6)


def test_answers_without_chance_leave_students_distribution() -> None:
    usual = Expected(value=0.1, spread=0.2, freedom=20, effect=1.0)
    for value in (0.09, 0.07, 0.04):
        expected = stats.t.cdf(math.log(value / 0.1) / 0.2, 20)
        found = usual.chance_below(day(value, rows=1_000_000_000), 1.0)
        assert found == pytest.approx(float(expected), rel=0.1)


def test_no_clicks_at_all_have_a_chance() -> None:
    usual = Expected(value=0.01, spread=0.1, freedom=20, effect=1.0)
    chances = [usual.chance_below(Share(0.0, 0.0, rows, rows), 1.0) for rows in (100, 1_000, 10_000)]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] == pytest.approx(math.exp(-1), rel=0.05)
    assert chances[2] < 1e-9


def test_days_without_any_click_let_nothing_be_expected() -> None:
    with pytest.raises(ValueError, match="no day has a click"):
        expect([day(0.0, rows=1_000)] * 10, None)
