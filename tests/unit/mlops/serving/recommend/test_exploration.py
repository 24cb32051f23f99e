"""Exploration: how often each item stands where, against the propensities that are logged."""

from collections import Counter
from collections.abc import Callable
from random import Random

import pytest

from mlops.artifact.recommender.answering import POOL
from mlops.registry.store import Store
from mlops.serving.recommend.exploration import Exploration
from tests.unit.mlops.serving.harness import Api
from tests.unit.mlops.serving.recommend.shop import put_shop


def make(share: float, seed: int = 7) -> Exploration:
    random = Random(seed)
    return Exploration(share, random.random, random.sample)


def test_without_exploration_the_best_come_with_certainty() -> None:
    exploration = Exploration(0.0)
    chosen = exploration.choose(pool=10, k=3)
    assert ([*chosen.places], [*chosen.propensities], chosen.explored) == ([0, 1, 2], [1, 1, 1], False)
    assert exploration.depth(3) == 3


@pytest.mark.parametrize(("pool", "k"), [(9, 3), (2, 5), (1, 1), (0, 3)])
def test_each_item_stands_at_each_place_as_often_as_its_propensity_says(pool: int, k: int) -> None:
    exploration, runs = make(0.3), 40_000
    seen: Counter[tuple[int, int]] = Counter()
    said: dict[tuple[int, int], float] = {}
    for _ in range(runs):
        chosen = exploration.choose(pool, k)
        assert len({*chosen.places}) == len(chosen.places) == min(k, pool)
        for rank, (place, propensity) in enumerate(zip(chosen.places, chosen.propensities, strict=True)):
            seen[rank, place] += 1
            assert said.setdefault((rank, place), propensity) == propensity
    for cell, propensity in said.items():
        deviation = (propensity * (1 - propensity) / runs) ** 0.5
        assert abs(seen[cell] / runs - propensity) <= 5 * deviation + 1e-9
    assert len(said) == pool * min(k, pool), "each item may stand at each place"


def test_a_weighted_mean_of_what_follows_is_that_of_another_policy() -> None:
    """Clicks on the item at the first place; a policy that always shows item 4 there is judged without being tried."""
    exploration, random = make(0.5), Random(3)
    rates = [0.3, 0.1, 0.2, 0.15, 0.6, 0.05]
    clicks = weights = 0.0
    for _ in range(60_000):
        chosen = exploration.choose(pool=6, k=2)
        if chosen.places[0] == 4:
            weight = 1 / chosen.propensities[0]
            weights += weight
            clicks += weight * (random.random() < rates[4])
    assert clicks / weights == pytest.approx(0.6, abs=0.03)


def test_a_share_of_the_answers_is_drawn_from_the_best_few(store: Store, open_shop: Callable[..., Api]) -> None:
    put_shop(store)
    best = [each["item"] for each in open_shop().recommend(user="ann", k=2 * POOL).json["items"]]
    shop = open_shop(explore_share=0.5)
    explored = plain = 0
    shop.printed()
    for _ in range(60):
        shop.recommend(user="ann", k=2)
    for record in shop.printed():
        if record.get("record") != "recommendation":
            continue
        assert {*record["items"]} <= {*best[: 2 * POOL]}
        drawn = 0.5 / (2 * POOL)
        for rank, (item, propensity) in enumerate(zip(record["items"], record["propensities"], strict=True)):
            assert propensity == pytest.approx(drawn + 0.5 * (item == best[rank]))
        explored += record["explored"]
        plain += record["items"] == best[:2] and not record["explored"]
    assert explored + plain == 60
    assert 5 <= explored <= 55


def test_trending_items_are_explored_too(store: Store, open_shop: Callable[..., Api]) -> None:
    put_shop(store)
    shop = open_shop(explore_share=1)
    seen = {each["item"] for _ in range(60) for each in shop.recommend(k=2).json["items"]}
    assert seen == {"i5", "i3", "i1", "i0", "i2", "i4"}
    (metric,) = [line for line in shop.printed() if "RecommendationsExplored" in line][:1]
    assert metric["RecommendationsExplored"] == 1


def test_records_say_what_cannot_be_asked_again(store: Store, open_shop: Callable[..., Api]) -> None:
    """How much of the history the request brought, and how many items it didn't want."""
    put_shop(store)
    shop = open_shop(explore_share=0.5)
    shop.printed()
    shop.recommend(user="ann", k=2)
    shop.recommend(k=2, history=[{"item": "i1", "event": "view"}], exclude=["i5", "i4"])
    plain, own = (line for line in shop.printed() if line.get("record") == "recommendation")
    assert "excluded" not in plain
    assert "request" not in plain["history"]
    assert own["excluded"] == 2
    assert own["history"]["request"] == 1
