import numpy as np
import pytest
from scipy.stats import ttest_1samp

from mlops.recommend.evaluation.comparison import compare
from mlops.recommend.evaluation.lists import Answers, judge
from mlops.recommend.evaluation.slices import Slice
from tests.unit.mlops.recommend.shops import make_relevant

USERS = 200


def _answers(hit: np.ndarray) -> Answers:
    """Lists of one item, which is relevant where `hit`."""
    return judge(np.where(hit, 0, 1)[:, np.newaxis], make_relevant([[0]] * len(hit), items=2))


def _hits(share: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random(USERS) < share


def test_the_difference_is_the_paired_one_with_students_test_and_interval() -> None:
    candidate, champion = _answers(_hits(0.6)), _answers(_hits(0.4, seed=1))
    found, _ = compare(candidate, champion, "ndcg", 0.01)
    gains = candidate.score("ndcg") - champion.score("ndcg")
    expected = ttest_1samp(gains, 0, alternative="greater")
    assert found.difference == pytest.approx(gains.mean())
    assert found.p_better == pytest.approx(expected.pvalue)
    assert (found.low, found.high) == pytest.approx(tuple(ttest_1samp(gains, 0).confidence_interval(0.95)))
    assert found.p_not_worse == pytest.approx(ttest_1samp(gains, -0.01, alternative="greater").pvalue)
    assert found.p_worse == pytest.approx(ttest_1samp(gains, -0.01, alternative="less").pvalue)
    assert (found.verdict, found.rows, found.where) == ("better", USERS, "all users")


def test_the_same_answers_are_not_worse() -> None:
    same = _answers(_hits(0.5))
    found, _ = compare(same, same, "ndcg", 0.01)
    assert (found.difference, found.verdict) == (0.0, "not worse")
    without_margin, _ = compare(same, same, "ndcg", 0.0)
    assert without_margin.verdict == "undecided"


def test_harm_to_a_slice_of_users_is_found_where_the_whole_is_better() -> None:
    champion = _hits(0.3)
    candidate = champion | _hits(0.8, seed=2)
    candidate[:40] = False
    champion[:40] = True
    slices = [Slice("users = new", np.arange(40)), Slice("users = heavy", np.arange(40, USERS))]
    overall, parts = compare(_answers(candidate), _answers(champion), "ndcg", 0.01, slices)
    assert overall.verdict == "better"
    assert [(part.where, part.verdict) for part in parts] == [("users = new", "worse"), ("users = heavy", "better")]


def test_slices_of_few_users_are_not_compared() -> None:
    same = _answers(_hits(0.5))
    assert compare(same, same, "ndcg", 0.01, [Slice("users = new", np.arange(10))])[1] == ()


def test_false_alarms_stay_below_what_is_promised() -> None:
    rng = np.random.default_rng(5)
    verdicts = [
        compare(_answers(rng.random(60) < 0.3), _answers(rng.random(60) < 0.3), "ndcg", 0.0)[0].verdict
        for _ in range(1000)
    ]
    assert verdicts.count("better") <= 40
    assert verdicts.count("worse") <= 40


def test_answers_to_other_users_are_refused() -> None:
    one = _answers(_hits(0.5))
    other = judge(one.lists, make_relevant([[1]] * USERS, items=2))
    with pytest.raises(ValueError, match="the same users"):
        compare(one, other, "ndcg", 0.01)
    with pytest.raises(ValueError, match="too few"):
        compare(one.take(np.arange(20)), one.take(np.arange(20)), "ndcg", 0.01)
