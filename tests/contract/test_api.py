"""What the API answers when it's asked well."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from tests.contract.target import LABELS, Target

Rows = list[dict[str, float]]


def split(rows: Rows) -> Any:
    return {"dataframe_split": {"columns": list(rows[0]), "data": [list(row.values()) for row in rows]}}


def tensors(rows: Rows) -> Any:
    return {
        "inputs": [
            {"name": name, "datatype": "FP64", "shape": [len(rows)], "data": [row[name] for row in rows]}
            for name in rows[0]
        ]
    }


def table(rows: Rows) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([rows[0], *(row.values() for row in rows)])
    return out.getvalue()


# path, body and its type
DOORS: dict[str, tuple[str, Callable[[Rows], Any], str]] = {
    "predict": ("/predict", lambda rows: {"rows": rows}, "application/json"),
    "the model's path": ("/models/diagnosis/predict", lambda rows: {"rows": rows}, "application/json"),
    "MLflow, records": ("/invocations", lambda rows: {"dataframe_records": rows}, "application/json"),
    "MLflow, split": ("/invocations", split, "application/json"),
    "MLflow, CSV": ("/invocations", table, "text/csv"),
    "V2": ("/v2/models/diagnosis/infer", tensors, "application/json"),
}


def chances(document: Any) -> list[list[float]]:
    if "outputs" not in document:
        return [[each["probabilities"][label] for label in LABELS] for each in document["predictions"]]
    (found,) = [output for output in document["outputs"] if output["name"] == "probabilities"]
    nested: list[list[float]] = np.reshape(found["data"], found["shape"]).tolist()
    return nested


def ask(target: Target, door: str, rows: Rows) -> list[list[float]]:
    path, write, kind = DOORS[door]
    body = write(rows)
    content = body if isinstance(body, str) else json.dumps(body)
    answer = target.api.post(path, content=content, headers={"content-type": kind})
    assert answer.status_code == 200, answer.text
    return chances(answer.json())


def test_it_is_healthy_and_names_the_version_that_serves(target: Target) -> None:
    answer = target.api.get("/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert target.api.get("/models/diagnosis").json()["version"] >= 1


@pytest.mark.parametrize("door", DOORS)
def test_a_row_has_the_same_answer_through_every_door(target: Target, door: str) -> None:
    rows = [target.row, {**target.row, "mean radius": target.row["mean radius"] * 1.5}]
    found = ask(target, door, rows)
    assert found == ask(target, "predict", rows)
    assert all(sum(row) == pytest.approx(1) for row in found)


def test_a_thousand_rows_are_answered_in_one_request(target: Target) -> None:
    answer = target.api.post("/predict", json={"rows": [target.row] * 1000})
    predictions = answer.json()["predictions"]
    assert len(predictions) == 1000
    assert len({json.dumps(each["probabilities"]) for each in predictions}) == 1
    assert len({each["prediction_id"] for each in predictions}) == 1000


def test_requests_at_once_are_all_answered(target: Target) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: target.api.post("/predict", json={"rows": [target.row]}), range(24)))
    assert {answer.status_code for answer in answers} == {200}


def test_the_models_are_listed_with_their_champions(target: Target) -> None:
    (model,) = [each for each in target.api.get("/models").json()["models"] if each["name"] == "diagnosis"]
    detail = target.api.get("/models/diagnosis").json()
    assert model["champion"] == detail["version"]
    assert detail["metrics"]["test"]["accuracy"] > 0.9


def test_the_documentation_is_a_page_and_a_document(target: Target) -> None:
    page = target.api.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "openapi.json" in page.text
    paths = target.api.get("/openapi.json").json()["paths"]
    assert {"/predict", "/models", "/health", "/invocations"} <= set(paths)
    assert any(path.startswith("/v2/models/") and path.endswith("/infer") for path in paths), list(paths)


def test_the_root_leads_to_the_documentation(target: Target) -> None:
    answer = target.api.get("/", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, "/docs")


def test_text_that_is_not_ascii_comes_back_as_it_went(target: Target) -> None:
    answer = target.api.post("/predict", json={"rows": [{**target.row, "größe": 1}]})
    assert answer.status_code == 422
    assert any(error["column"] == "größe" for error in answer.json()["errors"])
