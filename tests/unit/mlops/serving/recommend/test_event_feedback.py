"""POST /models/{model}/feedback of a recommender: events, durable before 202, and known to the next recommendation."""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import obstore
import pytest
from obstore.exceptions import GenericError

from mlops.artifact.recommender.histories import hash_user
from mlops.contract import Privacy
from mlops.errors.serving import EventsRejected
from mlops.interactions import Rating
from mlops.registry.store import Store
from mlops.serving.ids import make_ids
from mlops.serving.recommend.events import MAX_EVENTS, read_events
from mlops.serving.recommend.recent import RecentEvents
from tests.unit.mlops.serving.harness import Answer, Api
from tests.unit.mlops.serving.recommend.shop import KEY, Table, make_contract, put_shop

PATH = "/models/recommender/feedback"


def event(item: str = "i4", name: str = "view", user: Any = "carl", **changes: Any) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat()
    return {"id": make_ids(1)[0], "user": user, "item": item, "event": name, "time": now, **changes}


def send(api: Api, *events: dict[str, Any]) -> Answer:
    return api.ask("POST", PATH, json.dumps({"events": events}), content_type="application/json")


def lines(records: Store) -> list[dict[str, Any]]:
    keys = [each["path"] for batch in obstore.list(records) for each in batch]
    assert all(key.startswith("records/kind=event/model=recommender/day=20") for key in keys)
    contents = [gzip.decompress(bytes(obstore.get(records, key).bytes())) for key in keys]
    return [json.loads(line) for content in contents for line in content.splitlines()]


def recommended(api: Api, user: str = "carl") -> list[str]:
    return [each["item"] for each in api.recommend(user=user).json["items"]]


def test_a_click_changes_the_next_answer(shop: Api) -> None:
    assert recommended(shop) == ["i5", "i3", "i1"]
    answer = send(shop, event("i8", "purchase"))
    assert (answer.status, answer.json) == (202, {"model": "recommender", "stored": 1, "recent": True})
    found = shop.recommend(user="carl").json
    assert [each["item"] for each in found["items"]][:2] == ["i9", "i10"]
    assert (found["basis"], found["history"]["sources"]) == ("history", {"recent": 1})


def test_a_dislike_takes_an_item_out_of_the_answers_and_a_later_click_brings_its_followers(shop: Api) -> None:
    before = datetime.now(UTC) - timedelta(minutes=1)
    send(shop, event("i1", "dislike", "ann", time=before.isoformat()))
    assert recommended(shop, "ann") == ["i3", "i4", "i5"]
    send(shop, event("i1", "view", "ann"))
    assert recommended(shop, "ann")[0] == "i3"
    assert shop.recommend(user="ann").json["items"][0]["score"] == 0.5


def test_events_are_durable_with_what_the_privacy_rule_leaves_of_the_user(
    store: Store, records: Store, shop: Api
) -> None:
    given = event("i4", recommendation_id=make_ids(1)[0], position=2)
    send(shop, given)
    (line,) = lines(records)
    expected = {
        "record": "event",
        "model": "recommender",
        "id": given["id"],
        "item": "i4",
        "event": "view",
        "recommendation_id": given["recommendation_id"],
        "position": 2,
        "source": "api",
        "user": hash_user("customer", "carl", KEY.encode()).hex(),
    }
    assert {name: line[name] for name in expected} == expected
    assert abs(datetime.fromisoformat(line["time"]) - datetime.fromisoformat(given["time"])) < timedelta(milliseconds=1)
    assert line.keys() - expected.keys() == {"time", "received_at"}
    shop.printed()
    send(shop, event())
    (metric,) = shop.printed()
    assert metric["EventsStored"] == 1


@pytest.mark.parametrize(("privacy", "user"), [("keep", "carl"), ("drop", None)])
def test_a_users_id_is_kept_or_dropped(
    store: Store, records: Store, table: Table, open_shop: Callable[..., Api], privacy: Privacy, user: str | None
) -> None:
    put_shop(store, privacy=privacy)
    api = open_shop()
    assert send(api, event("i8")).status == 202
    assert lines(records)[0].get("user") == user
    assert "carl" not in json.dumps(table.items)
    assert recommended(api)[0] == "i9"


