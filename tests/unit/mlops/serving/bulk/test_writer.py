"""Many rows are answered and recorded as few are, whichever door they come through."""

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mlops.contract import Column, Contract, Privacy, Target
from mlops.registry.store import Store
from mlops.serving import ids
from mlops.serving.answer import LARGE_BATCH
from mlops.serving.bulk.templates import MANY
from mlops.serving.ids import make_ids
from tests.unit.mlops.serving.artifacts import challenge_with, linear_graph, promote, put_version, steeper, sum_graph
from tests.unit.mlops.serving.harness import Answer, Api

PRICE = Target(name="%", task="regression")
N = LARGE_BATCH + 1
RNG = np.random.default_rng(0)
CELLS = [[float(radius), float(texture)] for radius, texture in RNG.uniform(0, 100, (N, 2)).round(3)]
NAMES = ["mean radius", "mean texture"]
ROWS = [dict(zip(NAMES, cells, strict=True)) for cells in CELLS]
INFER = "/v2/models/diagnosis/infer"


def post(api: Api, path: str, body: Any) -> Answer:
    answer = api.ask("POST", path, json.dumps(body), content_type="application/json")
    assert answer.status == 200, answer.body
    return answer


def tensor(name: str, data: list[Any], shape: list[int], datatype: str = "FP64") -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": shape, "data": data}


def ask_in_parts(api: Api, rows: list[dict[str, Any]]) -> tuple[list[Any], list[Any]]:
    """The predictions and records of rows that are asked for a few at a time, without what differs at each call."""
    predictions = []
    for start in range(0, len(rows), MANY - 1):
        predictions += post(api, "/predict", {"rows": rows[start : start + MANY - 1]}).json["predictions"]
    records = [line for line in api.printed() if line.get("record") == "prediction"]
    return anonymous(predictions), anonymous(records)


def anonymous(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {key: value for key, value in each.items() if key not in ("prediction_id", "latency_ms", "timestamp")}
        for each in answers
    ]


DOORS: dict[str, tuple[str, Any]] = {
    "named rows": ("/predict", {"rows": ROWS}),
    "split": ("/invocations", {"dataframe_split": {"columns": NAMES, "data": CELLS}}),
    "split in another order": (
        "/invocations",
        {"dataframe_split": {"columns": NAMES[::-1], "data": [cells[::-1] for cells in CELLS]}},
    ),
    "split without names": ("/invocations", {"dataframe_split": {"data": CELLS}}),
    "records": ("/invocations", {"dataframe_records": ROWS}),
    "instances": ("/invocations", {"instances": CELLS}),
    "inputs": ("/invocations", {"inputs": CELLS}),
    "columns": ("/invocations", {"inputs": {name: [row[name] for row in ROWS] for name in NAMES}}),
}


@pytest.mark.parametrize("door", DOORS)
def test_many_rows_get_the_answers_and_records_of_few(api: Api, door: str) -> None:
    predictions, records = ask_in_parts(api, ROWS)
    path, body = DOORS[door]
    answer = post(api, path, body).json
    *found, metrics = api.printed()
    assert {key: answer[key] for key in ("model", "version")} == {"model": "diagnosis", "version": 1}
    assert anonymous(answer["predictions"]) == predictions
    assert anonymous(found) == records
    assert [each["prediction_id"] for each in found] == [each["prediction_id"] for each in answer["predictions"]]
    assert metrics["Predictions"] == N


@pytest.mark.parametrize("count", [MANY - 1, MANY, LARGE_BATCH - 1, LARGE_BATCH])
def test_any_number_of_rows_is_answered_and_recorded_alike(api: Api, count: int) -> None:
    predictions, records = ask_in_parts(api, ROWS[:count])
    answer = post(api, "/invocations", {"dataframe_split": {"columns": NAMES, "data": CELLS[:count]}}).json
    *found, _ = api.printed()
    assert (anonymous(answer["predictions"]), anonymous(found)) == (predictions, records)


FLAT = [cell for cells in CELLS for cell in cells]
TENSORS: dict[str, list[dict[str, Any]]] = {
    "the model's matrix": [tensor("numbers", FLAT, [N, 2])],
    "the model's matrix, nested": [tensor("numbers", CELLS, [N, 2])],
    "a tensor a column": [tensor(name, [row[name] for row in ROWS], [N]) for name in NAMES],
    "in another order": [tensor(name, [row[name] for row in ROWS], [N, 1]) for name in NAMES[::-1]],
}


