import math

import numpy as np
import pytest

from mlops.recommend.candidates.popularity import MS_PER_DAY, fit_popularity, trending
from tests.unit.mlops.recommend.shops import make_interactions

EVENTS = make_interactions(
    (0, 0, 1, 0),
    (1, 0, 1, 10 * MS_PER_DAY),
    (0, 1, 3, 20 * MS_PER_DAY),
    (0, 2, -1, 20 * MS_PER_DAY),
    (1, 2, 0, 20 * MS_PER_DAY),
)


def test_an_event_counts_half_after_each_half_life() -> None:
    assert fit_popularity(EVENTS, 10.0).popularity == pytest.approx([0.25 + 0.5, 3, 0, 0])
    assert fit_popularity(EVENTS, math.inf).popularity.tolist() == [2, 3, 0, 0]


def test_a_user_counts_once_for_an_item_by_the_latest_event() -> None:
    repeated = make_interactions((0, 0, 1, 0), (0, 0, 1, 10 * MS_PER_DAY), (0, 0, 1, 20 * MS_PER_DAY))
    assert fit_popularity(repeated, 10.0).popularity.tolist() == [1, 0, 0, 0]


def test_of_equally_popular_items_the_lower_index_trends_first() -> None:
    assert trending(EVENTS, 10.0).tolist() == [1, 0, 2, 3]


def test_nothing_trends_without_events() -> None:
    assert trending(make_interactions(), 10.0).tolist() == [0, 1, 2, 3]
    assert fit_popularity(make_interactions(), 10.0).popularity.dtype == np.float64
