import numpy as np
import pytest
from scipy.sparse import csr_array

from mlops.recommend.models import DenseItems, Factors, ItemModel, Popularity, SparseItems


def _factors(exponent: float = 1.0) -> Factors:
    rng = np.random.default_rng(3)
    factors = rng.normal(size=(200, 12)) @ np.diag(np.linspace(0.1, 3, 12))
    _, rotation = np.linalg.eigh(factors.T @ factors)
    stored = (factors @ rotation).astype(np.float32)
    gram = (stored.astype(np.float64) ** 2).sum(axis=0)
    return Factors(stored, gram, unobserved=0.05, regularization=0.01, exponent=exponent)


def _history(count: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    return rng.choice(200, count, replace=False), rng.uniform(0, 3, count)


MODELS = (
    Popularity(np.arange(200.0)),
    DenseItems(np.random.default_rng(1).normal(size=(200, 200)).astype(np.float32)),
    SparseItems(
        np.random.default_rng(1).integers(0, 200, size=(200, 9), dtype=np.int32),
        np.random.default_rng(2).normal(size=(200, 9)).astype(np.float32),
    ),
    _factors(),
)


def test_a_linear_model_adds_what_each_item_of_the_history_adds() -> None:
    model = DenseItems(np.array([[0, 1, 2], [4, 0, 8], [16, 32, 0]], dtype=np.float32))
    assert model.scores(np.array([0, 2]), np.array([1.0, 0.5])).tolist() == [8, 17, 2]


def test_a_sparse_model_scores_as_the_dense_one_that_it_is_made_of() -> None:
    rng = np.random.default_rng(5)
    dense = rng.normal(size=(200, 200)).astype(np.float32)
    indices = np.argsort(rng.random((200, 200)), axis=1)[:, :7].astype(np.int32)
    values = np.take_along_axis(dense, indices, axis=1)
    values[:, 5:], indices[:, 5:] = 0, 0
    kept = np.zeros_like(dense)
    np.put_along_axis(kept, indices[:, :5].astype(np.int64), values[:, :5], axis=1)
    items, weights = _history(30)
    expected = DenseItems(kept).scores(items, weights)
    assert SparseItems(indices, values).scores(items, weights) == pytest.approx(expected, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("exponent", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("count", [1, 5, 12, 13, 60])
def test_folding_in_solves_the_normal_equations(count: int, exponent: float) -> None:
    model = _factors(exponent)
    items, weights = _history(count)
    factors = model.factors.astype(np.float64)
    ridge = 0.01 * (weights.sum() + 0.05 * 200) ** exponent
    chosen = factors[items]
    normal = 0.05 * factors.T @ factors + ridge * np.eye(12) + chosen.T @ (weights[:, np.newaxis] * chosen)
    solved = np.linalg.solve(normal, weights @ chosen)
    # The stored factors are rounded to 24 bits, so their Gram matrix is diagonal to as many.
    assert model.fold_in(items, weights) == pytest.approx(solved, rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_a_seen_item_that_says_nothing_changes_no_score(model: ItemModel) -> None:
    items, weights = _history(9)
    weights[4] = 0.0
    without = model.scores(np.delete(items, 4), np.delete(weights, 4))
    assert model.scores(items, weights) == pytest.approx(without, rel=1e-12, abs=1e-15)
    assert model.count == 200


def test_an_empty_history_scores_all_items_alike_except_by_popularity() -> None:
    empty = np.array([], dtype=np.int64), np.array([])
    assert _factors().scores(*empty).tolist() == [0.0] * 200
    assert DenseItems(np.ones((3, 3), dtype=np.float32)).scores(*empty).tolist() == [0.0] * 3
    assert Popularity(np.array([1.0, 3.0])).scores(*empty).tolist() == [1.0, 3.0]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_many_histories_have_the_scores_that_each_has_by_itself(model: ItemModel) -> None:
    histories = [_history(count) for count in (3, 0, 40)]
    rows = np.zeros((3, 200))
    for row, (items, weights) in enumerate(histories):
        rows[row, items] = weights
    expected = [model.scores(items, weights) for items, weights in histories]
    assert model.score_all(csr_array(rows)) == pytest.approx(np.stack(expected), rel=1e-12, abs=1e-14)
