"""Figures over time: lines, points with intervals, bands, bars; what happened is marked at its time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from markupsafe import Markup

from mlops.monitoring.facts import Figure
from mlops.monitoring.report.charts.scale import Scale, fit, write_tick
from mlops.monitoring.report.charts.svg import area, box, drawing, element, line, polyline, runs, strokes, text
from mlops.monitoring.report.texts import write_counted, write_day

type Shape = Literal["points", "band", "line", "bars", "step"]

LEFT, RIGHT, TOP, BOTTOM = 46, 10, 18, 22
_LEAST_PLACES = 7
"""The places that a drawing has at least: a window alone isn't as wide as all of it."""


@dataclass(frozen=True)
class Series:
    """Figures by window, None where there's none; `look` is the class that gives their colour.

    Points have their intervals as bars, a band fills them, steps stay the same for a window.
    """

    name: str
    shape: Shape
    look: str
    figures: Sequence[Figure | None]


@dataclass(frozen=True)
class Mark:
    """Something that happened in a window, counted from 0; `place` may lie between two."""

    place: float
    name: str
    look: str


@dataclass(frozen=True)
class Span:
    """A stretch of windows."""

    start: float
    end: float
    name: str
    look: str


@dataclass(frozen=True)
class Timeline:
    """A drawing over `windows`, one place each; `description` says in words what it shows.

    If it's `spoken`, a mouse on a point shows its figures.
    """

    title: str
    description: str
    windows: Sequence[str]
    series: Sequence[Series]
    marks: Sequence[Mark] = ()
    spans: Sequence[Span] = ()
    zero: bool = False
    roof: float | None = None
    width: float = 340
    height: float = 190
    look: str | None = None
    spoken: bool = False

    def sized(self, width: float, height: float, look: str, *, spoken: bool = False) -> "Timeline":
        """The same drawing in another size, of a class of its own."""
        return replace(self, width=width, height=height, look=look, spoken=spoken)


def draw_timeline(chart: Timeline) -> Markup:
    """The drawing."""
    across = scale_windows(len(chart.windows), chart.width)
    ends = [
        value
        for series in chart.series
        for figure in series.figures
        if figure
        for value in (figure.value, figure.low, figure.high)
        if value is not None
    ]
    up = fit(ends, chart.height - BOTTOM, TOP, zero=chart.zero, roof=chart.roof)
    return drawing(
        chart.width,
        chart.height,
        chart.title,
        chart.description,
        *(_span(span, across, chart.height) for span in chart.spans),
        *_grid(chart, across, up),
        *(_series(series, chart, across, up) for series in chart.series),
        *_marks(chart, across),
        class_=chart.look,
    )


def scale_windows(count: int, width: float) -> Scale:
    """Where windows are, the first one at 0, in a drawing of a width."""
    room = max(0.6, (_LEAST_PLACES - count) / 2)
    return Scale(-room, count - 1 + room, LEFT, width - RIGHT)


