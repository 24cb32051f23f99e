import numpy as np
import pytest

from mlops.recommend.models import DenseItems, Popularity
from mlops.recommend.rank import NOTHING, rank, top
from tests.unit.mlops.recommend.shops import draw_shop, make_histories

TRENDING = np.array([2, 3, 1, 0, 4])


def _popularity() -> Popularity:
    return Popularity(np.array([5.0, 4.0, 3.0, 2.0, 1.0]))


def test_seen_and_disliked_items_are_never_recommended() -> None:
    histories = make_histories([{0: 1.0, 2: 0.0}], [[1]], items=5)
    assert rank(_popularity(), TRENDING, histories, 5).tolist() == [[3, 4, NOTHING, NOTHING, NOTHING]]


def test_without_a_history_the_trending_items_are_recommended() -> None:
    histories = make_histories([{}, {3: 0.0}, {3: 1.0}], [[2], [], []], items=5)
    assert rank(_popularity(), TRENDING, histories, 3).tolist() == [[3, 1, 0], [2, 1, 0], [0, 1, 2]]


def test_the_trending_list_may_be_shorter_than_the_catalogue() -> None:
    histories = make_histories([{}], [[]], items=5)
    assert rank(_popularity(), TRENDING[:2], histories, 3).tolist() == [[2, 3, NOTHING]]


def test_of_equal_scores_the_lower_index_is_first() -> None:
    scores = np.array([[1.0, 2.0, 1.0, 2.0, 1.0], [0.0, 0.0, 0.0, 0.0, 0.0]])
    assert top(scores, 4).tolist() == [[1, 3, 0, 2], [0, 1, 2, 3]]


@pytest.mark.parametrize("k", [1, 7, 60, 70])
def test_the_best_are_those_of_a_full_sort(k: int) -> None:
    scores = np.random.default_rng(1).integers(0, 9, size=(50, 60)).astype(np.float64)
    expected = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    assert top(scores, k)[:, :60].tolist() == expected.tolist()
    assert (top(scores, k)[:, 60:] == NOTHING).all()


def test_many_users_have_the_lists_that_each_has_alone() -> None:
    histories = draw_shop(users=600).histories()
    model = DenseItems(np.random.default_rng(2).normal(size=(60, 60)).astype(np.float32))
    trending = np.arange(60)
    lists = rank(model, trending, histories, 10)
    for user in range(0, 600, 37):
        history = histories.row(user)
        scores = model.scores(history.items, history.weights)
        scores[history.items] = scores[history.disliked] = -np.inf
        assert lists[user].tolist() == np.argsort(-scores, kind="stable")[:10].tolist()
