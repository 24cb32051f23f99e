"""MLflow's scoring protocol: every form of a data frame, and what is wrong with one."""

import json
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import pytest

from mlops.contract import Contract
from mlops.serving.protocols.mlflow.frames import read_frame
from mlops.serving.protocols.mlflow.tables import read_table
from mlops.serving.rows.reader import RowReader
from tests.unit.mlops.serving.artifacts import MIXED, ROWS, probability
from tests.unit.mlops.serving.harness import Answer, Api

NAMES = list(ROWS[0])
LISTS = [list(row.values()) for row in ROWS]
COLUMNS = {name: [row[name] for row in ROWS] for name in NAMES}

FORMS: dict[str, Any] = {
    "split": {"dataframe_split": {"columns": NAMES, "index": list(range(len(ROWS))), "data": LISTS}},
    "split in another order": {"dataframe_split": {"columns": NAMES[::-1], "data": [cells[::-1] for cells in LISTS]}},
    "split without columns": {"dataframe_split": {"data": LISTS}},
    "records": {"dataframe_records": ROWS},
    "records with empty params": {"dataframe_records": ROWS, "params": {}},
    "instances": {"instances": ROWS},
    "instances without names": {"instances": LISTS},
    "inputs by column": {"inputs": COLUMNS},
    "inputs by row": {"inputs": ROWS},
    "inputs without names": {"inputs": LISTS},
}


def invoke(api: Api, body: Any) -> Answer:
    return api.ask("POST", "/invocations", json.dumps(body), content_type="application/json")


def malignant(answer: Answer) -> list[float]:
    assert answer.status == 200, answer.body
    return [each["probabilities"]["malignant"] for each in answer.json["predictions"]]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_frame_gets_the_answer_of_its_rows(api: Api, form: str) -> None:
    assert malignant(invoke(api, FORMS[form])) == pytest.approx([probability(row) for row in ROWS], abs=1e-12)


def test_single_values_are_one_row(api: Api) -> None:
    assert malignant(invoke(api, {"inputs": ROWS[7]})) == pytest.approx([probability(ROWS[7])])


@pytest.mark.parametrize("media_type", ["text/csv", "Text/CSV; charset=utf-8"])
@pytest.mark.parametrize("start", ["", "\ufeff"], ids=["without a byte order mark", "with a byte order mark"])
def test_csv_gets_the_answer_of_its_rows(api: Api, media_type: str, start: str) -> None:
    lines = [",".join(NAMES[::-1]), *(",".join(map(repr, cells[::-1])) for cells in LISTS)]
    answer = api.ask("POST", "/invocations", (start + "\r\n".join(lines) + "\r\n").encode(), content_type=media_type)
    assert malignant(answer) == pytest.approx([probability(row) for row in ROWS], abs=1e-12)


def test_a_prediction_is_recorded_as_any_other(api: Api) -> None:
    ids = [each["prediction_id"] for each in invoke(api, FORMS["instances"]).json["predictions"]]
    *records, metrics = api.printed()
    assert [record["prediction_id"] for record in records] == ids
    assert records[3]["inputs"] == ROWS[3]
    assert metrics["Predictions"] == len(ROWS)


