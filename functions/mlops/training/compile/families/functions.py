"""FunctionTransformer: of nothing, and of NumPy's functions that ONNX Runtime has in float64."""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.preprocessing import FunctionTransformer

from mlops.training.compile.columns import Columns
from mlops.training.compile.numerics import expm1, log1p
from mlops.training.compile.table import Rule
from mlops.training.compile.tensors import Tensor, numbers
from mlops.training.compile.walk import Transformer, Walk

type Function = Callable[[Tensor], Tensor]


def _node(kind: str) -> Function:
    return lambda x: x.node(kind)


FUNCTIONS: dict[Any, Function] = {
    np.abs: Tensor.abs,
    np.fabs: Tensor.abs,
    np.arcsinh: lambda x: x.node("Sign") * log1p(x.abs() + x.square() / ((x.square() + 1.0).sqrt() + 1.0)),
    np.cbrt: lambda x: x.node("Sign") * x.abs() ** (1 / 3),
    np.ceil: _node("Ceil"),
    np.cos: _node("Cos"),
    np.cosh: lambda x: (x.exp() + (-x).exp()) * 0.5,
    np.exp: Tensor.exp,
    np.exp2: lambda x: x.constant(2.0) ** x,
    np.expm1: expm1,
    np.floor: _node("Floor"),
    np.log: Tensor.log,
    np.log10: lambda x: x.log() / np.log(10.0),
    np.log1p: log1p,
    np.log2: lambda x: x.log() / np.log(2.0),
    np.negative: _node("Neg"),
    np.positive: lambda x: x,
    np.reciprocal: lambda x: 1.0 / x,
    np.rint: _node("Round"),
    np.sign: _node("Sign"),
    np.sin: _node("Sin"),
    np.sinh: lambda x: (expm1(x) - expm1(-x)) * 0.5,
    np.sqrt: Tensor.sqrt,
    np.square: Tensor.square,
    np.tanh: _node("Tanh"),
}
"""NumPy's function → the same of a tensor, to rounding."""


def known_function(function: Any, arguments: Any) -> str | None:
    """Why a function has no exact conversion; None if it has one, or is none."""
    if function is None:
        return None
    names = ", ".join(sorted(each.__name__ for each in FUNCTIONS))
    if not callable(function) or function not in FUNCTIONS:
        name = getattr(function, "__name__", repr(function))
        return (
            f"it calls the Python function {name!r}; use one of NumPy's ({names}), a transformer, "
            "or compute that column in the dataset"
        )
    return "it gives its function arguments; leave kw_args out" if arguments else None


def _function(estimator: FunctionTransformer, columns: Columns, walk: Walk) -> Columns:
    if estimator.func is None:
        return columns
    return FUNCTIONS[estimator.func](numbers(columns, walk)).columns(columns)


def _known(estimator: FunctionTransformer) -> str | None:
    return known_function(estimator.func, estimator.kw_args)


TRANSFORMERS: dict[type, Transformer] = {FunctionTransformer: _function}
RULES: dict[type, Rule] = {FunctionTransformer: _known}
