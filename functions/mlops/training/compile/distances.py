"""Distances between the rows of a tensor and known rows, and kernels made of them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops.training.compile.tensors import Tensor

type Floats = NDArray[np.float64]

KERNELS = ("additive_chi2", "chi2", "cosine", "laplacian", "linear", "poly", "polynomial", "rbf", "sigmoid")
METRICS = ("euclidean", "sqeuclidean", "minkowski", "manhattan", "cityblock", "l1", "l2", "p")


def squared_distances(x: Tensor, known: Floats) -> Tensor:
    """[N, known rows]: squared Euclidean distances by a matrix product.

    Both sides are centred first, without which columns far from 0 lose their digits.
    """
    centre = known.mean(axis=0)
    moved, rows = x - centre, known - centre
    products = moved @ rows.T
    found = moved.square().sum() + (rows**2).sum(axis=1) - products * 2.0
    return (found < 0.0).where(0.0, found)


def exact_distances(x: Tensor, known: Floats, metric: str, power: float = 2.0) -> Tensor:
    """[N, known rows]: distances added up column by column, as trees of neighbours do, so that equal rows have none."""
    total: Tensor | None = None
    for position in range(known.shape[1]):
        gap = (x.pick([position]) - known[:, position]).abs()
        term = gap if power == 1 else gap.square() if power == 2 else gap**power
        total = term if total is None else total + term
    assert total is not None
    if metric == "sqeuclidean" or power == 1:
        return total
    return total.sqrt() if power == 2 else total ** (1 / power)


def kernel(x: Tensor, known: Floats, kind: str, *, gamma: float | None, degree: float, coef0: float) -> Tensor:
    """[N, known rows]: scikit-learn's pairwise kernel of this name."""
    scale = 1.0 / known.shape[1] if gamma is None else float(gamma)
    if kind == "linear":
        return x @ known.T
    if kind == "rbf":
        return (squared_distances(x, known) * -scale).exp()
    if kind == "laplacian":
        return (exact_distances(x, known, "manhattan", 1.0) * -scale).exp()
    if kind == "cosine":
        return _unit(x) @ (known / _lengths(known)).T
    if kind in ("chi2", "additive_chi2"):
        additive = _additive_chi2(x, known)
        return additive if kind == "additive_chi2" else (additive * (1.0 if gamma is None else scale)).exp()
    raw = (x @ known.T) * scale + coef0
    return raw.node("Tanh") if kind == "sigmoid" else raw ** float(degree)


def kernel_options(estimator: Any) -> dict[str, Any]:
    """The parameters of an estimator's pairwise kernel, as `kernel` takes them."""
    return {
        "gamma": getattr(estimator, "gamma_", estimator.gamma),
        "degree": 3 if estimator.degree is None else estimator.degree,
        "coef0": 1 if estimator.coef0 is None else estimator.coef0,
    }


def known_kernel(estimator: Any) -> str | None:
    """A rule: the estimator's pairwise kernel is one of those that a graph can compute."""
    if isinstance(estimator.kernel, str) and estimator.kernel in KERNELS:
        return None
    return f"its kernel {estimator.kernel!r} has no exact conversion; use one of {', '.join(KERNELS)}"


def _unit(x: Tensor) -> Tensor:
    norm = x.square().sum().sqrt()
    return x / (norm < 10 * np.finfo(np.float64).eps).where(1.0, norm)


def _lengths(rows: Floats) -> Floats:
    norms = np.sqrt((rows**2).sum(axis=1, keepdims=True))
    return np.where(norms < 10 * np.finfo(np.float64).eps, 1.0, norms)


def _additive_chi2(x: Tensor, known: Floats) -> Tensor:
    total: Tensor | None = None
    for position in range(known.shape[1]):
        own, other = x.pick([position]), known[:, position]
        both = own + other
        term = both.equals(0.0).where(0.0, (own - other).square() / both)
        total = term if total is None else total + term
    assert total is not None
    return -total
