"""A column of numbers or dates against its training rows."""

from collections.abc import Callable, Sequence

from markupsafe import Markup

from mlops.monitoring.drift.cells import Cells
from mlops.monitoring.report.charts.scale import Scale
from mlops.monitoring.report.charts.svg import box, drawing, line, polyline, text
from mlops.monitoring.report.distribution import bins_of, spread_over

WIDTH, HEIGHT, TOP, BOTTOM, SIDE = 300.0, 112.0, 8.0, 18.0, 20.0
_SHOWN = 0.002


def draw_histogram(
    title: str, cells: Cells, shares: Sequence[float], write: Callable[[float], str], bars: str = "this window"
) -> Markup:
    """The window's values as filled bars, the training rows' as an outline; `write` gives a value with its unit.

    `bars` names what has the filled bars, for those who hear the picture.

    Values beyond all of the training's have bars of their own at the ends. Empty if there were no training values.
    """
    bins = bins_of(cells)
    if bins is None:
        return Markup("")
    trained = spread_over(bins, cells, cells.gaps / cells.gaps.sum())
    total = sum(shares) or 1.0
    now = spread_over(bins, cells, [share / total for share in shares])
    inner = Scale(float(bins[0]), float(bins[-1]), SIDE, WIDTH - SIDE)
    up = Scale(0, max(trained.max(), now.max()) * 1.05, HEIGHT - BOTTOM, TOP)
    parts = []
    lefts = [inner(edge) for edge in bins]
    for place, share in enumerate(now[1:-1]):
        if share > 0:
            parts.append(box(lefts[place] + 0.5, up(share), lefts[place + 1] - 0.5, up(0), "bar realised"))
    outline = [(place, up(share)) for at, share in enumerate(trained[1:-1]) for place in (lefts[at], lefts[at + 1])]
    parts.append(polyline([(lefts[0], up(0)), *outline, (lefts[-1], up(0))], "line outline"))
    for share, left, words in ((now[0], 1.0, "below"), (now[-1], WIDTH - SIDE + 5, "above")):
        if share > _SHOWN:
            title_of_bar = f"{share:.1%} are {words} all training values"
            parts.append(box(left, up(share), left + 14, up(0), "bar alarm", title_of_bar))
    parts.append(line((0, up(0)), (WIDTH, up(0)), "axis"))
    places = (float(bins[0]), float((bins[0] + bins[-1]) / 2), float(bins[-1]))
    for value, anchor in zip(places, ("start", "middle", "end"), strict=True):
        parts.append(text((inner(value), HEIGHT - 4), write(value), anchor=None if anchor == "start" else anchor))
    outside = now[0] + now[-1]
    description = (
        f"Values of {bars} as bars over the training rows' outline, from {write(places[0])} to "
        f"{write(places[2])}; {outside:.1%} of the values are beyond the training rows'."
    )
    return drawing(WIDTH, HEIGHT, title, description, *parts)
