import numpy as np
import pytest

from mlops.recommend.evaluation.estimates import estimate_all, estimate_ranking
from mlops.recommend.evaluation.lists import Answers, judge
from mlops.recommend.metrics.beyond import coverage
from tests.unit.mlops.recommend.shops import make_histories, make_relevant

ITEMS = 30


def _rng() -> np.random.Generator:
    return np.random.default_rng(0)


def _draw(users: int, rng: np.random.Generator) -> Answers:
    lists = np.stack([rng.choice(ITEMS, 5, replace=False) for _ in range(users)])
    return judge(lists, make_relevant([rng.choice(ITEMS, 4, replace=False).tolist() for _ in range(users)], ITEMS))


def test_every_metric_has_its_value_and_an_interval_around_it() -> None:
    answers = _draw(200, _rng())
    histories = make_histories([{user % ITEMS: 1.0} for user in range(200)], [[] for _ in range(200)], ITEMS)
    popularity = np.linspace(0.5, 0.01, ITEMS)
    found = estimate_all(answers, histories.matrix, popularity, _rng())
    assert set(found) == {"ndcg", "recall", "map", "coverage", "novelty", "popularity_bias"}
    assert found["ndcg"].value == pytest.approx(answers.score("ndcg").mean())
    assert found["coverage"].value == coverage(answers.lists, ITEMS).value
    assert found["novelty"].value == pytest.approx(-np.log2(popularity)[answers.lists].mean())
    taken = popularity[np.arange(200) % ITEMS].mean()
    assert found["popularity_bias"].value == pytest.approx(popularity[answers.lists].mean() / taken - 1)
    for name in ("ndcg", "recall", "map", "novelty", "popularity_bias"):
        interval = found[name].interval
        assert interval is not None
        assert interval.low < float(found[name].value or 0) < interval.high
    assert found["ndcg"].rows == 200


def test_the_intervals_of_a_mean_hold_the_truth_in_nineteen_of_twenty_samples() -> None:
    rng = np.random.default_rng(4)
    truth = float(_draw(20_000, rng).score("ndcg").mean())
    held = 0
    for _ in range(200):
        interval = estimate_ranking(_draw(60, rng), rng)["ndcg"].interval
        assert interval is not None
        held += interval.low <= truth <= interval.high
    assert 182 <= held <= 199


def test_what_is_the_same_for_all_users_has_no_interval() -> None:
    answers = judge(np.zeros((20, 1), dtype=np.int64), make_relevant([[0]] * 20, ITEMS))
    found = estimate_ranking(answers, _rng())["recall"]
    assert (found.value, found.interval) == (1.0, None)
    assert found.reason is not None
    assert "the same in every resample" in found.reason


def test_one_user_has_values_without_intervals() -> None:
    answers = judge(np.array([[0, 1]]), make_relevant([[1]], ITEMS))
    histories = make_histories([{}], [[]], ITEMS)
    found = estimate_all(answers, histories.matrix, np.full(ITEMS, 0.1), _rng())
    assert found["recall"].value == 1.0
    assert found["popularity_bias"].value is None
    assert all(each.interval is None and each.reason for each in found.values())
