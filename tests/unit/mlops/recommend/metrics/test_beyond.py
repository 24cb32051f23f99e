import numpy as np
import pytest

from mlops.recommend.metrics.beyond import coverage, novelty, popularity_lift
from mlops.recommend.rank import NOTHING
from tests.unit.mlops.recommend.shops import make_histories


def test_coverage_counts_each_item_once_and_what_each_list_adds_alone() -> None:
    found = coverage(np.array([[0, 1], [1, 2], [1, NOTHING]]), items=10)
    assert found.value == 0.3
    assert found.alone.tolist() == [0.1, 0.1, 0.0]


def test_the_error_of_coverage_is_that_of_repeated_samples_or_larger() -> None:
    rng = np.random.default_rng(0)
    chances = 1 / np.arange(1, 201)
    draws = [
        coverage(np.stack([rng.choice(200, 5, replace=False, p=chances / chances.sum()) for _ in range(60)]), 200)
        for _ in range(200)
    ]
    spread = np.std([draw.value for draw in draws])
    assert spread <= np.mean([draw.error for draw in draws]) <= 1.5 * spread


def test_novelty_is_the_surprise_of_the_list_in_bits() -> None:
    popularity = np.array([0.5, 0.25, 0.0])
    lists = np.array([[0, 1], [1, NOTHING], [2, NOTHING], [NOTHING, NOTHING]])
    assert novelty(lists, popularity) == pytest.approx([1.5, 2.0, 3.0, np.nan], nan_ok=True)


def test_the_lift_compares_with_what_each_user_likes() -> None:
    popularity = np.array([0.8, 0.4, 0.1])
    histories = make_histories([{1: 2.0, 2: 0.0}, {}], [[], []], items=3).matrix
    found = popularity_lift(np.array([[0, 2], [0, 2]]), histories, popularity)
    assert found.recommended == pytest.approx([0.45, np.nan], nan_ok=True)
    assert found.taken == pytest.approx([0.4, np.nan], nan_ok=True)