def _grid(chart: Timeline, across: Scale, up: Scale) -> list[Markup]:
    parts = []
    ticks = up.ticks(5 if chart.height > 150 else 3)
    step = ticks[1] - ticks[0] if len(ticks) > 1 else 0.0
    for value in ticks:
        parts += [
            line((LEFT, up(value)), (chart.width - RIGHT, up(value)), "grid"),
            text((LEFT - 6, up(value) + 4), write_tick(value, step), anchor="end"),
        ]
    most = max(2, int((chart.width - LEFT) / 64))
    stride = max(1, -(-len(chart.windows) // most))
    for place in range(len(chart.windows) - 1, -1, -stride):
        anchor = "end" if place == len(chart.windows) - 1 and len(chart.windows) > 1 else "middle"
        edge = 4 if anchor == "end" else 0
        parts.append(text((across(place) + edge, chart.height - 6), write_day(chart.windows[place]), anchor=anchor))
    return [*parts, line((LEFT, up.start), (chart.width - RIGHT, up.start), "axis")]


def _series(series: Series, chart: Timeline, across: Scale, up: Scale) -> Markup:
    match series.shape:
        case "points":
            return _points(series, chart, across, up)
        case "bars":
            return _bars(series, across, up)
        case "band":
            return _band(series, across, up)
        case "step":
            return _steps(series, across, up)
        case "line":
            places = [(across(at), up(each.value)) if each else None for at, each in enumerate(series.figures)]
            return Markup("").join(
                polyline(run, f"line {series.look}") or strokes([(run[0], run[0])], f"dots {series.look}")
                for run in runs(places)
            )


def _points(series: Series, chart: Timeline, across: Scale, up: Scale) -> Markup:
    known = [(at, figure) for at, figure in enumerate(series.figures) if figure]
    arms = [
        ((across(at), up(figure.low)), (across(at), up(figure.high)))
        for at, figure in known
        if figure.low is not None and figure.high is not None
    ]
    places = [(across(at), up(figure.value)) for at, figure in known]
    parts = [strokes(arms, f"arm {series.look}")] if arms else []
    if not chart.spoken:
        return Markup("").join([*parts, strokes([(place, place) for place in places], f"dots {series.look}")])
    words = (f"{chart.windows[at]}: {write_counted(figure)}" for at, figure in known)
    parts += [_dot(place, series.look, each) for place, each in zip(places, words, strict=True)]
    return element("g", *parts) if parts else Markup("")


def _dot(place: tuple[float, float], look: str, words: str) -> Markup:
    return element("circle", element("title", words), cx=place[0], cy=place[1], r=2.4, class_=f"dot {look}")


def _bars(series: Series, across: Scale, up: Scale) -> Markup:
    width = min(28.0, max(1.6, (across(1) - across(0)) * 0.76))
    bars = [((across(at), up.start), (across(at), up(each.value))) for at, each in enumerate(series.figures) if each]
    return strokes(bars, f"bars {series.look}", width)


def _band(series: Series, across: Scale, up: Scale) -> Markup:
    parts: list[Markup] = []
    places = [(float(at), 0.0) if each else None for at, each in enumerate(series.figures)]
    for run in runs(places):
        found = [(at, each) for at, _ in run if (each := series.figures[int(at)])]
        # A window alone is as wide as its place.
        known = [(at + side, each) for at, each in found for side in (-0.4, 0.4)] if len(found) == 1 else found
        upper = [(across(at), up(each.value if each.high is None else each.high)) for at, each in known]
        lower = [(across(at), up(each.value if each.low is None else each.low)) for at, each in known]
        middle = [(across(at), up(each.value)) for at, each in known]
        parts += [area(upper, lower, f"band {series.look}"), polyline(middle, f"line thin {series.look}")]
    return Markup("").join(parts)


def _steps(series: Series, across: Scale, up: Scale) -> Markup:
    places = [
        place
        for at, each in enumerate(series.figures)
        for place in ([(across(at - 0.5), up(each.value)), (across(at + 0.5), up(each.value))] if each else [None])
    ]
    return Markup("").join(polyline(_without_middles(run), f"line {series.look}") for run in runs(places))


def _without_middles(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The corners of a line of level stretches."""
    return [
        point
        for at, point in enumerate(points)
        if at in (0, len(points) - 1) or not points[at - 1][1] == point[1] == points[at + 1][1]
    ]


def _span(span: Span, across: Scale, height: float) -> Markup:
    return box(across(span.start), TOP, across(span.end), height - BOTTOM, f"span {span.look}", span.name)


def _marks(chart: Timeline, across: Scale) -> list[Markup]:
    """Vertical lines; a name is left out where the one before leaves no room for it."""
    parts, free = [], 0.0
    for mark in sorted(chart.marks, key=lambda each: each.place):
        place = across(mark.place)
        parts.append(line((place, TOP), (place, chart.height - BOTTOM), f"mark {mark.look}"))
        width = 6.2 * len(mark.name)
        left = min(max(place - width / 2, LEFT), chart.width - width)
        if left >= free:
            parts.append(text((left, TOP - 6), mark.name, f"name {mark.look}"))
            free = left + width + 6
    return parts
