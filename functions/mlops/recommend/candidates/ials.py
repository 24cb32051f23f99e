"""iALS: factors of users and items by alternating least squares over all pairs (Y. Hu, Y. Koren and C. Volinsky, ICDM
2008).

With the loss and the regularization of S. Rendle, W. Krichene, L. Zhang and Y. Koren, "Revisiting the performance of
iALS on item recommendation benchmarks" (RecSys 2022): see `mlops.recommend.models.Factors`. Each half of an iteration
solves for all users, or all items, at once by a few steps of preconditioned conjugate gradients from where they stand
(G. Takács, I. Pilászy and D. Tikk, RecSys 2011).
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from mlops.recommend.models import Factors

STEPS = 4
"""Steps of conjugate gradients in each half of an iteration: they start from the last iteration's factors."""
_PAIRS_AT_ONCE = 500_000
_TINY = np.float32(1e-30)


def fit_ials(
    matrix: csr_array,
    factors: int,
    unobserved: float,
    regularization: float,
    exponent: float,
    iterations: int,
    seed: int,
) -> Factors:
    """The item factors for histories [U, I], in the basis in which their Gram matrix is diagonal."""
    rng = np.random.default_rng(seed)
    users, items = matrix.shape
    values = matrix.astype(np.float32)
    values.eliminate_zeros()
    turned = values.T.tocsr()
    scale = 0.1 / np.sqrt(factors)
    mine = np.zeros((users, factors), dtype=np.float32)
    theirs = (scale * rng.standard_normal((items, factors))).astype(np.float32)
    for _ in range(iterations):
        mine = _solve(values, mine, theirs, unobserved, _ridges(values, unobserved, regularization, exponent))
        theirs = _solve(turned, theirs, mine, unobserved, _ridges(turned, unobserved, regularization, exponent))
    stored = _rotate(theirs)
    gram = (stored.astype(np.float64) ** 2).sum(axis=0)
    return Factors(stored, gram, unobserved, regularization, exponent)


def _rotate(factors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same factors in the basis of their Gram matrix's eigenvectors, the strongest first."""
    doubles = factors.astype(np.float64)
    _, basis = np.linalg.eigh(doubles.T @ doubles)
    # Eigenvectors have no sign of their own: the largest entry is made positive.
    basis *= np.sign(np.take_along_axis(basis, np.abs(basis).argmax(axis=0)[np.newaxis], axis=0))
    rotated: NDArray[np.float64] = doubles @ basis[:, ::-1]
    return rotated.astype(np.float32)


def _ridges(matrix: csr_array, unobserved: float, regularization: float, exponent: float) -> NDArray[np.float32]:
    """The regularization of each row [rows]."""
    weight = np.asarray(matrix.sum(axis=1), dtype=np.float64).ravel() + unobserved * matrix.shape[1]
    ridges: NDArray[np.float64] = regularization * weight**exponent
    return ridges.astype(np.float32)


def _solve(
    matrix: csr_array,
    start: NDArray[np.float32],
    other: NDArray[np.float32],
    unobserved: float,
    ridges: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Each row's factors given the other side's, so many rows at once that their pairs' factors fit in memory."""
    gram = np.float32(unobserved) * (other.T @ other)
    solved = np.empty_like(start)
    for rows in _blocks(matrix.indptr):
        solved[rows] = _descend(matrix[rows], start[rows], other, gram, ridges[rows, np.newaxis])
    return solved


def _blocks(starts: NDArray[np.integer]) -> Iterator[slice]:
    """Successive rows that have up to so many pairs together, or one row that has more."""
    first, rows = 0, len(starts) - 1
    while first < rows:
        last = int(np.searchsorted(starts, starts[first] + _PAIRS_AT_ONCE, side="right")) - 1
        yield slice(first, max(last, first + 1))
        first = max(last, first + 1)


def _descend(
    block: csr_array,
    solution: NDArray[np.float32],
    other: NDArray[np.float32],
    gram: NDArray[np.float32],
    ridge: NDArray[np.float32],
) -> NDArray[np.float32]:
    row = np.repeat(np.arange(block.shape[0]), np.diff(block.indptr))
    chosen = other[block.indices]

    def apply(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """The normal equations' matrix times each row's vector."""
        products = np.einsum("nf,nf->n", chosen, vectors[row])
        weighed = csr_array((block.data * products, block.indices, block.indptr), shape=block.shape)
        moved: NDArray[np.float32] = vectors @ gram + ridge * vectors + weighed @ other
        return moved

    diagonal = np.diag(gram) + ridge
    residual = block @ other - apply(solution)
    preconditioned = residual / diagonal
    direction = preconditioned.copy()
    size = np.einsum("rf,rf->r", residual, preconditioned)[:, np.newaxis]
    for _ in range(STEPS):
        moved = apply(direction)
        step = size / np.maximum(np.einsum("rf,rf->r", direction, moved)[:, np.newaxis], _TINY)
        solution = solution + step * direction
        residual = residual - step * moved
        preconditioned = residual / diagonal
        before, size = size, np.einsum("rf,rf->r", residual, preconditioned)[:, np.newaxis]
        direction = preconditioned + size / np.maximum(before, _TINY) * direction
    return solution
