"""Requests that can't be answered get a problem document that names the field and the rule."""

import json
from typing import Any

import pytest

from tests.contract.target import Target

FIELD = "mean radius"


def edited(row: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"rows": [{**row, **changes}]}


def missing(row: dict[str, Any]) -> dict[str, Any]:
    return {"rows": [{name: value for name, value in row.items() if name != FIELD}]}


def misspelt(row: dict[str, Any]) -> dict[str, Any]:
    return {"rows": [{("mean radious" if name == FIELD else name): value for name, value in row.items()}]}


BAD_ROWS = {
    "missing": (missing, FIELD),
    "misspelt": (misspelt, "mean radious"),
    "extra": (lambda row: edited(row, colour="blue"), "colour"),
    "null": (lambda row: edited(row, **{FIELD: None}), FIELD),
    "text": (lambda row: edited(row, **{FIELD: "17.99"}), FIELD),
    "boolean": (lambda row: edited(row, **{FIELD: True}), FIELD),
    "out of range": (lambda row: edited(row, **{FIELD: -1.0}), FIELD),
}


@pytest.mark.parametrize("kind", BAD_ROWS)
def test_a_bad_field_is_named_with_its_rule(target: Target, kind: str) -> None:
    spoil, field = BAD_ROWS[kind]
    answer = target.api.post("/predict", json=spoil(target.row))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == 422
    assert any(error["column"] == field and error["rule"] and error["row"] == 0 for error in problem["errors"]), problem


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_non_finite_number_is_refused(target: Target, value: str) -> None:
    body = json.dumps({"rows": [{**target.row, FIELD: "@"}]}).replace('"@"', value)
    answer = target.api.post("/predict", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Traceback" not in answer.text


def test_a_body_that_is_no_json_document_of_rows_is_refused(target: Target) -> None:
    row = target.row
    good = json.dumps({"rows": [row]})
    cases = [
        (good, "text/plain", 415),
        (good[:-5], "application/json", 400),
        ("", "application/json", 400),
        ("[]", "application/json", 422),
        ('{"rows": []}', "application/json", 422),
        ('{"rows": 1}', "application/json", 422),
        ('{"rows": [1]}', "application/json", 422),
        (json.dumps({"rows": [row], "more": 1}), "application/json", 422),
    ]
    for body, kind, status in cases:
        answer = target.api.post("/predict", content=body, headers={"content-type": kind})
        assert answer.status_code == status, (body[:40], answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        assert "Traceback" not in answer.text


def test_more_rows_than_the_limit_are_refused(target: Target) -> None:
    answer = target.api.post("/predict", json={"rows": [{}] * 10_001})
    assert answer.status_code in (413, 422)
    assert "10,000" in answer.json()["detail"] or "10000" in answer.text


def test_unknown_models_and_routes_are_not_found(target: Target) -> None:
    for method, path in [("GET", "/models/none"), ("POST", "/models/none/predict"), ("GET", "/nowhere")]:
        answer = target.api.request(method, path, json={"rows": [target.row]} if method == "POST" else None)
        assert (answer.status_code, answer.json()["status"]) == (404, 404)
    assert target.api.get("/predict").status_code == 405


def test_a_wrong_method_names_the_right_ones(target: Target) -> None:
    for method, path, allowed in (("GET", "/predict", {"POST"}), ("DELETE", "/models", {"GET", "HEAD"})):
        answer = target.api.request(method, path)
        assert answer.headers["content-type"] == "application/problem+json"
        if target.name == "deployed" and answer.status_code == 403:
            # The key of scripts/smoke may not operate the stage, which all methods but GET and POST need.
            assert method == "DELETE"
            continue
        assert answer.status_code == 405
        assert set(answer.headers["allow"].split(", ")) == allowed


def test_before_there_is_a_model_it_says_where_a_dataset_goes(target: Target) -> None:
    if target.unready is None:
        pytest.skip(f"{target.name} had a model before this test began")
    assert target.unready.status_code == 503
    assert target.unready.headers["content-type"] == "application/problem+json"
    assert "datasets/diagnosis/" in target.unready.json()["detail"]


@pytest.mark.parametrize(
    ("size", "statuses"), [(7_000_000, (413, 500)), (11_000_000, (413,))], ids=["Lambda's", "API Gateway's"]
)
def test_a_body_over_a_limit_of_aws_is_refused(target: Target, size: int, statuses: tuple[int, ...]) -> None:
    answer = target.api.post("/predict", content=b" " * size, headers={"content-type": "application/json"})
    if "request-size" in target.lacks:
        # The event is cut, and the failure of the function is passed on as a success.
        assert (answer.status_code, answer.json()["errorType"]) == (200, "Runtime.UnmarshalError")
    else:
        assert answer.status_code in statuses
        assert set(answer.json()) == {"message"}
