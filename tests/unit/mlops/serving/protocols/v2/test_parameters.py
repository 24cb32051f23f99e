"""V2's parameters: hints change nothing wherever they stand, and what would change something is refused elsewhere."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.mlops.serving.harness import Answer, Api

INFER = "/v2/models/diagnosis/infer"
ROW = {"mean radius": 3.0, "mean texture": 2.0}
PLACES = ("request", "input", "output")


def infer(api: Api, parameters: Any, place: str, **members: Any) -> Answer:
    inputs: list[dict[str, Any]] = [
        {"name": name, "datatype": "FP64", "shape": [1], "data": [cell]} for name, cell in ROW.items()
    ]
    outputs: list[dict[str, Any]] = [{"name": "label"}]
    document: dict[str, Any] = {"inputs": inputs, "outputs": outputs, **members}
    target = {"request": document, "input": inputs[0], "output": outputs[0]}[place]
    target["parameters"] = parameters
    return api.ask("POST", INFER, json.dumps(document), content_type="application/json")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "hints",
    [
        *({"content_type": kind} for kind in ("np", "pd", "str", "datetime", None)),
        {"trace": "x", "priority": 1, "sure": True, "headers": {"a": ["b"]}},
        {},
        None,
    ],
    ids=str,
)
def test_a_hint_is_taken_wherever_it_stands(api: Api, place: str, hints: Any) -> None:
    answer = infer(api, hints, place)
    assert answer.status == 200, answer.body
    assert answer.json["outputs"][0]["data"] == ["malignant"]
    assert answer.json.get("parameters") == ((hints or None) if place == "request" else None)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", ["base64", "hg_json", "hf", "NP", "", 1, ["np"], {"np": 1}], ids=str)
def test_a_content_type_that_isnt_read_is_refused_wherever_it_stands(api: Api, place: str, kind: Any) -> None:
    answer = infer(api, {"content_type": kind}, place)
    assert (answer.status, answer.json["errors"][0]["rule"]) == (422, "content_type")
    assert "np, pd, str, datetime" in answer.json["error"]


OWN = {"request": "binary_data_output", "input": "binary_data_size", "output": "binary_data"}
MEANINGFUL = [*OWN.values(), "classification", "shared_memory_region", "shared_memory_byte_size"]


@pytest.mark.parametrize(
    ("place", "name"), [(place, name) for place in PLACES for name in MEANINGFUL if OWN[place] != name]
)
def test_what_changes_something_is_refused_where_it_doesnt_belong(api: Api, place: str, name: str) -> None:
    answer = infer(api, {name: 1}, place)
    assert (answer.status, answer.json["errors"][0]["rule"]) == (422, "unknown")
    assert f"no parameter '{name}'" in answer.json["error"]


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.text(max_size=5), json_values, max_size=4), st.sampled_from(PLACES))
def test_whatever_comes_back_is_json(api: Api, parameters: dict[str, Any], place: str) -> None:
    answer = infer(api, parameters, place)
    assert answer.status == 200, answer.body
    json.loads(answer.body, parse_constant=pytest.fail)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_a_parameter_that_json_has_no_word_for_comes_back_as_null(api: Api, number: str) -> None:
    answer = infer(api, {"deep": [{"x": float(number)}]}, "request")
    assert json.loads(answer.body, parse_constant=pytest.fail)["parameters"] == {"deep": [{"x": None}]}


@pytest.mark.parametrize(
    "members",
    [{"model_name": "diagnosis"}, {"model_version": "1"}, {"model_name": "diagnosis", "model_version": "", "id": "7"}],
    ids=str,
)
def test_a_body_may_name_the_model_that_its_path_names(api: Api, members: dict[str, Any]) -> None:
    assert infer(api, {}, "request", **members).status == 200


@pytest.mark.parametrize("members", [{"model_name": "other"}, {"model_version": "2"}, {"model_name": 7}], ids=str)
def test_a_body_that_names_another_model_is_refused(api: Api, members: dict[str, Any]) -> None:
    answer = infer(api, {}, "request", **members)
    assert (answer.status, answer.json["errors"][0]["rule"]) == (422, "model")
    assert "which the path asks for" in answer.json["error"]


RAGGED: dict[str, tuple[Any, list[int]]] = {
    "rows of two lengths": ([[1, 2, 3], [4]], [2, 2]),
    "a row too long for its shape": ([[1, 2, 3, 4]], [2, 2]),
    "rows in place of columns": ([[1, 2], [3, 4], [5, 6]], [2, 3]),
    "a number among rows": ([[1, 2], 3, 4], [2, 2]),
    "an empty row": ([[1, 2], []], [1, 2]),
    "nested where the shape is flat": ([[1], [2]], [2]),
    "nested too deep": ([[[1], [2]], [[3], [4]]], [2, 2]),
    "a null for a row": ([[1, 2], None], [2, 2]),
}


@pytest.mark.parametrize("kind", RAGGED)
@pytest.mark.parametrize("pad", ["", " " * 5_000], ids=["small", "large"])
def test_ragged_data_is_refused(api: Api, kind: str, pad: str) -> None:
    data, shape = RAGGED[kind]
    inputs = [{"name": "numbers", "datatype": "FP64", "shape": shape, "data": data}]
    answer = api.ask("POST", INFER, json.dumps({"inputs": inputs}) + pad, content_type="application/json")
    assert (answer.status, answer.json["errors"][0]["rule"] in ("shape", "type")) == (422, True), answer.body
