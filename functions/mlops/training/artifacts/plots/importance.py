"""Permutation importance: how much each column contributes to a model's quality, measured and drawn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from mlops.evaluation.metrics.answers import ClassAnswers, Integers, ValueAnswers
from mlops.evaluation.metrics.metric import Metric
from mlops.training.artifacts.plots.canvas import COLOURS, GREY, INK, Plot, draw, shorten

REPEATS = 5
MOST_ROWS = 2000
MOST_COLUMNS = 15


@dataclass(frozen=True)
class Importance:
    """The mean loss of a metric when `column` is shuffled, positive where it helps, and its standard deviation."""

    column: str
    loss: float
    deviation: float


def permute_columns[A: (ClassAnswers, ValueAnswers)](
    data: pd.DataFrame,
    answer: Callable[[pd.DataFrame, Integers], A],
    metric: Metric[A],
    rng: np.random.Generator,
    repeats: int = REPEATS,
    most_rows: int = MOST_ROWS,
) -> list[Importance]:
    """Permutation importance of every column, in their order (Breiman, Machine Learning 45, 2001).

    `answer` gives the model's answers to a frame whose rows are the data's at the positions it gets with it. At most
    `most_rows` rows are used, drawn at random, and all shuffles of a column are answered in one call.
    """
    chosen = np.sort(rng.permutation(len(data))[:most_rows])
    rows = data.iloc[chosen].reset_index(drop=True)
    whole = metric.value(answer(rows, chosen))
    found = []
    for column in data.columns:
        orders = [rng.permutation(len(rows)) for _ in range(repeats)]
        shuffled = pd.concat([rows] * repeats, ignore_index=True)
        shuffled[column] = rows[column].take(np.concatenate(orders)).reset_index(drop=True)
        answers = answer(shuffled, np.tile(chosen, repeats))
        parts = np.split(np.arange(len(shuffled)), repeats)
        losses = [metric.sign * (whole - metric.value(answers.take(part))) for part in parts]
        found.append(
            Importance(str(column), float(np.mean(losses)), float(np.std(losses, ddof=1)) if repeats > 1 else 0.0)
        )
    return found


def plot_importance(found: Sequence[Importance], metric: Metric[ClassAnswers] | Metric[ValueAnswers]) -> Plot:
    """The columns whose shuffling costs most of a metric, the most important first."""
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
        f"How much each column contributes, by permutation; lines are a standard deviation.{rest} Columns that "
        "carry the same information share their importance."
    )
    return draw("importance", "Importance", caption, paint, (5.6, 1.2 + 0.27 * len(shown)))
