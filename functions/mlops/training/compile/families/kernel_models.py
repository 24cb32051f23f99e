"""Models and transformers by kernels of the training rows."""

from typing import Any

import numpy as np
from sklearn.decomposition import KernelPCA
from sklearn.kernel_approximation import (
    AdditiveChi2Sampler,
    Nystroem,
    PolynomialCountSketch,
    RBFSampler,
    SkewedChi2Sampler,
)
from sklearn.kernel_ridge import KernelRidge
from sklearn.manifold import Isomap
from sklearn.semi_supervised import LabelPropagation, LabelSpreading

from mlops.training.compile.columns import Columns
from mlops.training.compile.distances import kernel, kernel_options, known_kernel
from mlops.training.compile.families.neighbors import distances
from mlops.training.compile.table import Rule
from mlops.training.compile.tensors import Tensor, joined, numbers
from mlops.training.compile.walk import Answer, Classification, Predictor, Regression, Transformer, Walk


def _ridge(estimator: KernelRidge, columns: Columns, walk: Walk) -> Answer:
    known = np.asarray(estimator.X_fit_, dtype=np.float64)
    found = kernel(numbers(columns, walk), known, estimator.kernel, **kernel_options(estimator))
    return Regression((found @ estimator.dual_coef_.reshape(len(known), 1)).named(1))


def _nystroem(estimator: Nystroem, columns: Columns, walk: Walk) -> Columns:
    options = {"gamma": None, "degree": 3, "coef0": 1, **(estimator.kernel_params or {})}
    options |= {name: value for name in options if (value := getattr(estimator, name)) is not None}
    found = kernel(numbers(columns, walk), estimator.components_, estimator.kernel, **options)
    embedded: Tensor = found @ estimator.normalization_.T
    return embedded.mixed(len(estimator.normalization_))


def _fourier(estimator: RBFSampler, columns: Columns, walk: Walk) -> Columns:
    angles: Tensor = numbers(columns, walk) @ estimator.random_weights_ + estimator.random_offset_
    return (angles.node("Cos") * float((2.0 / estimator.n_components) ** 0.5)).mixed(estimator.n_components)


def _skewed_chi2(estimator: SkewedChi2Sampler, columns: Columns, walk: Walk) -> Columns:
    logs = (numbers(columns, walk) + float(estimator.skewedness)).log()
    angles: Tensor = logs @ estimator.random_weights_ + estimator.random_offset_
    return (angles.node("Cos") * float(np.sqrt(2.0) / np.sqrt(estimator.n_components))).mixed(estimator.n_components)


def _additive_chi2(estimator: AdditiveChi2Sampler, columns: Columns, walk: Walk) -> Columns:
    interval = estimator.sample_interval or {1: 0.8, 2: 0.5, 3: 0.4}[estimator.sample_steps]
    x = numbers(columns, walk)
    zero = x.equals(0.0)
    known = zero.where(1.0, x)
    angles, parts = known.log() * interval, [(known * interval).sqrt()]
    for step in range(1, estimator.sample_steps):
        factor = (known * (2 * interval / np.cosh(np.pi * step * interval))).sqrt()
        parts += [factor * (angles * float(step)).node(kind) for kind in ("Cos", "Sin")]
    return joined([zero.where(0.0, part) for part in parts]).columns(columns * len(parts))


def _sketched(estimator: PolynomialCountSketch, columns: Columns, walk: Walk) -> Columns:
    """Count sketches are multiplied as spectra; the discrete Fourier transform is a matrix."""
    x = numbers(columns, walk) * float(np.sqrt(estimator.gamma))
    size = estimator.n_components
    spectrum = np.fft.fft(np.eye(size))
    real = imaginary = None
    for hashes, signs in zip(estimator.indexHash_, estimator.bitHash_, strict=True):
        sketch = np.zeros((len(hashes), size))
        sketch[np.arange(len(hashes)), hashes] = signs
        bias = sketch[len(columns) :].sum(axis=0) * np.sqrt(estimator.coef0)
        own = x @ sketch[: len(columns)] + bias
        a, b = own @ spectrum.real, own @ spectrum.imag
        if real is None or imaginary is None:
            real, imaginary = a, b
        else:
            real, imaginary = real * a - imaginary * b, real * b + imaginary * a
    assert real is not None
    assert imaginary is not None
    back = np.fft.ifft(np.eye(size))
    product: Tensor = real @ back.real - imaginary @ back.imag
    return product.mixed(size)