@pytest.mark.parametrize("form", TENSORS)
def test_many_rows_in_tensors_get_the_answers_and_records_of_few(api: Api, form: str) -> None:
    predictions, records = ask_in_parts(api, ROWS)
    outputs = {each["name"]: each for each in post(api, INFER, {"inputs": TENSORS[form]}).json["outputs"]}
    *found, _ = api.printed()
    assert outputs["label"]["data"] == [each["label"] for each in predictions]
    chances = [chance for each in predictions for chance in each["probabilities"].values()]
    assert outputs["probabilities"]["data"] == chances
    assert anonymous(found) == records
    assert [each["prediction_id"] for each in found] == outputs["prediction_id"]["data"]


def test_many_rows_in_binary_tensors_are_read_and_written(api: Api) -> None:
    data = np.array(CELLS, "<f8").tobytes()
    parameters = {"binary_data_size": len(data)}
    head = json.dumps(
        {
            "inputs": [{"name": "numbers", "datatype": "FP64", "shape": [N, 2], "parameters": parameters}],
            "outputs": [{"name": "probabilities", "parameters": {"binary_data": True}}],
        }
    ).encode()
    answer = api.ask("POST", INFER, head + data, inference_header_content_length=str(len(head)))
    length = int(answer.headers["inference-header-content-length"])
    chances = np.frombuffer(answer.body[length:], "<f8").reshape(N, 2)
    predictions, _ = ask_in_parts(api, ROWS)
    assert chances.tolist() == [list(each["probabilities"].values()) for each in predictions]


