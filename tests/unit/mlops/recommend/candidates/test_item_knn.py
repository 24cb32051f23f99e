import numpy as np
import pytest
from scipy.sparse import csr_array

from mlops.recommend.candidates import item_knn
from mlops.recommend.candidates.item_knn import fit_item_knn
from mlops.recommend.models import SparseItems
from tests.unit.mlops.recommend.shops import draw_shop

MATRIX = draw_shop().histories().matrix


def _dense(model: SparseItems) -> np.ndarray:
    dense = np.zeros((model.count, model.count))
    np.add.at(dense, (np.arange(model.count)[:, np.newaxis], model.indices), model.values)
    return dense


@pytest.mark.parametrize("block", [9, 1000])
@pytest.mark.parametrize(("shrink", "exponent"), [(0.0, 0.5), (10.0, 0.3)])
def test_the_neighbours_are_the_nearest(
    shrink: float, exponent: float, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(item_knn, "_BLOCK", block)
    values = MATRIX.toarray()
    common = values.T @ values
    squares = np.diag(common)
    expected = common / (squares[:, np.newaxis] ** exponent * squares ** (1 - exponent) + shrink)
    np.fill_diagonal(expected, 0)
    for row in expected:
        row[np.argsort(-row, kind="stable")[7:]] = 0
    assert _dense(fit_item_knn(MATRIX, 7, shrink, exponent)) == pytest.approx(expected, abs=1e-6)


def test_an_item_that_nobody_has_has_no_neighbours() -> None:
    model = fit_item_knn(csr_array(np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 0.0]])), 2, 0.0, 0.5)
    assert _dense(model) == pytest.approx(np.array([[0, 0.5**0.5, 0], [0.5**0.5, 0, 0], [0, 0, 0]]))
    assert np.isfinite(model.values).all()
