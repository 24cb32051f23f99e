"""One row has one answer: through every door, from ONNX Runtime directly, and from the scikit-learn estimator."""

import asyncio
import csv
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from typing import Any

import httpx
import numpy as np
import pandas as pd
import pytest
import shap
import skops.io

from tests.integration.serving.server import serve
from tests.integration.serving.trained import Trained, probabilities, train_diagnosis

Rows = list[dict[str, float]]
TOLERANCE = 1e-6  # between the estimator and the compiled model; between doors there is none


@pytest.fixture(scope="module")
def trained() -> Trained:
    return train_diagnosis()


@pytest.fixture(scope="module")
def url(trained: Trained) -> Iterator[str]:
    with serve(trained.store) as address:
        yield f"http://{address}"


def split(rows: Rows) -> dict[str, Any]:
    return {"dataframe_split": {"columns": list(rows[0]), "data": [list(row.values()) for row in rows]}}


def columns(rows: Rows) -> dict[str, list[float]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def tensors(rows: Rows) -> dict[str, Any]:
    inputs = [
        {"name": name, "datatype": "FP64", "shape": [len(rows)], "data": cells} for name, cells in columns(rows).items()
    ]
    return {"inputs": inputs}


def matrix(rows: Rows) -> dict[str, Any]:
    data = [list(row.values()) for row in rows]
    return {"inputs": [{"name": "numbers", "datatype": "FP64", "shape": [len(rows), len(rows[0])], "data": data}]}


def table(rows: Rows) -> str:
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(rows[0])
    writer.writerows(row.values() for row in rows)
    return out.getvalue()


# path, the body that its clients send, and its type
DOORS: dict[str, tuple[str, Callable[[Rows], Any], str]] = {
    "predict": ("/predict", lambda rows: {"rows": rows}, "application/json"),
    "the model's path": ("/models/diagnosis/predict", lambda rows: {"rows": rows}, "application/json"),
    "the version's path": ("/models/diagnosis/versions/1/predict", lambda rows: {"rows": rows}, "application/json"),
    "dataframe_split": ("/invocations", split, "application/json"),
    "dataframe_records": ("/invocations", lambda rows: {"dataframe_records": rows}, "application/json"),
    "instances": ("/invocations", lambda rows: {"instances": [list(row.values()) for row in rows]}, "application/json"),
    "inputs": ("/invocations", lambda rows: {"inputs": columns(rows)}, "application/json"),
    "CSV": ("/invocations", table, "text/csv"),
    "V2 by column": ("/v2/models/diagnosis/infer", tensors, "application/json"),
    "V2 by matrix": ("/v2/models/diagnosis/versions/1/infer", matrix, "application/json"),
}


def ask(client: httpx.Client, door: str, rows: Rows) -> list[list[float]]:
    path, write, media_type = DOORS[door]
    body = write(rows)
    content = body if isinstance(body, str) else json.dumps(body)
    answer = client.post(path, content=content, headers={"content-type": media_type})
    assert answer.status_code == 200, answer.text
    document = answer.json()
    if "outputs" not in document:
        return probabilities(document, ("benign", "malignant"))
    (found,) = [output for output in document["outputs"] if output["name"] == "probabilities"]
    nested: list[list[float]] = np.reshape(found["data"], found["shape"]).tolist()
    return nested


@pytest.mark.parametrize("door", DOORS)
def test_two_hundred_rows_have_the_same_answer_through_every_door(trained: Trained, url: str, door: str) -> None:
    rows = trained.rows(200)
    with httpx.Client(base_url=url) as client:
        answer = ask(client, door, rows)
    assert answer == trained.graph_probabilities(rows).tolist(), "to the last bit: it is the same graph"
    np.testing.assert_allclose(answer, trained.estimator_probabilities(rows), rtol=0, atol=TOLERANCE)


def test_an_explanation_is_that_of_the_shap_library_through_every_door_that_explains(
    trained: Trained, url: str
) -> None:
    rows = trained.rows(100)
    pipeline = skops.io.loads(trained.read("estimator.skops"), trusted=[])
    expected = shap_values(pipeline, pd.DataFrame(rows))
    for path in ("/predict", "/models/diagnosis/predict", "/models/diagnosis/versions/1/predict"):
        answer = httpx.post(f"{url}{path}", json={"rows": rows}, params={"explain": "true"}).json()
        for row, values, prediction in zip(rows, expected, answer["predictions"], strict=True):
            sign = 1 if prediction["label"] == "malignant" else -1
            told = prediction["explanation"]["contributions"]
            assert list(told) == list(row)
            np.testing.assert_allclose([*told.values()], sign * values, rtol=0, atol=1e-9 * np.abs(expected).max())


def shap_values(pipeline: Any, rows: pd.DataFrame) -> Any:
    """The library's values for the second label of a scaled logistic regression on the rows that it was trained on."""
    scaler, model = (step for _, step in pipeline.steps)
    # A scaler makes the mean of each column of its training rows 0.
    library = shap.LinearExplainer(model, (np.zeros(len(scaler.mean_)), np.eye(len(scaler.mean_))))
    return library.shap_values(scaler.transform(rows))


def test_eight_clients_at_once_get_the_answers_that_one_gets(trained: Trained, url: str) -> None:
    rows = trained.rows(200)
    expected = trained.graph_probabilities(rows).tolist()

    def work(number: int) -> bool:
        with httpx.Client(base_url=url) as client:
            doors = list(DOORS)
            for turn in range(25):
                start = (number * 25 + turn) % 190
                part = rows[start : start + 1 + turn % 10]
                if ask(client, doors[(number + turn) % len(doors)], part) != expected[start : start + len(part)]:
                    return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(8))) == [True] * 8


def test_a_batch_and_its_rows_one_by_one_have_the_same_answers(trained: Trained, url: str) -> None:
    rows = trained.rows(50)

    async def ask_each() -> list[float]:
        async with httpx.AsyncClient(base_url=url) as client:
            answers = await asyncio.gather(*(client.post("/predict", json={"rows": [row]}) for row in rows))
        return [probabilities(answer.content, ("benign", "malignant"))[0][1] for answer in answers]

    assert asyncio.run(ask_each()) == trained.graph_probabilities(rows)[:, 1].tolist()
