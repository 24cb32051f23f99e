"""The forms of intrinsic functions' arguments."""

from __future__ import annotations

from typing import Any

import pytest

from localaws.validation.intrinsic_shapes import malformed


def problems(value: Any) -> list[str]:
    return [what for _, what in malformed({"Resources": {"Q": {"Properties": {"QueueName": value}}}})]


@pytest.mark.parametrize(
    "value",
    [
        {"Fn::Join": "a"},
        {"Fn::Join": ["a"]},
        {"Fn::Join": ["a", "b"]},
        {"Fn::Select": [0]},
        {"Fn::Select": [0, "a"]},
        {"Fn::Split": ["-"]},
        {"Fn::Split": [1, "a"]},
        {"Fn::If": ["C", 1]},
        {"Fn::Equals": [1]},
        {"Fn::And": [True]},
        {"Fn::Not": [1, 2]},
        {"Fn::GetAtt": "Name"},
        {"Fn::GetAtt": ["Name"]},
        {"Fn::FindInMap": ["a", "b"]},
        {"Fn::Sub": ["a"]},
        {"Fn::Sub": ["a", ["b"]]},
        {"Fn::Cidr": ["10.0.0.0/8"]},
        {"Fn::GetAZs": []},
    ],
)
def test_a_malformed_argument_is_named(value: dict[str, Any]) -> None:
    (name,) = value
    assert [problem.split(" takes ")[0] for problem in problems(value)] == [f"Template error: {name}"]


@pytest.mark.parametrize(
    "value",
    [
        {"Fn::Join": ["-", {"Ref": "Many"}]},
        {"Fn::Select": [{"Ref": "N"}, {"Fn::GetAZs": ""}]},
        {"Fn::Split": [",", {"Fn::ImportValue": "x"}]},
        {"Fn::If": ["C", {"Ref": "AWS::NoValue"}, "b"]},
        {"Fn::GetAtt": "Name.Arn"},
        {"Fn::GetAtt": ["Name", "Outputs.X"]},
        {"Fn::FindInMap": ["a", "b", "c", {"DefaultValue": 1}]},
        {"Fn::Sub": ["${a}", {"a": 1}]},
        {"Fn::And": [{"Condition": "A"}, {"Condition": "B"}]},
        # A key of another document, not a function.
        {"Fn::Join": "a", "Other": 1},
    ],
)
def test_a_well_formed_argument_is_accepted(value: dict[str, Any]) -> None:
    assert problems(value) == []
