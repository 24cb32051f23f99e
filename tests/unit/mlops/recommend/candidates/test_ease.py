import numpy as np
import pytest
from scipy.sparse import csr_array

from mlops.recommend.candidates import gram as gram_module
from mlops.recommend.candidates.ease import fit_ease
from mlops.recommend.candidates.gram import NotPositiveDefinite, gram, invert, precision
from tests.unit.mlops.recommend.shops import draw_shop

MATRIX = draw_shop().histories().matrix


def test_the_weights_are_those_of_the_closed_form() -> None:
    dense = MATRIX.toarray()
    inverse = np.linalg.inv(dense.T @ dense + 25 * np.eye(60))
    expected = -inverse / np.diag(inverse)
    np.fill_diagonal(expected, 0)
    assert fit_ease(MATRIX, 25.0).weights == pytest.approx(expected, abs=1e-6)


def test_no_other_weights_without_a_diagonal_lose_less() -> None:
    dense = MATRIX.toarray()
    weights = fit_ease(MATRIX, 25.0).weights.astype(np.float64)

    def loss(candidate: np.ndarray) -> float:
        return float(((dense - dense @ candidate) ** 2).sum() + 25 * (candidate**2).sum())

    rng = np.random.default_rng(0)
    for _ in range(20):
        change = 0.01 * rng.normal(size=weights.shape)
        np.fill_diagonal(change, 0)
        assert loss(weights + change) > loss(weights)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("block", [7, 60, 100])
def test_gram_matrices_and_inverses_are_the_same_in_any_blocks(
    block: int, dtype: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gram_module, "BLOCK", block)
    dense = MATRIX.toarray()
    product = gram(MATRIX, dtype)
    assert product.dtype == dtype
    assert product == pytest.approx(dense.T @ dense, rel=1e-6)
    product[np.diag_indices_from(product)] += 25
    invert(product)
    tolerance = 1e-12 if dtype is np.float64 else 1e-5
    assert product == pytest.approx(np.linalg.inv(dense.T @ dense + 25 * np.eye(60)), abs=tolerance)
    assert (product == product.T).all()


def test_seen_items_without_weight_are_not_learnt_from() -> None:
    without = MATRIX.copy()
    without.eliminate_zeros()
    assert MATRIX.nnz > without.nnz
    assert (fit_ease(MATRIX, 25.0).weights == fit_ease(without, 25.0).weights).all()


def test_an_item_that_nobody_has_adds_and_gets_nothing() -> None:
    wider = csr_array((MATRIX.data, MATRIX.indices, MATRIX.indptr), shape=(300, 61))
    weights = fit_ease(wider, 25.0).weights
    assert not weights[60].any()
    assert not weights[:, 60].any()


def test_a_singular_matrix_is_refused() -> None:
    with pytest.raises(NotPositiveDefinite, match="2 items"):
        fit_ease(csr_array(np.ones((3, 2))), 0.0)


def test_large_catalogues_are_solved_in_single_precision() -> None:
    assert precision(1682) == np.float64
    assert precision(20_000) == np.float32
