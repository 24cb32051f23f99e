"""EASE^R: the linear model of pairs of items with a closed form (H. Steck, "Embarrassingly shallow autoencoders for
sparse data", WWW 2019).

B minimises |X - X B|² + regularization * |B|² with a diagonal of zeros; with P = (XᵀX + regularization)⁻¹ it is
B[i, j] = -P[i, j] / P[j, j].
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from mlops.recommend.candidates.gram import BLOCK, gram, invert, precision
from mlops.recommend.models import DenseItems


def fit_ease(matrix: csr_array, regularization: float) -> DenseItems:
    """The item weights for histories [U, I]; raises NotPositiveDefinite where the regularization is too small."""
    inverse = invert_gram(matrix, regularization)
    return DenseItems(weights_of(inverse))


def invert_gram(matrix: csr_array, regularization: float) -> NDArray[np.floating]:
    """P = (XᵀX + regularization)⁻¹ of histories [U, I]."""
    product = gram(matrix, precision(matrix.shape[1]))
    product[np.diag_indices_from(product)] += regularization
    invert(product)
    return product


def weights_of(inverse: NDArray[np.floating]) -> NDArray[np.float32]:
    """B of P, by rows; the inverse is used up where it is in single precision."""
    scale = -1 / np.diag(inverse)
    # P is symmetric, so its transpose, which is by rows, is P.
    weights = inverse.T
    for start in range(0, len(weights), BLOCK):
        weights[start : start + BLOCK] *= scale
    np.fill_diagonal(weights, 0)
    return weights.astype(np.float32, copy=False)
