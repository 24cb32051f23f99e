"""Gaussian processes: the kernel against the training rows, times weights."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
from sklearn.gaussian_process import kernels as given
from sklearn.gaussian_process._gpc import COEFS, LAMBDAS
from sklearn.multiclass import OneVsOneClassifier

from mlops.training.compile.columns import Columns
from mlops.training.compile.distances import squared_distances
from mlops.training.compile.families.neighbors import shares
from mlops.training.compile.numerics import normal_distribution
from mlops.training.compile.table import Rule
from mlops.training.compile.tensors import Tensor, joined, numbers
from mlops.training.compile.walk import Answer, Predictor, Regression, Walk

type Floats = NDArray[np.float64]


def _covariance(kernel: Any, x: Tensor, known: Floats) -> Tensor:
    """[N, training rows]: the kernel between rows and the training rows."""
    return _KERNELS[type(kernel)](kernel, x, known)


def _sum(kernel: given.Sum, x: Tensor, known: Floats) -> Tensor:
    return _covariance(kernel.k1, x, known) + _covariance(kernel.k2, x, known)


def _product(kernel: given.Product, x: Tensor, known: Floats) -> Tensor:
    return _covariance(kernel.k1, x, known) * _covariance(kernel.k2, x, known)


def _power(kernel: given.Exponentiation, x: Tensor, known: Floats) -> Tensor:
    return _covariance(kernel.kernel, x, known) ** float(kernel.exponent)


def _constant(kernel: given.ConstantKernel, x: Tensor, known: Floats) -> Tensor:
    return x.pick([0]) * 0.0 + np.full(len(known), float(kernel.constant_value))


def _white(kernel: given.WhiteKernel, x: Tensor, known: Floats) -> Tensor:  # noqa: ARG001
    """Noise is of one row alone: between rows there is none."""
    return x.pick([0]) * 0.0 + np.zeros(len(known))


def _rbf(kernel: given.RBF, x: Tensor, known: Floats) -> Tensor:
    return (_scaled(kernel, x, known) * -0.5).exp()


def _matern(kernel: given.Matern, x: Tensor, known: Floats) -> Tensor:
    squares = _scaled(kernel, x, known)
    if kernel.nu == np.inf:
        return (squares * -0.5).exp()
    distance = squares.sqrt()
    if kernel.nu == 0.5:
        return (-distance).exp()
    if kernel.nu == 1.5:
        far = distance * float(np.sqrt(3))
        return (far + 1.0) * (-far).exp()
    far = distance * float(np.sqrt(5))
    return (far + 1.0 + far.square() / 3.0) * (-far).exp()


def _rational(kernel: given.RationalQuadratic, x: Tensor, known: Floats) -> Tensor:
    squares = squared_distances(x, known) / float(2 * kernel.alpha * kernel.length_scale**2)
    return (squares + 1.0) ** float(-kernel.alpha)


def _periodic(kernel: given.ExpSineSquared, x: Tensor, known: Floats) -> Tensor:
    angle = squared_distances(x, known).sqrt() * float(np.pi / kernel.periodicity)
    return ((angle.node("Sin") / float(kernel.length_scale)).square() * -2.0).exp()


def _dot(kernel: given.DotProduct, x: Tensor, known: Floats) -> Tensor:
    return x @ known.T + float(kernel.sigma_0**2)


def _scaled(kernel: Any, x: Tensor, known: Floats) -> Tensor:
    """[N, training rows]: squared distances in length scales."""
    scale = np.asarray(kernel.length_scale, dtype=np.float64)
    return squared_distances(x / scale, known / scale)


_KERNELS: dict[type, Callable[[Any, Tensor, Floats], Tensor]] = {
    given.Sum: _sum,
    given.Product: _product,
    given.Exponentiation: _power,
    given.ConstantKernel: _constant,
    given.WhiteKernel: _white,
    given.RBF: _rbf,
    given.Matern: _matern,
    given.RationalQuadratic: _rational,
    given.ExpSineSquared: _periodic,
    given.DotProduct: _dot,
}


def _regressor(estimator: GaussianProcessRegressor, columns: Columns, walk: Walk) -> Answer:
    weights = np.asarray(estimator.alpha_, dtype=np.float64).reshape(len(estimator.X_train_), -1)
    if weights.shape[1] != 1:
        raise walk.failure("it predicts several targets; fit it on one")
    found = _covariance(estimator.kernel_, numbers(columns, walk), np.asarray(estimator.X_train_, dtype=np.float64))
    return Regression((found @ weights * estimator._y_train_std + estimator._y_train_mean).named(1))


def _classifier(estimator: GaussianProcessClassifier, columns: Columns, walk: Walk) -> Answer:
    x = numbers(columns, walk)
    if len(estimator.classes_) == 2:
        chance = _laplace(estimator.base_estimator_, x)
        return shares((1.0 - chance).beside(chance), estimator.classes_)
    chances = joined([_laplace(each, x) for each in estimator.base_estimator_.estimators_])
    return shares(chances / chances.sum(), estimator.classes_)


def _laplace(fitted: Any, x: Tensor) -> Tensor:
    """[N, 1]: the probability of the second class, averaged over the latent function."""
    known = np.asarray(fitted.X_train_, dtype=np.float64)
    found = _covariance(fitted.kernel_, x, known)
    mean = found @ (fitted.y_train_ - fitted.pi_)[:, None]
    whitened = linalg.solve(fitted.L_, np.diag(fitted.W_sr_))
    variance = _prior(fitted.kernel_, x) - (found @ whitened.T).square().sum()
    rates, weights = LAMBDAS.ravel(), COEFS.ravel()
    # erf(z) = 2 Phi(z sqrt(2)) - 1, and its argument is gamma sqrt(alpha / (alpha + lambda^2)).
    alpha = 1.0 / (variance * 2.0)
    argument: Tensor = mean * rates * (alpha / (alpha + rates**2)).sqrt()
    error: Tensor = normal_distribution(argument * float(np.sqrt(2))) * 2.0 - 1.0
    parts: Tensor = error * (weights / 2)
    return parts.sum() + float(0.5 * weights.sum())


def _prior(kernel: Any, x: Tensor) -> Tensor:
    """[N, 1]: the kernel of each row with itself."""
    if isinstance(kernel, given.Sum):
        return _prior(kernel.k1, x) + _prior(kernel.k2, x)
    if isinstance(kernel, given.Product):
        return _prior(kernel.k1, x) * _prior(kernel.k2, x)
    if isinstance(kernel, given.Exponentiation):
        return _prior(kernel.kernel, x) ** float(kernel.exponent)
    if isinstance(kernel, given.DotProduct):
        return x.square().sum() + float(kernel.sigma_0**2)
    # The others are stationary: the same for every row.
    return x.pick([0]) * 0.0 + float(kernel.diag(np.zeros((1, 1)))[0])


def _unknown(kernel: Any) -> str | None:
    if kernel is None:
        return None
    parts = [getattr(kernel, name) for name in ("k1", "k2", "kernel") if hasattr(kernel, name)]
    if type(kernel) not in _KERNELS:
        return f"its kernel {type(kernel).__name__} has no exact conversion"
    if isinstance(kernel, given.Matern) and kernel.nu not in (0.5, 1.5, 2.5, np.inf):
        return "its Matern kernel needs Bessel functions; use nu=0.5, 1.5, 2.5 or infinity"
    return next((reason for part in parts if (reason := _unknown(part))), None)


def _known(estimator: Any) -> str | None:
    return _unknown(estimator.kernel)


def _known_classes(estimator: GaussianProcessClassifier) -> str | None:
    base = getattr(estimator, "base_estimator_", None)
    if isinstance(base, OneVsOneClassifier):
        return "it decides one class against one, which gives no probabilities; use multi_class='one_vs_rest'"
    return _known(estimator)


PREDICTORS: dict[type, Predictor] = {GaussianProcessRegressor: _regressor, GaussianProcessClassifier: _classifier}
RULES: dict[type, Rule] = {GaussianProcessRegressor: _known, GaussianProcessClassifier: _known_classes}
