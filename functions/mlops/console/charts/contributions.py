"""What moved a prediction, a bar a column: to the right what raised it, to the left what lowered it."""

from markupsafe import Markup

from mlops.monitoring.report.charts.scale import Scale
from mlops.monitoring.report.charts.svg import box, drawing, line
from mlops.pages.numbers import write_gain

WIDTH, HEIGHT = 190.0, 16.0


def draw_contribution(name: str, contribution: float, largest: float) -> Markup:
    """The bar of one column, on a scale up to the `largest` contribution either way."""
    most = largest or 1.0
    across = Scale(-most, most, 2, WIDTH - 2)
    middle, end = across(0), across(contribution)
    return drawing(
        WIDTH,
        HEIGHT,
        f"Contribution of {name}",
        write_gain(contribution),
        box(min(middle, end), 3, max(middle, end), HEIGHT - 3, f"bar {'realised' if contribution >= 0 else 'alarm'}"),
        line((middle, 0), (middle, HEIGHT), "axis"),
        class_="intervals",
    )
