"""Drawings: scales, ticks, and what is drawn where."""

import re
from itertools import pairwise

import pytest

from mlops.monitoring.facts import Figure
from mlops.monitoring.report.charts.scale import Scale, fit, write_tick
from mlops.monitoring.report.charts.shares import Share, draw_shares
from mlops.monitoring.report.charts.svg import element
from mlops.monitoring.report.charts.timeline import Mark, Series, Timeline, draw_timeline

DAYS = tuple(f"2026-11-{day:02}" for day in range(1, 11))


def figure(value: float, arm: float = 0.0) -> Figure:
    return Figure(value=value, low=value - arm if arm else None, high=value + arm if arm else None, rows=100)


def draw(*series: Series, **options: object) -> str:
    chart = Timeline("Accuracy", "Calm.", DAYS, series, **options)  # type: ignore[arg-type]
    return str(draw_timeline(chart))


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0.91, 0.97), (-3, 4), (0, 1e7), (1e-7, 3e-7), (-0.001, 0.0004)])
def test_ticks_are_few_round_and_within_the_scale(low: float, high: float) -> None:
    ticks = Scale(low, high, 0, 100).ticks()
    assert 2 <= len(ticks) <= 6
    assert all(low - 1e-12 <= tick <= high + 1e-12 for tick in ticks)
    written = {write_tick(tick, ticks[1] - ticks[0]) for tick in ticks}
    assert len(written) == len(ticks)


@pytest.mark.parametrize("values", [[], [0.0], [5.0, 5.0], [float("nan"), 1.0], [float("inf"), 2.0, 3.0]])
def test_a_scale_fits_any_values(values: list[float]) -> None:
    scale = fit(values, 0, 100)
    assert scale.low < scale.high
    assert all(0 <= scale(value) <= 100 for value in values if value == value)


def test_a_share_of_one_hundred_percent_needs_no_room_above() -> None:
    assert fit([0, 100], 0, 1, zero=True, roof=100).high == 100


def test_points_have_their_intervals_and_gaps_have_nothing() -> None:
    known = [figure(0.9, 0.02) if place % 2 else None for place in range(10)]
    drawn = draw(Series("realised", "points", "realised", known))
    arms = re.search(r'<path d="([^"]+)" class="arm realised"/>', drawn)
    assert arms
    assert arms[1].count("M") == 5
    spoken = draw(Series("realised", "points", "realised", known), spoken=True)
    assert "<title>2026-11-02: 0.900 (0.880 to 0.920), 100 rows</title>" in spoken


def test_a_band_is_interrupted_where_nothing_was_estimated() -> None:
    known = [None if place == 4 else figure(0.9, 0.02) for place in range(10)]
    drawn = draw(Series("estimated", "band", "estimated", known))
    assert drawn.count('class="band estimated"') == 2


def test_names_of_marks_never_overlap() -> None:
    marks = tuple(Mark(place / 10, f"v{place + 10}", "promotion") for place in range(10))
    drawn = draw(Series("n", "bars", "realised", [figure(1)] * 10), marks=marks)
    assert drawn.count('class="mark promotion"') == 10
    places = [float(place) for place in re.findall(r'<text x="([\d.]+)" y="12"', drawn)]
    assert places
    assert all(after - before > 18 for before, after in pairwise(places))


def test_the_categories_that_changed_most_are_kept_and_the_rest_is_one_bar() -> None:
    shares = [Share(f"c{place}", 0.05, 0.05) for place in range(19)] + [Share("new", 0.0, 0.3)]
    drawn = str(draw_shares("Shares", shares))
    assert "new: 0.0% of the training rows, 30.0% now" in drawn
    assert "others: " in drawn
    assert drawn.count("<rect") == 14


def test_attributes_and_texts_are_escaped_and_none_is_left_out() -> None:
    drawn = element("text", "<b>", x=1.26, class_='"x', fill=None)
    assert str(drawn) == '<text x="1.3" class="&#34;x">&lt;b&gt;</text>'
