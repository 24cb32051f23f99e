"""Attribute values: what DynamoDB stores, and how large it is."""

from __future__ import annotations

from typing import Any

import pytest

from localaws.dynamodb.errors import InvalidRequest
from localaws.dynamodb.values import canonical_number, check_value, item_size, with_canonical_numbers


def nested(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {"N": "1"}
    for _ in range(levels - 1):
        value = {"L": [value]}
    return value


@pytest.mark.parametrize(
    "value",
    [
        {"S": ""},
        {"N": "-1.5e10"},
        {"NULL": True},
        {"BOOL": False},
        {"L": []},
        {"M": {}},
        {"SS": ["a", "b"]},
        {"S": "a", "N": None},
        nested(32),
    ],
)
def test_values_are_accepted(value: dict[str, Any]) -> None:
    check_value(value)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({}, "is empty"),
        ({"S": "a", "N": "1"}, "more than one datatypes"),
        ({"NULL": False}, "must have the value of true"),
        ({"SS": []}, "set  may not be empty"),
        ({"SS": ["a", "a"]}, "contains duplicates"),
        ({"NS": ["1", "1.0"]}, "contains duplicates"),
        ({"M": {"a": {"L": [{"NS": []}]}}}, "set  may not be empty"),
        ({"L": [{"N": "abc"}]}, "cannot be converted to a numeric value"),
        ({"N": "1" * 39}, "38 significant digits"),
        ({"N": "1e126"}, "overflow"),
        ({"N": "1e-131"}, "underflow"),
        ({"N": "NaN"}, "cannot be converted"),
        (nested(33), "Nesting Levels"),
    ],
)
def test_other_values_are_refused(value: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidRequest, match=reason):
        check_value(value)


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("1.50", "1.5"),
        ("1e2", "100"),
        ("007", "7"),
        ("-0", "0"),
        ("0.000", "0"),
        ("1E-3", "0.001"),
        ("+5", "5"),
        ("100", "100"),
        ("-120.0", "-120"),
    ],
)
def test_numbers_are_canonical(given: str, stored: str) -> None:
    assert canonical_number(given) == stored
    assert with_canonical_numbers({"a": {"L": [{"N": given}, {"NS": [given]}]}}) == {
        "a": {"L": [{"N": stored}, {"NS": [stored]}]}
    }


def test_a_map_with_an_attribute_n_is_not_a_number() -> None:
    value = {"M": {"N": {"S": "1.0"}}}

    assert with_canonical_numbers(value) == value


@pytest.mark.parametrize(
    ("item", "size"),
    [
        ({"name": {"S": "ä"}}, 4 + 2),
        ({"a": {"B": b"123"}}, 1 + 3),
        ({"a": {"B": "YWI="}}, 1 + 2),
        ({"a": {"BOOL": True}, "b": {"NULL": True}}, 4),
        ({"a": {"L": [{"S": "xy"}]}}, 1 + 3 + 1 + 2),
        ({"a": {"M": {"k": {"S": "xy"}}}}, 1 + 3 + 1 + 1 + 2),
        ({"a": {"SS": ["x", "yz"]}}, 1 + 3),
        ({"a": {"N": "1234"}}, 1 + 3),
    ],
)
def test_the_size_of_an_item_is_that_of_its_names_and_values(item: dict[str, Any], size: int) -> None:
    assert item_size(item) == size
