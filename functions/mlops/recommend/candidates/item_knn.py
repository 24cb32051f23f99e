"""Item-kNN: items are like each other if the same users have them (M. Deshpande and G. Karypis, TOIS 22, 2004)."""

import numpy as np
from scipy.sparse import csr_array

from mlops.recommend.candidates.sparse_rows import strongest
from mlops.recommend.models import SparseItems

_BLOCK = 2_000


def fit_item_knn(matrix: csr_array, neighbours: int, shrink: float, exponent: float) -> SparseItems:
    """Each item's `neighbours` nearest, for histories [U, I].

    The likeness of i to j is the sum over users of the products of their weights over |i|^(2 exponent) |j|^(2 - 2
    exponent) + shrink: the cosine at an exponent of 1/2, the share of j's users that have i at 0 (B. Aiolli, "Efficient
    top-n recommendation for very large scale binary rated datasets", RecSys 2013). `shrink` keeps pairs with few common
    users from being near by luck.
    """
    values = matrix.copy()
    values.eliminate_zeros()
    items = matrix.shape[1]
    squares = np.asarray((values * values).sum(axis=0)).ravel()
    transposed = values.T.tocsr()
    rows = []
    for start in range(0, items, _BLOCK):
        block = (transposed[start : start + _BLOCK] @ values).tocoo()
        own = block.row + start
        scale = squares[own] ** exponent * squares[block.col] ** (1 - exponent) + shrink
        data = np.where(own == block.col, 0.0, block.data / scale)
        rows.append(strongest(csr_array((data, (block.row, block.col)), shape=block.shape), neighbours))
    width = max(each[0].shape[1] for each in rows)
    padded = [[np.pad(part, ((0, 0), (0, width - part.shape[1]))) for part in each] for each in rows]
    indices, kept = (np.concatenate(parts) for parts in zip(*padded, strict=True))
    return SparseItems(indices.astype(np.int32), kept.astype(np.float32))
