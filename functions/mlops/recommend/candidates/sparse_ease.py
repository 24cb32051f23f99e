"""EASE^R for catalogues whose Gram matrix doesn't fit in memory: each item's weights from its nearest items only.

For each item the ridge regression is solved on the items that are most like it, as if no others were there (X. Ning and
G. Karypis, "SLIM", ICDM 2011, whose support it fixes as H. Steck does in "Markov random fields for collaborative
filtering", NeurIPS 2019). With all items as neighbours it is EASE^R itself.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array

from mlops.recommend.candidates.gram import NotPositiveDefinite
from mlops.recommend.candidates.item_knn import fit_item_knn
from mlops.recommend.candidates.sparse_rows import strongest
from mlops.recommend.models import SparseItems

KEPT = 4
"""Common users are kept for so many times as many pairs as there are neighbours; other pairs count as having none."""
_ITEMS_AT_ONCE = 200


def fit_sparse_ease(matrix: csr_array, regularization: float, neighbours: int) -> SparseItems:
    """The weights of each item's nearest `neighbours`, by cosine, for histories [U, I].

    Raises NotPositiveDefinite where the regularization is too small.
    """
    items = matrix.shape[1]
    near = fit_item_knn(matrix, min(items, KEPT * neighbours), shrink=0.0, exponent=0.5)
    gram = _gram_of_pairs(matrix, near)
    support = near.indices[:, :neighbours].astype(np.int64)
    is_pair = near.values[:, :neighbours] != 0
    weights = np.zeros(support.shape)
    for start in range(0, items, _ITEMS_AT_ONCE):
        rows = slice(start, start + _ITEMS_AT_ONCE)
        weights[rows] = _solve(gram, np.arange(items)[rows], support[rows], is_pair[rows], regularization)
    # Each regression says what the others add to an item: transposed, what an item adds to the others.
    target = np.repeat(np.arange(items), support.shape[1])
    adds = csr_array((weights.ravel(), (support.ravel(), target)), shape=(items, items))
    indices, values = strongest(adds, neighbours)
    return SparseItems(indices.astype(np.int32), values.astype(np.float32))


def _gram_of_pairs(matrix: csr_array, near: SparseItems) -> csr_array:
    """XᵀX for the pairs of which one is near the other, and the diagonal; zero elsewhere."""
    items = near.count
    squares = np.asarray((matrix * matrix).sum(axis=0), dtype=np.float64).ravel()
    starts = np.arange(items + 1) * near.indices.shape[1]
    norms = np.sqrt(squares)
    common = near.values * norms[:, np.newaxis] * norms[near.indices]
    half = csr_array((common.ravel(), near.indices.ravel().astype(np.int64), starts), shape=(items, items))
    half.eliminate_zeros()
    return csr_array(half.maximum(half.T) + diags_array(squares))


def _solve(
    gram: csr_array,
    targets: NDArray[np.int64],
    support: NDArray[np.int64],
    is_pair: NDArray[np.bool_],
    regularization: float,
) -> NDArray[np.float64]:
    """The ridge regression of each target [t] on its support [t, m]; zero where there's no pair."""
    among = _look_up(gram, support[:, :, np.newaxis], support[:, np.newaxis, :])
    among *= is_pair[:, :, np.newaxis] & is_pair[:, np.newaxis, :]
    # Places without a pair get an equation of their own, x = 0.
    place = np.arange(support.shape[1])
    among[:, place, place] += np.where(is_pair, regularization, 1.0)
    wanted = _look_up(gram, support, targets[:, np.newaxis]) * is_pair
    try:
        return np.linalg.solve(among, wanted[:, :, np.newaxis])[:, :, 0]
    except np.linalg.LinAlgError as error:
        raise NotPositiveDefinite(f"the weights of {len(targets)} items can't be solved for: {error}") from error


def _look_up(gram: csr_array, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.float64]:
    rows, columns = np.broadcast_arrays(rows, columns)
    found = np.asarray(gram[rows.ravel(), columns.ravel()], dtype=np.float64)
    return found.reshape(rows.shape)
