"""Parameters: defaults, types and constraints."""

from __future__ import annotations

from typing import Any

import pytest

from localaws.errors import TemplateError
from localaws.template import parameters

TEMPLATE = {
    "Parameters": {
        "Name": {"Type": "String", "Default": "a", "AllowedPattern": "[a-z]+", "MaxLength": 3},
        "Size": {"Type": "Number", "Default": 5, "MinValue": 1, "MaxValue": 9},
        "Kind": {"Type": "String", "Default": "x", "AllowedValues": ["x", "y"]},
        "Many": {"Type": "CommaDelimitedList", "Default": "a, b"},
    }
}


STORED = {"/size": "7", "/list": "a, b"}


def resolve(template: dict[str, Any], given: dict[str, str]) -> dict[str, Any]:
    return parameters.resolve(template, given, STORED.__getitem__)


def test_defaults_are_text_and_lists() -> None:
    assert resolve(TEMPLATE, {}) == {"Name": "a", "Size": "5", "Kind": "x", "Many": ["a", "b"]}


def test_given_values_override_defaults() -> None:
    assert resolve(TEMPLATE, {"Size": "7", "Many": "c"})["Size"] == "7"
    assert resolve(TEMPLATE, {"Many": "c,d"})["Many"] == ["c", "d"]


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"Name": "A"}, "pattern"),
        ({"Name": "abcd"}, "MaxLength 3"),
        ({"Size": "0"}, "at least 1"),
        ({"Size": "10"}, "at most 9"),
        ({"Size": "big"}, "must be a number"),
        ({"Kind": "z"}, "one of x, y"),
        ({"Oops": "1"}, "Oops.*do not exist"),
    ],
)
def test_a_bad_value_is_named(given: dict[str, Any], names: str) -> None:
    with pytest.raises(TemplateError, match=names):
        resolve(TEMPLATE, given)


def test_a_parameter_without_a_value_is_named() -> None:
    with pytest.raises(TemplateError, match=r"Needed.*must have values"):
        resolve({"Parameters": {"Needed": {"Type": "String"}}}, {})


def test_a_parameter_of_an_ssm_type_has_the_value_of_the_ssm_parameter() -> None:
    template = {
        "Parameters": {
            "Size": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/size"},
            "Items": {"Type": "AWS::SSM::Parameter::Value<List<String>>"},
            "Where": {"Type": "AWS::SSM::Parameter::Name", "Default": "/size"},
        }
    }
    assert resolve(template, {"Items": "/list"}) == {"Size": "7", "Items": ["a", "b"], "Where": "/size"}
    assert not parameters.is_supported("AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>")
