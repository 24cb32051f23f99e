import numpy as np
import pytest

from mlops.recommend.candidates import ials
from mlops.recommend.candidates.ials import fit_ials
from mlops.recommend.models import Factors
from tests.unit.mlops.recommend.shops import draw_shop

MATRIX = draw_shop().histories().matrix


def _fit(iterations: int = 10, seed: int = 0) -> Factors:
    return fit_ials(
        MATRIX, factors=8, unobserved=0.1, regularization=0.2, exponent=0.5, iterations=iterations, seed=seed
    )


def _loss(model: Factors) -> float:
    """The loss that is minimised, with each user's factors folded in."""
    dense, items = MATRIX.toarray(), model.factors.astype(np.float64)
    rows = [model.fold_in(np.flatnonzero(row), row[row > 0]) for row in dense]
    users = np.stack(rows)
    scores = users @ items.T
    fit = (dense * (1 - scores) ** 2).sum() + 0.1 * (scores**2).sum()
    user_ridge = 0.2 * (dense.sum(axis=1) + 0.1 * 60) ** 0.5
    item_ridge = 0.2 * (dense.sum(axis=0) + 0.1 * 300) ** 0.5
    return float(fit + user_ridge @ (users**2).sum(axis=1) + item_ridge @ (items**2).sum(axis=1))


def test_each_iteration_loses_less_until_nothing_changes() -> None:
    losses = [_loss(_fit(iterations)) for iterations in (1, 3, 10, 30)]
    assert losses == sorted(losses, reverse=True)
    assert losses[2] == pytest.approx(losses[3], rel=0.01)


def test_no_other_factors_lose_less_after_many_iterations() -> None:
    model = _fit(iterations=60)
    rng, found = np.random.default_rng(0), _loss(model)
    for _ in range(10):
        moved = model.factors + 0.03 * rng.normal(size=model.factors.shape).astype(np.float32)
        gram = moved.astype(np.float64).T @ moved.astype(np.float64)
        _, basis = np.linalg.eigh(gram)
        turned = (moved.astype(np.float64) @ basis).astype(np.float32)
        diagonal = (turned.astype(np.float64) ** 2).sum(axis=0)
        assert _loss(Factors(turned, diagonal, 0.1, 0.2, 0.5)) > found


def test_the_gram_matrix_is_diagonal() -> None:
    model = _fit()
    factors = model.factors.astype(np.float64)
    assert factors.T @ factors == pytest.approx(np.diag(model.gram), abs=1e-5 * model.gram.max())


def test_the_same_seed_finds_the_same_factors_in_any_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    first = _fit()
    monkeypatch.setattr(ials, "_PAIRS_AT_ONCE", 50)
    assert _fit().factors == pytest.approx(first.factors, abs=1e-4)
    assert (_fit(seed=1).factors != first.factors).any()


def test_users_are_recommended_their_groups_items() -> None:
    model, histories = _fit(), draw_shop().histories()
    right = []
    for user in range(300):
        history = histories.row(user)
        scores = model.scores(history.items, history.weights)
        scores[history.items] = -np.inf
        right.append(np.mean(np.argsort(-scores)[:3] % 5 == user % 5))
    assert np.mean(right) > 0.8
