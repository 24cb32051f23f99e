import numpy as np
import pytest

from mlops.recommend.evaluation.lists import judge
from mlops.recommend.evaluation.slices import cut_slices, item_shares, tail_items
from mlops.recommend.split import Task, cut_time, split_by_time
from tests.unit.mlops.recommend.shops import draw_shop


@pytest.fixture(scope="module")
def task() -> Task:
    shop = draw_shop(users=400, events=6)
    return split_by_time(shop, cut_time(shop, 0.4), 10_000, np.random.default_rng(0))


def test_every_test_user_is_new_light_or_heavy(task: Task) -> None:
    judged, too_small = cut_slices(task)
    parts = {part.where.partition(" (")[0]: part for part in (*judged, *too_small) if part.items is None}
    assert set(parts) == {"users = new", "users = light", "users = heavy"}
    together = np.concatenate([part.users for part in parts.values()])
    assert sorted(together.tolist()) == list(range(len(task.users)))
    counts = np.diff((task.histories.matrix > 0).indptr)
    assert not counts[parts["users = new"].users].any()
    assert counts[parts["users = light"].users].max() < counts[parts["users = heavy"].users].min()
    assert {part.where.partition(" (")[0] for part in too_small} == {"users = new"}


def test_the_tail_are_the_least_popular_items_of_a_fifth_of_the_interactions() -> None:
    counts = np.array([50, 10, 30, 5, 5])
    assert tail_items(counts).tolist() == [False, True, False, True, True]


def test_in_the_slice_of_the_tail_only_its_items_are_relevant(task: Task) -> None:
    part = cut_slices(task)[0][-1]
    assert part.where.startswith("items = tail (")
    assert part.items is not None
    lists = np.tile(np.arange(10), (len(task.users), 1))
    answers = part.of(judge(lists, task.relevant))
    assert part.items[answers.relevant.indices].all()
    assert (np.diff(answers.relevant.indptr) > 0).all()
    assert answers.relevant.nnz < task.relevant.nnz
    assert not answers.hits[:, ~part.items[:10]].any()


def test_an_items_share_is_of_the_users_who_are_learnt_from(task: Task) -> None:
    shares = item_shares(task)
    known = task.known
    user = known.user[(known.item == 3) & (known.weight > 0)]
    assert 0 < shares[3] <= len(np.unique(user)) / len(np.unique(known.user))
    assert shares.max() < 1
