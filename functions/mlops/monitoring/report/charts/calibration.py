"""Calibration: how often what was predicted happened."""

from collections.abc import Sequence

from markupsafe import Markup

from mlops.monitoring.facts import CalibrationBin
from mlops.monitoring.report.charts.scale import Scale
from mlops.monitoring.report.charts.svg import drawing, element, line, polyline, text

SIDE, LEFT, BOTTOM, TOP = 340.0, 46.0, 40.0, 10.0


def draw_calibration(bins: Sequence[CalibrationBin]) -> Markup:
    """Observed against predicted, with intervals; on the diagonal both are the same."""
    across, up = Scale(0, 1, LEFT, SIDE - 12), Scale(0, 1, SIDE - 60, TOP)
    parts: list[Markup] = []
    for value in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts += [
            line((across(0), up(value)), (across(1), up(value)), "grid"),
            text((LEFT - 6, up(value) + 4), f"{value:.0%}", anchor="end"),
            text((across(value), up(0) + 16), f"{value:.0%}", anchor="middle"),
        ]
    parts += [
        line((across(0), up(0)), (across(1), up(0)), "axis"),
        line((across(0), up(0)), (across(1), up(1)), "line trained"),
    ]
    places = [(across(each.predicted), up(each.observed)) for each in bins]
    parts.append(polyline(places, "line thin realised"))
    for each, (x, y) in zip(bins, places, strict=True):
        interval = f"{each.low:.1%} to {each.high:.1%}"
        words = f"predicted {each.predicted:.1%}, observed {each.observed:.1%} ({interval}), {each.rows:,} rows"
        parts.append(line((x, up(each.low)), (x, up(each.high)), "arm realised"))
        parts.append(element("circle", element("title", words), cx=x, cy=y, r=3, class_="dot realised"))
    parts.append(text(((across(0) + across(1)) / 2, SIDE - 26), "predicted probability", anchor="middle"))
    worst = max(bins, key=lambda each: abs(each.predicted - each.observed))
    description = (
        f"Observed frequency against predicted probability in {len(bins)} groups of rows. The largest difference: "
        f"{worst.predicted:.1%} predicted, {worst.observed:.1%} observed."
    )
    return drawing(SIDE, SIDE - 20, "Calibration", description, *parts)
