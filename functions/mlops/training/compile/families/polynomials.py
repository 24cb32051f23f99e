"""Columns made of powers and products, and of pieces of polynomials: PolynomialFeatures and SplineTransformer."""

from itertools import chain
from math import factorial

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline
from sklearn.preprocessing import PolynomialFeatures, SplineTransformer

from mlops.training.compile.columns import Column, Columns
from mlops.training.compile.numerics import count_reached
from mlops.training.compile.table import Rule
from mlops.training.compile.tensors import Tensor, joined, numbers
from mlops.training.compile.walk import Transformer, Walk

type Floats = NDArray[np.float64]


def _products(estimator: PolynomialFeatures, columns: Columns, walk: Walk) -> Columns:
    """Each power's factors are columns of x, in front of which stands a column of ones."""
    x = numbers(columns, walk)
    ones = (x.pick([0]).equals(x.pick([0]))).where(1.0, 1.0)
    padded = ones.beside(x)
    degree = max(1, int(estimator.powers_.sum(axis=1).max(initial=0)))
    factors = [
        [*chain.from_iterable([position + 1] * times for position, times in enumerate(powers))]
        for powers in estimator.powers_.tolist()
    ]
    padding = [own + [0] * (degree - len(own)) for own in factors]
    result = padded.pick([own[0] for own in padding])
    for place in range(1, degree):
        result = result * padded.pick([own[place] for own in padding])
    result.graph.declare(result.name, len(factors))
    return tuple(_product(result, index, own, columns) for index, own in enumerate(factors))


def _product(result: Tensor, index: int, factors: list[int], columns: Columns) -> Column:
    """The column of one product: a column itself keeps its source."""
    if len(factors) == 1:
        return columns[factors[0] - 1].moved(result.name, index)
    origins = {columns[factor - 1].origin for factor in factors} or {columns[0].origin}
    return Column(result.name, index, origins.pop() if len(origins) == 1 else "")


def _splines(estimator: SplineTransformer, columns: Columns, walk: Walk) -> Columns:
    parts: list[Tensor] = []
    like: list[Column] = []
    for column, spline in zip(walk.numbers(columns), estimator.bsplines_, strict=True):
        basis = _basis(estimator, numbers((column,), walk), spline, column, walk)
        outputs = spline.c.shape[1] - (0 if estimator.include_bias else 1)
        parts.append(basis if estimator.include_bias else basis.pick(range(outputs)))
        like += [column] * outputs
    return joined(parts).columns(tuple(like))


def _basis(estimator: SplineTransformer, x: Tensor, spline: BSpline, column: Column, walk: Walk) -> Tensor:
    """[N, splines]: every basis function at x [N, 1]."""
    degree = spline.k
    last = len(spline.t) - degree - 1
    knots = np.asarray(spline.t[degree : last + 1], dtype=np.float64)
    walk.mark(column, knots)
    low, high = float(knots[0]), float(knots[-1])
    inside = x
    if estimator.extrapolation == "periodic":
        period = high - low
        if period > 0:
            # Python's remainder: it has the divisor's sign.
            offset = x - low
            rest = offset - (offset / period).node("Floor") * period
            inside = (rest >= period).where(0.0, rest) + low
        else:
            inside = x * 0.0
    elif estimator.extrapolation != "continue":
        inside = x.clip(low, high)
    result = _pieces(inside, spline, knots, degree)
    if estimator.extrapolation == "linear":
        slopes = [np.asarray(spline(edge, nu=1), dtype=np.float64) for edge in (low, high)]
        slopes[0][degree:] = 0.0
        slopes[1][: len(slopes[1]) - degree] = 0.0
        result = result + (x < low).where(x - low, 0.0) * slopes[0] + (x > high).where(x - high, 0.0) * slopes[1]
    return x.is_nan().where(0.0, result) if estimator.handle_missing == "zeros" else result


def _pieces(x: Tensor, spline: BSpline, knots: Floats, degree: int) -> Tensor:
    """[N, splines]: the polynomial of the piece that x lies in, the outer ones going on beyond the knots."""
    lefts = knots[:-1]
    # By Taylor's theorem, from the left edge of each piece: [pieces, splines] each.
    coefficients = [np.asarray(spline(lefts, nu=power)) / factorial(power) for power in range(degree + 1)]
    piece = count_reached(x, knots[1:-1]) if len(knots) > 2 else (x * 0.0).whole()
    piece = piece.squeeze(1)
    local = x - piece.lookup(lefts).expand(1)
    total = piece.lookup(coefficients[-1])
    for power in range(degree - 1, -1, -1):
        total = total * local + piece.lookup(coefficients[power])
    return total


def _beyond_knots(estimator: SplineTransformer) -> str | None:
    """A rule: scikit-learn itself raises, or takes other knots for the second column than for the first."""
    least = {"constant": 1, "linear": 2}.get(estimator.extrapolation, 0)
    if estimator.degree >= least:
        return None
    words = f"splines of degree {estimator.degree} don't go on beyond their knots as {estimator.extrapolation!r}"
    return f"{words}; use degree={least} or more, or extrapolation='continue'"


RULES: dict[type, Rule] = {SplineTransformer: _beyond_knots}
TRANSFORMERS: dict[type, Transformer] = {PolynomialFeatures: _products, SplineTransformer: _splines}
