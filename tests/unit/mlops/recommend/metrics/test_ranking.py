import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlops.recommend.evaluation.lists import judge
from mlops.recommend.metrics.ranking import average_precision, find_hits, ndcg, recall
from mlops.recommend.rank import NOTHING
from tests.unit.mlops.recommend.shops import make_relevant

RANX = json.loads((Path(__file__).parent / "ranx.json").read_text())
"""Lists, what's relevant, and ranx 0.3.21's metrics of them (tests/bench/recommender/metrics.py)."""


@pytest.mark.parametrize("case", RANX, ids=lambda case: f"k={case['k']}")
@pytest.mark.parametrize("metric", ["ndcg", "recall", "map"])
def test_each_users_metrics_are_those_of_ranx(metric: str, case: dict[str, Any]) -> None:
    answers = judge(np.array(case["lists"]), make_relevant(case["relevant"], items=200))
    assert answers.score(metric) == pytest.approx(case["ranx"][metric], abs=1e-9)
    assert 0 < np.mean(case["ranx"][metric]) < 1


def test_hits_are_found_by_user_and_item() -> None:
    lists = np.array([[1, 0, NOTHING], [2, 1, 0]])
    assert find_hits(lists, make_relevant([[0], [0, 2]], items=3)).tolist() == [
        [False, True, False],
        [True, False, True],
    ]


def test_a_missing_item_is_not_the_last_item_of_the_user_before() -> None:
    assert find_hits(np.array([[0], [NOTHING]]), make_relevant([[2], [1]], items=3)).tolist() == [[False], [False]]


def test_metrics_by_hand() -> None:
    hits, relevant = np.array([[True, False, True], [False, False, False]]), np.array([4, 1])
    best = 1 + 1 / np.log2(3) + 1 / 2
    assert ndcg(hits, relevant) == pytest.approx([1.5 / best, 0])
    assert recall(hits, relevant).tolist() == [0.5, 0]
    assert average_precision(hits, relevant) == pytest.approx([(1 + 2 / 3) / 4, 0])


def test_a_list_of_all_that_is_relevant_on_top_is_perfect() -> None:
    assert ndcg(np.array([[True, True, False]]), np.array([2])) == pytest.approx([1.0])
