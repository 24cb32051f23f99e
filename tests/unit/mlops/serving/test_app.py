import json
import time
from collections.abc import Callable

import pytest

from mlops.registry.store import Store
from tests.unit.mlops.serving.artifacts import ROWS, linear_graph, probability, promote, put_version
from tests.unit.mlops.serving.harness import Api


def test_a_prediction_names_model_version_label_and_probability_of_each_class(api: Api) -> None:
    row = {"mean radius": 3.0, "mean texture": 2.0}
    answer = api.predict(row)
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    document = answer.json
    (prediction,) = document["predictions"]
    assert (document["model"], document["version"]) == ("diagnosis", 1)
    assert prediction["label"] == "malignant"
    assert prediction["probabilities"]["malignant"] == pytest.approx(probability(row), abs=1e-12)
    assert sum(prediction["probabilities"].values()) == pytest.approx(1)


def test_rows_are_answered_in_their_order_under_ascending_ids(api: Api) -> None:
    predictions = api.predict(*ROWS).json["predictions"]
    assert [each["probabilities"]["malignant"] for each in predictions] == pytest.approx([probability(r) for r in ROWS])
    ids = [each["prediction_id"] for each in predictions]
    assert ids == sorted(set(ids))


def test_a_model_of_a_given_name_answers_on_its_own_path(store: Store, api: Api) -> None:
    put_version(store, 1, model="other")
    promote(store, 1, model="other")
    assert api.predict(ROWS[0], path="/models/other/predict").json["model"] == "other"
    assert api.predict(ROWS[0], path="/models/diagnosis/predict").json["model"] == "diagnosis"


def test_without_a_champion_the_answer_is_503_and_says_how_to_get_one(open_api: Callable[..., Api]) -> None:
    answer = open_api().predict(ROWS[0])
    assert answer.status == 503
    assert "datasets/diagnosis/" in answer.json["detail"]
    assert answer.headers["retry-after"]


def test_the_first_champion_answers_the_next_request_at_once(store: Store, open_api: Callable[..., Api]) -> None:
    api = open_api(follow_seconds=3600)
    assert api.predict(ROWS[0]).status == 503
    put_version(store, 1)
    promote(store, 1)
    assert api.predict(ROWS[0]).status == 200


def test_a_promotion_is_adopted_by_a_later_request_and_no_request_fails(store: Store, api: Api) -> None:
    put_version(store, 2)
    promote(store, 2)
    seen = []
    for _ in range(200):
        answer = api.predict(ROWS[0])
        assert answer.status == 200
        seen.append(answer.json["version"])
        if seen[-1] == 2:
            break
        time.sleep(0.01)
    assert seen[0] == 1
    assert seen[-1] == 2


def test_a_rollback_is_adopted_too(store: Store, api: Api) -> None:
    put_version(store, 2)
    promote(store, 2)
    follower = api.models.champion("diagnosis")
    follower.poll()
    assert api.predict(ROWS[0]).json["version"] == 2
    promote(store, 1)
    follower.poll()
    assert api.predict(ROWS[0]).json["version"] == 1


def test_unknown_models_and_routes_are_404_and_a_wrong_method_405(api: Api) -> None:
    asked = [("POST", "/models/none/predict"), ("GET", "/models/none"), ("GET", "/nowhere"), ("GET", "/models/a/b/c")]
    for method, path in asked:
        answer = api.ask(method, path)
        assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json"), path
    assert (answer := api.ask("GET", "/predict")).status == 405
    assert answer.headers["allow"] == "POST"
    assert answer.json["status"] == 405


def test_an_error_of_ours_is_a_500_without_a_trace_and_logged_with_one(store: Store, api: Api) -> None:
    follower = api.models.champion("diagnosis")
    follower.scorer.reader = None  # type: ignore[union-attr]
    answer = api.predict(ROWS[0])
    assert (answer.status, answer.headers["content-type"]) == (500, "application/problem+json")
    assert b"NoneType" not in answer.body
    (line,) = [line for line in api.printed() if line.get("level") == "ERROR"]
    assert line["exception_name"] == "AttributeError"
    assert "answer.py" in line["exception"]
    assert line["function_request_id"]


def test_health_tells_versions_and_is_503_only_if_nothing_answers(store: Store, open_api: Callable[..., Api]) -> None:
    api = open_api()
    answer = api.ask("GET", "/health")
    assert (answer.status, answer.json["status"], answer.json["default_model"]) == (503, "unavailable", "diagnosis")
    put_version(store, 1)
    promote(store, 1)
    answer = api.ask("GET", "/health")
    assert (answer.status, answer.json["status"]) == (200, "ok")
    assert answer.json["models"] == [{"name": "diagnosis", "version": 1, "fault": None}]
    put_version(store, 2, graph=linear_graph(slope=2))
    promote(store, 2)
    api.poll()
    answer = api.ask("GET", "/health")
    assert (answer.status, answer.json["status"]) == (200, "degraded")
    assert "golden" in answer.json["models"][0]["fault"]


def test_models_are_told_as_the_registry_has_them_right_after_a_promotion(store: Store, api: Api) -> None:
    assert api.ask("GET", "/models").json["models"] == [{"name": "diagnosis", "champion": 1, "versions": 1}]
    put_version(store, 2)
    promote(store, 2)
    assert api.ask("GET", "/models").json["models"] == [{"name": "diagnosis", "champion": 2, "versions": 2}]
    card = api.ask("GET", "/models/diagnosis").json
    assert (card["name"], card["version"], card["versions"], card["aliases"]) == (
        "diagnosis",
        2,
        [1, 2],
        {"champion": 2},
    )
    assert card["metrics"]["test"]["accuracy"] == 0.97
    assert card["gates"][0]["passed"] is True
    assert card["dataset"]["sha256"] == "d" * 64
    assert card["contract"]["columns"][0]["unit"] == "mm"


def test_the_start_page_leads_to_the_docs(api: Api) -> None:
    answer = api.ask("GET", "/")
    assert (answer.status, answer.headers["location"]) == (307, "/docs")


def test_a_body_that_api_gateway_encoded_is_read(api: Api) -> None:
    body = json.dumps({"rows": ROWS}).encode()
    assert len(api.ask("POST", "/predict", body, content_type="application/json").json["predictions"]) == len(ROWS)
