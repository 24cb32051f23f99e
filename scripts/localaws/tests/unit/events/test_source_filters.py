"""Which messages an event source mapping's filters let through."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localaws.events.pattern import PatternError
from localaws.events.source_filters import compile_filters


def record(body: Any, **attributes: str) -> dict[str, Any]:
    typed = {name: {"stringValue": value, "dataType": "String"} for name, value in attributes.items()}
    return {"body": body if isinstance(body, str) else json.dumps(body), "messageAttributes": typed}


def passes(pattern: Any, *records: dict[str, Any]) -> list[bool]:
    wanted = compile_filters({"Filters": [{"Pattern": json.dumps(pattern)}]})
    return [wanted(item) for item in records]


def test_a_pattern_of_the_body_matches_json_and_drops_other_bodies() -> None:
    pattern = {"body": {"kind": ["a"], "size": [{"numeric": [">", 3]}]}}
    good, small, text = record({"kind": "a", "size": 4}), record({"kind": "a", "size": 2}), record("plain")
    assert passes(pattern, good, small, text) == [True, False, False]


def test_a_pattern_may_match_the_text_or_attributes() -> None:
    assert passes({"body": [{"prefix": "pl"}]}, record("plain"), record("other")) == [True, False]
    coloured = {"messageAttributes": {"colour": {"stringValue": ["red"]}}}
    assert passes(coloured, record("x", colour="red"), record("x", colour="blue"), record("x")) == [True, False, False]


def test_a_message_must_match_any_filter_if_there_are_filters() -> None:
    filters = [{"Pattern": json.dumps({"body": [text]})} for text in ("a", "b")]
    wanted = compile_filters({"Filters": filters})
    assert [wanted(record(text)) for text in "abc"] == [True, True, False]
    assert compile_filters(None)(record("x")) and compile_filters({"Filters": [{"Pattern": "{}"}]})(record("x"))


@pytest.mark.parametrize("pattern", ["[]", "{", '{"data": ["x"]}', '{"body": {"a": [{"like": "x"}]}}'])
def test_an_invalid_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        compile_filters({"Filters": [{"Pattern": pattern}]})
