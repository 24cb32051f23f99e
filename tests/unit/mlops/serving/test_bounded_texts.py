"""What answers and log lines repeat of a body is bounded, also of one that is answered."""

import json
import struct
from typing import Any

import pytest
from pydantic_core import to_json

from mlops.errors.violations import Violation
from mlops.registry.store import Store
from mlops.serving.recording import longest_record, shorten_inputs
from mlops.serving.violations import list_violations
from tests.unit.mlops.serving.artifacts import MIXED, promote, put_version, regression
from tests.unit.mlops.serving.harness import Api

CONTROL = "\x01" * 1_000_000


@pytest.fixture
def mixed(store: Store, open_api: Any) -> Api:
    graph, golden_rows = regression(MIXED)
    put_version(store, 1, model="price", contract=MIXED, graph=graph, golden_rows=golden_rows)
    promote(store, 1, "price")
    return open_api(default_model="price")  # type: ignore[no-any-return]


def test_a_text_of_a_million_control_characters_is_answered_and_its_record_is_short(mixed: Api) -> None:
    texts = {"city": CONTROL.encode(), "size": b"M", "since": b"1970-01-11"}
    parts = {name: struct.pack("<I", len(text)) + text for name, text in texts.items()}
    parts |= {"age": struct.pack("<q", 30), "smokes": b"\x01", "weight": struct.pack("<d", 70.5)}
    kinds = {"age": "INT64", "smokes": "BOOL", "weight": "FP64"}
    inputs = [
        {
            "name": name,
            "datatype": kinds.get(name, "BYTES"),
            "shape": [1],
            "parameters": {"binary_data_size": len(part)},
        }
        for name, part in parts.items()
    ]
    head = json.dumps({"inputs": inputs}).encode()
    mixed.printed()
    body = b"".join((head, *parts.values()))
    answer = mixed.ask("POST", "/v2/models/price/infer", body, inference_header_content_length=str(len(head)))
    assert answer.status == 200, answer.body
    record, _ = mixed.printed()
    assert len(json.dumps(record)) < longest_record(MIXED, mixed.settings.record_cell_bytes)
    assert record["inputs"]["city"].startswith("\x01")
    assert record["inputs_cut"] == ["city"]
    assert record["inputs"] | {"city": ""} == {
        "age": 30.0,
        "city": "",
        "smokes": True,
        "size": "M",
        "since": "1970-01-11",
        "weight": 70.5,
    }


def test_a_refused_text_is_shown_and_logged_in_short(mixed: Api) -> None:
    text = CONTROL[:200_000]
    row = {"age": text, "city": "Bern", "smokes": True, "since": text, text: text}
    mixed.printed()
    answer = mixed.predict(row)
    line, _ = mixed.printed()
    assert (answer.status, answer.json["errors_total"]) == (422, 3)
    assert len(answer.body) < 8_000
    assert len(json.dumps(line)) < 8_000


@pytest.mark.parametrize("text", [CONTROL, "é" * 500, "😀" * 500, "x" * 500, '"' * 500], ids=ascii)
def test_a_text_is_cut_by_what_it_takes_when_it_is_written(text: str) -> None:
    record = shorten_inputs({"value": 1.5, "inputs": {"city": text, "age": 30.0}})
    cut = record["inputs"]["city"]
    assert record == {"value": 1.5, "inputs": {"city": cut, "age": 30.0}, "inputs_cut": ["city"]}
    assert len(to_json(cut)) <= 90
    assert text.startswith(cut.removesuffix("…"))


def test_texts_that_are_short_and_other_cells_stay() -> None:
    cells = {"city": "Bern", "age": 30.0, "size": None, "smokes": True}
    assert shorten_inputs({"inputs": cells}) == {"inputs": cells, "inputs_cut": []}


def test_violations_are_listed_up_to_a_number_and_a_size() -> None:
    violations = [Violation(rule="type", message="\x01" * 10_000, row=row) for row in range(100)]
    listed = list_violations(violations, 20, 10_000)
    assert [each["row"] for each in listed] == [0, 1, 2]
    assert len(to_json(listed)) <= 10_000
    few = [Violation(rule="type", message="m", row=row) for row in range(100)]
    assert len(list_violations(few, 20, 10_000)) == 20


def test_a_path_is_repeated_in_short(mixed: Api) -> None:
    answer = mixed.ask("GET", "/nowhere/" + "x" * 100_000)
    assert (answer.status, len(answer.body) < 2_000) == (404, True)
