"""Simulated customers click what they like, and report it as a page would."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import numpy as np
import pytest

from examples.shop import Shop, item_id
from simulation.customers import SHOWN, Customers, ShopApi

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
SHOP = Shop(users=40, items=48, opened=NOW - timedelta(days=20))
NEWS = replace(SHOP, absent=("kitchen", "books", "garden", "sports"))
COME = 30


class Page:
    """An API that recommends to each user the items that they like most, or least, and keeps what's reported."""

    def __init__(self, *, best: bool = True) -> None:
        self.events: list[dict[str, Any]] = []
        self.answers = 0
        self._sign = -1 if best else 1

    def answer(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        if request.url.path.endswith("/feedback"):
            self.events += body["events"]
            return httpx.Response(202, json={})
        self.answers += 1
        likes = SHOP.affinities[int(body["user"][1:])]
        order = np.argsort(self._sign * likes)[: body["k"]].tolist()
        items = [{"item": item_id(item)} for item in order]
        found = {"version": 3, "recommendation_id": f"answer-{self.answers}", "items": items}
        return httpx.Response(200, json=found)

    def customers(self, seed: int = 0) -> Customers:
        client = httpx.Client(base_url="http://shop", transport=httpx.MockTransport(self.answer))
        return Customers(SHOP, ShopApi(client, "shop"), seed, visited=(SHOP, NEWS))


def test_the_same_seed_draws_the_same_day() -> None:
    first, again, other = Page(), Page(), Page()
    day = first.customers().come(1, COME, NOW)
    assert again.customers().come(1, COME, NOW) == day
    other.customers(seed=1).come(1, COME, NOW)
    assert first.events == again.events
    assert first.events != other.events
    assert (day.answers, day.versions, day.events) == (COME, [3], len(first.events))


def test_a_click_names_its_answer_and_the_position_of_its_item() -> None:
    page = Page()
    day = page.customers().come(1, COME, NOW)
    clicks = [event for event in page.events if event["event"] == "click"]
    assert len({click["recommendation_id"] for click in clicks}) == day.clicked > 0
    for click in clicks:
        liked = np.argsort(-SHOP.affinities[int(click["user"][1:])])
        assert item_id(int(liked[click["position"] - 1])) == click["item"]
    assert {click["position"] for click in clicks} <= set(range(1, SHOWN + 1))


def test_events_have_ids_of_their_own_and_times_that_are_over() -> None:
    page = Page()
    customers = page.customers()
    customers.come(1, COME, NOW)
    customers.come(2, COME, NOW + timedelta(days=1))
    assert len({event["id"] for event in page.events}) == len(page.events)
    assert all(datetime.fromisoformat(event["time"]) <= NOW + timedelta(days=1) for event in page.events)
    assert {"view", "click"} <= {event["event"] for event in page.events}


def test_what_people_like_is_clicked_more_often() -> None:
    assert Page().customers().expect_clicks(COME, 3) > 2 * Page(best=False).customers().expect_clicks(COME, 3)


def test_the_expected_share_of_clicks_is_what_days_come_to() -> None:
    customers = Page().customers()
    days = [customers.come(number, SHOP.users, NOW) for number in range(1, 26)]
    share = sum(day.clicked for day in days) / sum(day.answers for day in days)
    assert share == pytest.approx(customers.expect_clicks(SHOP.users, 3), abs=0.06)


def test_a_shop_without_some_categories_has_the_same_people_and_items() -> None:
    without = replace(SHOP, absent=("shoes", "music"))
    assert (without.affinities == SHOP.affinities).all()
    assert {without.category(event.item) for event in without.events()} == {
        "kitchen", "books", "garden", "sports", "toys", "office",
    }  # fmt: skip
    assert without.chances.sum(axis=1) == pytest.approx(np.ones(SHOP.users))
