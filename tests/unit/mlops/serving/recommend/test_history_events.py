"""The events that recommendations are made from are listed where the settings say so, and by the privacy rule."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mlops.artifact.recommender.histories import hash_user
from mlops.contract import Privacy
from mlops.registry.store import Store
from mlops.serving.recommend.history_events import HIDDEN, MOST
from mlops.serving.recommend.recent import RecentEvents, UserEvent
from tests.unit.mlops.serving.harness import Api
from tests.unit.mlops.serving.recommend.shop import KEY, SHOP, make_contract, put_shop

OPEN = {"show_histories": True}


def act(recent: RecentEvents, *events: tuple[str, str, int], privacy: Privacy = "hash") -> datetime:
    """What Ann did: item, kind, and minutes ago; returns now."""
    now, hashed = datetime.now(UTC), hash_user(make_contract(privacy).user, "ann", KEY.encode())
    times = [round((now - timedelta(minutes=minutes)).timestamp() * 1000) for _, _, minutes in events]
    rows = [UserEvent(f"e{at}-{item}", item, name, at) for (item, name, _), at in zip(events, times, strict=True)]
    recent.write(SHOP, [(hashed, each) for each in rows])
    return now


def history(api: Api, **body: Any) -> dict[str, Any]:
    answer = api.recommend(user="ann", **body)
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.json["history"]
    return found


def test_the_latest_event_comes_first_with_its_kind_its_time_and_its_items_title(
    store: Store, open_shop: Callable[..., Api], recent: RecentEvents
) -> None:
    put_shop(store)
    now = act(recent, ("i4", "view", 60), ("gone", "purchase", 90), ("i7", "view", 5))
    found = history(open_shop(**OPEN))
    assert [(each["item"], each["title"], each["event"], each["known"]) for each in found["events"]] == [
        ("i7", "Item 7", "view", True),
        ("i4", "Item 4", "view", True),
        ("gone", None, "purchase", False),
    ]
    latest = datetime.fromisoformat(found["events"][0]["time"])
    assert abs(latest - (now - timedelta(minutes=5))) < timedelta(milliseconds=2)
    assert (found["more_events"], found["events_hidden"], found["sources"]["recent"]) == (0, None, 3)


def test_the_clients_of_the_api_get_no_events(
    store: Store, open_shop: Callable[..., Api], recent: RecentEvents
) -> None:
    put_shop(store)
    act(recent, ("i4", "view", 60))
    assert history(open_shop()).keys() == {"items", "sources", "unavailable", "unknown_items"}


def test_a_long_history_is_cut_and_says_by_how_much(
    store: Store, open_shop: Callable[..., Api], recent: RecentEvents
) -> None:
    put_shop(store)
    act(recent, *(("i4", "view", minutes) for minutes in range(MOST + 20)))
    found = history(open_shop(**OPEN))
    assert len(found["events"]) == MOST
    assert found["more_events"] == 20


@pytest.mark.parametrize(("privacy", "shown"), [("keep", True), ("hash", True), ("drop", False)])
def test_what_a_user_did_is_shown_to_nobody_where_ids_are_dropped(
    store: Store, open_shop: Callable[..., Api], recent: RecentEvents, privacy: Privacy, *, shown: bool
) -> None:
    put_shop(store, privacy=privacy)
    act(recent, ("i4", "view", 60), privacy=privacy)
    found = history(open_shop(**OPEN))
    assert found["sources"]["recent"] == 1
    assert (len(found["events"]), found["events_hidden"]) == ((1, None) if shown else (0, HIDDEN))