def _kernel_components(estimator: KernelPCA, found: Tensor) -> Columns:
    """What KernelPCA makes of kernel values [N, training rows]."""
    centerer = estimator._centerer
    means = found.sum() / float(len(centerer.K_fit_rows_))
    centred: Tensor = found - centerer.K_fit_rows_ - means + float(centerer.K_fit_all_)
    used = np.flatnonzero(estimator.eigenvalues_)
    weights = np.zeros_like(estimator.eigenvectors_)
    weights[:, used] = estimator.eigenvectors_[:, used] / np.sqrt(estimator.eigenvalues_[used])
    components: Tensor = centred @ weights
    return components.mixed(weights.shape[1])


def _kernel_pca(estimator: KernelPCA, columns: Columns, walk: Walk) -> Columns:
    known = np.asarray(estimator.X_fit_, dtype=np.float64)
    return _kernel_components(
        estimator, kernel(numbers(columns, walk), known, estimator.kernel, **kernel_options(estimator))
    )


def _isomap(estimator: Isomap, columns: Columns, walk: Walk) -> Columns:
    found, rows = distances(estimator.nbrs_, columns, walk).nearest(estimator.n_neighbors)
    ways = rows.lookup(np.asarray(estimator.dist_matrix_, dtype=np.float64)) + found.expand(2)
    shortest = ways.min(1).squeeze(1)
    return _kernel_components(estimator.kernel_pca_, shortest.square() * -0.5)


def _spread(estimator: LabelPropagation | LabelSpreading, columns: Columns, walk: Walk) -> Answer:
    known = np.asarray(estimator.X_, dtype=np.float64)
    labels = estimator.label_distributions_
    if estimator.kernel == "rbf":
        weights = kernel(numbers(columns, walk), known, "rbf", gamma=estimator.gamma, degree=3, coef0=1)
        totals = weights @ labels
    else:
        _, rows = distances(estimator.nn_fit, columns, walk).nearest(estimator.n_neighbors)
        totals = rows.lookup(labels).sum(1, keep=False)
    chances = totals / totals.sum()
    count = len(estimator.classes_)
    decision = chances.pick([1]).named(1) if count == 2 else chances.named(count)
    return Classification(estimator.classes_, chances.named(count), decision)


def _no_function(estimator: Any) -> str | None:
    return "its kernel is a Python function; use 'rbf' or 'knn'" if callable(estimator.kernel) else None


def _by_number(estimator: Isomap) -> str | None:
    return None if estimator.n_neighbors is not None else "it takes neighbours within a radius; use n_neighbors"


TRANSFORMERS: dict[type, Transformer] = {
    Nystroem: _nystroem,
    RBFSampler: _fourier,
    SkewedChi2Sampler: _skewed_chi2,
    AdditiveChi2Sampler: _additive_chi2,
    PolynomialCountSketch: _sketched,
    KernelPCA: _kernel_pca,
    Isomap: _isomap,
}
PREDICTORS: dict[type, Predictor] = {KernelRidge: _ridge, LabelPropagation: _spread, LabelSpreading: _spread}
RULES: dict[type, Rule] = {
    **dict.fromkeys((KernelRidge, KernelPCA, Nystroem), known_kernel),
    **dict.fromkeys((LabelPropagation, LabelSpreading), _no_function),
    Isomap: _by_number,
}
