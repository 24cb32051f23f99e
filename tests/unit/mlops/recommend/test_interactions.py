from itertools import pairwise

import numpy as np
import pytest

from mlops.artifact.history import history
from mlops.recommend.interactions import Interactions
from tests.unit.mlops.recommend.shops import make_interactions


def _random_events(rng: np.random.Generator, count: int) -> list[tuple[int, int, float, int]]:
    return [
        (int(rng.integers(20)), int(rng.integers(30)), float(rng.choice([-1, 0, 1, 5])), int(rng.integers(9)))
        for _ in range(count)
    ]


def _row(interactions: Interactions, user: int) -> tuple[dict[int, float], list[int]]:
    found = interactions.histories().row(user)
    return dict(zip(found.items.tolist(), found.weights.tolist(), strict=True)), found.disliked.tolist()


def test_the_strongest_of_several_events_counts() -> None:
    assert _row(make_interactions((1, 2, 1, 10), (1, 2, 5, 20), (1, 2, 3, 30)), 1) == ({2: 5.0}, [])


def test_a_later_dislike_takes_an_item_out_of_the_history() -> None:
    assert _row(make_interactions((0, 2, 5, 10), (0, 2, -1, 20), (0, 3, 1, 5)), 0) == ({3: 1.0}, [2])


def test_a_later_like_brings_a_disliked_item_back() -> None:
    assert _row(make_interactions((0, 2, -1, 20), (0, 2, 1, 30)), 0) == ({2: 1.0}, [])


def test_a_dislike_at_the_same_time_counts() -> None:
    assert _row(make_interactions((0, 2, -1, 20), (0, 2, 1, 20)), 0) == ({}, [2])


def test_an_item_that_was_only_seen_is_in_the_history_without_weight() -> None:
    interactions = make_interactions((0, 2, 0, 20), (0, 1, 1, 20))
    assert _row(interactions, 0) == ({1: 1.0, 2: 0.0}, [])
    assert interactions.histories().matrix.nnz == 2


def test_a_user_without_events_has_an_empty_history() -> None:
    assert _row(make_interactions((1, 2, 1, 10)), 0) == ({}, [])
    assert _row(make_interactions(), 1) == ({}, [])


def test_users_taken_in_any_order_keep_their_histories() -> None:
    taken = make_interactions((0, 1, 1, 1), (1, 2, 1, 1), (1, 3, -1, 1)).histories().take(np.array([1, 0]))
    assert (taken.row(0).items.tolist(), taken.row(0).disliked.tolist()) == ([2], [3])
    assert (taken.row(1).items.tolist(), taken.row(1).disliked.tolist()) == ([1], [])


@pytest.mark.parametrize("seed", range(5))
def test_all_histories_are_those_that_serving_makes_of_each_usersmake_interactions(seed: int) -> None:
    rng = np.random.default_rng(seed)
    interactions = make_interactions(*_random_events(rng, 3000), users=20, items=30)
    histories = interactions.histories()
    for user in range(20):
        own = interactions.take(interactions.user == user)
        expected, found = history(own.item.astype(np.int64), own.weight, own.time), histories.row(user)
        assert found.items.tolist() == expected.items.tolist()
        assert found.weights.tolist() == expected.weights.tolist()
        assert found.disliked.tolist() == expected.disliked.tolist()


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_the_file_changes_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    interactions = make_interactions(*_random_events(rng, 2000), users=20, items=30)
    shuffled = interactions.take(rng.permutation(2000))
    expected, found = interactions.histories(), shuffled.histories()
    assert (expected.matrix != found.matrix).nnz == 0
    assert (expected.disliked != found.disliked).nnz == 0
    assert all((np.diff(found.matrix.indices[start:end]) > 0).all() for start, end in pairwise(found.matrix.indptr))


def test_only_users_and_items_with_events_are_left_of_a_compact_dataset() -> None:
    compact = make_interactions((1, 2, 1, 1), (3, 0, 1, 2), users=5).compact()
    assert compact.users.tolist() == ["u1", "u3"]
    assert compact.items.tolist() == ["i0", "i2"]
    assert (compact.user.tolist(), compact.item.tolist()) == ([0, 1], [1, 0])
