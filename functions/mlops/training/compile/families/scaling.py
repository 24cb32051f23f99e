"""Scalers: the same operations in the same order as scikit-learn's, so that not even the rounding differs."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler

from mlops.training.compile.columns import Columns
from mlops.training.compile.table import Rule
from mlops.training.compile.walk import Transformer, Walk


def _scaled(columns: Columns, walk: Walk, shift: NDArray[Any] | None, scale: NDArray[Any] | None) -> Columns:
    """(columns - shift) / scale, each left out where it is None."""
    tensor = walk.graph.matrix(walk.numbers(columns))
    if shift is not None:
        tensor = walk.graph.node("Sub", tensor, walk.graph.constant(shift))
    if scale is not None:
        tensor = walk.graph.node("Div", tensor, walk.graph.constant(scale))
    shifts = np.zeros(len(columns)) if shift is None else shift
    scales = np.ones(len(columns)) if scale is None else scale
    pairs = zip(columns, shifts.tolist(), scales.tolist(), strict=True)
    return walk.graph.columns(tensor, [column.rescaled(shift, scale) for column, shift, scale in pairs])


def _standard(estimator: StandardScaler, columns: Columns, walk: Walk) -> Columns:
    shift = estimator.mean_ if estimator.with_mean else None
    return _scaled(columns, walk, shift, estimator.scale_ if estimator.with_std else None)


def _robust(estimator: RobustScaler, columns: Columns, walk: Walk) -> Columns:
    shift = estimator.center_ if estimator.with_centering else None
    return _scaled(columns, walk, shift, estimator.scale_ if estimator.with_scaling else None)


def _max_abs(estimator: MaxAbsScaler, columns: Columns, walk: Walk) -> Columns:
    return _scaled(columns, walk, None, estimator.scale_)


def _min_max(estimator: MinMaxScaler, columns: Columns, walk: Walk) -> Columns:
    graph = walk.graph
    tensor = graph.node("Mul", graph.matrix(walk.numbers(columns)), graph.constant(estimator.scale_))
    tensor = graph.node("Add", tensor, graph.constant(estimator.min_))
    if estimator.clip:
        low, high = estimator.feature_range
        tensor = graph.node("Clip", tensor, graph.constant(low), graph.constant(high))
    scales = (1 / estimator.scale_).tolist()
    pairs = zip(columns, estimator.min_.tolist(), scales, strict=True)
    return graph.columns(tensor, [column.rescaled(-minimum * scale, scale) for column, minimum, scale in pairs])


TRANSFORMERS: dict[type, Transformer] = {
    StandardScaler: _standard,
    RobustScaler: _robust,
    MaxAbsScaler: _max_abs,
    MinMaxScaler: _min_max,
}


def _unclipped(estimator: MaxAbsScaler) -> str | None:
    return "it clips; leave clip out" if getattr(estimator, "clip", False) else None


RULES: dict[type, Rule] = {MaxAbsScaler: _unclipped}