# what is wrong: body, rule, a part of the message
FAULTS: dict[str, tuple[Any, str, str]] = {
    "no object": ([], "type", "must be an object"),
    "no form": ({}, "form", "has 0 of them"),
    "two forms": ({"instances": ROWS, "inputs": ROWS}, "form", "has 2 of them"),
    "unknown member": ({"instances": ROWS, "signature_name": "x"}, "unknown", "'signature_name'"),
    "parameters": ({"instances": ROWS, "params": {"threshold": 0.5}}, "params", "no parameters"),
    "split is a list": ({"dataframe_split": []}, "type", "'data'"),
    "split with more": ({"dataframe_split": {"data": LISTS, "dtype": 1}}, "unknown", "'dtype'"),
    "columns that aren't names": ({"dataframe_split": {"columns": [1, 2], "data": LISTS}}, "type", "column names"),
    "a column twice": ({"dataframe_split": {"columns": [*NAMES, NAMES[0]], "data": []}}, "twice", "stands twice"),
    "a column misspelt": (
        {"dataframe_split": {"columns": ["mean radus", NAMES[1]], "data": LISTS}},
        "unknown",
        "did you mean 'mean radius'?",
    ),
    "a cell too few": ({"dataframe_split": {"columns": NAMES, "data": [[1, 2], [1]]}}, "shape", "1 cells for 2"),
    "a row that is no list": ({"dataframe_split": {"columns": NAMES, "data": [7]}}, "type", "list of cells"),
    "records that are none": ({"dataframe_records": {"a": 1}}, "type", "list of rows"),
    "a record that is none": ({"dataframe_records": [7]}, "type", "a row must be an object"),
    "no rows": ({"dataframe_records": []}, "empty", "at least one row"),
    "instances that are none": ({"instances": "x"}, "type", "list of rows"),
    "inputs that are none": ({"inputs": 3}, "type", "object of columns"),
    "columns of two lengths": ({"inputs": {NAMES[0]: [1, 2], NAMES[1]: [1]}}, "shape", "one length"),
    "list and single value": ({"inputs": {NAMES[0]: [1], NAMES[1]: 1}}, "shape", "one length"),
    "a column too few": ({"inputs": {NAMES[0]: [1]}}, "missing", "mean texture is missing"),
    "NaN where a value is required": ({"instances": [{**ROWS[0], NAMES[0]: float("nan")}]}, "null", "must not be null"),
    "infinity": ({"instances": [{**ROWS[0], NAMES[0]: float("inf")}]}, "finite", "finite number"),
    "out of range": ({"inputs": {NAMES[0]: [101], NAMES[1]: [1]}}, "maximum", "at most 100.0 mm"),
    "text for a number": ({"instances": [["1", 2]]}, "type", "must be a number"),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_bad_frame_is_refused_with_the_reason(api: Api, kind: str) -> None:
    body, rule, words = FAULTS[kind]
    answer = invoke(api, body)
    assert (answer.status, answer.headers["content-type"]) == (422, "application/problem+json")
    error = answer.json["errors"][0]
    assert (error["rule"], words in error["message"]) == (rule, True), error


CSV_FAULTS: dict[str, tuple[bytes, int, str]] = {
    "empty": (b"", 400, "first line has the column names"),
    "not UTF-8": (b"mean radius,mean texture\n\xff,1\n", 400, "isn't UTF-8 at byte 25"),
    "an open quote": (b'mean radius,mean texture\n"1,2\n', 400, "line 2"),
    "no rows": (b"mean radius,mean texture\n", 422, "at least one row"),
    "a cell too many": (b"mean radius,mean texture\n1,2,3\n", 422, "3 cells for 2 columns"),
    "pandas' index": (b",mean radius,mean texture\n0,1,2\n", 422, "no column ''"),
    "text for a number": (b"mean radius,mean texture\nabc,2\n", 422, "must be a number, not 'abc'"),
    "a number as Python alone writes it": (b"mean radius,mean texture\n1_0,2\n", 422, "must be a number"),
    "an empty cell": (b"mean radius,mean texture\n,2\n", 422, "mean radius must not be null"),
}


@pytest.mark.parametrize("kind", CSV_FAULTS)
def test_bad_csv_is_refused_with_the_reason(api: Api, kind: str) -> None:
    body, status, words = CSV_FAULTS[kind]
    answer = api.ask("POST", "/invocations", body, content_type="text/csv")
    assert (answer.status, words in answer.json["detail"]) == (status, True), answer.json


@pytest.mark.parametrize("media_type", ["application/vnd.apache.parquet", "text/csv; charset=latin-1"])
def test_other_types_and_encodings_are_refused(api: Api, media_type: str) -> None:
    answer = api.ask("POST", "/invocations", b"x", content_type=media_type)
    assert answer.status == 415
    assert "application/json or text/csv in UTF-8" in answer.json["detail"]


@pytest.mark.parametrize(
    "body",
    [FORMS["split"], FORMS["records"], FORMS["instances without names"], FORMS["inputs by column"]],
    ids=["split", "records", "lists", "columns"],
)
def test_more_rows_than_the_limit_are_refused(open_api: Callable[..., Api], api: Api, body: Any) -> None:
    assert invoke(open_api(max_rows=len(ROWS) - 1), body).status == 413
    assert invoke(open_api(max_rows=len(ROWS)), body).status == 200


def test_csv_of_more_rows_than_the_limit_is_refused(open_api: Callable[..., Api], api: Api) -> None:
    body = b"mean radius,mean texture\n" + b"1,2\n" * 3
    assert open_api(max_rows=2).ask("POST", "/invocations", body, content_type="text/csv").status == 413
    assert open_api(max_rows=3).ask("POST", "/invocations", body, content_type="text/csv").status == 200


def test_csv_has_words_for_each_kind_of_column() -> None:
    body = b'age,city,smokes,size,since,weight\n30,"Bern, BE",True,,1970-01-11,\n31,x,0,M,1970-01-11,NaN\n'
    first, second = read_table(body, MIXED, RowReader(MIXED, 10))
    assert (first["age"], first["city"], first["smokes"], first["size"], first["weight"]) == (
        30.0,
        "Bern, BE",
        True,
        None,
        None,
    )
    assert (second["smokes"], second["size"], second["weight"]) == (False, "M", None)


def test_a_missing_number_of_a_frame_is_nan_or_null() -> None:
    contract = Contract(columns=MIXED.columns[5:], target=MIXED.target)
    body = b'{"instances": [{"weight": NaN}, {"weight": null}, {}]}'
    assert [row.get("weight") for row in read_frame(body, RowReader(contract, 10))] == [None] * 3


def test_ping_tells_whether_the_default_model_answers(api: Api, open_api: Callable[..., Api]) -> None:
    answer = api.ask("GET", "/ping")
    assert (answer.status, answer.body) == (200, b"\n")
    assert open_api(default_model="other").ask("GET", "/ping").status == 503


def test_the_version_is_that_of_the_mlflow_whose_protocol_is_spoken(api: Api) -> None:
    told = api.ask("GET", "/version").body.decode()
    assert told.split(".")[0] == version("mlflow-skinny").split(".")[0]
