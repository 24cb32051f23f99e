"""The target of a first dataset: one of two labels, one of several, or a value."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy import stats

from mlops.artifact.spelling import respell
from mlops.contract import Target, Task
from mlops.data.check import MIN_ROWS_PER_CLASS
from mlops.data.inference.columns import infer_column, infer_kind
from mlops.data.inference.notations import find_notation, find_others
from mlops.data.inference.spellings import distinct_values, missing_texts
from mlops.data.kinds import as_kind
from mlops.errors.data import rejection

MAX_LABELS = 50
SKEWED = 2.0
"""The skewness of a lognormal variable whose logarithm has a standard deviation of about 0.55."""
MIN_SKEWED = 50
MAX_SPELLINGS = 3 * MAX_LABELS
MAX_NUMBERS = 20
"""A whole number with more values than this is an amount, not a label."""
ROWS_PER_LABEL = 10
FEW_ROWS = 0.05
"""The share of rows that labels of too few rows may have, to be left out."""
_TIMES = ("date", "datetime", "time")
_WHOLE = re.compile(r"[+-]?[0-9]+")
POSITIVE = ("yes", "true", "y", "t", "+", "pos", "positive", "malignant", "fraud", "churned", "sick", "default")
_ONE = 1.0
_NOT_ONE = (0.0, -1.0)
"""Beside these 1 is the positive label; beside 2 it's the number of a class."""


def infer_target(name: str, cells: pa.ChunkedArray, task: Task | None = None) -> Target:
    """The target, of this task if it's given. Raises DatasetRejected if it can't be one."""
    column = infer_column(name, cells, infer_kind(cells))
    counts = as_kind(cells, "category", missing_texts(cells, "category")).values.value_counts()
    if not len(counts):
        raise rejection("target", f"{name} is empty in every row; is another column the target?")
    if column.kind == "category" and (odd := _find_amounts(cells, len(counts), task)):
        raise rejection("target", f"{name} {odd}")
    if column.kind in _TIMES and (len(counts) > MAX_LABELS or (column.kind != "time" and task is None)):
        raise rejection(
            "target",
            f"{name} is a {column.kind}, which isn't predicted; make it a number, such as days from a known day",
        )
    is_whole = column.kind == "integer"
    if len(counts) <= MAX_SPELLINGS:
        counts = _by_value(counts)
        # Of numbers written as 1 here and as 1.0 there, as by programs that knew of no fraction.
        is_whole |= column.kind == "number" and all(map(_WHOLE.fullmatch, map(str, counts.index)))
    if task is None:
        task = _task(column.kind in ("number", "integer"), is_whole, len(counts), len(cells))
    if task == "regression":
        if column.kind not in ("number", "integer"):
            raise rejection("target", f"{name} isn't a number, so it can't be the target of a regression")
        return Target(name=name, task=task, unit=column.unit)
    if not 2 <= len(counts) <= MAX_LABELS:
        problem = (
            "has a single label" if len(counts) < 2 else f"has {len(counts):,} different values, too many for labels"
        )
        raise rejection("target", f"{name} {problem}; is another column the target, or is it a regression?")
    labels = _sorted(_frequent(counts))
    if len(labels) > 2:
        return Target(name=name, task="multiclass", labels=tuple(labels))
    rarest = next(label for label in map(str, reversed(counts.index)) if label in labels)
    positive = next((label for label in labels if _is_positive(label, labels)), rarest)
    negative = labels[1 - labels.index(positive)]
    return Target(name=name, task="binary", labels=(negative, positive), positive=positive)


def _find_amounts(cells: pa.ChunkedArray, distinct: int, task: Task | None) -> str | None:
    """What keeps a target of more values than labels from being a number, with the remedy; None if nothing does."""
    if distinct > MAX_LABELS:
        return find_notation(cells) or find_others(cells)
    return find_notation(cells) if task is None and distinct > MAX_NUMBERS else None


def _is_positive(label: str, labels: Sequence[str]) -> bool:
    """Whether one of two labels is called as the positive one usually is."""
    if label.lower() in POSITIVE:
        return True
    try:
        return float(label) == _ONE and any(float(other) in _NOT_ONE for other in labels)
    except ValueError:
        return False


def is_skewed(values: pd.Series) -> bool:
    """Whether a target's logarithm suits a regression better than itself: nothing negative, and a long upper tail."""
    known = values.dropna().to_numpy(np.float64)
    if len(known) < MIN_SKEWED or known.min() < 0 or known.min() == known.max():
        return False
    skewness = float(stats.skew(known))
    return skewness > SKEWED and abs(float(stats.skew(np.log1p(known)))) < skewness / 2


def _by_value(counts: "pd.Series[int]") -> "pd.Series[int]":
    """Rows by value, where `counts` are those by spelling; the most frequent first."""
    values = distinct_values(map(str, counts.index))
    spelt = respell(map(str, counts.index), values)
    return (
        counts.groupby([spelt.get(str(text), str(text)) for text in counts.index])
        .sum()
        .sort_values(ascending=False, kind="stable")
    )


def _frequent(counts: "pd.Series[int]") -> list[str]:
    """The labels to learn: without those of too few rows, if two others are left and that costs few rows."""
    kept = counts[counts >= MIN_ROWS_PER_CLASS]
    is_cheap = counts.sum() - kept.sum() <= FEW_ROWS * counts.sum()
    return [*map(str, (kept if len(kept) > 1 and is_cheap else counts).index)]


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
