"""One request has the same answer through every protocol."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mlops.registry.store import Store
from tests.unit.mlops.serving.harness import Answer, Api
from tests.unit.mlops.serving.recommend.shop import ITEMS, put_shop

HISTORY = [{"item": "i4", "event": "purchase"}, {"item": "i6", "event": "view", "time": "2026-01-01T12:00:00Z"}]
REQUESTS: dict[str, dict[str, Any]] = {
    "a user": {"user": "ann"},
    "a history": {"history": HISTORY},
    "both, and more": {"user": "ann", "history": HISTORY, "k": 5, "exclude": ["i1", "i9"]},
    "nobody": {},
    "somebody unknown": {"user": "x", "k": 2},
    "everything": {"user": "bob", "k": 500},
}
INFER = "/v2/models/recommender/infer"


def post(shop: Api, path: str, body: Any) -> Any:
    answer = shop.ask("POST", path, json.dumps(body), content_type="application/json")
    assert answer.status == 200, answer.body
    return answer.json


def own(shop: Api, request: dict[str, Any]) -> list[tuple[str, float | None]]:
    found = shop.recommend(**request)
    assert found.status == 200
    return [(each["item"], each["score"]) for each in found.json["items"]]


def tensor(name: str, *cells: Any, datatype: str = "BYTES") -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": [len(cells)], "data": [*cells]}


def tensors(*requests: dict[str, Any]) -> list[dict[str, Any]]:
    """Requests as V2 has them."""
    made = [
        tensor("user", *(each.get("user", "") for each in requests)),
        tensor("history", *(json.dumps(each["history"]) if "history" in each else "" for each in requests)),
        tensor("exclude", *(json.dumps(each["exclude"]) if "exclude" in each else "" for each in requests)),
    ]
    if any("k" in each for each in requests):
        made.append(tensor("k", *(each.get("k", 3) for each in requests), datatype="INT64"))
    return made


def rows(outputs: list[dict[str, Any]]) -> list[list[tuple[str, float | None]]]:
    found = {each["name"]: each for each in outputs}
    shape = found["items"]["shape"]
    items = np.array(found["items"]["data"], dtype=object).reshape(shape)
    scores = np.array(found["scores"]["data"], dtype=object).reshape(shape)
    return [
        [(item, score) for item, score in zip(*row, strict=True) if item]
        for row in zip(items.tolist(), scores.tolist(), strict=True)
    ]


@pytest.mark.parametrize("name", REQUESTS)
def test_one_request_has_the_same_answer_through_every_door(shop: Api, name: str) -> None:
    request = REQUESTS[name]
    expected = own(shop, request)
    columns = list(request) or ["user"]
    cells = [request.get(column) for column in columns]
    bodies = [
        {"instances": [request]},
        {"inputs": request},
        {"inputs": [request]},
        {"dataframe_records": [request]},
        {"dataframe_split": {"columns": columns, "data": [cells]}},
    ]
    for body in bodies:
        (prediction,) = post(shop, "/invocations", body)["predictions"]
        assert [(each["item"], each["score"]) for each in prediction["items"]] == expected, body
    assert rows(post(shop, INFER, {"inputs": tensors(request)})["outputs"]) == [expected]
    version = "/v2/models/recommender/versions/1/infer"
    assert rows(post(shop, version, {"inputs": tensors(request)})["outputs"]) == [expected]


def test_many_requests_are_answered_each_as_alone(shop: Api) -> None:
    requests = [{**each, "k": each.get("k", 3)} for each in REQUESTS.values()]
    expected = [own(shop, each) for each in requests]
    shop.printed()
    predictions = post(shop, "/invocations", {"instances": requests})["predictions"]
    assert [[(each["item"], each["score"]) for each in one["items"]] for one in predictions] == expected
    lines = shop.printed()
    records = [line for line in lines if line.get("record") == "recommendation"]
    assert [line["recommendation_id"] for line in records] == [each["recommendation_id"] for each in predictions]
    assert lines[-1]["Recommendations"] == len(requests)
    found = post(shop, INFER, {"inputs": tensors(*requests)})
    assert rows(found["outputs"]) == expected
    outputs = {each["name"]: each for each in found["outputs"]}
    assert outputs["basis"]["data"] == [each["basis"] for each in predictions]
    assert outputs["items"]["shape"] == [len(requests), ITEMS - 1 - 2]


def test_columns_of_several_requests_are_rows(shop: Api) -> None:
    body = {"inputs": {"user": ["ann", None], "k": [2, float("nan")]}}
    predictions = post(shop, "/invocations", body)["predictions"]
    assert [len(each["items"]) for each in predictions] == [2, 3]


def test_a_client_of_v2_gets_the_outputs_that_it_names_also_in_binary(shop: Api) -> None:
    body = {
        "id": "7",
        "inputs": tensors({"user": "ann"}),
        "outputs": [{"name": "scores", "parameters": {"binary_data": True}}],
    }
    answer = shop.ask("POST", INFER, json.dumps(body), content_type="application/json")
    length = int(answer.headers["inference-header-content-length"])
    head = json.loads(answer.body[:length])
    assert (head["id"], head["model_name"], head["model_version"]) == ("7", "recommender", "1")
    assert np.frombuffer(answer.body[length:], "<f8").tolist() == [3.0, 0.0, 0.0]


def test_the_metadata_of_v2_describe_what_is_taken(shop: Api) -> None:
    found = shop.ask("GET", "/v2/models/recommender").json
    assert [each["name"] for each in found["inputs"]] == ["user", "history", "k", "exclude"]
    assert [each["name"] for each in found["outputs"]] == ["items", "scores", "basis", "recommendation_id"]
    assert shop.ask("GET", "/v2/models/recommender/ready").json == {"name": "recommender", "ready": True}
    assert shop.ask("GET", "/v2/health/ready").status == shop.ask("GET", "/ping").status == 200


def refused(answer: Answer) -> str:
    assert answer.status in (400, 413, 422), answer.body
    message: str = answer.json.get("errors", [{"message": answer.json["detail"]}])[0]["message"]
    return message


MLFLOW: dict[str, tuple[Any, str]] = {
    "no form": ({"rows": []}, "exactly one of dataframe_split"),
    "two forms": ({"inputs": [], "instances": []}, "exactly one of dataframe_split"),
    "parameters": ({"inputs": [{}], "params": {"a": 1}}, "exactly one of dataframe_split"),
    "no rows": ({"instances": []}, "at least one row"),
    "a row that is a text": ({"instances": ["ann"]}, "must be an object"),
    "rows that are an object": ({"instances": {}}, "'instances' must be a list of rows"),
    "a split without names": ({"dataframe_split": {"data": []}}, "'columns', a list of names"),
    "a split of other shape": ({"dataframe_split": {"columns": ["user"], "data": [["a", "b"]]}}, "a list of 1 cells"),
    "a split with a name twice": ({"dataframe_split": {"columns": ["k", "k"], "data": [[1, 2]]}}, "different names"),
    "ragged columns": ({"inputs": {"user": ["a"], "k": [1, 2]}}, "lists of one length"),
    "an unknown column": ({"instances": [{"who": "ann"}]}, "only user, history, k, exclude"),
    "too many rows": ({"instances": [{}] * 101}, "100 recommendation requests"),
}


@pytest.mark.parametrize("name", MLFLOW)
def test_a_frame_that_is_none_is_refused(shop: Api, name: str) -> None:
    body, reason = MLFLOW[name]
    assert reason in refused(shop.ask("POST", "/invocations", json.dumps(body), content_type="application/json"))


V2: dict[str, tuple[list[dict[str, Any]], str]] = {
    "no inputs": ([], "at least one"),
    "the same twice": ([tensor("user", "a"), tensor("user", "b")], "different tensors"),
    "an unknown input": ([tensor("who", "a")], "only user, history, k, exclude"),
    "numbers for users": ([tensor("user", 1, datatype="INT64")], "datatype must be BYTES"),
    "texts for k": ([tensor("k", "1")], "datatype must be INT64"),
    "of two lengths": ([tensor("user", "a"), tensor("k", 1, 2, datatype="INT64")], "must have one shape"),
    "a history that is no JSON": ([tensor("history", "[")], "must be JSON, or empty"),
    "a matrix": ([{"name": "user", "datatype": "BYTES", "shape": [1, 2], "data": ["a", "b"]}], "must have one shape"),
    "too many": ([tensor("user", *["a"] * 101)], "100 rows"),
}


@pytest.mark.parametrize("name", V2)
def test_tensors_that_are_no_requests_are_refused(shop: Api, name: str) -> None:
    inputs, reason = V2[name]
    answer = shop.ask("POST", INFER, json.dumps({"inputs": inputs}), content_type="application/json")
    assert reason in refused(answer)


def test_explanations_and_csv_are_taken_by_our_own_protocol_alone(shop: Api) -> None:
    answer = shop.ask("POST", "/invocations", "{}", "explain=true", content_type="application/json")
    assert (answer.status, answer.json["type"]) == (400, "urn:mlops:problem:query-invalid")
    assert shop.ask("POST", "/invocations", "user\nann\n", content_type="text/csv").status == 415


def test_broken_json_is_refused_everywhere(shop: Api) -> None:
    for path in ("/recommend", "/invocations", INFER):
        assert shop.ask("POST", path, "{", content_type="application/json").status == 400


def test_the_model_card_names_the_kind(store: Store, open_shop: Callable[..., Api]) -> None:
    put_shop(store)
    card = open_shop().ask("GET", "/models/recommender").json
    assert (card["kind"], card["contract"]) == ("recommender", None)
    assert card["interactions"]["events"] == {"view": 1.0, "purchase": 3.0, "dislike": -1.0, "shown": None}
    assert card["gates"][0]["name"] == "floor/ndcg"
