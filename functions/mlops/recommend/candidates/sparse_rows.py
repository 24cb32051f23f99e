"""Rows of few pairs: the strongest of each row, as a model of sparse items stores them."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from mlops.recommend.models import DenseItems, SparseItems

type Rows = tuple[NDArray[np.int64], NDArray[np.float64]]


def strongest(matrix: csr_array, most: int) -> Rows:
    """The columns and values of the `most` largest absolute values of each row; the lower column first among equals.

    Both are [rows, width], where width is the most that a row has; shorter rows are filled with value 0 in column 0.
    """
    width = max(1, int(min(most, np.diff(matrix.indptr).max(initial=1))))
    columns = np.zeros((matrix.shape[0], width), dtype=np.int64)
    values = np.zeros((matrix.shape[0], width))
    for row, (start, stop) in enumerate(pairwise(matrix.indptr)):
        of_row, sizes = matrix.indices[start:stop], np.abs(matrix.data[start:stop])
        least = np.partition(sizes, len(sizes) - width)[len(sizes) - width] if len(sizes) > width else 0.0
        large = np.flatnonzero((sizes >= least) & (sizes > 0))
        chosen = large[np.lexsort((of_row[large], -sizes[large]))][:width]
        columns[row, : len(chosen)] = of_row[chosen]
        values[row, : len(chosen)] = matrix.data[start:stop][chosen]
    return columns, values


def prune(model: DenseItems, most: int) -> SparseItems:
    """The same model with the `most` strongest weights of each item; in order of their columns."""
    parts = np.argpartition(-np.abs(model.weights), most - 1, axis=1)[:, :most]
    indices = np.sort(parts, axis=1)
    return SparseItems(indices.astype(np.int32), np.take_along_axis(model.weights, indices, axis=1))