def test_repeated_events_are_the_same_events(shop: Api, records: Store, table: Table) -> None:
    """A retry whose first answer was lost writes the object that is there already, and the same items."""
    given = [event("i4"), event("i5", "purchase")]
    for order in (given, given[::-1], given):
        assert send(shop, *order).status == 202
    (own,) = table.items.values()
    assert len(own) == 2
    assert sorted(line["id"] for line in lines(records)) == sorted(each["id"] for each in given)
    assert send(shop, *given, given[0]).status == 202
    assert len(own) == 2


def test_what_was_shown_is_recorded_and_says_nothing_of_taste(shop: Api, records: Store, table: Table) -> None:
    send(shop, event("i4", "shown"))
    assert len(lines(records)) == 1
    assert not table.items
    assert shop.recommend(user="carl").json["basis"] == "trending"


def test_a_late_event_is_as_late_as_it_says(shop: Api, records: Store, table: Table) -> None:
    """An older dislike that arrives after the click changes nothing; one from before what is kept is recorded."""
    hour, year = timedelta(hours=1), timedelta(days=365)
    now = datetime.now(UTC)
    send(shop, event("i8", time=now.isoformat()))
    send(shop, event("i8", "dislike", time=(now - hour).isoformat()))
    assert recommended(shop)[0] == "i9"
    send(shop, event("i9", "dislike", time=(now - year).isoformat()))
    assert recommended(shop)[0] == "i9"
    assert (len(lines(records)), sum(map(len, table.items.values()))) == (3, 2)


def test_an_item_that_the_version_does_not_know_yet_is_taken(shop: Api, records: Store) -> None:
    assert send(shop, event("brand-new")).status == 202
    assert shop.recommend(user="carl").json["history"]["unknown_items"] == 1


