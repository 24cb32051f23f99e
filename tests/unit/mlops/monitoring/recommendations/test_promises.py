"""What monitoring promises of recommenders: a broken catalogue is found on its day, and a healthy year is silent.

tests/bench/recommender_monitoring.py measures it on more shops, losses and years.
"""

import numpy as np
import pytest

from tests.bench.recommender_monitoring import SHOPS, Shop, find_after, is_silent

BY_NAME = {shop.name: shop for shop in SHOPS}
FOUND = ("middle", "large", "restless days", "strong week", "fades by half in the year", "good days follow each other")


def draw(shop: Shop, kind: int, count: int) -> list[np.random.Generator]:
    streams = np.random.SeedSequence([SHOPS.index(shop), kind]).spawn(count)
    return [np.random.default_rng(each) for each in streams]


@pytest.mark.parametrize("name", FOUND)
def test_a_catalogue_that_loses_four_of_five_clicks_is_found_on_its_day(name: str) -> None:
    shop = BY_NAME[name]
    days = [find_after(shop, 0.8, 60, rng) for rng in draw(shop, 0, 10)]
    assert days.count(1) >= 9
    assert None not in days


def test_a_small_shop_finds_it_within_a_week() -> None:
    days = [find_after(BY_NAME["small"], 0.8, 60, rng) for rng in draw(BY_NAME["small"], 1, 10)]
    assert sum(day is not None for day in days) >= 9


@pytest.mark.parametrize("name", ["middle", "strong week", "good days follow each other", "rare clicks"])
def test_a_healthy_year_is_silent(name: str) -> None:
    shop = BY_NAME[name]
    assert all(is_silent(shop, rng) for rng in draw(shop, 2, 2))
