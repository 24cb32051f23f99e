"""Transformers that are one matrix product: principal components and their kin, random projections, pooled columns."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg
from sklearn.cluster import FeatureAgglomeration
from sklearn.decomposition import (
    PCA,
    FactorAnalysis,
    FastICA,
    IncrementalPCA,
    MiniBatchSparsePCA,
    SparsePCA,
    TruncatedSVD,
)
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import ridge_regression
from sklearn.neighbors import NeighborhoodComponentsAnalysis
from sklearn.neural_network import BernoulliRBM
from sklearn.random_projection import GaussianRandomProjection, SparseRandomProjection

from mlops.training.compile.columns import Columns
from mlops.training.compile.table import Rule
from mlops.training.compile.tensors import Tensor, numbers
from mlops.training.compile.walk import Transformer, Walk

type Matrix = NDArray[np.float64]


def _product(columns: Columns, walk: Walk, weights: Any, shift: Matrix | None = None) -> Tensor:
    """[N, outputs]: (columns - shift) @ weights [columns, outputs]."""
    tensor = numbers(columns, walk)
    return (tensor if shift is None else tensor - shift) @ np.asarray(weights, dtype=np.float64)


def _principal(estimator: PCA | IncrementalPCA, columns: Columns, walk: Walk) -> Columns:
    weights = estimator.components_.T
    result = _product(columns, walk, weights, estimator.mean_)
    if estimator.whiten:
        deviation = np.sqrt(estimator.explained_variance_)
        result = result / np.maximum(deviation, np.finfo(np.float64).eps)
    return result.mixed(weights.shape[1])


def _components(estimator: Any, columns: Columns, walk: Walk) -> Columns:
    weights = estimator.components_.toarray() if hasattr(estimator.components_, "toarray") else estimator.components_
    return _product(columns, walk, weights.T).mixed(len(weights))


def _independent(estimator: FastICA, columns: Columns, walk: Walk) -> Columns:
    shift = estimator.mean_ if estimator.whiten else None
    return _product(columns, walk, estimator.components_.T, shift).mixed(len(estimator.components_))


def _factors(estimator: FactorAnalysis, columns: Columns, walk: Walk) -> Columns:
    scaled = estimator.components_ / estimator.noise_variance_
    posterior = linalg.inv(np.eye(len(scaled)) + scaled @ estimator.components_.T)
    return _product(columns, walk, scaled.T @ posterior, estimator.mean_).mixed(len(scaled))


def _sparse(estimator: SparsePCA | MiniBatchSparsePCA, columns: Columns, walk: Walk) -> Columns:
    """Ridge regression on the components is linear in the row: its matrix is what it makes of unit vectors."""
    units = np.eye(len(columns))
    weights = ridge_regression(estimator.components_.T, units, estimator.ridge_alpha, solver="cholesky")
    return _product(columns, walk, weights, estimator.mean_).mixed(weights.shape[1])


def _discriminant(estimator: LinearDiscriminantAnalysis, columns: Columns, walk: Walk) -> Columns:
    weights = estimator.scalings_[:, : estimator._max_components]
    shift = estimator.xbar_ if estimator.solver == "svd" else None
    return _product(columns, walk, weights, shift).mixed(weights.shape[1])


def _hidden_units(estimator: BernoulliRBM, columns: Columns, walk: Walk) -> Columns:
    raw: Tensor = _product(columns, walk, estimator.components_.T) + estimator.intercept_hidden_
    return raw.node("Sigmoid").mixed(len(estimator.components_))


def _pooled(estimator: FeatureAgglomeration, columns: Columns, walk: Walk) -> Columns:
    groups = np.eye(estimator.n_clusters_)[estimator.labels_]
    means: Tensor = _product(columns, walk, groups) / groups.sum(axis=0)
    return means.mixed(estimator.n_clusters_)


def _mean_alone(estimator: FeatureAgglomeration) -> str | None:
    if estimator.pooling_func is np.mean:
        return None
    return "it pools by another function than the mean; leave pooling_func out"


TRANSFORMERS: dict[type, Transformer] = {
    PCA: _principal,
    IncrementalPCA: _principal,
    TruncatedSVD: _components,
    FastICA: _independent,
    FactorAnalysis: _factors,
    SparsePCA: _sparse,
    MiniBatchSparsePCA: _sparse,
    GaussianRandomProjection: _components,
    SparseRandomProjection: _components,
    NeighborhoodComponentsAnalysis: _components,
    LinearDiscriminantAnalysis: _discriminant,
    BernoulliRBM: _hidden_units,
    FeatureAgglomeration: _pooled,
}
RULES: dict[type, Rule] = {FeatureAgglomeration: _mean_alone}
