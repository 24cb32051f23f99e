"""Choice states in JSONPath."""

from __future__ import annotations

from typing import Any

import pytest

from localaws_testing.state_machines import Ran, run

TIME = "2016-03-14T01:59:00Z"


def choose(rule: dict[str, Any], value: Any, default: str | None = "No") -> Ran:
    states: dict[str, Any] = {
        "Choice": {"Type": "Choice", "Choices": [{**rule, "Next": "Yes"}], **({"Default": default} if default else {})},
        "Yes": {"Type": "Pass", "Result": "yes", "End": True},
        **({"No": {"Type": "Pass", "Result": "no", "End": True}} if default else {}),
    }
    return run({"StartAt": "Choice", "States": states}, value)


@pytest.mark.proves("choice comparisons")
@pytest.mark.parametrize(
    ("operator", "operand", "holding", "failing"),
    [
        ("StringEquals", "b", ["b"], ["a", 1, None]),
        ("StringLessThan", "b", ["a"], ["b", "c"]),
        ("StringLessThanEquals", "b", ["a", "b"], ["c"]),
        ("StringGreaterThan", "b", ["c"], ["b", "a"]),
        ("StringGreaterThanEquals", "b", ["b", "c"], ["a"]),
        ("NumericEquals", 2, [2, 2.0], [1, "2", True]),
        ("NumericLessThan", 2, [1, 1.9], [2]),
        ("NumericLessThanEquals", 2, [1, 2], [3]),
        ("NumericGreaterThan", 2, [3], [2, 1]),
        ("NumericGreaterThanEquals", 2, [2, 3], [1]),
        ("BooleanEquals", True, [True], [False, 1, "true"]),
        ("TimestampEquals", TIME, [TIME, "2016-03-14T02:59:00+01:00"], ["2016-03-14T01:59:01Z", "x", 1]),
        ("TimestampLessThan", TIME, ["2016-03-14T01:58:59.999Z"], [TIME]),
        ("TimestampLessThanEquals", TIME, [TIME], ["2016-03-14T01:59:01Z"]),
        ("TimestampGreaterThan", TIME, ["2016-03-14T01:59:01Z"], [TIME]),
        ("TimestampGreaterThanEquals", TIME, [TIME], ["2016-03-14T01:58:59Z"]),
    ],
)
def test_a_comparison_is_of_one_type(operator: str, operand: Any, holding: list[Any], failing: list[Any]) -> None:
    for value in holding:
        assert choose({"Variable": "$.x", operator: operand}, {"x": value}).output == "yes", value
        by_path = {"Variable": "$.x", f"{operator}Path": "$.y"}
        assert choose(by_path, {"x": value, "y": operand}).output == "yes", value
    for value in failing:
        assert choose({"Variable": "$.x", operator: operand}, {"x": value}).output == "no", value


@pytest.mark.proves("choice path comparisons")
def test_the_other_side_of_a_comparison_can_come_from_a_path() -> None:
    rule = {"Variable": "$.a", "NumericGreaterThanPath": "$.b"}
    assert choose(rule, {"a": 2, "b": 1}).output == "yes"
    assert choose(rule, {"a": 1, "b": 2}).output == "no"
    assert choose(rule, {"a": 1, "b": "2"}).output == "no"


@pytest.mark.proves("choice type tests")
@pytest.mark.parametrize(
    ("operator", "holding", "failing"),
    [
        ("IsNull", None, 0),
        ("IsString", "", 0),
        ("IsNumeric", 0.5, True),
        ("IsBoolean", False, 0),
        ("IsTimestamp", TIME, "2016-03-14"),
    ],
)
def test_a_type_is_tested_for(operator: str, holding: Any, failing: Any) -> None:
    assert choose({"Variable": "$.x", operator: True}, {"x": holding}).output == "yes"
    assert choose({"Variable": "$.x", operator: True}, {"x": failing}).output == "no"
    assert choose({"Variable": "$.x", operator: False}, {"x": failing}).output == "yes"


@pytest.mark.proves("choice presence")
def test_presence_is_tested_for_without_an_error() -> None:
    assert choose({"Variable": "$.x.y", "IsPresent": True}, {"x": {"y": None}}).output == "yes"
    assert choose({"Variable": "$.x.y", "IsPresent": False}, {}).output == "yes"
    assert choose({"Variable": "$.x.y", "IsPresent": True}, {}).output == "no"


@pytest.mark.proves("choice wildcards")
@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("log-*.txt", "log-1.txt", "yes"),
        ("log-*.txt", "log-.txt", "yes"),
        ("log-*.txt", "xlog-1.txt", "no"),
        ("a*b*c", "a-b-c", "yes"),
        (r"\*", "*", "yes"),
        (r"\*", "x", "no"),
        ("a.c", "abc", "no"),
    ],
)
def test_strings_match_wildcards(pattern: str, text: str, expected: str) -> None:
    assert choose({"Variable": "$.x", "StringMatches": pattern}, {"x": text}).output == expected


@pytest.mark.proves("choice combinations")
def test_rules_are_combined() -> None:
    greater, smaller = {"Variable": "$.x", "NumericGreaterThan": 1}, {"Variable": "$.x", "NumericLessThan": 5}
    assert choose({"And": [greater, smaller]}, {"x": 3}).output == "yes"
    assert choose({"And": [greater, smaller]}, {"x": 9}).output == "no"
    assert choose({"Or": [greater, smaller]}, {"x": 9}).output == "yes"
    assert choose({"Not": {"And": [greater, smaller]}}, {"x": 9}).output == "yes"


@pytest.mark.proves("choice missing values")
def test_a_missing_value_fails_the_execution() -> None:
    ran = choose({"Variable": "$.x", "NumericEquals": 1}, {})
    assert ran.error == "States.Runtime"
    assert "Invalid path '$.x'" in ran.cause


@pytest.mark.proves("choice without match")
def test_without_a_match_or_a_default_the_execution_fails() -> None:
    ran = choose({"Variable": "$.x", "NumericEquals": 1}, {"x": 2}, default=None)
    assert ran.error == "States.NoChoiceMatched"
    assert ran.events == ["ChoiceStateEntered"]


def test_the_first_rule_that_holds_decides_and_the_input_goes_on() -> None:
    definition = {
        "StartAt": "Choice",
        "States": {
            "Choice": {
                "Type": "Choice",
                "InputPath": "$.in",
                "Choices": [
                    {"Variable": "$.n", "NumericGreaterThan": 0, "Next": "First"},
                    {"Variable": "$.n", "NumericGreaterThan": -1, "Next": "Second"},
                ],
            },
            "First": {"Type": "Succeed"},
            "Second": {"Type": "Fail"},
        },
    }
    assert run(definition, {"in": {"n": 1}}).output == {"n": 1}
