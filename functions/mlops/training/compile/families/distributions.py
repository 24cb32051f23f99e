"""Transformers that change a column's distribution: powers, quantiles, and rows of unit norm."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import Normalizer, PowerTransformer, QuantileTransformer
from sklearn.preprocessing._data import BOUNDS_THRESHOLD

from mlops.training.compile.columns import Column, Columns
from mlops.training.compile.numerics import expm1, interpolate, log1p, normal_distribution, normal_quantile
from mlops.training.compile.tensors import Tensor, joined, numbers
from mlops.training.compile.walk import Transformer, Walk

type Floats = NDArray[np.float64]

_ULP = float(np.spacing(1.0))


def _powers(estimator: PowerTransformer, columns: Columns, walk: Walk) -> Columns:
    function = _box_cox if estimator.method == "box-cox" else _yeo_johnson
    for column in columns:
        walk.mark(column, [0.0])
    parts = [
        function(numbers((column,), walk), float(power))
        for column, power in zip(columns, estimator.lambdas_, strict=True)
    ]
    result = joined(parts)
    if estimator.standardize:
        result = (result - estimator._scaler.mean_) / estimator._scaler.scale_
    return _like(result, columns, estimator)


def _box_cox(x: Tensor, power: float) -> Tensor:
    return x.log() if power == 0 else expm1(x.log() * power) / power


def _yeo_johnson(x: Tensor, power: float) -> Tensor:
    positive = x >= 0.0
    # Each branch sees only numbers that it is defined for.
    above, below = positive.where(x, 0.0), positive.where(0.0, -x)
    up, down = log1p(above), log1p(below)
    right = up if abs(power) < _ULP else expm1(up * power) / power
    left = -down if abs(power - 2) < _ULP else -expm1(down * (2 - power)) / (2 - power)
    return x.is_nan().where(np.nan, positive.where(right, left))


def powers_undone(estimator: PowerTransformer, values: Tensor) -> Tensor:
    """What a PowerTransformer of one column takes back [N, 1]."""
    power = float(estimator.lambdas_[0])
    if estimator.standardize:
        values = values * estimator._scaler.scale_ + estimator._scaler.mean_
    if estimator.method == "box-cox":
        return values.exp() if power == 0 else (log1p(values * power) / power).exp()
    positive = values >= 0.0
    above, below = positive.where(values, 0.0), positive.where(0.0, values)
    right = above.exp() - 1.0 if abs(power) < _ULP else (above * power + 1.0) ** (1 / power) - 1.0
    rest = 2 - power
    left = 1.0 - (-below).exp() if abs(rest) <= _ULP else 1.0 - (below * -rest + 1.0) ** (1 / rest)
    return positive.where(right, left)


def _quantiles(estimator: QuantileTransformer, columns: Columns, walk: Walk) -> Columns:
    parts = []
    for position, column in enumerate(columns):
        edges = np.asarray(estimator.quantiles_[:, position], dtype=np.float64)
        walk.mark(column, edges)
        parts.append(_shares(estimator, numbers((column,), walk), edges))
    return _like(joined(parts), columns, estimator)


def _shares(estimator: QuantileTransformer, x: Tensor, edges: Floats) -> Tensor:
    """[N, 1]: the share of the training rows below x, or the normal quantile of it."""
    shares = np.asarray(estimator.references_, dtype=np.float64)
    both = interpolate(x, edges, shares) - interpolate(-x, -edges[::-1], -shares[::-1])
    share = both * 0.5
    if estimator.output_distribution == "uniform":
        share = x.equals(float(edges[-1])).where(1.0, share)
        return x.equals(float(edges[0])).where(0.0, share)
    share = (x + BOUNDS_THRESHOLD > float(edges[-1])).where(1.0, share)
    share = (x - BOUNDS_THRESHOLD < float(edges[0])).where(0.0, share)
    least = BOUNDS_THRESHOLD - np.spacing(1)
    return normal_quantile(share.clip(least, 1 - least), least)


def quantiles_undone(estimator: QuantileTransformer, values: Tensor) -> Tensor:
    """What a QuantileTransformer of one column takes back [N, 1]."""
    edges = np.asarray(estimator.quantiles_[:, 0], dtype=np.float64)
    normal = estimator.output_distribution == "normal"
    share = normal_distribution(values) if normal else values
    found = interpolate(share, np.asarray(estimator.references_, dtype=np.float64), edges)
    margin = BOUNDS_THRESHOLD if normal else 0.0
    found = (share + margin > 1.0).where(float(edges[-1]), found) if normal else found
    return (share - margin < 0.0).where(float(edges[0]), found) if normal else found


def _like(result: Tensor, columns: Columns, estimator: PowerTransformer | QuantileTransformer) -> Columns:
    """The columns of a result, whose thresholds lead back to the columns that it was made of."""

    def inverse(position: int) -> Callable[[float], float]:
        def undo(value: float) -> float:
            row = np.zeros((1, len(columns)))
            row[0, position] = value
            return float(estimator.inverse_transform(row)[0, position])

        return undo

    mapped: list[Column] = [column.mapped(inverse(position)) for position, column in enumerate(columns)]
    return result.graph.columns(result.name, mapped)


def _normalized(estimator: Normalizer, columns: Columns, walk: Walk) -> Columns:
    x = numbers(columns, walk)
    if estimator.norm == "l2":
        norm = x.square().sum().sqrt()
    else:
        norm = x.abs().sum() if estimator.norm == "l1" else x.abs().max()
    norm = (norm < 10 * np.finfo(np.float64).eps).where(1.0, norm)
    return (x / norm).mixed(len(columns))


TRANSFORMERS: dict[type, Transformer] = {
    PowerTransformer: _powers,
    QuantileTransformer: _quantiles,
    Normalizer: _normalized,
}
