"""The files of a version: what serving reads of them is what training put in."""

import numpy as np
import pytest

from mlops.artifact.history import History, Pairs
from mlops.artifact.names import GOLDEN, HISTORIES, HISTORY_INDEX, ITEMS, MODEL
from mlops.artifact.recommender.golden import GoldenAnswer, find_miss, read_golden, write_golden
from mlops.artifact.recommender.histories import HistoryIndex, hash_user
from mlops.artifact.recommender.items import Items
from mlops.artifact.recommender.ranking import Ranked, Ranking
from mlops.recommend.compile.package import GOLDEN_HISTORIES, Catalogue, choose_golden, make_files
from tests.unit.mlops.recommend.compile.models import ITEMS as COUNT
from tests.unit.mlops.recommend.compile.models import make_models

USERS = [f"u{number}" for number in range(50)]
MODELS = make_models()


def make_pairs() -> Pairs:
    rng = np.random.default_rng(4)
    keys = np.sort(rng.integers(0, 50, 900) ** 2 // 50) * COUNT + rng.integers(0, COUNT, 900)
    return Pairs.reduce(keys, rng.choice(np.array([-1.0, 0.0, 1.0, 2.0]), 900), rng.integers(0, 10**12, 900))


CATALOGUE = Catalogue(
    ids=[f"i{number}" for number in range(COUNT)],
    titles=None,
    available=np.arange(COUNT) % 5 > 0,
    trending=np.arange(COUNT)[::-1],
)
FILES = {kind: make_files(model, CATALOGUE, USERS, make_pairs(), 10, "user", b"k") for kind, model in MODELS.items()}


@pytest.mark.parametrize("kind", MODELS)
def test_the_compiled_model_has_its_golden_answers(kind: str) -> None:
    answers = read_golden(FILES[kind][GOLDEN])
    assert len(answers) == GOLDEN_HISTORIES
    assert find_miss(Ranking(FILES[kind][MODEL]), answers) is None


def test_only_available_items_are_trending() -> None:
    items = Items.from_json(FILES["dense"][ITEMS])
    assert items.ids == CATALOGUE.ids
    assert items.trending.tolist() == [place for place in reversed(range(COUNT)) if place % 5]


def test_a_users_history_is_the_one_of_the_training_data() -> None:
    index = HistoryIndex(FILES["dense"][HISTORY_INDEX])
    hashed, pairs = hash_user("user", "u48", b"k"), make_pairs()
    shard = index.shard_of(hashed)
    found = index.open(shard, FILES["dense"][HISTORIES][slice(*index.place(shard))]).find(hashed)
    assert found is not None
    assert found.keys.tolist() == (pairs.keys[pairs.keys // COUNT == 48] % COUNT).tolist()


def test_golden_histories_are_short_and_long() -> None:
    sizes = [len(each.items) + len(each.disliked) for each in choose_golden(make_pairs(), COUNT)]
    _, all_sizes = np.unique(make_pairs().keys // COUNT, return_counts=True)
    assert sizes == sorted(sizes)
    assert (sizes[0], sizes[-1]) == (int(all_sizes.min()), int(all_sizes.max()))


def test_a_dataset_without_pairs_has_no_golden_histories() -> None:
    assert choose_golden(Pairs.reduce(np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64)), COUNT) == []


def change(golden: GoldenAnswer, **changes: np.ndarray) -> list[GoldenAnswer]:
    expected = golden.expected
    items, scores = changes.get("items", expected.items), changes.get("scores", expected.scores)
    return [GoldenAnswer(golden.history, golden.k, Ranked(items, scores))]


def test_an_answer_that_misses_is_described() -> None:
    ranking = Ranking(FILES["dense"][MODEL])
    golden = read_golden(FILES["dense"][GOLDEN])[0]
    items, scores = golden.expected.items, golden.expected.scores
    assert find_miss(ranking, change(golden)) is None
    assert "by 0.001" in str(find_miss(ranking, change(golden, scores=scores + 1e-3)))
    assert "not 9" in str(find_miss(ranking, change(golden, items=items[:9], scores=scores[:9])))
    assert "other items" in str(find_miss(ranking, change(golden, items=items[::-1])))
    unseen = np.setdiff1d(np.arange(COUNT), items)[:1]
    assert "other items" in str(find_miss(ranking, change(golden, items=np.append(unseen, items[1:]))))
    assert find_miss(ranking, change(golden, scores=scores + 1e-7)) is None


def test_items_that_tie_may_be_in_another_order() -> None:
    """Another processor may add up in another order, and so rank equal items another way."""
    ranking = Ranking(FILES["dense"][MODEL])
    history = read_golden(FILES["dense"][GOLDEN])[-1].history
    nothing = History(history.items, np.zeros(len(history.items)), history.disliked)
    found = ranking.rank(nothing, 10)
    assert set(found.scores.tolist()) == {0.0}
    other = np.append(found.items[1:], ranking.rank(nothing, 11).items[-1:])
    golden = GoldenAnswer(nothing, 10, Ranked(other, found.scores))
    assert find_miss(ranking, [golden]) is None


def test_a_golden_file_of_something_else_is_refused() -> None:
    with pytest.raises(ValueError, match="lacks something"):
        read_golden(b'[{"items": []}]')
    with pytest.raises(ValueError, match="must be a list"):
        read_golden(b"{}")
    with pytest.raises(ValueError, match="EOF"):
        read_golden(b"[")


def test_golden_answers_are_read_as_they_were_written() -> None:
    answers = read_golden(FILES["sparse"][GOLDEN])
    assert write_golden(answers) == FILES["sparse"][GOLDEN]
