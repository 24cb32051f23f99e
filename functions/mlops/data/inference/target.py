"""The target of a first dataset: one of two labels, one of several, or a value."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy import stats

from mlops.artifact.spelling import respell
from mlops.contract import Target, Task
from mlops.data.inference.columns import infer_column, infer_kind
from mlops.data.inference.spellings import find_odd_numbers, missing_texts
from mlops.data.kinds import as_kind
from mlops.errors import rejection

MAX_LABELS = 50
SKEWED = 2.0
"""The skewness of a lognormal variable whose logarithm has a standard deviation of about 0.55."""
MIN_SKEWED = 50
MAX_SPELLINGS = 3 * MAX_LABELS
MAX_NUMBERS = 20
"""A whole number with more values than this is an amount, not a label."""
ROWS_PER_LABEL = 10
POSITIVE = ("yes", "true", "1", "1.0", "y", "t", "positive", "malignant", "fraud", "churned", "sick", "default")


def infer_target(name: str, cells: pa.ChunkedArray, task: Task | None = None) -> Target:
    """The target, of this task if it's given. Raises DatasetRejected if it can't be one."""
    column = infer_column(name, cells, infer_kind(cells))
    counts = as_kind(cells, "category", missing_texts(cells, "category")).values.value_counts()
    if column.kind == "category" and len(counts) > MAX_LABELS and (odd := find_odd_numbers(cells)):
        raise rejection("target", f"{name} {odd}")
    if len(counts) <= MAX_SPELLINGS:
        counts = counts.loc[_different(counts.index)]
    if task is None:
        task = _task(column.kind in ("number", "integer"), column.kind == "integer", len(counts), len(cells))
    if task == "regression":
        if column.kind not in ("number", "integer"):
            raise rejection("target", f"{name} isn't a number, so it can't be the target of a regression")
        return Target(name=name, task=task, unit=column.unit)
    if not 2 <= len(counts) <= MAX_LABELS:
        problem = (
            "has a single label" if len(counts) < 2 else f"has {len(counts):,} different values, too many for labels"
        )
        raise rejection("target", f"{name} {problem}; is another column the target, or is it a regression?")
    labels = _sorted(list(map(str, counts.index)))
    if len(labels) > 2:
        return Target(name=name, task="multiclass", labels=tuple(labels))
    rarest = str(counts.index[-1])
    positive = next((label for label in labels if label.lower() in POSITIVE), rarest)
    negative = labels[1 - labels.index(positive)]
    return Target(name=name, task="binary", labels=(negative, positive), positive=positive)


def is_skewed(values: pd.Series) -> bool:
    """Whether a target's logarithm suits a regression better than itself: nothing negative, and a long upper tail."""
    known = values.dropna().to_numpy(np.float64)
    if len(known) < MIN_SKEWED or known.min() < 0:
        return False
    skewness = float(stats.skew(known))
    return skewness > SKEWED and abs(float(stats.skew(np.log1p(known)))) < skewness / 2


def _different(texts: Iterable[str]) -> list[str]:
    """The texts without other spellings of those before them: "TRUE" of "True", "1.0" of "1"."""
    found: list[str] = []
    for text in map(str, texts):
        if not respell([text], found):
            found.append(text)
    return found


def _task(is_number: bool, is_whole: bool, distinct: int, rows: int) -> Task:
    if distinct == 2:
        return "binary"
    few = distinct <= MAX_NUMBERS and rows >= ROWS_PER_LABEL * distinct
    return "regression" if is_number and not (is_whole and few) else "multiclass"


def _sorted(labels: list[str]) -> list[str]:
    """Numbers by size, else by letters."""
    try:
        return sorted(labels, key=float)
    except ValueError:
        return sorted(labels)
