"""Identifiers: another value in each row, and nothing that the next row's value would be like."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from mlops.contract import Column
from mlops.privacy import is_public

MIN_ROWS = 50
"""With fewer rows, different values are no surprise."""
TEXT_SHARE = 0.9
"""A text column with this share of distinct values only names rows."""
_NAMED = re.compile(r"(?:^|[_\W])(?:id|ids|uuid|guid|key|index|idx|row|number|no|nr)$", re.IGNORECASE)
_CAMEL = re.compile(r"[a-z](?:Id|ID|Key|No|Nr)$")


def find_identifiers(rows: pd.DataFrame, columns: Sequence[Column]) -> dict[str, str]:
    """Column → why it's an identifier: text that hardly repeats, or whole numbers that never do and merely count."""
    reasons = {column.name: _judge(rows[column.name].dropna(), column) for column in columns}
    return {name: reason for name, reason in reasons.items() if reason}


def _judge(values: pd.Series, column: Column) -> str | None:
    if len(values) < MIN_ROWS or column.categories:
        return None
    if column.kind == "category":
        distinct = values.nunique()
        share = distinct / len(values)
        if share < TEXT_SHARE:
            return None
        if not is_public(column):
            return "has another text in almost every row, as names have"
        return f"has {distinct:,} different texts in {len(values):,} rows, as names have"
    if column.kind not in ("number", "integer"):
        return None
    numbers = values.to_numpy(np.float64)
    if np.any(numbers != np.floor(numbers)) or len(np.unique(numbers)) < len(numbers):
        return None
    spread = float(np.ptp(numbers))
    if spread < 2 * len(numbers):
        if not is_public(column):
            return "counts the rows: another whole number in each, close to each other"
        # The numbers themselves may name a person.
        return f"counts the rows: {len(numbers):,} different whole numbers within {spread + 1:,.0f}"
    return "is another whole number in each row, and is named as identifiers are" if is_named_so(column.name) else None


def is_named_so(name: str) -> bool:
    """Whether a column's name is one that identifiers have: customer_id, orderNo, key."""
    return bool(_NAMED.search(name) or _CAMEL.search(name))
