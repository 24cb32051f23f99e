from typing import Any

import pytest
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
from sklearn.gaussian_process import kernels as k
from sklearn.impute import KNNImputer
from sklearn.kernel_approximation import Nystroem
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import Ridge
from sklearn.neighbors import (
    KNeighborsClassifier,
    KNeighborsRegressor,
    RadiusNeighborsClassifier,
    RadiusNeighborsRegressor,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from mlops.training.compile.distances import KERNELS
from tests.unit.mlops.training.compile.tables import DENSE, parity

OPTIONS: list[dict[str, Any]] = [
    {},
    {"weights": "distance"},
    {"metric": "manhattan", "algorithm": "brute"},
    {"p": 3},
]
COVARIANCES = [
    k.ConstantKernel(2.0) * k.RBF([1.0, 2.0, 0.5]) + k.WhiteKernel(0.1),
    k.Matern(nu=0.5),
    k.Matern(nu=1.5),
    k.Matern(nu=2.5),
    k.RationalQuadratic() ** 2,
    k.ExpSineSquared(0.3, 50.0) + k.WhiteKernel(1.0),
    k.DotProduct() + k.WhiteKernel(1.0),
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_nearest_neighbours_are_exact(task: str, options: dict[str, Any]) -> None:
    kind = KNeighborsRegressor if task == "regression" else KNeighborsClassifier
    assert parity(make_pipeline(StandardScaler(), kind(7, **options)), task, *DENSE).exact


@pytest.mark.parametrize("weights", ["uniform", "distance"])
@pytest.mark.filterwarnings("ignore:One or more samples have no neighbors")
def test_neighbours_within_a_radius_are_exact_and_none_are_too(weights: str) -> None:
    classifier = RadiusNeighborsClassifier(0.7, weights=weights, outlier_label="most_frequent")
    assert parity(make_pipeline(StandardScaler(), classifier), "multiclass", *DENSE).exact
    regressor = RadiusNeighborsRegressor(0.7, weights=weights)
    assert parity(make_pipeline(StandardScaler(), regressor), "regression", *DENSE).exact


@pytest.mark.parametrize("options", [{}, {"weights": "distance"}, {"n_neighbors": 1, "add_indicator": True}], ids=str)
def test_values_filled_from_neighbours_are_exact(options: dict[str, Any]) -> None:
    model = make_pipeline(StandardScaler(), KNNImputer(**options), Ridge())
    assert parity(model, "regression", "area", "income", "built").exact


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_regression_by_a_kernel_is_exact(kernel: str) -> None:
    # KernelRidge can't solve for a kernel that isn't positive definite.
    model = (
        [Nystroem("additive_chi2"), Ridge()] if kernel == "additive_chi2" else [KernelRidge(kernel=kernel, gamma=0.5)]
    )
    assert parity(make_pipeline(MinMaxScaler(clip=True), *model), "regression", *DENSE).exact


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("kernel", COVARIANCES, ids=str)
def test_gaussian_processes_are_exact(kernel: Any) -> None:
    regressor = GaussianProcessRegressor(kernel, alpha=0.1, optimizer=None, normalize_y=True)
    assert parity(make_pipeline(StandardScaler(), regressor), "regression", *DENSE).exact
    classifier = GaussianProcessClassifier(kernel, optimizer=None)
    assert parity(make_pipeline(StandardScaler(), classifier), "multiclass", *DENSE).exact