def test_500_events_are_taken_at_once_and_501_are_not(shop: Api, table: Table) -> None:
    given = [event(f"i{place % 10}", user=f"user-{place}") for place in range(MAX_EVENTS)]
    assert send(shop, *given).json["stored"] == MAX_EVENTS
    assert len(table.items) == MAX_EVENTS
    assert table.calls.count("BatchWriteItem") == MAX_EVENTS / 25
    assert send(shop, *given, event()).status == 413


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "no id": ({"id": None}, "missing", "id is missing"),
    "a long id": ({"id": "x" * 65}, "id", "1 to 64 characters"),
    "no user": ({"user": None}, "missing", "user is missing"),
    "no item": ({"item": None}, "missing", "item is missing"),
    "no time": ({"time": None}, "missing", "time is missing"),
    "no event": ({"event": None}, "missing", "event is missing"),
    "an unknown event": ({"event": "stare"}, "event", "one of view, purchase, dislike, shown"),
    "a time to come": ({"time": "2999-01-01T00:00:00Z"}, "time", "can't be in the future"),
    "a time without zone": ({"time": "2026-01-01T00:00:00"}, "time", "with its zone"),
    "an id of nothing": ({"recommendation_id": "7"}, "recommendation_id", "the id of a recommendation"),
    "position 0": ({"position": 0}, "position", "a whole number from 1"),
    "a rating": ({"rating": 3}, "rating", "this model has no ratings"),
    "another member": ({"price": 3}, "unknown", "only id, user, item"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_one_wrong_event_of_two_is_named_and_none_is_stored(shop: Api, records: Store, table: Table, name: str) -> None:
    changes, rule, reason = REFUSED[name]
    shop.printed()
    answer = send(shop, event(), event(**changes))
    assert (answer.status, answer.json["type"]) == (422, "urn:mlops:problem:events-rejected")
    (error,) = answer.json["errors"]
    assert (error["row"], error["rule"]) == (1, rule)
    assert reason in error["message"]
    line, metric = shop.printed()
    assert (line["rules"], metric["FeedbackRefused"]) == ({rule: 1}, 1)
    assert not table.items
    assert lines(records) == []


@pytest.mark.parametrize(
    "changes", [{"item": "i5"}, {"event": "purchase"}, {"time": "2026-01-01T00:00:00Z"}, {"position": 2}]
)
def test_an_id_that_is_repeated_for_another_event_is_named_and_none_is_stored(
    shop: Api, records: Store, table: Table, changes: dict[str, Any]
) -> None:
    """Of two events with one id only one would be learnt from."""
    first = event()
    answer = send(shop, event(), first, {**first, **changes})
    assert answer.status == 422
    (error,) = answer.json["errors"]
    assert (error["row"], error["rule"], error["column"]) == (2, "repeated", "id")
    assert "give each event its own id" in error["message"]
    assert not table.items
    assert lines(records) == []


def test_ids_are_each_users_own(shop: Api, table: Table) -> None:
    assert send(shop, event(id="1"), event(id="1", user="dora")).json["stored"] == 2
    assert len(table.items) == 2


def test_no_private_value_is_repeated(shop: Api) -> None:
    answer = send(shop, event(user={"MARKED": 1}), event(id=["MARKED"]), {"MARKED": "MARKED"}, event(event="MARKED"))
    assert answer.status == 422
    assert b"MARKED" not in answer.body
    assert "MARKED" not in json.dumps(shop.printed())


@pytest.mark.parametrize("body", ["[]", "{}", '{"events": []}', '{"events": {}}', '{"events": [1], "more": 1}', "7"])
def test_a_body_of_no_events_is_refused(shop: Api, body: str) -> None:
    assert shop.ask("POST", PATH, body, content_type="application/json").status == 422
    assert shop.ask("POST", PATH, body[:-1], content_type="application/json").status in (400, 422)


def test_one_event_needs_no_list(shop: Api) -> None:
    body = json.dumps(event("i8"))
    assert shop.ask("POST", PATH, body, content_type="application/json").json["stored"] == 1
    assert recommended(shop)[0] == "i9"


def test_without_its_bucket_or_its_table_feedback_is_a_503_and_a_retry_mends_it(
    shop: Api, records: Store, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = event("i8")
    table.away = True
    answer = send(shop, given)
    assert (answer.status, answer.json["type"]) == (503, "urn:mlops:problem:feedback-not-stored")
    assert answer.headers["retry-after"]
    table.away = False

    def fail(*_: object, **__: object) -> None:
        raise GenericError("Generic S3 error: host-7")

    with monkeypatch.context() as patch:
        patch.setattr(obstore, "put", fail)
        answer = send(shop, given)
    assert (answer.status, b"host-7" in answer.body) == (503, False)
    assert not table.items, "what isn't durable changes nothing"
    assert send(shop, given).status == 202
    assert len(lines(records)) == 1
    assert recommended(shop)[0] == "i9"


def test_without_a_table_events_are_recorded_and_the_answer_says_so(
    store: Store, records: Store, open_api: Callable[..., Api]
) -> None:
    put_shop(store)
    api = open_api(records=records, records_bucket="records", privacy_key=KEY)
    assert send(api, event()).json == {"model": "recommender", "stored": 1, "recent": False}
    assert len(lines(records)) == 1


def test_without_a_bucket_there_is_no_feedback(
    store: Store, recent: RecentEvents, open_api: Callable[..., Api]
) -> None:
    put_shop(store)
    answer = send(open_api(recent=recent), event())
    assert (answer.status, answer.json["type"]) == (404, "urn:mlops:problem:feedback-not-taken")


RATED = make_contract().model_copy(
    update={
        "rating": Rating(column="stars", minimum=1, maximum=5, like_from=4),
        "event": None,
        "events": {"rated": 1.0},
    }
)


@pytest.mark.parametrize("rating", ["6", "0", "1" * 400, "-1e300", '"4"', "true"])
def test_ratings_that_cannot_be_are_named(rating: str) -> None:
    body = f'{{"id": "1", "user": 7, "item": 9, "time": "2026-01-01T00:00:00Z", "rating": {rating}}}'
    with pytest.raises(EventsRejected) as caught:
        read_events(body.encode(), RATED, datetime.now(UTC))
    assert "must be a number from 1 to 5" in caught.value.violations[0].message


def test_ratings_are_taken_where_the_contract_has_them() -> None:
    given = {"id": "1", "user": 7, "item": 9.0, "time": "2026-01-01T00:00:00Z", "rating": 4}
    (found,) = read_events(json.dumps(given).encode(), RATED, datetime.now(UTC))
    assert (found.user, found.event.item, found.event.name, found.event.rating) == ("7", "9", "rated", 4.0)
