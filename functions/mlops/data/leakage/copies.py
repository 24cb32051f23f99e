"""Copies of the target: under another name, with other labels, within a text, on another scale."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from mlops.contract import Column, Target

MIN_ROWS = 20
"""Rows that a copy must be seen in; in fewer, it could be chance."""
KNOWN_SHARE = 0.5
"""A copy may have missing cells, in at most half of the rows."""
SCALED = 1 - 1e-6
"""The least squared correlation of a copy on another scale: what rounding to a few digits leaves of 1."""
MIN_LABEL = 3
"""Shorter labels occur within texts by chance."""
TOLD_APART = 0.99
GLANCE = 1_000
"""The first rows rule out most columns; the others are compared in all rows."""


def find_copies(rows: pd.DataFrame, columns: Sequence[Column], target: Target) -> dict[str, str]:
    """Column → how it holds the target."""
    truth = rows[target.name]
    judge = _judge_labels if target.labels else _judge_values
    reasons = {column.name: judge(rows[column.name], truth, column, target) for column in columns}
    return {name: reason for name, reason in reasons.items() if reason}


def _judge_labels(values: pd.Series, truth: pd.Series, column: Column, target: Target) -> str | None:
    if _is_relabelled(values, truth, target) or _is_relabelled(values[values.notna()], truth[values.notna()], target):
        return f"is {target.name} under other labels: each of its values occurs with one label only"
    if column.kind == "category" and _holds_labels(values, truth, target):
        return f"contains the labels of {target.name} within its texts"
    return None


def _is_relabelled(values: pd.Series, truth: pd.Series, target: Target) -> bool:
    """Whether values and labels are the same thing, one to one. Missing is a value too, where it's given."""
    if len(values) < max(MIN_ROWS, KNOWN_SHARE * len(truth)):
        return False
    if values.iloc[:GLANCE].nunique(dropna=False) > len(target.labels):
        return False
    codes, names = pd.factorize(values, use_na_sentinel=False)
    labels, known = pd.factorize(truth)
    pairs = np.unique(codes * len(known) + labels)
    return len(names) == len(known) == len(target.labels) == len(pairs)


def _holds_labels(values: pd.Series, truth: pd.Series, target: Target) -> bool:
    if min(map(len, target.labels)) < MIN_LABEL:
        return False
    known = values.notna()
    if known.sum() < max(MIN_ROWS, KNOWN_SHARE * len(values)):
        return False
    pairs = pd.DataFrame({"text": values[known], "label": truth[known]}).value_counts().reset_index()
    # The longest label that occurs: "no" occurs in "unknown" too, and "active" in "inactive".
    longest = sorted(target.labels, key=len, reverse=True)
    held = [next((label for label in longest if label.lower() in text.lower()), None) for text in pairs["text"]]
    hits = pairs["count"][pd.Series(held, index=pairs.index) == pairs["label"]].sum()
    return bool(hits >= TOLD_APART * known.sum())


def _judge_values(values: pd.Series, truth: pd.Series, column: Column, target: Target) -> str | None:
    known = values.notna()
    if column.kind == "category" or known.sum() < max(MIN_ROWS, KNOWN_SHARE * len(values)):
        return None
    given, wanted = values[known].to_numpy(np.float64), truth[known].to_numpy(np.float64)
    if _correlation(given, wanted) ** 2 >= SCALED:
        return f"is {target.name} on another scale: a straight line leads from one to the other"
    if len(np.unique(given)) > len(given) / 2 and abs(_correlation(_ranks(given), _ranks(wanted))) >= SCALED:
        return f"is {target.name} on another scale: both put the rows into the same order"
    return None


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    one, other = one - one.mean(), other - other.mean()
    scale = float(np.sqrt((one @ one) * (other @ other)))
    return float(one @ other) / scale if scale > 0 else 0.0


def _ranks(values: np.ndarray) -> np.ndarray:
    return pd.Series(values).rank().to_numpy(np.float64)
