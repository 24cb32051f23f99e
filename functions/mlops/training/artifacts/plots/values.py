"""A regression's plots: predicted against true values, and residuals."""

import numpy as np
from matplotlib.axes import Axes

from mlops.evaluation.metrics.answers import Integers, ValueAnswers
from mlops.pages.canvas import COLOURS, GREY, INK, Plot, draw

MOST_POINTS = 1500
TREND_BINS = 12


def plot_predicted(answers: ValueAnswers, target: str, unit: str | None = None) -> Plot:
    """Predicted against true values; on the diagonal they agree."""
    shown = _shown(answers)
    both = np.r_[answers.truth, answers.predictions]
    low, high = float(both.min()), float(both.max())
    reach = 0.04 * ((high - low) or 1.0)

    def paint(axes: Axes) -> None:
        ends = low - reach, high + reach
        axes.plot(ends, ends, color=GREY, linewidth=0.8, linestyle=(0, (2, 2)))
        axes.scatter(answers.truth[shown], answers.predictions[shown], s=11, color=COLOURS[0], alpha=0.45, linewidths=0)
        axes.set(xlim=ends, ylim=ends, aspect="equal", xlabel=_of("true", target, unit))
        axes.set_ylabel(_of("predicted", target, unit))
        axes.grid(visible=True)

    caption = f"On the dotted diagonal, predictions equal true values. {_count(shown, answers)}"
    return draw("predicted", "Predicted and true values", caption, paint, (4.4, 4.4))


def plot_residuals(answers: ValueAnswers, target: str, unit: str | None = None) -> Plot:
    """Truth minus prediction against the prediction, with the median and the middle 80 % of each part."""
    shown = _shown(answers)
    order = np.argsort(answers.predictions, kind="stable")
    parts = np.array_split(order, min(TREND_BINS, max(1, len(order) // 20)))
    across = [float(answers.predictions[part].mean()) for part in parts]
    low, middle, high = np.array([np.quantile(answers.residuals[part], [0.1, 0.5, 0.9]) for part in parts]).T

    def paint(axes: Axes) -> None:
        axes.axhline(0, color=GREY, linewidth=0.8, linestyle=(0, (2, 2)))
        axes.scatter(answers.predictions[shown], answers.residuals[shown], s=11, color=COLOURS[0], alpha=0.35, lw=0)
        axes.fill_between(across, low, high, color=INK, alpha=0.08, linewidth=0)
        axes.plot(across, middle, color=INK, linewidth=1.4)
        axes.set(xlabel=_of("predicted", target, unit), ylabel="true minus predicted" + (f" ({unit})" if unit else ""))
        axes.grid(visible=True)

    caption = (
        "Residuals of a good model scatter evenly about the dotted line. The dark line is their median, the "
        f"shade their middle 80 %. {_count(shown, answers)}"
    )
    return draw("residuals", "Residuals", caption, paint, (5.6, 4.0))


def _shown(answers: ValueAnswers) -> Integers:
    """At most 1,500 rows, evenly picked in the order of the truth."""
    order = np.argsort(answers.truth, kind="stable")
    picked: Integers = order[np.unique(np.linspace(0, len(order) - 1, MOST_POINTS).round().astype(np.intp))]
    return picked


def _count(shown: Integers, answers: ValueAnswers) -> str:
    return f"{len(answers):,} rows." if len(shown) == len(answers) else f"{len(shown):,} of {len(answers):,} rows."


def _of(what: str, target: str, unit: str | None) -> str:
    return f"{what} {target} ({unit})" if unit else f"{what} {target}"
