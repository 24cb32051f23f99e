"""Recommenders in the OpenAPI document: it's valid, its examples are answered as it says, and the contract types it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import obstore
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from mlops.registry.store import Store
from tests.unit.mlops.serving.artifacts import promote, put_version
from tests.unit.mlops.serving.harness import Api
from tests.unit.mlops.serving.recommend.shop import put_shop

OWN = ("/recommend", "/models/recommender/recommend", "/models/recommender/versions/{version}/recommend")


def document(api: Api) -> dict[str, Any]:
    found: dict[str, Any] = api.ask("GET", "/openapi.json").json
    validate(found)
    return found


def examples(body: dict[str, Any]) -> list[Any]:
    return [body["example"]] if "example" in body else [each["value"] for each in body["examples"].values()]


def test_every_example_is_answered_as_the_document_says(shop: Api) -> None:
    asked = 0
    for path, item in document(shop)["paths"].items():
        operation = item.get("post")
        if operation is None:
            continue
        body = operation["requestBody"]["content"]["application/json"]
        for example in examples(body):
            OAS31Validator(body["schema"]).validate(example)
            given = json.loads(json.dumps(example).replace("2025-06-29T14:05:00Z", datetime.now(UTC).isoformat()))
            answer = shop.ask(
                "POST", path.replace("{version}", "1"), json.dumps(given), content_type="application/json"
            )
            said = operation["responses"][str(answer.status)]
            assert answer.status in (200, 202), (path, answer.body)
            OAS31Validator(said["content"]["application/json"]["schema"]).validate(answer.json)
            asked += 1
    assert asked == 3 * 3 + 3 + 2 + 2


def test_explained_answers_are_as_the_document_says(shop: Api) -> None:
    operation = document(shop)["paths"]["/recommend"]["post"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    assert [each["name"] for each in operation["parameters"]] == ["explain"]
    answer = shop.recommend(query="explain=true", user="ann", history=[{"item": "i4", "event": "view"}])
    OAS31Validator(schema).validate(answer.json)


def test_paths_without_a_body_answer(shop: Api) -> None:
    items = document(shop)["paths"].items()
    paths = [path for path, item in items if "get" in item and not path.startswith("/models/{model}")]
    assert paths
    statuses = {path: shop.ask("GET", path.replace("{version}", "1")).status for path in paths}
    assert statuses == dict.fromkeys(paths, 200)


def test_the_events_of_the_contract_type_the_body(shop: Api) -> None:
    operation = document(shop)["paths"]["/models/recommender/feedback"]["post"]
    (event, _) = operation["requestBody"]["content"]["application/json"]["schema"]["anyOf"]
    assert event["properties"]["event"]["enum"] == ["view", "purchase", "dislike", "shown"]
    assert (
        "view (1), purchase (3), dislike (-1), shown (says nothing of taste)"
        in (event["properties"]["event"]["description"])
    )


def test_only_a_recommender_has_the_paths_of_one(store: Store, open_api: Callable[..., Api]) -> None:
    put_version(store, 1)
    promote(store, 1)
    put_shop(store, model="other")
    paths = document(open_api(default_model="diagnosis", default_recommender="other"))["paths"]
    assert {"/predict", "/models/diagnosis/predict", "/recommend", "/models/other/recommend"} <= paths.keys()
    assert not {"/models/diagnosis/recommend", "/models/other/predict", "/models/other/feedback"} & paths.keys()
    paths = document(open_api(default_model="diagnosis"))["paths"]
    assert "/recommend" not in paths


def test_a_damaged_recommender_doesnt_take_the_document_away(store: Store, shop: Api) -> None:
    obstore.put(store, "recommender/versions/1/items.json", b"[]")
    assert not {*OWN} & document(shop)["paths"].keys()
