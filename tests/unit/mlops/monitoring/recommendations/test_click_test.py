"""A day's clicks against those of the days before it."""

import math

import numpy as np
import pytest
from scipy import stats

from mlops.monitoring.recommendations.click_test import LEVEL, MOST_DAYS, compare_day, is_usual
from mlops.monitoring.recommendations.share import Share
from mlops.spec.click_through import ClickThrough

RULES = ClickThrough()


def day(value: float, rows: int = 2_000, effect: float = 1.5) -> Share:
    return Share(value, math.sqrt(effect * value * (1 - value) / rows), rows, rows // 2)


def month(days: int = 28, spread: float = 0.05) -> list[Share]:
    """Days around 10 % with a given relative spread."""
    wave = spread * math.sqrt(2) * np.sin(np.arange(days) * 2 * np.pi / 7)
    return [day(0.1 * (1 + float(each))) for each in wave]


def test_an_ordinary_day_is_none() -> None:
    facts = compare_day(day(0.095), month(), RULES)
    assert not facts.alarm
    assert facts.usual is not None
    assert facts.usual.value == pytest.approx(0.1, abs=1e-3)
    assert facts.limit == pytest.approx(0.08, abs=1e-3)
    assert facts.reason is None
    assert facts.days == 28


def test_a_broken_catalogue_is_an_alarm_even_without_a_single_click() -> None:
    assert compare_day(day(0.02), month(), RULES).alarm
    assert compare_day(Share(0.0, 0.0, 2_000, 1_000), month(), RULES).alarm


def test_a_loss_within_the_margin_is_none_however_sure() -> None:
    facts = compare_day(day(0.085, rows=10_000_000), [day(0.1, rows=10_000_000)] * 28, RULES)
    assert not facts.alarm
    assert compare_day(day(0.075, rows=10_000_000), [day(0.1, rows=10_000_000)] * 28, RULES).alarm


def test_days_that_differ_need_a_greater_loss() -> None:
    assert compare_day(day(0.03), month(spread=0.02), RULES).alarm
    assert not compare_day(day(0.03), month(spread=0.3), RULES).alarm


def test_a_week_is_no_spread_where_weekdays_are_known() -> None:
    ago = [*range(28, 0, -1)]
    week = month(spread=0.3)
    assert compare_day(day(0.03), week, RULES, ago=ago).alarm
    assert not compare_day(day(0.03), week, RULES).alarm
    weekend = [day(0.04 if each % 7 == 0 else 0.1) for each in ago]
    assert not compare_day(day(0.038), weekend, RULES, ago=ago).alarm
    assert compare_day(day(0.038), weekend, RULES, ago=[each - 1 for each in ago]).alarm


def test_small_shops_find_a_catalogue_that_nobody_clicks() -> None:
    """60 clicks a day, and one today."""
    usual = [day(0.1, rows=600) for _ in range(28)]
    facts = compare_day(Share(1 / 600, 1 / 600, 600, 300), usual, RULES)
    assert facts.alarm


def test_a_doubtful_day_is_none_of_the_usual_ones() -> None:
    facts = compare_day(day(0.095), month(), RULES)
    assert is_usual(facts)
    assert not is_usual(facts.model_copy(update={"p_value": 0.005}))
    assert is_usual(facts.model_copy(update={"p_value": 0.02}))
    # Three weeks must be known before a quiet weekday can be told from a loss.
    assert is_usual(facts.model_copy(update={"p_value": 0.005, "days": 20}))
    assert not is_usual(facts.model_copy(update={"alarm": True, "p_value": 1e-6}))
    assert is_usual(facts.model_copy(update={"p_value": None, "reason": "too few"}))


def test_the_level_is_that_of_a_day_in_a_year_with_students_distribution() -> None:
    facts = compare_day(day(0.05), month(9), RULES)
    assert facts.critical == pytest.approx(float(stats.t.ppf(0.05 / 365, 7)))
    assert facts.statistic is not None
    assert facts.p_value == pytest.approx(float(stats.t.cdf(facts.statistic, 7)))
    assert facts.alarm == (facts.p_value is not None and facts.p_value < LEVEL)


def test_more_clicks_are_no_alarm() -> None:
    assert not compare_day(day(0.4), month(), RULES).alarm


def test_too_little_is_said_to_be_too_little() -> None:
    few = compare_day(day(0.0, rows=150), month(), RULES)
    assert few.reason == "150 answers of 75 users are too few: 200 are needed"
    assert not few.alarm
    young = compare_day(day(0.0), month(6), RULES)
    assert young.reason == "6 days before it with enough answers are too few to compare with: 7 are needed"
    assert not young.changed
    rare = compare_day(day(0.0), [day(0.001)] * 28, RULES)
    assert rare.reason is not None
    assert "too few to see a loss" in rare.reason


def test_days_of_alarms_are_what_is_usual_when_hardly_others_are_left() -> None:
    assert compare_day(day(0.02), month(6), RULES, alarms=22).changed
    assert not compare_day(day(0.02), month(7), RULES, alarms=21).changed


def test_only_the_last_days_count() -> None:
    long_ago = [day(0.5)] * 40
    facts = compare_day(day(0.1), [*long_ago, *month()], RULES)
    assert facts.days == MOST_DAYS
    assert facts.usual is not None
    assert facts.usual.value == pytest.approx(0.1, abs=1e-3)
