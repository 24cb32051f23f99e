"""Numbers, whole numbers, truth values, dates and categories, some of them missing: one answer through every door."""

import csv
import json
from collections.abc import Callable, Iterator
from datetime import date
from io import StringIO
from typing import Any

import httpx
import numpy as np
import obstore
import pandas as pd
import pytest
import skops.io
from numpy.typing import NDArray
from onnxruntime import InferenceSession

from mlops.artifact.frames import frame_inputs
from mlops.registry.store import Store
from mlops.serving.protocols.v2.routes import datatype
from tests.integration.serving.server import serve
from tests.unit.mlops.samples import make_csv
from tests.unit.mlops.training.fakes import Bench
from tests.unit.mlops.training.test_any_table import COLUMNS, NUMBERS, TEXTS, make_lines, make_spec

Rows = list[dict[str, Any]]
NAMES = [column.name for column in COLUMNS]
LABELS = ("no", "yes")
EPOCH = date(1970, 1, 1)
TOLERANCE = 1e-6


def make_rows(count: int = 200) -> Rows:
    """Rows as a request has them."""
    rows = []
    for line in make_lines("binary", count):
        length, number, wet, since, site, finder, _ = line.split(",")
        cells = (float(length) if length else None, int(number), wet == "true", since, site or None, finder)
        rows.append(dict(zip(NAMES, cells, strict=True)))
    assert any(row["length"] is None for row in rows)
    assert any(row["site"] is None for row in rows)
    return rows


ROWS = make_rows()


@pytest.fixture(scope="module")
def store() -> Store:
    bench = Bench()
    outcome = bench.train(make_csv(list(make_lines("binary")), ",".join([*NAMES, "answer"])), make_spec("binary"))
    assert outcome.standing == "promoted", outcome.manifest.gates
    return bench.store


@pytest.fixture(scope="module")
def url(store: Store) -> Iterator[str]:
    with serve(store, default_model="leaves") as address:
        yield f"http://{address}"


def read(store: Store, name: str) -> bytes:
    return bytes(obstore.get(store, f"leaves/versions/1/{name}").bytes())


def days(text: str) -> int:
    return (date.fromisoformat(text) - EPOCH).days


def frame() -> pd.DataFrame:
    """The rows as a training has them: dates in days since 1970-01-01, truth values 0 or 1."""
    table = pd.DataFrame([row | {"since": days(row["since"])} for row in ROWS])
    return table.astype(dict.fromkeys(NUMBERS, np.float64))


def split() -> dict[str, Any]:
    return {"dataframe_split": {"columns": NAMES, "data": [list(row.values()) for row in ROWS]}}


def columns() -> dict[str, list[Any]]:
    return {name: [row[name] for row in ROWS] for name in NAMES}


def tensors() -> dict[str, Any]:
    inputs = [
        {"name": column.name, "datatype": datatype(column), "shape": [len(ROWS)], "data": columns()[column.name]}
        for column in COLUMNS
    ]
    return {"inputs": inputs}


def matrices() -> dict[str, Any]:
    numbers = [[row["length"], row["count"], float(row["wet"]), days(row["since"])] for row in ROWS]
    texts = [[row[name] or "" for name in TEXTS] for row in ROWS]
    return {
        "inputs": [
            {"name": "numbers", "datatype": "FP64", "shape": [len(ROWS), 4], "data": numbers},
            {"name": "categories", "datatype": "BYTES", "shape": [len(ROWS), 2], "data": texts},
        ]
    }


def table() -> str:
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(NAMES)
    writer.writerows(row.values() for row in ROWS)  # None is an empty cell
    return out.getvalue()


DOORS: dict[str, tuple[str, Callable[[], Any]]] = {
    "predict": ("/predict", lambda: {"rows": ROWS}),
    "the model's path": ("/models/leaves/predict", lambda: {"rows": ROWS}),
    "the version's path": ("/models/leaves/versions/1/predict", lambda: {"rows": ROWS}),
    "dataframe_split": ("/invocations", split),
    "dataframe_records": ("/invocations", lambda: {"dataframe_records": ROWS}),
    "instances": ("/invocations", lambda: {"instances": [list(row.values()) for row in ROWS]}),
    "inputs": ("/invocations", lambda: {"inputs": columns()}),
    "CSV": ("/invocations", table),
    "V2 by column": ("/v2/models/leaves/infer", tensors),
    "V2 by matrix": ("/v2/models/leaves/versions/1/infer", matrices),
}


def ask(url: str, door: str) -> NDArray[np.float64]:
    path, write = DOORS[door]
    body = write()
    text = isinstance(body, str)
    headers = {"content-type": "text/csv" if text else "application/json"}
    answer = httpx.post(f"{url}{path}", content=body if text else json.dumps(body), headers=headers)
    assert answer.status_code == 200, answer.text
    document = answer.json()
    if "outputs" not in document:
        return np.array([[each["probabilities"][label] for label in LABELS] for each in document["predictions"]])
    (found,) = [output for output in document["outputs"] if output["name"] == "probabilities"]
    return np.reshape(found["data"], found["shape"])


@pytest.mark.parametrize("door", DOORS)
def test_two_hundred_mixed_rows_have_the_same_answer_through_every_door(store: Store, url: str, door: str) -> None:
    answer = ask(url, door)
    session = InferenceSession(read(store, "model.onnx"))
    np.testing.assert_array_equal(answer, session.run(None, frame_inputs(make_spec("binary").contract, frame()))[0])
    content = read(store, "estimator.skops")
    estimator = skops.io.loads(content, trusted=skops.io.get_untrusted_types(data=content))
    order = [list(estimator.classes_).index(label) for label in LABELS]
    expected = estimator.predict_proba(frame())[:, order]
    np.testing.assert_allclose(answer, expected, rtol=0, atol=TOLERANCE)


def test_explanations_of_mixed_rows_add_up_and_name_the_contracts_columns(url: str) -> None:
    answer = httpx.post(f"{url}/predict", json={"rows": ROWS[:50]}, params={"explain": "true"})
    assert answer.status_code == 200, answer.text
    for prediction in answer.json()["predictions"]:
        explanation = prediction["explanation"]
        assert list(explanation["contributions"]) == NAMES
        assert explanation["unit"] == "log-odds"
        chance = prediction["probabilities"][prediction["label"]]
        total = explanation["base"] + sum(explanation["contributions"].values())
        assert total == pytest.approx(np.log(chance / (1 - chance)), abs=1e-6)
