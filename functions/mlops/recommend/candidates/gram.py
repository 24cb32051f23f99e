"""Gram matrices of items and their inverses, in blocks and in place: memory is what limits a catalogue's size.

A matrix of 20,000 items takes 1.6 GB in single precision. It's built by blocks of columns from sparse products, and
Cholesky's factorisation and the inverse from it (LAPACK's potrf and potri) overwrite it, so there's never a second one.
"""

import numpy as np
from numpy.typing import DTypeLike, NDArray
from scipy.linalg import lapack
from scipy.sparse import csr_array

DOUBLE_UP_TO = 8_000
"""Catalogues up to so many items are solved in double precision, which takes 0.5 GB; larger ones in single."""
BLOCK = 512
"""Columns worked on at once."""


class NotPositiveDefinite(ValueError):
    """A matrix that has no Cholesky factorisation, since it is singular in the precision it's in."""


def precision(items: int) -> DTypeLike:
    """The precision in which a catalogue of so many items is solved."""
    return np.float64 if items <= DOUBLE_UP_TO else np.float32


def gram(matrix: csr_array, dtype: DTypeLike) -> NDArray[np.floating]:
    """Xᵀ X of a matrix X [U, I], dense [I, I], by columns (Fortran order)."""
    items = matrix.shape[1]
    product = np.empty((items, items), dtype=dtype, order="F")
    values = matrix.astype(dtype)
    values.eliminate_zeros()
    transposed, columns = values.T.tocsr(), values.tocsc()
    for start in range(0, items, BLOCK):
        block = columns[:, start : start + BLOCK]
        product[:, start : start + BLOCK] = (transposed @ block).toarray()
    return product


def invert(matrix: NDArray[np.floating]) -> None:
    """Replace a symmetric positive definite matrix [n, n], by columns, by its inverse.

    Raises NotPositiveDefinite.
    """
    assert matrix.flags.f_contiguous
    factorise, invert_factor = lapack.get_lapack_funcs(("potrf", "potri"), (matrix,))
    factor, info = factorise(matrix, lower=1, overwrite_a=1, clean=0)
    if info == 0:
        _, info = invert_factor(factor, lower=1, overwrite_c=1)
    if info != 0:
        raise NotPositiveDefinite(f"the matrix of {len(matrix)} items can't be inverted: it's singular at row {info}")
    _mirror(matrix)


def _mirror(matrix: NDArray[np.floating]) -> None:
    """Copy the lower triangle to the upper one, a block at a time."""
    for start in range(0, len(matrix), BLOCK):
        stop = start + BLOCK
        corner = np.tril(matrix[start:stop, start:stop])
        matrix[start:stop, start:stop] = corner + np.tril(corner, -1).T
        matrix[start:stop, stop:] = matrix[stop:, start:stop].T