WRONG: dict[str, tuple[str, list[Any], str]] = {
    "a fraction among whole numbers": ("INT64", [*range(N - 1), 1.5], "datatype INT64"),
    "a number that doesn't fit": ("UINT8", [256] * N, "doesn't fit into UINT8"),
    "a negative number without a sign": ("UINT64", [-1] * N, "doesn't fit into UINT64"),
    "numbers for text": ("BYTES", [1.0] * N, "datatype BYTES"),
    "numbers for truth": ("BOOL", [1] * N, "datatype BOOL"),
    "more than it can hold": ("FP16", [1e9] * N, "finite"),
    "above the range": ("FP32", [101.0] * N, "at most 100"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_many_bad_numbers_are_refused_with_the_reason(api: Api, kind: str) -> None:
    datatype, data, reason = WRONG[kind]
    inputs = [tensor(NAMES[0], data * 8, [8 * N], datatype), tensor(NAMES[1], [1.0] * N * 8, [8 * N])]
    answer = api.ask("POST", INFER, json.dumps({"inputs": inputs}), content_type="application/json")
    assert answer.status == 422
    assert any(reason in error["message"] for error in answer.json["errors"]), answer.json["errors"][0]


@pytest.mark.parametrize("datatype", ["INT8", "UINT8", "INT64", "UINT64", "FP16", "FP32", "FP64"])
def test_many_numbers_of_every_datatype_are_taken(api: Api, datatype: str) -> None:
    data = [index % 100 for index in range(8 * N)]
    inputs = [tensor(name, data, [8 * N], datatype) for name in NAMES]
    outputs = post(api, INFER, {"inputs": inputs, "outputs": [{"name": "probabilities"}]}).json["outputs"]
    assert outputs[0]["data"] == [0.5, 0.5] * 8 * N


def test_many_dates_and_truth_values_in_tensors_of_numbers_are_read_as_few_are(
    store: Store, open_api: Callable[..., Api]
) -> None:
    kinds: dict[str, Any] = {"size": "number", "open": "boolean", "since": "date"}
    columns = tuple(Column(name=name, kind=kind) for name, kind in kinds.items())
    golden = json.dumps({"rows": [{"size": 1.5, "open": True, "since": "1970-01-11"}], "values": [12.5]}).encode()
    contract = Contract(columns=columns, target=PRICE)
    put_version(store, contract=contract, graph=sum_graph(3), golden_rows=golden)
    promote(store, 1)
    api = open_api()
    rows = [[index + 0.5, index % 2, index] for index in range(8 * N)]
    inputs = [tensor("numbers", rows, [8 * N, 3])]
    (value,) = post(api, INFER, {"inputs": inputs, "outputs": [{"name": "value"}]}).json["outputs"]
    assert value["data"] == [sum(row) for row in rows]
    rows[-1][1] = 2
    refused = api.ask("POST", INFER, json.dumps({"inputs": inputs}), content_type="application/json")
    assert (refused.status, refused.json["errors"][0]["row"]) == (422, 8 * N - 1)


def test_one_bad_row_among_many_is_named_as_it_is_among_few(api: Api) -> None:
    bad = {"mean radius": 101}
    among_few = api.predict(*ROWS[:3], bad).json["errors"]
    first, second = api.predict(*ROWS, bad).json["errors"]
    assert [first, second] == [error | {"row": N} for error in among_few]
    assert (second["rule"], second["row"], second["column"]) == ("missing", N, "mean texture")


ODD = ('100 % "pure"', "zwölf\n%s", "%b")


VERDICT = Target(name="%", task="binary", labels=("%d of 3", 'ne"\u2028in'))
PRIVACY: dict[str, tuple[Privacy, ...]] = {
    "all kept": ("keep", "keep", "keep"),
    "one dropped": ("keep", "drop", "keep"),
    "one hashed": ("hash", "keep", "drop"),
    "all dropped": ("drop", "drop", "drop"),
}


@pytest.mark.parametrize("key", ["", "a key"], ids=["without a key", "with a key"])
@pytest.mark.parametrize("privacy", PRIVACY)
@pytest.mark.parametrize("target", [PRICE, VERDICT], ids=["regression", "binary"])
def test_names_of_any_letters_and_every_privacy_rule_hold_for_many_rows(
    store: Store, open_api: Callable[..., Api], target: Target, privacy: str, key: str
) -> None:
    rows = [dict(zip(ODD, cells, strict=True)) for cells in (RNG.integers(-99, 99, (N, 3)) / 8).tolist()]
    columns = [Column(name=name, privacy=rule) for name, rule in zip(ODD, PRIVACY[privacy], strict=True)]
    chance = 1 / (1 + math.exp(rows[0][ODD[1]] - rows[0][ODD[0]]))
    answers = {"probabilities": [[1 - chance, chance]], "values": [sum(rows[0].values())]}
    put_version(
        store,
        contract=Contract(columns=tuple(columns), target=target),
        graph=linear_graph(columns=3) if target.labels else sum_graph(3),
        golden_rows=json.dumps({"rows": rows[:1], **answers}).encode(),
    )
    promote(store, 1)
    api = open_api(privacy_key=key)
    api.printed()
    predictions, records = ask_in_parts(api, rows)
    answer = post(api, "/predict", {"rows": rows}).json
    assert anonymous(answer["predictions"]) == predictions
    assert anonymous(api.printed()[:-1]) == records


def test_what_the_challenger_says_stands_in_the_records_of_many_rows(store: Store, api: Api) -> None:
    steeper(store, 2)
    challenge_with(store, 2)
    follower = api.models.challenger("diagnosis")
    assert follower is not None
    follower.poll()
    post(api, "/predict", {"rows": ROWS})
    post(api, "/predict", {"rows": ROWS})
    lines = [line for line in api.printed() if line.get("record") == "prediction"]
    told = [line for line in lines if "challenger_version" in line]
    assert len(lines) == 2 * N
    assert len(told) > 1, "the second request knows what the first one's row cost"
    assert all(line["challenger_label"] == line["label"] and line["challenger_version"] == 2 for line in told)


def ids_from(start: bytes) -> list[str]:
    return make_ids(N, now=lambda: 1_764_000_000.123, random=lambda _: start)


@pytest.mark.parametrize(
    "start",
    [b"\0" * 10, b"\x12\x34\x56\x78\x9a\xbc\xde\xf0\x12\x34", b"\xff" * 10],
    ids=["lowest random bytes", "any random bytes", "highest random bytes"],
)
def test_many_ids_are_those_that_few_would_be(start: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    many = ids_from(start)
    monkeypatch.setattr(ids, "MANY", N + 1)
    assert many == ids_from(start)
