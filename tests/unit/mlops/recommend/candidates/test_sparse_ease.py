import numpy as np
import pytest
from scipy.sparse import csr_array

from mlops.recommend.candidates import sparse_ease
from mlops.recommend.candidates.ease import fit_ease
from mlops.recommend.candidates.gram import NotPositiveDefinite
from mlops.recommend.candidates.sparse_ease import fit_sparse_ease
from mlops.recommend.models import SparseItems
from tests.unit.mlops.recommend.shops import draw_shop

MATRIX = draw_shop().histories().matrix


def _dense(model: SparseItems) -> np.ndarray:
    dense = np.zeros((model.count, model.count))
    np.add.at(dense, (np.arange(model.count)[:, np.newaxis], model.indices), model.values)
    return dense


def test_with_all_items_as_neighbours_it_is_ease() -> None:
    matrix = draw_shop(items=20, events=40).histories().matrix
    assert ((matrix.T @ matrix).toarray() > 0).all(), "items without common users are no neighbours"
    found = fit_sparse_ease(matrix, 25.0, 19)
    assert _dense(found) == pytest.approx(fit_ease(matrix, 25.0).weights, abs=1e-6)


@pytest.mark.parametrize("at_once", [7, 200])
def test_each_item_is_regressed_on_its_nearest_by_cosine(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sparse_ease, "_ITEMS_AT_ONCE", at_once)
    monkeypatch.setattr(sparse_ease, "KEPT", 60)
    common = (MATRIX.T @ MATRIX).toarray()
    norms = np.sqrt(np.diag(common))
    cosine = common / norms / norms[:, np.newaxis]
    np.fill_diagonal(cosine, 0)
    expected = np.zeros((60, 60))
    for item in range(60):
        near = np.argsort(-cosine[item])[:8]
        normal = common[np.ix_(near, near)] + 25 * np.eye(8)
        expected[near, item] = np.linalg.solve(normal, common[near, item])
    for row in expected:
        row[np.argsort(-np.abs(row))[8:]] = 0
    assert _dense(fit_sparse_ease(MATRIX, 25.0, 8)) == pytest.approx(expected, abs=1e-6)


def test_an_item_that_nobody_has_adds_and_gets_nothing() -> None:
    wider = csr_array((MATRIX.data, MATRIX.indices, MATRIX.indptr), shape=(300, 62))
    dense = _dense(fit_sparse_ease(wider, 25.0, 8))
    assert not dense[60:].any()
    assert not dense[:, 60:].any()
    assert dense[:60, :60] == pytest.approx(_dense(fit_sparse_ease(MATRIX, 25.0, 8)))


def test_a_singular_regression_is_refused() -> None:
    with pytest.raises(NotPositiveDefinite, match="3 items"):
        fit_sparse_ease(csr_array(np.ones((4, 3))), 0.0, 2)
