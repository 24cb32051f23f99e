"""The profile: reference statistics of the training rows, with which drift in requests is detected."""

from typing import Any

import numpy as np
import pandas as pd

from mlops.contract import Column, Contract
from mlops.privacy import is_public

QUANTILES = tuple(round(0.05 * step, 2) for step in range(21))


def profile(rows: pd.DataFrame, contract: Contract) -> dict[str, Any]:
    """Per column: share of missing values, then quantiles, mean and deviation, or the categories' shares.

    The target has its labels' shares, or quantiles, mean and deviation. Private columns are left out.
    """
    target = contract.target
    return {
        "rows": len(rows),
        "columns": {
            column.name: _describe(rows[column.name], column) for column in contract.columns if is_public(column)
        },
        "target": _shares(rows[target.name]) if target.labels else _spread(rows[target.name]),
    }


def _describe(values: pd.Series, column: Column) -> dict[str, Any]:
    known = values.dropna()
    described: dict[str, Any] = {"missing": float(values.isna().mean())}
    if column.kind == "category":
        return {**described, "shares": _shares(known)}
    if known.empty:
        return described
    return {**described, **_spread(known)}


def _spread(values: pd.Series) -> dict[str, Any]:
    numbers = values.to_numpy(np.float64)
    quantiles = np.quantile(numbers, QUANTILES)
    return {
        "mean": float(numbers.mean()),
        "deviation": float(numbers.std()),
        "quantiles": dict(zip(map(str, QUANTILES), map(float, quantiles), strict=True)),
    }


def _shares(values: pd.Series) -> dict[str, float]:
    shares = values.value_counts(normalize=True)
    return {str(name): float(share) for name, share in shares.sort_index().items()}
