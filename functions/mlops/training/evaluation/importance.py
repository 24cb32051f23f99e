"""What each column is worth to a model: what is lost when it tells nothing."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlops.training.evaluation.metrics.answers import ClassAnswers, Integers, ValueAnswers
from mlops.training.evaluation.metrics.metric import Metric

REPEATS = 5
MOST_ROWS = 2000


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
    `most_rows` rows are asked about, drawn at random, and all shuffles of a column in one call.
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
