"""What an API offers can be switched off, needs a scope of its own, and may have fewer digits."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from openapi_spec_validator import validate

from mlops.authorization.check import Checker
from mlops.authorization.grants import Grant
from mlops.authorization.keys import digest, new_key
from mlops.registry.store import Store
from mlops.serving.bulk.templates import MANY
from tests.unit.mlops.serving.artifacts import promote, put_version
from tests.unit.mlops.serving.harness import Answer, Api
from tests.unit.mlops.serving.recommend.shop import put_shop
from tests.unit.mlops.serving.test_explanations import explainer

ROW = {"mean radius": 3.0, "mean texture": 2.0}
BODY = json.dumps({"rows": [ROW]})
VERSION = "/models/diagnosis/versions/2"
TENSOR = {"name": "mean radius", "datatype": "FP64", "shape": [1], "data": [ROW["mean radius"]]}
TENSORS = json.dumps({"inputs": [TENSOR, {**TENSOR, "name": "mean texture", "data": [ROW["mean texture"]]}]})


@pytest.fixture
def start(store: Store, open_api: Callable[..., Api]) -> Callable[..., Api]:
    """Starts the API on version 2 of diagnosis, which can be explained."""
    put_version(store, 1)
    put_version(store, 2, more=explainer())
    promote(store, 2)

    def open_it(**settings: Any) -> Api:
        api = open_api(**settings)
        api.printed()
        return api

    return open_it


def post(api: Api, path: str = "/predict", query: str = "", **headers: str) -> Answer:
    return api.ask("POST", path, BODY, query, content_type="application/json", **headers)


def is_off(answer: Answer, setting: str) -> bool:
    assert answer.status == 404, answer.body
    return answer.json["type"] == "urn:mlops:problem:switched-off" and f"{setting} is false" in answer.json["detail"]


def test_all_of_it_is_offered_by_default(start: Callable[..., Api]) -> None:
    api = start()
    assert "explanation" in post(api, query="explain=true").json["predictions"][0]
    assert post(api, f"{VERSION}/predict").status == 200
    assert {api.ask("GET", path).status for path in ("/docs", "/openapi.json")} == {200}


@pytest.mark.parametrize("query", ["explain=true", "a=1&explain=true", "explain=%74rue", "%65xplain=true", "explain"])
def test_explanations_can_be_switched_off(start: Callable[..., Api], query: str) -> None:
    api = start(offer_explanations=False)
    for path in ("/predict", "/models/diagnosis/predict", f"{VERSION}/predict"):
        assert is_off(post(api, path, query), "OFFER_EXPLANATIONS")
        assert "explanation" not in post(api, path, "explain=false").json["predictions"][0]
    document = api.ask("GET", "/openapi.json").json
    validate(document)
    assert "explain" not in json.dumps(
        [item["post"].get("parameters") for item in document["paths"].values() if "post" in item]
    )


def test_particular_versions_can_be_switched_off(start: Callable[..., Api]) -> None:
    api = start(offer_versions=False)
    assert is_off(post(api, f"{VERSION}/predict"), "OFFER_VERSIONS")
    assert is_off(api.ask("POST", f"/v2{VERSION}/infer", TENSORS, content_type="application/json"), "OFFER_VERSIONS")
    assert is_off(api.ask("GET", f"/v2{VERSION}"), "OFFER_VERSIONS")
    assert post(api).status == 200
    document = api.ask("GET", "/openapi.json").json
    validate(document)
    assert "/models/diagnosis/predict" in document["paths"]
    assert not [path for path in document["paths"] if "{version}" in path]


def test_the_docs_can_be_switched_off(start: Callable[..., Api]) -> None:
    api = start(offer_docs=False)
    for path in ("/", "/docs", "/docs/page.js", "/openapi.json"):
        assert is_off(api.ask("GET", path), "OFFER_DOCS")
    assert post(api).status == 200


def test_a_model_of_that_name_is_no_version(store: Store, start: Callable[..., Api]) -> None:
    put_version(store, 1, model="versions")
    promote(store, 1, model="versions")
    api = start(offer_versions=False)
    assert post(api, "/models/versions/predict").status == 200
    assert is_off(post(api, "/models/versions/versions/1/predict"), "OFFER_VERSIONS")


def test_explanations_and_particular_versions_need_scopes_of_their_own(start: Callable[..., Api]) -> None:
    grants: dict[str, Grant] = {}

    def key(*scopes: str) -> dict[str, str]:
        made = new_key()
        grants[digest(made)] = Grant(digest(made), "tester", frozenset(scopes), 1)
        return {"authorization": f"Bearer {made}"}

    api = start(authorization="keys", keys_table="keys", checker=Checker(grants.get, lambda *_: None))
    plain, explaining, whole = key("predict"), key("predict", "explain"), key("predict", "explain", "versions")
    assert post(api, **plain).status == 200
    assert post(api, query="explain=false", **plain).status == 200
    refused = post(api, query="explain=true", **plain)
    assert (refused.status, "the scope explain" in refused.json["detail"]) == (403, True)
    assert "explanation" in post(api, query="explain=true", **explaining).json["predictions"][0]
    for path in (f"{VERSION}/predict", f"/v2{VERSION}/infer"):
        refused = post(api, path, **explaining)
        assert (refused.status, "the scope versions" in refused.json["detail"]) == (403, True)
    assert post(api, f"{VERSION}/predict", "explain=true", **whole).status == 200
    assert api.ask("POST", f"/v2{VERSION}/infer", TENSORS, content_type="application/json", **whole).status == 200


def test_a_key_that_asks_too_often_is_told_when_to_ask_again(start: Callable[..., Api]) -> None:
    first, second = new_key(), new_key()
    grants = {digest(each): Grant(digest(each), "tester", frozenset({"predict"}), 1) for each in (first, second)}
    checker = Checker(grants.get, lambda *_: None)
    api = start(authorization="keys", keys_table="keys", checker=checker, key_requests_per_second=0.001)
    assert post(api, authorization=f"Bearer {first}").status == 200
    refused = post(api, authorization=f"Bearer {first}")
    assert (refused.status, refused.json["type"]) == (429, "urn:mlops:problem:too-many-requests")
    assert 900 < int(refused.headers["retry-after"]) <= 1000
    assert post(api, authorization=f"Bearer {second}").status == 200


def test_probabilities_may_have_fewer_decimals_through_every_door_and_records_have_all(
    start: Callable[..., Api],
) -> None:
    exact = post(start()).json["predictions"][0]
    api = start(answer_digits=2)
    shown = post(api).json["predictions"][0]
    assert shown["label"] == exact["label"]
    assert shown["probabilities"] == {name: round(value, 2) for name, value in exact["probabilities"].items()}
    assert shown["probabilities"] != exact["probabilities"]
    (record,) = [line for line in api.printed() if line.get("record") == "prediction"]
    assert record["probabilities"] == exact["probabilities"]
    many = api.ask("POST", "/predict", json.dumps({"rows": [ROW] * MANY}), content_type="application/json")
    assert {json.dumps(each["probabilities"]) for each in many.json["predictions"]} == {
        json.dumps(shown["probabilities"])
    }
    found = api.ask("POST", "/v2/models/diagnosis/infer", TENSORS, content_type="application/json").json["outputs"]
    (tensor,) = [each["data"] for each in found if each["name"] == "probabilities"]
    assert sorted(tensor) == sorted(shown["probabilities"].values())
    frame = json.dumps({"dataframe_records": [ROW]})
    row = api.ask("POST", "/invocations", frame, content_type="application/json").json["predictions"][0]
    assert row["probabilities"] == shown["probabilities"]


def test_scores_of_recommendations_may_have_fewer_digits(store: Store, open_api: Callable[..., Api]) -> None:
    put_shop(store)
    history = [{"item": item, "event": event} for item, event in (("i3", "purchase"), ("i4", "view"), ("i5", "view"))]
    exact, shown = (
        [each["score"] for each in open_api(answer_digits=digits).recommend(history=history).json["items"]]
        for digits in (0, 1)
    )
    assert shown == [float(f"{score:.1g}") for score in exact]
    assert shown != exact
