import numpy as np
import pytest

from mlops.recommend.interactions import Interactions
from mlops.recommend.split import Task, cut_time, draw_users, fold_users, head_of, split_by_time, split_by_users
from tests.unit.mlops.recommend.shops import draw_shop, make_interactions

MANY = 10_000


def _rng() -> np.random.Generator:
    return np.random.default_rng(0)


def _pairs(task: Task) -> list[tuple[int, int]]:
    rows, items = task.relevant.nonzero()
    return [(int(task.users[row]), int(item)) for row, item in zip(rows, items, strict=True)]


@pytest.fixture(scope="module")
def shop() -> Interactions:
    return draw_shop()


def test_nothing_after_the_cut_is_learnt_from_or_shown(shop: Interactions) -> None:
    cut = cut_time(shop, 0.2)
    task = split_by_time(shop, cut, MANY, _rng())
    assert task.known.time.max() < cut
    assert len(task.known) == pytest.approx(0.8 * len(shop), abs=2)
    assert task.since == cut
    before = shop.take(shop.time < cut).histories().take(task.users)
    assert (task.histories.matrix != before.matrix).nnz == 0


def test_what_was_liked_later_is_relevant_unless_it_was_known_before() -> None:
    events = [
        (0, 0, 1, 1),
        (0, 3, -1, 2),
        (1, 1, 1, 3),
        (1, 2, 1, 3),
        # later
        (0, 0, 1, 10),  # again
        (0, 1, 1, 10),
        (0, 2, 0, 11),  # only seen
        (0, 3, 1, 12),  # disliked before
        (1, 0, 1, 13),
        (1, 0, -1, 14),  # disliked in the end
        (1, 3, 1, 15),
    ]
    task = split_by_time(make_interactions(*events), 10, MANY, _rng())
    assert _pairs(task) == [(0, 1), (1, 3)]
    assert task.unreachable == 0


def test_items_that_nobody_had_before_are_counted_and_left_out() -> None:
    events = [(0, 0, 1, 1), (1, 1, 1, 2), (0, 1, 1, 10), (0, 2, 1, 10), (1, 3, 1, 11)]
    task = split_by_time(make_interactions(*events), 10, MANY, _rng())
    assert _pairs(task) == [(0, 1)]
    assert task.unreachable == pytest.approx(2 / 3)


def test_users_who_are_held_out_are_not_learnt_from(shop: Interactions) -> None:
    held_out = draw_users(shop, 0.3, _rng())
    task = split_by_users(shop, held_out, MANY, _rng())
    assert held_out.sum() == 90
    assert not held_out[task.known.user].any()
    assert held_out[task.users].all()
    assert task.since is None


def test_a_fifth_of_what_held_out_users_like_is_hidden_and_the_rest_shown(shop: Interactions) -> None:
    task = split_by_users(shop, draw_users(shop, 0.5, _rng()), MANY, _rng())
    everything = shop.histories().take(task.users)
    shown, hidden = task.histories.matrix, task.relevant
    assert (shown.astype(bool).multiply(hidden)).nnz == 0
    liked = np.diff((everything.matrix > 0).indptr)
    assert np.diff(hidden.indptr).tolist() == np.maximum(1, (0.2 * liked).astype(int)).tolist()
    together = np.diff(shown.indptr) + np.diff(hidden.indptr)
    assert together.tolist() == np.diff(everything.matrix.indptr).tolist()
    assert (task.histories.disliked != everything.disliked).nnz == 0


def test_users_with_one_liked_item_are_no_test() -> None:
    events = [(0, 0, 1, 1), (0, 1, 0, 1), (1, 0, 1, 1), (1, 1, 1, 1), (2, 0, 1, 1), (2, 1, 1, 1)]
    interactions = make_interactions(*events, users=3)
    task = split_by_users(interactions, np.array([True, True, False]), MANY, _rng())
    assert task.users.tolist() == [1]


def test_more_test_users_than_wanted_are_drawn_from(shop: Interactions) -> None:
    task = split_by_time(shop, cut_time(shop, 0.2), 25, _rng())
    assert len(task.users) == task.relevant.shape[0] == task.histories.matrix.shape[0] == 25


def test_each_active_user_is_in_one_fold() -> None:
    interactions = make_interactions((0, 0, 1, 1), (2, 1, 1, 1), (3, 1, 1, 1), (5, 1, 1, 1), users=6)
    folds = fold_users(interactions, 2, _rng())
    assert folds[[1, 4]].tolist() == [-1, -1]
    assert sorted(folds[[0, 2, 3, 5]].tolist()) == [0, 0, 1, 1]


def test_a_task_of_some_users_has_their_rows(shop: Interactions) -> None:
    task = split_by_time(shop, cut_time(shop, 0.2), MANY, _rng())
    part = task.take(np.array([4, 2]))
    assert part.users.tolist() == task.users[[4, 2]].tolist()
    assert (part.relevant != task.relevant[[4, 2]]).nnz == 0
    assert part.histories.row(1).items.tolist() == task.histories.row(2).items.tolist()


def test_the_head_of_a_task_has_its_most_popular_items_only(shop: Interactions) -> None:
    task = split_by_time(shop, cut_time(shop, 0.2), MANY, _rng())
    head = head_of(task, 10)
    counts = np.bincount(task.known.item, minlength=60)
    chosen = np.array([int(str(item).removeprefix("item ")) for item in head.known.items])
    assert len(chosen) == 10
    assert counts[chosen].min() >= np.delete(counts, chosen).max()
    assert len(head.known) == counts[chosen].sum()
    assert (np.diff(head.relevant.indptr) > 0).all()
    rows = np.searchsorted(task.users, head.users)
    assert (head.relevant != task.relevant[rows][:, chosen]).nnz == 0
    assert (head.histories.matrix != task.histories.matrix[rows][:, chosen]).nnz == 0
    assert (head.known.histories().matrix != task.known.histories().matrix[:, chosen]).nnz == 0
