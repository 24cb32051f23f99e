"""The plot of which columns a model leans on."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from mlops.training.artifacts.plots.canvas import COLOURS, GREY, INK, Plot, draw, shorten
from mlops.training.evaluation.importance import Importance
from mlops.training.evaluation.metrics.answers import ClassAnswers, ValueAnswers
from mlops.training.evaluation.metrics.metric import Metric

MOST_COLUMNS = 15


def plot_importance(found: Sequence[Importance], metric: Metric[ClassAnswers] | Metric[ValueAnswers]) -> Plot:
    """The columns whose shuffling costs most of a metric, the most important first.

    A metric that every row moves, such as log loss or mean absolute error, tells more columns apart than accuracy.
    """
    shown = sorted(found, key=lambda entry: -entry.loss)[:MOST_COLUMNS]
    places = np.arange(len(shown))
    change = "fall" if metric.better == "higher" else "rise"

    def paint(axes: Axes) -> None:
        losses = [entry.loss for entry in shown]
        axes.barh(places, losses, height=0.62, color=COLOURS[0])
        axes.errorbar(losses, places, xerr=[entry.deviation for entry in shown], fmt="none", ecolor=INK, elinewidth=1)
        axes.axvline(0, color=GREY, linewidth=0.8)
        axes.set_yticks(places, [shorten(entry.column) for entry in shown])
        axes.set_ylim(len(shown) - 0.4, -0.6)
        axes.set_xlabel(f"{metric.title}: {change} when the column is shuffled")
        axes.grid(visible=True, axis="x")
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)

    rest = f" The first {len(shown)} of {len(found)} columns." if len(shown) < len(found) else ""
    caption = (
        f"What each column is worth to the model, by permutation; lines are a standard deviation.{rest} Columns that "
        "tell the same share their worth."
    )
    return draw("importance", "Importance", caption, paint, (5.6, 1.2 + 0.27 * len(shown)))
