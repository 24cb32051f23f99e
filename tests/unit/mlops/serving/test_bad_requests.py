"""What can be wrong with a request: each gets a 4xx that names the field and the rule."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.mlops.serving.artifacts import ROWS
from tests.unit.mlops.serving.harness import Api

GOOD = {"mean radius": 1.0, "mean texture": 2.0}

# what is wrong, the row, the column that is named, the rule, a part of the message
ROW_FAULTS: list[tuple[str, Any, str | None, str, str]] = [
    ("missing", {"mean radius": 1.0}, "mean texture", "missing", "is missing"),
    ("misspelt", {**GOOD, "mean radus": 1.0}, "mean radus", "unknown", "did you mean 'mean radius'?"),
    ("extra", {**GOOD, "colour": "blue"}, "colour", "unknown", "no column 'colour'"),
    ("null", {**GOOD, "mean radius": None}, "mean radius", "null", "must not be null"),
    ("NaN", {**GOOD, "mean radius": float("nan")}, "mean radius", "finite", "finite number"),
    ("infinite", {**GOOD, "mean radius": float("inf")}, "mean radius", "finite", "finite number"),
    ("too big to hold", {**GOOD, "mean radius": 10**400}, "mean radius", "finite", "finite number"),
    ("text", {**GOOD, "mean radius": "1.0"}, "mean radius", "type", "must be a number, not '1.0'"),
    ("boolean", {**GOOD, "mean radius": True}, "mean radius", "type", "must be a number, not True"),
    ("list", {**GOOD, "mean radius": [1.0]}, "mean radius", "type", "must be a number"),
    ("below", {**GOOD, "mean radius": -0.5}, "mean radius", "minimum", "must be at least 0.0 mm, not -0.5"),
    ("above", {**GOOD, "mean radius": 100.5}, "mean radius", "maximum", "must be at most 100.0 mm"),
    ("no object", 7, None, "type", "a row must be an object"),
]


@pytest.mark.parametrize(
    ("row", "column", "rule", "words"), [case[1:] for case in ROW_FAULTS], ids=[c[0] for c in ROW_FAULTS]
)
def test_a_bad_row_is_named_with_its_column_and_rule(
    api: Api, row: Any, column: str | None, rule: str, words: str
) -> None:
    answer = api.predict(GOOD, row)
    assert (answer.status, answer.headers["content-type"]) == (422, "application/problem+json")
    problem = answer.json
    assert problem["type"] == "urn:mlops:problem:input-rejected"
    (error,) = problem["errors"]
    assert (error["row"], error.get("column"), error["rule"]) == (1, column, rule)
    assert words in error["message"]
    assert problem["errors_total"] == 1


BODY_FAULTS: dict[str, tuple[str | bytes, str, int, str]] = {
    "broken JSON": ('{"rows": [', "application/json", 400, "line 1 column"),
    "empty": ("", "application/json", 400, "line 1"),
    "not UTF-8": (b'{"rows": [{"mean radius": "\xff"}]}', "application/json", 400, "column"),
    "nested too deep": ("[" * 100_000, "application/json", 400, "recursion limit"),
    "a list": ("[]", "application/json", 422, "must be an object"),
    "null": ("null", "application/json", 422, "must be an object"),
    "no rows": ("{}", "application/json", 422, "must have 'rows'"),
    "empty rows": ('{"rows": []}', "application/json", 422, "at least one row"),
    "rows of another type": ('{"rows": "x"}', "application/json", 422, "must be a list"),
    "more than rows": (json.dumps({"rows": [GOOD], "model": 1}), "application/json", 422, "not 'model'"),
    "wrong content type": (json.dumps({"rows": [GOOD]}), "text/csv", 415, "application/json"),
    "form": ("rows=1", "application/x-www-form-urlencoded", 415, "application/json"),
}


@pytest.mark.parametrize("kind", BODY_FAULTS)
def test_a_bad_body_is_refused_with_the_reason(api: Api, kind: str) -> None:
    body, media_type, status, words = BODY_FAULTS[kind]
    answer = api.ask("POST", "/predict", body, content_type=media_type)
    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")
    assert words in answer.json["detail"]
    assert answer.json["instance"] == "/predict"


def test_a_missing_content_type_is_refused(api: Api) -> None:
    assert api.ask("POST", "/predict", json.dumps({"rows": [GOOD]})).status == 415


def test_a_content_type_with_a_charset_is_taken(api: Api) -> None:
    answer = api.ask("POST", "/predict", json.dumps({"rows": [GOOD]}), content_type="Application/JSON; charset=utf-8")
    assert answer.status == 200


def test_more_rows_or_bytes_than_the_limit_are_refused_with_the_limit(api: Api, open_api: Callable[..., Api]) -> None:
    answer = open_api(max_rows=2).predict(*ROWS[:3])
    assert (answer.status, "2 rows" in answer.json["detail"]) == (413, True)
    assert open_api(max_rows=3).predict(*ROWS[:3]).status == 200
    small = open_api(max_body_bytes=100)
    assert small.predict(*ROWS).status == 413
    assert small.predict(ROWS[0]).status == 200


def test_a_flood_of_violations_is_counted_and_the_first_hundred_listed(api: Api) -> None:
    problem = api.predict(*[{}] * 500).json
    assert len(problem["errors"]) == 100
    assert problem["errors_total"] == 1000


def test_a_name_as_long_as_the_body_is_not_repeated(api: Api) -> None:
    assert len(api.predict({**GOOD, "x" * 100_000: 1}).body) < 2_000


def test_a_refused_request_is_logged_and_counted_once(api: Api) -> None:
    api.predict({**GOOD, "mean radius": -1.0})
    line, metrics = api.printed()
    assert (line["level"], line["record"], line["model"]) == ("WARNING", "rejection", "diagnosis")
    assert (line["violations"][0]["column"], line["violations"][0]["rule"]) == ("mean radius", "minimum")
    assert (metrics["InputRejected"], metrics["model"]) == (1, "diagnosis")


def test_an_answer_longer_than_lambda_can_send_is_refused_and_not_recorded(
    api: Api, open_api: Callable[..., Api]
) -> None:
    small = open_api(max_answer_bytes=500)
    small.printed()
    answer = small.predict(*ROWS)
    assert (answer.status, "500 bytes in its answer" in answer.json["detail"]) == (413, True)
    assert not [line for line in small.printed() if line.get("record") == "prediction"]
    assert small.predict(GOOD).status == 200


def test_a_body_that_announces_too_many_bytes_is_refused_unread(api: Api) -> None:
    body = json.dumps({"rows": ROWS})
    answer = api.ask("POST", "/predict", body, content_type="application/json", content_length="9" * 5000)
    assert answer.status == 413


def test_ten_thousand_broken_rules_are_counted_and_the_first_hundred_listed(api: Api) -> None:
    problem = api.predict(GOOD, *[{}] * 5_000).json
    assert problem["errors_total"] == 10_000
    assert [(each["row"], each["rule"]) for each in problem["errors"]] == [
        (row, "missing") for row in range(1, 51) for _ in range(2)
    ]
