"""Pictures of a recommender's days, as inline SVG."""

from collections.abc import Sequence

from markupsafe import Markup

from mlops.monitoring.facts import WindowFacts
from mlops.monitoring.recommender_facts import ClickTestFacts, PositionFacts
from mlops.monitoring.report.charts.scale import Scale, fit
from mlops.monitoring.report.charts.svg import drawing, element, line, text
from mlops.monitoring.report.charts.trend import Trend, draw_trend
from mlops.monitoring.report.texts import write_day, write_share

_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 420.0, 150.0, 44.0, 18.0


def draw_days(history: Sequence[WindowFacts]) -> Markup | None:
    """The champion's share of answers with a click by day, around what's usual; None without any."""
    tests = [each.recommendations.test if each.recommendations else None for each in history]
    known = [test for test in tests if test]
    if not known:
        return None
    last = known[-1]
    trend = Trend(
        title="Answers with a click",
        what="share of answers with a click",
        description=f"By day, the last {write_share(last.clicks.value)}; the band is a 95 % interval.",
        first=write_day(history[0].window),
        last=write_day(history[-1].window),
        values=[_ends(test) for test in tests],
        trained=_usual(last),
        write=write_share,
    )
    return draw_trend(trend)


def draw_positions(positions: Sequence[PositionFacts]) -> Markup | None:
    """The share of items with a click by position, each with its interval; None without any."""
    if not positions:
        return None
    figures = [each.clicks for each in positions]
    ends = [end for each in figures for end in (each.value, each.low, each.high) if end is not None]
    up = fit(ends, _HEIGHT - _BOTTOM, 6, zero=True)
    across = Scale(0.5, positions[-1].position + 0.5, _LEFT, _WIDTH - 6)
    parts = []
    for tick in up.ticks(4):
        parts.append(line((_LEFT, up(tick)), (_WIDTH, up(tick)), "grid"))
        parts.append(text((_LEFT - 4, up(tick) + 4), write_share(tick), anchor="end"))
    stride = -(-len(positions) // 12)
    for place, each in enumerate(positions):
        x, figure = across(each.position), each.clicks
        if figure.low is not None and figure.high is not None:
            parts.append(line((x, up(figure.low)), (x, up(figure.high)), "arm wide-arm realised"))
        parts.append(element("circle", cx=x, cy=up(figure.value), r=3, class_="dot realised"))
        if place % stride == 0:
            parts.append(text((x, _HEIGHT - 4), f"{each.position}", anchor="middle"))
    first = figures[0].value
    return drawing(_WIDTH, _HEIGHT, "Clicks by position", f"From {write_share(first)} at the first position", *parts)


def _ends(test: ClickTestFacts | None) -> tuple[float, float, float] | None:
    if test is None:
        return None
    value = test.clicks.value
    low, high = test.clicks.low, test.clicks.high
    return (value if low is None else low, value, value if high is None else high)


def _usual(test: ClickTestFacts) -> tuple[float, float, float]:
    usual = test.usual
    if usual is None or usual.low is None or usual.high is None:
        return (test.clicks.value,) * 3
    return (usual.low, usual.value, usual.high)
