"""The Open Inference Protocol V2: tensors in, tensors out, and what is wrong with them."""

import json
import struct
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, load_from_string

from mlops.registry.store import Store
from tests.unit.mlops.serving.artifacts import MIXED, ROWS, probability, promote, put_version, sum_graph
from tests.unit.mlops.serving.harness import Answer, Api

RADIUS = [row["mean radius"] for row in ROWS]
TEXTURE = [row["mean texture"] for row in ROWS]
EXPECTED = [chance for row in ROWS for chance in (1 - probability(row), probability(row))]
INFER = "/v2/models/diagnosis/infer"


def tensor(name: str, data: list[Any], datatype: str = "FP64", shape: list[int] | None = None) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": shape or [len(data)], "data": data}


GOOD = [tensor("mean radius", [3.0]), tensor("mean texture", [2.0])]


def infer(api: Api, inputs: Any, path: str = INFER, **members: Any) -> Answer:
    return api.ask("POST", path, json.dumps({"inputs": inputs, **members}), content_type="application/json")


def outputs(answer: Answer) -> dict[str, Any]:
    assert answer.status == 200, answer.body
    return {output["name"]: output for output in answer.json["outputs"]}


N = len(ROWS)
MATRIX = [[radius, texture] for radius, texture in zip(RADIUS, TEXTURE, strict=True)]
FORMS: dict[str, list[dict[str, Any]]] = {
    "a tensor a column": [tensor("mean radius", RADIUS), tensor("mean texture", TEXTURE)],
    "in another order": [tensor("mean texture", TEXTURE), tensor("mean radius", RADIUS)],
    "in two dimensions": [tensor("mean radius", RADIUS, shape=[N, 1]), tensor("mean texture", TEXTURE, shape=[N, 1])],
    "nested": [tensor("mean radius", [[each] for each in RADIUS], shape=[N, 1]), tensor("mean texture", TEXTURE)],
    "of whole numbers": [
        tensor("mean radius", [int(each) for each in RADIUS], "INT32"),
        tensor("mean texture", [int(each) for each in TEXTURE], "UINT8"),
    ],
    "the model's matrix": [tensor("numbers", MATRIX, shape=[N, 2])],
    "the model's matrix, flat": [tensor("numbers", [cell for row in MATRIX for cell in row], "FP32", [N, 2])],
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_tensors_gets_the_answer_of_its_rows(api: Api, form: str) -> None:
    given = outputs(infer(api, FORMS[form]))
    assert given["probabilities"]["data"] == pytest.approx(EXPECTED, abs=1e-12)
    assert (given["probabilities"]["shape"], given["probabilities"]["datatype"]) == ([N, 2], "FP64")
    assert given["label"]["data"] == ["malignant" if p > 0.5 else "benign" for p in EXPECTED[1::2]]
    assert (given["label"]["shape"], given["label"]["datatype"]) == ([N], "BYTES")


def test_binary_tensors_are_read_and_written(api: Api) -> None:
    head = {
        "inputs": [
            {"name": name, "datatype": "FP32", "shape": [N], "parameters": {"binary_data_size": 4 * N}}
            for name in ("mean radius", "mean texture")
        ],
        "parameters": {"binary_data_output": True},
    }
    start = json.dumps(head).encode()
    body = start + np.array(RADIUS, "<f4").tobytes() + np.array(TEXTURE, "<f4").tobytes()
    answer = api.ask("POST", INFER, body, inference_header_content_length=str(len(start)))
    assert answer.headers["content-type"] == "application/octet-stream"
    length = int(answer.headers["inference-header-content-length"])
    told = json.loads(answer.body[:length])
    label, probabilities, ids = told["outputs"]
    sizes = [output["parameters"]["binary_data_size"] for output in told["outputs"]]
    assert len(answer.body) == length + sum(sizes)
    texts = answer.body[length : length + sizes[0]]
    assert struct.unpack_from("<I6s", texts) == (6, b"benign")
    matrix = np.frombuffer(answer.body[length + sizes[0] : length + sizes[0] + sizes[1]], "<f8")
    np.testing.assert_allclose(matrix, EXPECTED, atol=1e-12)
    assert (label["name"], probabilities["shape"], ids["name"]) == ("label", [N, 2], "prediction_id")


def test_only_the_outputs_that_are_asked_for_are_told_and_id_and_parameters_come_back(api: Api) -> None:
    answer = infer(api, GOOD, id="7", parameters={"trace": "x"}, outputs=[{"name": "label"}])
    assert answer.json == {
        "model_name": "diagnosis",
        "model_version": "1",
        "id": "7",
        "parameters": {"trace": "x"},
        "outputs": [{"name": "label", "datatype": "BYTES", "shape": [1], "data": ["malignant"]}],
    }


def test_a_prediction_is_recorded_under_the_id_that_the_client_gets(api: Api) -> None:
    ids = outputs(infer(api, FORMS["nested"]))["prediction_id"]["data"]
    *records, metrics = api.printed()
    assert [record["prediction_id"] for record in records] == ids
    assert records[3]["inputs"] == ROWS[3]
    assert metrics["Predictions"] == N


@pytest.fixture
def mixed(store: Store, api: Api) -> Api:
    """A regression with columns of every kind: the sum of its numbers."""
    graph = load_from_string(sum_graph(4))
    graph.graph.input.append(helper.make_tensor_value_info("categories", TensorProto.STRING, [None, 2]))
    row = {"age": 30.0, "city": "Bern", "smokes": True, "size": "M", "since": "1970-01-11", "weight": 70.5}
    golden = json.dumps({"rows": [row], "values": [111.5]}).encode()
    put_version(store, 1, model="price", contract=MIXED, graph=graph.SerializeToString(), golden_rows=golden)
    promote(store, 1, model="price")
    return api


def test_columns_of_every_kind_are_tensors_of_their_datatype(mixed: Api) -> None:
    by_column = [
        tensor("age", [30, 31], "INT64"),
        tensor("city", ["Bern", "Genève"], "BYTES"),
        tensor("smokes", [True, False], "BOOL"),
        tensor("size", ["M", ""], "BYTES"),
        tensor("since", ["1970-01-11", "1970-01-12"], "BYTES"),
        tensor("weight", [70.5, 9.5]),
    ]
    path = "/v2/models/price/infer"
    assert outputs(infer(mixed, by_column, path))["value"]["data"] == [111.5, 51.5]
    matrices = [
        tensor("numbers", [[30, 1, 10, 70.5], [31, 0, 11, 9.5]], shape=[2, 4]),
        tensor("categories", ["Bern", "M", "Genève", ""], "BYTES", [2, 2]),
    ]
    assert outputs(infer(mixed, matrices, path))["value"]["data"] == [111.5, 51.5]
    told = mixed.ask("GET", "/v2/models/price").json
    assert [each["datatype"] for each in told["inputs"]] == ["INT64", "BYTES", "BOOL", "BYTES", "BYTES", "FP64"]
    assert [each["name"] for each in told["outputs"]] == ["value", "prediction_id"]
    mixed.printed()
    infer(mixed, matrices, path)
    assert mixed.printed()[1]["inputs"]["size"] is None


# what is wrong: inputs, other members, rule, a part of the message
FAULTS: dict[str, tuple[Any, dict[str, Any], str, str]] = {
    "inputs that are none": ("x", {}, "type", "list of tensors"),
    "no inputs": ([], {}, "missing", "mean radius is missing"),
    "an input that is none": ([7], {}, "type", "must be an object"),
    "an unknown member": (GOOD, {"model": "x"}, "unknown", "'model'"),
    "an id that is no text": (GOOD, {"id": 7}, "type", "'id' must be text"),
    "parameters that are none": (GOOD, {"parameters": ""}, "type", "'parameters' must be an object"),
    "an unknown output": (GOOD, {"outputs": [{"name": "score"}]}, "unknown", "only label, probabilities"),
    "an output's classification": (
        GOOD,
        {"outputs": [{"name": "label", "parameters": {"classification": 1}}]},
        "unknown",
        "no parameter but binary_data",
    ),
    "shared memory": (
        [{**GOOD[0], "parameters": {"shared_memory_region": "x"}}],
        {},
        "unknown",
        "no parameter 'shared_memory_region'",
    ),
    "a column missing": (GOOD[:1], {}, "missing", "mean texture is missing"),
    "a column twice": ([*GOOD, GOOD[0]], {}, "twice", "stands twice"),
    "a column in the matrix too": ([tensor("numbers", [1, 2], shape=[1, 2]), GOOD[0]], {}, "twice", "stands twice"),
    "a column misspelt": ([tensor("mean radus", [1]), GOOD[1]], {}, "unknown", "did you mean 'mean radius'?"),
    "an unknown datatype": ([tensor("mean radius", [1], "BF16"), GOOD[1]], {}, "datatype", "must be one of"),
    "text in numbers": ([tensor("mean radius", ["1"]), GOOD[1]], {}, "type", "datatype FP64"),
    "a fraction in INT64": ([tensor("mean radius", [1.5], "INT64"), GOOD[1]], {}, "type", "datatype INT64"),
    "a number too big for INT8": ([tensor("mean radius", [300], "INT8"), GOOD[1]], {}, "type", "doesn't fit"),
    "a number too big for any": ([tensor("mean radius", [10**400]), GOOD[1]], {}, "finite", "finite number"),
    "a number too big for FP32": ([tensor("mean radius", [1e300], "FP32"), GOOD[1]], {}, "finite", "finite number"),
    "truth for a number": ([tensor("mean radius", [True], "BOOL"), GOOD[1]], {}, "type", "must be a number"),
    "no value": ([tensor("mean radius", [None]), GOOD[1]], {}, "null", "must not be null"),
    "NaN": ([tensor("mean radius", [float("nan")]), GOOD[1]], {}, "null", "must not be null"),
    "out of range": ([tensor("mean radius", [101]), GOOD[1]], {}, "maximum", "at most 100.0 mm"),
    "no data": ([{"name": "mean radius", "datatype": "FP64", "shape": [1]}], {}, "type", "data must be a list"),
    "too few values": ([tensor("mean radius", [1], shape=[2]), GOOD[1]], {}, "shape", "1 values for the shape [2]"),
    "a negative size": ([tensor("mean radius", [1], shape=[-1]), GOOD[1]], {}, "shape", "[rows, columns]"),
    "three dimensions": ([tensor("mean radius", [1], shape=[1, 1, 1]), GOOD[1]], {}, "shape", "[rows, columns]"),
    "a column of two": ([tensor("mean radius", [1, 2], shape=[1, 2]), GOOD[1]], {}, "shape", "[rows] or [rows, 1]"),
    "columns of two lengths": ([tensor("mean radius", [1, 2]), GOOD[1]], {}, "shape", "one number of rows"),
    "a narrow matrix": ([tensor("numbers", [1], shape=[1, 1])], {}, "shape", "[rows, 2]"),
    "a matrix of text": ([tensor("numbers", ["a", "b"], "BYTES", [1, 2])], {}, "datatype", "are numbers"),
    "no rows": ([tensor("mean radius", [], shape=[0]), tensor("mean texture", [], shape=[0])], {}, "empty", "one row"),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_bad_tensor_is_refused_with_the_reason_where_v2_clients_look_for_it(api: Api, kind: str) -> None:
    inputs, members, rule, words = FAULTS[kind]
    answer = infer(api, inputs, **members)
    assert (answer.status, answer.headers["content-type"]) == (422, "application/problem+json"), answer.body
    problem = answer.json
    assert problem["errors"][0]["rule"] == rule, problem
    assert words in problem["errors"][0]["message"]
    assert problem["errors"][0]["message"] in problem["error"]


def sized(size: Any, datatype: str = "FP64", name: str = "mean radius") -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": [1], "parameters": {"binary_data_size": size}}


BINARY_FAULTS: dict[str, tuple[list[Any], bytes, str]] = {
    "more bytes than there are": ([sized(8)], b"1234567", "that the body has left"),
    "a size that is none": ([sized(True)], b"1", "isn't a number of bytes"),
    "a negative size": ([sized(-1)], b"1", "isn't a number of bytes"),
    "part of a number": ([sized(7)], b"1234567", "aren't a whole number of FP64"),
    "bytes left over": (GOOD, b"1", "1 bytes after the JSON"),
    "a text too long": ([sized(5, "BYTES")], b"\x09\0\0\0x", "longer than the data"),
    "a length cut off": ([sized(3, "BYTES")], b"\x01\0\0", "longer than the data"),
    "a text that isn't UTF-8": ([sized(5, "BYTES")], b"\x01\0\0\0\xff", "isn't UTF-8"),
    "neither true nor false": ([sized(1, "BOOL")], b"\x02", "byte 0 or 1"),
}


@pytest.mark.parametrize("kind", BINARY_FAULTS)
def test_bad_binary_data_is_refused_with_the_reason(api: Api, kind: str) -> None:
    inputs, binary, words = BINARY_FAULTS[kind]
    head = json.dumps({"inputs": inputs}).encode()
    answer = api.ask("POST", INFER, head + binary, inference_header_content_length=str(len(head)))
    assert (answer.status, words in answer.json["error"]) == (422, True), answer.body


@pytest.mark.parametrize(
    "length",
    ["-1", "x", "1000000", "9" * 5000, "3"],
    ids=["negative", "no number", "longer than the body", "5,000 digits", "within the JSON"],
)
def test_a_wrong_header_length_is_refused(api: Api, length: str) -> None:
    answer = api.ask("POST", INFER, json.dumps({"inputs": GOOD}), inference_header_content_length=length)
    assert (answer.status, "error" in answer.json) == (400, True)


def test_more_rows_than_the_limit_are_refused_before_their_data_is_looked_at(open_api: Any, api: Api) -> None:
    inputs = [{"name": "mean radius", "datatype": "FP64", "shape": [3]}]
    assert infer(open_api(max_rows=2), inputs).status == 413
    assert infer(open_api(max_rows=3), inputs).status == 422


def test_server_and_model_tell_what_they_are_and_that_they_are_ready(api: Api) -> None:
    assert api.ask("GET", "/v2").json["extensions"] == ["binary_tensor_data"]
    assert api.ask("GET", "/v2/health/live").json == {"live": True}
    assert api.ask("GET", "/v2/health/ready").json == {"ready": True}
    assert api.ask("GET", "/v2/models/diagnosis/ready").json == {"name": "diagnosis", "ready": True}
    told = api.ask("GET", "/v2/models/diagnosis/versions/1").json
    assert told["versions"] == ["1"]
    assert told["inputs"][0] == {"name": "mean radius", "datatype": "FP64", "shape": [-1]}
    assert told["outputs"][1] == {"name": "probabilities", "datatype": "FP64", "shape": [-1, 2]}


def test_what_isnt_ready_or_isnt_there_says_so_in_both_forms(api: Api, open_api: Any) -> None:
    other = open_api(default_model="other")
    assert other.ask("GET", "/v2/health/live").status == 200
    answer = other.ask("GET", "/v2/health/ready")
    assert (answer.status, answer.json["detail"] in answer.json["error"]) == (503, True)
    for path in ("/v2/models/none", "/v2/models/none/ready", "/v2/models/diagnosis/versions/9", "/v2/nowhere"):
        answer = api.ask("GET", path)
        assert (answer.status, "error" in answer.json) == (404, True), path
    assert "error" not in api.ask("GET", "/models/none").json
