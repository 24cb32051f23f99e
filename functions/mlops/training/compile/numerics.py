"""Functions that ONNX Runtime doesn't have in float64, made of those it has."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from mlops.training.compile.tensors import Tensor

type Floats = NDArray[np.float64]

_DEGREE = 11
_SMALL = 1e-3


def expm1(x: Tensor) -> Tensor:
    """exp(x) - 1, without the loss of digits near 0: five terms of the series where |x| < 0.001."""
    series = x.constant(1.0)
    for term in (5, 4, 3, 2):
        series = x * series * (1 / term) + 1.0
    return (x.abs() < _SMALL).where(x * series, x.exp() - 1.0)


def log1p(x: Tensor) -> Tensor:
    """log(1 + x), without the loss of digits near 0: corrected by what the sum 1 + x lost (Kahan's form)."""
    total = x + 1.0
    lost = total - 1.0
    return lost.equals(0.0).where(x, total.log() * x / lost)


def interpolate(x: Tensor, points: Floats, values: Floats) -> Tensor:
    """[N, 1]: linear between the points, constant beyond them, operation by operation as numpy.interp does.

    No number stays none.
    """
    if len(points) == 1:
        return x * 0.0 + float(values[0])
    inside = x.clip(float(points[0]), float(points[-1]))
    segment = count_reached(inside, points) - x.constant(1, np.int64)
    # No number reaches no point.
    segment = (segment < x.constant(0, np.int64)).where(x.constant(0, np.int64), segment)
    widths = np.diff(points)
    slopes = np.append(np.divide(np.diff(values), widths, out=np.zeros_like(widths), where=widths > 0), 0.0)
    found = segment.lookup(slopes) * (inside - segment.lookup(points)) + segment.lookup(values)
    # Of points that are alike the last counts, and below them all the first.
    return (x < float(points[0])).where(float(values[0]), found)


def count_reached(x: Tensor, points: Floats) -> Tensor:
    """[N, 1] whole numbers: how many of the ascending points aren't above x [N, 1]."""
    return (x >= points[None, :]).whole().sum()


def normal_distribution(x: Tensor) -> Tensor:
    """The standard normal distribution function, to 1e-15."""
    return tabulated(x, ndtr, -9.0, 9.0, 144)


def normal_quantile(p: Tensor, least: float) -> Tensor:
    """The inverse of the standard normal distribution function between `least` and 1 - `least`, to 1e-14."""
    upper = p > 0.5
    log_tail = upper.where(1.0 - p, p).log()
    tail = tabulated(log_tail, lambda each: ndtri(np.exp(each)), float(np.log(least)), float(np.log(0.5)), 96)
    return upper.where(-tail, tail)


def tabulated(x: Tensor, function: Callable[[Floats], Any], low: float, high: float, cells: int) -> Tensor:
    """A smooth function of x [N, k] by a polynomial in each of so many cells; constant beyond `low` and `high`."""
    inside = x.clip(low, high)
    step = (high - low) / cells
    position = ((inside - low) / step).clip(0.0, cells - 1.0)
    cell = position.is_nan().where(0.0, position).node("Floor")
    local = ((inside - low) / step - cell) * 2.0 - 1.0
    table = []
    for number in range(cells):
        middle = low + (number + 0.5) * step
        nodes = middle + chebyshev.chebpts1(_DEGREE + 1) * step / 2
        fitted = chebyshev.chebfit(chebyshev.chebpts1(_DEGREE + 1), function(nodes), _DEGREE)
        own = chebyshev.cheb2poly(fitted)
        table.append(np.pad(own, (0, _DEGREE + 1 - len(own))))
    found = cell.whole()
    coefficients = np.array(table)
    total = found.lookup(coefficients[:, -1])
    for degree in range(_DEGREE - 1, -1, -1):
        total = total * local + found.lookup(coefficients[:, degree])
    return total
