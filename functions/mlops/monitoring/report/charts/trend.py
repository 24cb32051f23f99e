"""One column over time, in little room: its median and the middle half of its values, or a share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from mlops.monitoring.report.charts.scale import Scale, fit
from mlops.monitoring.report.charts.svg import area, box, drawing, element, line, polyline, runs, text

WIDTH, HEIGHT, TOP, BOTTOM, RIGHT = 300.0, 66.0, 4.0, 14.0, 4.0
MOST_PLACES = 60


@dataclass(frozen=True)
class Trend:
    """A value by window with the ends of a band around it, None where there's none, and the same at training.

    `since` is the place of the window in which the drift began.
    """

    title: str
    what: str
    description: str
    first: str
    last: str
    values: Sequence[tuple[float, float, float] | None]
    trained: tuple[float, float, float]
    write: Callable[[float], str]
    since: float | None = None
    reach: float = 0.0
    """How far the drawing reaches around training at least, so that small changes look small."""


def draw_trend(trend: Trend) -> Markup:
    """The drawing: training grey, the windows as a line with a band, the last one a point."""
    stride = -(-len(trend.values) // MOST_PLACES)
    kept = [place for place in range(len(trend.values)) if (len(trend.values) - 1 - place) % stride == 0]
    ends = [value for place in kept for value in trend.values[place] or ()]
    around = (trend.trained[1] - trend.reach, trend.trained[1] + trend.reach)
    up = fit([*ends, *trend.trained, *around], HEIGHT - BOTTOM, TOP)
    across = Scale(-0.5, len(trend.values) - 0.5, 0, WIDTH - RIGHT)
    low, middle, high = map(up, trend.trained)
    parts = [box(0, high, WIDTH - RIGHT, low, "shade")] if trend.trained[0] != trend.trained[2] else []
    parts.append(line((0, middle), (WIDTH - RIGHT, middle), "line trained"))
    if trend.since is not None:
        parts.append(line((across(trend.since), 0), (across(trend.since), HEIGHT - BOTTOM), "mark alarm"))
    places = [(float(place), 0.0) if trend.values[place] else None for place in kept]
    for run in runs(places):
        found = [(across(at), each) for at, _ in run if (each := trend.values[int(at)])]
        if any(each[0] != each[2] for _, each in found):
            upper, lower = [(x, up(each[2])) for x, each in found], [(x, up(each[0])) for x, each in found]
            parts.append(area(upper, lower, "band realised"))
        line_of_run = polyline([(x, up(each[1])) for x, each in found], "line realised")
        parts.append(line_of_run)
    if last := trend.values[-1]:
        parts.append(element("circle", cx=across(len(trend.values) - 1), cy=up(last[1]), r=2.6, class_="dot realised"))
    parts += [
        text((0, HEIGHT - 2), trend.first),
        text((WIDTH / 2, HEIGHT - 2), trend.what, anchor="middle"),
        text((WIDTH, HEIGHT - 2), trend.last, anchor="end"),
    ]
    return drawing(WIDTH, HEIGHT, trend.title, trend.description, *parts)
