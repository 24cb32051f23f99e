"""A figure or a count over time, in little room: its shape, not its values, which stand next to it."""

from collections.abc import Sequence

from markupsafe import Markup

from mlops.monitoring.figure import Figure
from mlops.monitoring.report.charts.scale import Scale, fit
from mlops.monitoring.report.charts.svg import area, drawing, element, line, polyline, runs, strokes

WIDTH, HEIGHT = 150.0, 34.0
_EDGE = 3.0


def draw_level(figures: Sequence[Figure | None], title: str, description: str) -> Markup:
    """A line through figures with their intervals as a band; the last one is a point."""
    known = [figure for figure in figures if figure]
    ends = [value for each in known for value in (each.value, each.low, each.high) if value is not None]
    across = Scale(0, max(1, len(figures) - 1), _EDGE, WIDTH - _EDGE)
    up = fit(ends, HEIGHT - _EDGE, _EDGE)
    parts: list[Markup] = []
    for run in runs([(float(place), 0.0) if each else None for place, each in enumerate(figures)]):
        # Whole pixels, as bars have them: a page has such a drawing of each model.
        found = [(round(across(place)), each) for place, _ in run if (each := figures[int(place)])]
        upper = [(x, up(each.value if each.high is None else each.high)) for x, each in found]
        lower = [(x, up(each.value if each.low is None else each.low)) for x, each in found]
        parts += [
            area(upper, lower, "band realised"),
            polyline([(x, up(each.value)) for x, each in found], "line realised"),
        ]
    last = max((place for place, each in enumerate(figures) if each), default=None)
    if last is not None and (figure := figures[last]):
        parts.append(element("circle", cx=round(across(last)), cy=up(figure.value), r=2.6, class_="dot realised"))
    return drawing(WIDTH, HEIGHT, title, description, *parts, class_="spark")


def draw_bars(values: Sequence[float], title: str, description: str) -> Markup:
    """A bar a value, from zero."""
    across = Scale(0, len(values), 0, WIDTH)
    up = Scale(0, max(1.0, *values), HEIGHT - 1, 1)
    bars = [
        ((round(across(place + 0.5)), HEIGHT - 1), (round(across(place + 0.5)), round(up(value))))
        for place, value in enumerate(values)
        if value
    ]
    parts = [line((0, HEIGHT - 0.5), (WIDTH, HEIGHT - 0.5), "axis")]
    if bars:
        parts.append(strokes(bars, "bars realised", WIDTH / len(values) * 0.7))
    return drawing(WIDTH, HEIGHT, title, description, *parts, class_="spark")
