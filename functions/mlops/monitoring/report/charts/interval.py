"""An interval on a scale that a table's rows share."""

from markupsafe import Markup

from mlops.monitoring.facts import Figure
from mlops.monitoring.report.charts.scale import Scale
from mlops.monitoring.report.charts.svg import drawing, element, line

WIDTH, HEIGHT = 150.0, 18.0


def draw_change(change: Figure, reach: float, words: str) -> Markup:
    """A change with its interval between -`reach` and `reach`, around a line at no change."""
    across, middle = Scale(-reach, reach, 4, WIDTH - 4), HEIGHT / 2
    look = "alarm" if change.high is not None and change.high < 0 else "realised"
    parts = [line((across(0), 0), (across(0), HEIGHT), "axis")]
    if change.low is not None and change.high is not None:
        parts.append(line((across(change.low), middle), (across(change.high), middle), f"arm wide-arm {look}"))
    parts.append(element("circle", cx=across(change.value), cy=middle, r=3, class_=f"dot {look}"))
    return drawing(WIDTH, HEIGHT, "Change against training", words, *parts, class_="in-cell")
