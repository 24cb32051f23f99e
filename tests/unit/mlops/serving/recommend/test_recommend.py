"""POST /recommend: a user, a history, or both in; ranked items out, and what they are based on."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import obstore
import pytest

from mlops.recommend.compile.compiler import compile_model
from mlops.recommend.models import Popularity
from mlops.registry.store import Store
from tests.unit.mlops.recommend.compile.models import double_contributions
from tests.unit.mlops.serving.artifacts import challenge_with, promote, put_version
from tests.unit.mlops.serving.harness import Answer, Api
from tests.unit.mlops.serving.recommend.shop import IDS, SOLD_OUT, Table, make_factors, put_shop


def event(item: str, name: str = "view", **more: Any) -> dict[str, Any]:
    return {"item": item, "event": name, **more}


def items(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.body
    return [each["item"] for each in answer.json["items"]]


def test_a_known_user_gets_what_the_training_data_speaks_for(shop: Api) -> None:
    answer = shop.recommend(user="ann")
    assert answer.status == 200
    # i0 has a weight of 3: i1 gets 3, and i2, which she dislikes, isn't recommended. The others tie at 0.
    assert answer.json["items"][0] == {"item": "i1", "score": 3.0, "title": "Item 1"}
    assert items(answer)[1:] == ["i3", "i4"]
    found = answer.json
    assert (found["model"], found["version"], found["basis"]) == ("recommender", 1, "history")
    assert found["history"] == {"items": 1, "sources": {"training": 2}, "unavailable": [], "unknown_items": 0}


def test_a_history_is_enough(shop: Api) -> None:
    answer = shop.recommend(history=[event("i4", "purchase"), event("i6")])
    assert [(each["item"], each["score"]) for each in answer.json["items"]] == [("i5", 3.0), ("i7", 1.0), ("i8", 0.5)]
    assert answer.json["history"]["sources"] == {"request": 2}


def test_a_users_history_and_the_requests_count_together(shop: Api) -> None:
    answer = shop.recommend(user="ann", history=[event("i4", "purchase")])
    assert items(answer) == ["i1", "i5", "i6"]
    assert answer.json["history"]["sources"] == {"training": 2, "request": 1}


def test_an_unknown_user_and_an_empty_history_get_what_is_trending(shop: Api) -> None:
    bodies: list[dict[str, Any]] = [{"user": "somebody"}, {}, {"history": []}, {"user": None}]
    for body in bodies:
        answer = shop.recommend(**body)
        assert items(answer) == ["i5", "i3", "i1"]
        assert answer.json["basis"] == "trending"
        assert {each["score"] for each in answer.json["items"]} == {None}


def test_a_user_who_only_dislikes_gets_what_is_trending_without_it(shop: Api) -> None:
    answer = shop.recommend(history=[event("i5", "dislike"), event("i3", "shown")])
    assert (items(answer), answer.json["basis"]) == (["i3", "i1", "i0"], "trending")


def test_a_later_event_of_the_request_overrules_the_training_data(shop: Api) -> None:
    """i2 was disliked in the year 1970; a purchase now brings it back, so it speaks for i3 and i4."""
    answer = shop.recommend(user="ann", history=[event("i2", "purchase")])
    assert items(answer) == ["i1", "i3", "i4"]
    older = event("i2", "purchase", time="1970-01-01T00:00:01.500Z")
    assert items(shop.recommend(user="ann", history=[older])) == ["i1", "i3", "i4"]
    assert shop.recommend(user="ann", history=[older]).json["items"][1]["score"] == 0


def test_of_events_without_times_the_later_in_the_list_counts(shop: Api) -> None:
    liked, disliked = event("i4"), event("i4", "dislike")
    assert shop.recommend(history=[disliked, liked]).json["basis"] == "history"
    assert shop.recommend(history=[liked, disliked]).json["basis"] == "trending"


def test_as_many_as_asked_for_come_and_none_of_the_excluded_seen_or_sold_out(shop: Api) -> None:
    assert len(items(shop.recommend(user="ann", k=5))) == 5
    everything = items(shop.recommend(user="ann", k=500, exclude=["i7", "i7", "never heard of"]))
    assert set(everything) == set(IDS) - {"i0", "i2", "i7", IDS[SOLD_OUT]}
    trending = items(shop.recommend(k=500, exclude=["i5"]))
    assert set(trending) == set(IDS) - {"i5", IDS[SOLD_OUT]}


def test_ids_are_spelled_as_in_datasets(store: Store, open_shop: Callable[..., Api]) -> None:
    put_shop(store)
    shop = open_shop()
    assert items(shop.recommend(user=" ann ", exclude=[" i1"])) == ["i3", "i4", "i5"]
    assert shop.recommend(user=7.0).json["basis"] == "trending"


def test_items_that_the_version_does_not_know_are_counted(shop: Api) -> None:
    answer = shop.recommend(history=[event("new"), event("i4")])
    assert items(answer)[0] == "i5"
    assert answer.json["history"]["unknown_items"] == 1


def test_the_paths_name_models_and_versions(store: Store, shop: Api) -> None:
    put_shop(store, 2, champion=False)
    put_shop(store, 1, model="other")
    for path, model, version in (
        ("/recommend", "recommender", 1),
        ("/models/recommender/recommend", "recommender", 1),
        ("/models/recommender/versions/2/recommend", "recommender", 2),
        ("/models/other/recommend", "other", 1),
    ):
        answer = shop.recommend(path, user="ann")
        assert (answer.status, answer.json["model"], answer.json["version"]) == (200, model, version)
    assert shop.recommend("/models/nothing/recommend").status == 404
    assert shop.recommend("/models/recommender/versions/9/recommend").status == 404


def test_the_default_recommender_is_a_setting(store: Store, open_shop: Callable[..., Api]) -> None:
    put_shop(store, model="other")
    assert open_shop(default_recommender="other").recommend().json["model"] == "other"
    assert open_shop(default_model="diagnosis").recommend().status == 404


def test_a_model_of_a_table_recommends_nothing_and_a_recommender_predicts_nothing(store: Store, shop: Api) -> None:
    put_version(store, 1)
    promote(store, 1)
    answer = shop.recommend("/models/diagnosis/recommend")
    assert (answer.status, answer.json["type"]) == (404, "urn:mlops:problem:wrong-kind")
    assert "is of the kind 'table', and this takes the kind 'recommender'" in answer.json["detail"]
    answer = shop.predict({}, path="/models/recommender/predict")
    assert (answer.status, answer.json["type"]) == (404, "urn:mlops:problem:wrong-kind")


def test_a_version_that_failed_its_gates_is_not_public(store: Store, shop: Api) -> None:
    put_shop(store, 2, passed=False, champion=False)
    answer = shop.recommend("/models/recommender/versions/2/recommend")
    assert (answer.status, answer.json["type"]) == (404, "urn:mlops:problem:version-not-public")


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "k of 0": ({"k": 0}, "k must be a whole number from 1 to 500"),
    "k of 501": ({"k": 501}, "k must be a whole number from 1 to 500"),
    "k as text": ({"k": "3"}, "k must be a whole number"),
    "a user that is a list": ({"user": ["ann"]}, "user must be text or a whole number"),
    "a user that is true": ({"user": True}, "user must be text or a whole number"),
    "an empty user": ({"user": "  "}, "user must have 1 to 256 characters"),
    "a history that is an object": ({"history": {}}, "history must be a list"),
    "too long a history": ({"history": [event("i1")] * 1_001}, "may have 1,000 events, and has 1,001"),
    "an unknown event": ({"history": [event("i1", "stared at")]}, "must be one of view, purchase, dislike, shown"),
    "an event without a name": ({"history": [{"item": "i1"}]}, "event is missing"),
    "an event without an item": ({"history": [{"event": "view"}]}, "item is missing"),
    "an event that is a text": ({"history": ["i1"]}, "must be an object with the members item, event"),
    "a time without zone": ({"history": [event("i1", time="2026-11-29T14:05:00")]}, "a time with its zone"),
    "a time to come": ({"history": [event("i1", time="2999-11-29T14:05:00Z")]}, "can't be in the future"),
    "a rating where there are none": ({"history": [event("i1", rating=3)]}, "this model has no ratings"),
    "an excluded object": ({"exclude": [{}]}, "an item must be text"),
    "another member": ({"users": "ann"}, "only user, history, k, exclude"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_request_that_breaks_the_contract_is_refused_with_the_reason(shop: Api, name: str) -> None:
    body, reason = REFUSED[name]
    answer = shop.recommend(**body)
    assert (answer.status, answer.json["type"]) == (422, "urn:mlops:problem:input-rejected")
    assert reason in answer.json["errors"][0]["message"]
    (line, metric) = shop.printed()
    assert (line["record"], metric["InputRejected"]) == ("rejection", 1)


def test_a_body_that_cannot_be_read_is_refused(shop: Api) -> None:
    assert shop.ask("POST", "/recommend", "{", content_type="application/json").status == 400
    assert shop.ask("POST", "/recommend", "[]", content_type="application/json").status == 422
    assert shop.ask("POST", "/recommend", "{}", content_type="text/csv").status == 415
    assert (
        shop.ask("POST", "/recommend", json.dumps({"user": "x" * 400_000}), content_type="application/json").status
        == 413
    )
    assert shop.ask("GET", "/recommend").status == 405


def test_private_ids_are_repeated_nowhere(store: Store, open_shop: Callable[..., Api]) -> None:
    for privacy, number in (("drop", 1), ("hash", 2), ("keep", 3)):
        put_shop(store, number, privacy=privacy)  # type: ignore[arg-type]
        shop = open_shop()
        said = shop.recommend(user="jane@example.org").body.decode()
        unknown: dict[str, Any] = {"jane@example.org": 1}
        said += shop.recommend(**unknown).body.decode()
        said += shop.recommend(user=unknown, k="jane@example.org").body.decode()
        lines = shop.printed()
        (record,) = [line for line in lines if line.get("record") == "recommendation"]
        if privacy == "keep":
            assert record["user"] == "jane@example.org"
            continue
        assert "jane" not in said + json.dumps(lines)
        assert ("user" in record) == (privacy == "hash")


def test_a_record_says_who_was_shown_what_and_why(shop: Api) -> None:
    answer = shop.recommend(user="ann", history=[event("i4")])
    (record, metrics) = shop.printed()
    assert (record["record"], record["model"], record["model_version"], record["role"]) == (
        "recommendation",
        "recommender",
        1,
        "champion",
    )
    assert record["recommendation_id"] == answer.json["recommendation_id"]
    assert record["items"] == items(answer)
    assert record["propensities"] == [1.0, 1.0, 1.0]
    assert (record["basis"], record["explored"], record["history"]) == (
        "history",
        False,
        {"training": 2, "request": 1},
    )
    assert len(record["user"]) == 32
    assert (metrics["Recommendations"], metrics["model"]) == (1, "recommender")
    assert metrics["Latency"] > 0
    shop.recommend()
    assert shop.printed()[1]["RecommendationsTrending"] == 1


def test_an_answer_names_what_speaks_for_each_item(shop: Api) -> None:
    answer = shop.recommend(query="explain=true", user="ann", history=[event("i4"), event("i3", "purchase")])
    first, second = answer.json["items"][:2]
    assert (first["item"], first["score"]) == ("i1", 3.0)
    assert first["because"] == [{"item": "i0", "title": "Item 0", "event": "purchase", "contribution": 3.0}]
    assert (second["item"], second["score"]) == ("i5", 2.5)
    assert second["because"] == [
        {"item": "i3", "title": "Item 3", "event": "purchase", "contribution": 1.5},
        {"item": "i4", "title": "Item 4", "event": "view", "contribution": 1.0},
    ]
    assert second["others"] == 0
    plain = shop.recommend(user="ann", history=[event("i4"), event("i3", "purchase")]).json["items"]
    assert [(each["item"], each["score"]) for each in plain] == [
        (each["item"], each["score"]) for each in answer.json["items"]
    ]


def test_contributions_that_are_not_shown_are_summed_up(shop: Api) -> None:
    """i9 is spoken for by i7 and i8 alone, so all is shown; with more than five, the rest is in `others`."""
    history = [event(f"i{place}") for place in range(9)]
    answer = shop.recommend(query="explain=true", history=history)
    for each in answer.json["items"]:
        shown = sum(part["contribution"] for part in each["because"])
        assert shown + each["others"] == pytest.approx(each["score"], abs=1e-12)


def test_trending_items_have_no_reasons_of_the_user(shop: Api) -> None:
    answer = shop.recommend(query="explain=true")
    assert [(each["because"], each["others"]) for each in answer.json["items"]] == [([], 0)] * 3


def test_a_factor_models_answers_are_explained_too(store: Store, open_shop: Callable[..., Api]) -> None:
    put_shop(store, items=make_factors(size=3))
    shop, history = open_shop(), [event("i4"), event("i3", "purchase"), event("i6")]
    answer = shop.recommend(query="explain=true", history=history).json["items"]
    for each in answer:
        assert {part["item"] for part in each["because"]} == {"i3", "i4", "i6"}
        shown = sum(part["contribution"] for part in each["because"])
        assert shown + each["others"] == pytest.approx(each["score"], abs=1e-9)
    plain = shop.recommend(history=history).json["items"]
    assert [(each["item"], each["score"]) for each in plain] == [(each["item"], each["score"]) for each in answer]


def test_scores_that_their_contributions_do_not_add_up_to_are_not_explained(
    store: Store, open_shop: Callable[..., Api]
) -> None:
    right = compile_model(make_factors(size=3), np.array([SOLD_OUT]))
    put_shop(store, items=make_factors(size=3), changes={"model.onnx": double_contributions(right)})
    shop, history = open_shop(), [event("i4"), event("i3", "purchase"), event("i6")]
    assert shop.recommend(history=history).status == 200
    answer = shop.recommend(query="explain=true", history=history)
    assert (answer.status, answer.json["type"]) == (422, "urn:mlops:problem:explanation-unavailable")
    assert "too far from the solution of the model's equations" in answer.json["detail"]


def test_what_cannot_be_explained_says_so(store: Store, open_shop: Callable[..., Api]) -> None:
    put_shop(store, items=Popularity(np.arange(12.0)))
    shop = open_shop()
    assert shop.recommend(user="ann").status == 200
    answer = shop.recommend(query="explain=true", user="ann")
    assert (answer.status, answer.json["type"]) == (422, "urn:mlops:problem:explanation-unavailable")
    assert "the scores of popularity aren't sums over a user's history" in answer.json["detail"]
    put_shop(store, 2)
    shop = open_shop()
    assert shop.recommend(query="explain=true", user="ann", k=51).status == 413
    assert shop.recommend(query="explain=perhaps", user="ann").status == 400


def test_without_the_table_the_answer_goes_on_and_says_so(shop: Api, table: Table) -> None:
    table.away = True
    answer = shop.recommend(user="ann", history=[event("i4")])
    assert items(answer) == ["i1", "i5", "i6"]
    assert answer.json["history"]["unavailable"] == ["recent"]
    assert shop.recommend(user="somebody").json["basis"] == "trending"
    lines = shop.printed()
    (reported,) = [line for line in lines if line.get("level") == "ERROR"]
    assert (reported["record"], reported["source"]) == ("refusal", "recent")
    assert sum(line.get("HistoryUnavailable", 0) for line in lines) == 2
    table.away = False
    assert shop.recommend(user="ann").json["history"]["unavailable"] == []


def test_a_request_without_a_user_asks_no_table(shop: Api, table: Table) -> None:
    table.away = True
    assert shop.recommend(history=[event("i4")]).json["history"]["unavailable"] == []
    assert table.calls == []


def test_without_a_table_there_is_nothing_to_miss(store: Store, open_api: Callable[..., Api]) -> None:
    put_shop(store, key="")
    shop = open_api()
    answer = shop.recommend(user="ann")
    assert (items(answer)[0], answer.json["history"]["unavailable"]) == ("i1", [])


@pytest.mark.parametrize("name", ["histories.json", "histories.bin"])
def test_histories_of_the_training_data_that_are_gone_or_damaged_are_left_out(
    store: Store, shop: Api, name: str
) -> None:
    obstore.put(store, f"recommender/versions/1/{name}", b"something else")
    answer = shop.recommend(user="ann", history=[event("i4")])
    assert (items(answer)[0], answer.json["history"]["unavailable"]) == ("i5", ["training"])
    assert any(f"{name} isn't the file that was written" in line.get("reason", "") for line in shop.printed())


def test_histories_that_were_written_with_another_privacy_key_are_noticed(
    store: Store, open_shop: Callable[..., Api]
) -> None:
    put_shop(store, key="another")
    answer = open_shop().recommend(user="ann")
    assert (answer.json["basis"], answer.json["history"]["unavailable"]) == ("trending", ["training"])


def test_a_promotion_changes_what_answers(store: Store, shop: Api) -> None:
    assert shop.recommend(user="ann").json["version"] == 1
    put_shop(store, 2)
    shop.models.champion("recommender").poll()
    assert shop.recommend(user="ann").json["version"] == 2


def test_a_version_that_is_damaged_is_refused_and_the_one_before_goes_on(store: Store, shop: Api) -> None:
    shop.recommend()
    for number, (name, reason) in enumerate(
        (
            ("items.json", "items.json can't be used"),
            ("golden.json", "golden.json can't be used"),
            ("model.onnx", "model.onnx doesn't load"),
        ),
        start=2,
    ):
        shop.printed()
        put_shop(store, number, changes={name: b"{}"})
        shop.models.champion("recommender").poll()
        assert shop.recommend(user="ann").json["version"] == 1
        assert any(reason in line.get("reason", "") for line in shop.printed())
    other = obstore.get(store, "recommender/versions/1/golden.json").bytes()
    put_shop(store, 5, items=make_factors(), changes={"golden.json": bytes(other)})
    shop.models.champion("recommender").poll()
    assert shop.recommend(user="ann").json["version"] == 1
    assert any("it misses golden history" in line.get("reason", "") for line in shop.printed())


def test_a_graph_of_more_items_than_are_named_is_refused(store: Store, open_shop: Callable[..., Api]) -> None:
    short = json.dumps({"ids": IDS[:5], "titles": None, "trending": []}).encode()
    put_shop(store, changes={"items.json": short})
    answer = open_shop().recommend()
    assert answer.status == 503
    assert "ranks more items than the 5 of items.json" in answer.json["detail"]


def test_a_challenger_answers_its_share_of_the_requests(store: Store, shop: Api) -> None:
    put_shop(store, 2, items=make_factors(), champion=False)
    challenge_with(store, 2, share=1.0, model="recommender")
    shop.models.challenger("recommender").poll()
    assert shop.recommend(user="ann").json["version"] == 2
    (record,) = [line for line in shop.printed() if line.get("record") == "recommendation"]
    assert (record["role"], record["model_version"]) == ("challenger", 2)
    assert shop.recommend("/models/recommender/versions/1/recommend", user="ann").json["version"] == 1
    (record,) = [line for line in shop.printed() if line.get("record") == "recommendation"]
    assert record["role"] == "requested"


def test_health_names_the_version(shop: Api) -> None:
    assert shop.ask("GET", "/health").json["models"] == [{"name": "recommender", "version": 1, "fault": None}]


def test_a_very_long_history_is_ranked_by_its_latest_events_and_none_of_it_is_recommended(
    shop: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlops.artifact.recommender.answering.MAX_RANKED", 2)
    times = [f"2026-01-0{day}T00:00:00Z" for day in range(1, 5)]
    history = [event(f"i{place}", time=time) for place, time in zip((8, 1, 3, 5), times, strict=True)]
    answer = shop.recommend(history=history, k=500)
    # i3 and i5 are the latest: i8's followers i9 and i10 get nothing from it.
    scores = {each["item"]: each["score"] for each in answer.json["items"]}
    assert (scores["i4"], scores["i6"], scores["i7"], scores["i9"]) == (1.0, 1.0, 0.5, 0.0)
    assert not {"i8", "i1", "i3", "i5"} & scores.keys()
