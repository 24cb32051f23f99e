"""Patterns for JSON messages, on the example event of AWS's documentation."""

import json

import pytest

from localaws.logs.errors import MalformedPattern
from localaws.logs.patterns import compile_pattern

EVENT = json.dumps(
    {
        "eventType": "UpdateTrail",
        "sourceIPAddress": "111.111.111.111",
        "arrayKey": ["value", "another value"],
        "objectList": [{"name": "a", "id": 1, "enabled": True}, {"name": "b", "id": 2}],
        "SomeObject": None,
        "cluster.name": "c",
        "latency": 300.5,
        "small": 1e-3,
        "code": "400",
        "multi line": "a\nb",
        "cold": False,
    }
)


@pytest.mark.parametrize(
    "pattern",
    [
        '{ $.eventType = "UpdateTrail" }',
        "{$.eventType=UpdateTrail}",
        '{ $.eventType = "Update*" }',
        "{ $.eventType = %^Upd.*l$% }",
        "{ $.sourceIPAddress != 123.123.* }",
        "{ $.sourceIPAddress = 111.111.* }",
        '{ $.arrayKey[0] = "value" }',
        '{ $.objectList[1].name = "b" }',
        "{ $.objectList[*].id = 2 }",
        "{ $.objectList[0].enabled IS TRUE }",
        "{ $.cold is false }",
        "{ $.SomeObject IS NULL }",
        "{ $.SomeObject EXISTS }",
        "{ $.SomeOtherObject NOT EXISTS }",
        "{ $['cluster.name'] = c }",
        '{ $.["cluster.name"] = c }',
        "{ $.latency > 300 }",
        "{ $.latency >= 300.5 && $.latency <= 300.5 && $.latency != 300 }",
        "{ $.small < 2e-3 }",
        "{ $.latency = 3.005e2 }",
        '{ $.latency = "*" }',
        '{ $.code = "4*" }',
        '{ $.eventType = "x" || ($.latency < 1000 && $.code = "400") }',
        '{ $.eventType = "UpdateTrail" || $.x = 1 && $.y = 1 }',
    ],
)
def test_a_pattern_that_holds_matches(pattern: str) -> None:
    assert compile_pattern(pattern)(EVENT)


@pytest.mark.parametrize(
    "pattern",
    [
        '{ $.eventType = "updatetrail" }',
        '{ $.eventType = "Update" }',
        '{ $.eventType != "UpdateTrail" }',
        '{ $.missing != "x" }',
        "{ $.missing > 1 }",
        "{ $.latency > 300.5 }",
        "{ $.code = 400 }",
        "{ $.cold = 0 }",
        "{ $.cold IS NULL }",
        "{ $.arrayKey[2] EXISTS }",
        "{ $.eventType[0] EXISTS }",
        "{ $.objectList.name EXISTS }",
        "{ $.SomeObject NOT EXISTS }",
        "{ $.objectList[*].id != 2 }",
        '{ ($.eventType = "UpdateTrail" || $.x = 1) && $.y = 1 }',
    ],
)
def test_a_pattern_that_does_not_hold_does_not_match(pattern: str) -> None:
    assert not compile_pattern(pattern)(EVENT)


@pytest.mark.parametrize("message", ["plain", "", '"text"', "3", '{"a": 1', 'x {"a": 1}'])
def test_a_message_that_is_not_a_json_object_matches_no_json_pattern(message: str) -> None:
    assert not compile_pattern("{ $.b NOT EXISTS }")(message)


@pytest.mark.parametrize(
    "pattern",
    [
        "{}",
        "{ $.a }",
        "{ $.a = }",
        "{ $.a = 1",
        "{ $.a = 1 } x",
        "{ $.a == 1 }",
        "{ a = 1 }",
        "{ $.a IS MAYBE }",
        "{ $.a NOT NULL }",
        "{ $.a < x }",
        "{ $.a = 1 && }",
        "{ $.a = 1 | $.b = 1 }",
        "{ ($.a = 1 }",
        "{ $.a = %x% && $.b = %y% && $.c = %z% }",
        "{ $.a = 'x' }",
    ],
)
def test_a_malformed_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(MalformedPattern):
        compile_pattern(pattern)
