"""Permutation importance: how much each column contributes to a model's quality, measured and drawn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from mlops.evaluation.metrics.answers import ClassAnswers, Integers, ValueAnswers
from mlops.evaluation.metrics.metric import Metric
from mlops.pages.canvas import COLOURS, GREY, INK, Plot, draw, shorten

REPEATS = 5
MOST_ROWS = 2000
MOST_COLUMNS = 15
MOST_SINGLY = 128
GROUPS = 2 * MOST_COLUMNS + 2
LEAST_ROWS = 100
MOST_CELLS = 5_000_000
"""Cells that are answered at once."""


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
    `most_rows` rows are used, drawn at random, and all shuffles of a column are answered in one call. Of more than
    MOST_SINGLY columns, each of which costs an answer to all of them, those are left out that don't matter: columns are
    shuffled in groups, and the groups that cost most are halved until they are columns.
    """
    most = min(most_rows, max(LEAST_ROWS, MOST_CELLS // (repeats * max(1, data.shape[1]))))
    chosen = np.sort(rng.permutation(len(data))[:most])
    rows = data.iloc[chosen].reset_index(drop=True)
    whole = metric.value(answer(rows, chosen))

    def shuffle(columns: Sequence[str], times: int) -> list[float]:
        """What the metric loses when the columns are shuffled together, each time."""
        orders = np.concatenate([rng.permutation(len(rows)) for _ in range(times)])
        shuffled = pd.concat([rows] * times, ignore_index=True) if times > 1 else rows
        moved = {name: rows[name].take(orders).reset_index(drop=True) for name in columns}
        answers = answer(shuffled.assign(**moved), np.tile(chosen, times))
        parts = np.split(np.arange(len(shuffled)), times)
        return [metric.sign * (whole - metric.value(answers.take(part))) for part in parts]

    names = [str(name) for name in data.columns]
    if len(names) > MOST_SINGLY:
        names = _narrow_down(names, lambda group: shuffle(group, 1)[0])
    found = []
    for name in names:
        losses = shuffle([name], repeats)
        deviation = float(np.std(losses, ddof=1)) if repeats > 1 else 0.0
        found.append(Importance(name, float(np.mean(losses)), deviation))
    return found


def _narrow_down(names: Sequence[str], loss: Callable[[Sequence[str]], float]) -> list[str]:
    """The columns, at most GROUPS of them, that are in the groups whose shuffling costs most, in their order."""
    groups = [list(part) for part in np.array_split(np.array(names, dtype=object), GROUPS)]
    while max(map(len, groups)) > 1:
        losses = [loss(group) for group in groups]
        kept = sorted(range(len(groups)), key=lambda place: -losses[place])[: GROUPS // 2]
        halves = [np.array_split(np.array(groups[place], dtype=object), 2) for place in sorted(kept)]
        groups = [list(half) for pair in halves for half in pair if len(half)]
    return [name for group in groups for name in group]


def plot_importance(
    found: Sequence[Importance], metric: Metric[ClassAnswers] | Metric[ValueAnswers], columns: int | None = None
) -> Plot:
    """The columns whose shuffling costs most of a metric, the most important first.

    They are of so many `columns`, where not all were shuffled by themselves.
    """
    columns = columns or len(found)
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

    rest = f" The first {len(shown)} of {columns:,} columns." if len(shown) < columns else ""
    caption = (
        f"How much each column contributes, by permutation; lines are a standard deviation.{rest} Columns that "
        "carry the same information share their importance."
    )
    return draw("importance", "Importance", caption, paint, (5.6, 1.2 + 0.27 * len(shown)))
