"""Intrinsic functions and what they refer to."""

from __future__ import annotations

from typing import Any

import pytest

from localaws.errors import TemplateError
from localaws.template.intrinsics import Resolver, references


class Known:
    """References to one parameter, one list and one resource."""

    def ref(self, name: str) -> Any:
        known = {
            "Stage": "prod",
            "Zones": ["a", "b"],
            "Queue": "http://queue",
            "Yes": "true",
            "AWS::Region": "eu-west-1",
        }
        return known[name]

    def attribute(self, logical_id: str, name: str) -> Any:
        return {("Queue", "Arn"): "arn:queue"}[(logical_id, name)]

    def imported(self, export: str) -> str:
        return {"shared": "value"}[export]

    def dynamic(self, reference: str) -> str:
        return f"<{reference}>"


TEMPLATE = {
    "Mappings": {"Sizes": {"prod": {"memory": 512}}},
    "Conditions": {
        "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
        "NotProd": {"Fn::Not": [{"Condition": "IsProd"}]},
        "Both": {"Fn::And": [{"Condition": "IsProd"}, {"Condition": "NotProd"}]},
        "Either": {"Fn::Or": [{"Condition": "IsProd"}, {"Condition": "NotProd"}]},
        "Truth": {"Fn::Equals": [{"Ref": "Yes"}, True]},
    },
}


@pytest.fixture
def resolver() -> Resolver:
    return Resolver(TEMPLATE, Known())


@pytest.mark.proves(
    "Ref",
    "Fn::GetAtt",
    "Fn::Sub",
    "Fn::Join",
    "Fn::Select",
    "Fn::Split",
    "Fn::FindInMap",
    "Fn::If",
    "Fn::ImportValue",
    "Fn::Base64",
    "Fn::Length",
    "Fn::ToJsonString",
    "Fn::Cidr",
    "Fn::GetAZs",
    "Fn::And",
    "Fn::Or",
    "Fn::Not",
    "Fn::Equals",
    "Condition",
)
@pytest.mark.parametrize(
    ("value", "resolved"),
    [
        ({"Ref": "Stage"}, "prod"),
        ({"Fn::GetAtt": ["Queue", "Arn"]}, "arn:queue"),
        ({"Fn::GetAtt": "Queue.Arn"}, "arn:queue"),
        ({"Fn::Sub": "${Stage}-${Queue.Arn}-${!Literal}"}, "prod-arn:queue-${Literal}"),
        ({"Fn::Sub": ["${a}/${Stage}", {"a": {"Ref": "Queue"}}]}, "http://queue/prod"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Stage"}, 3]]}, "a-prod-3"),
        ({"Fn::Join": [",", {"Ref": "Zones"}]}, "a,b"),
        ({"Fn::Select": [1, {"Ref": "Zones"}]}, "b"),
        ({"Fn::Select": ["0", {"Fn::Split": ["-", "x-y"]}]}, "x"),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "Stage"}, "memory"]}, 512),
        ({"Fn::If": ["IsProd", 1, 2]}, 1),
        ({"Fn::If": ["Both", 1, 2]}, 2),
        ({"Fn::If": ["Either", 1, 2]}, 1),
        ({"Fn::If": ["Truth", 1, 2]}, 1),
        ({"Fn::ImportValue": "shared"}, "value"),
        ({"Fn::Base64": "hi"}, "aGk="),
        ({"Fn::FindInMap": ["Sizes", "dev", "memory", {"DefaultValue": {"Ref": "Stage"}}]}, "prod"),
        ({"Fn::Length": {"Fn::Split": ["-", "x-y-z"]}}, 3),
        ({"Fn::ToJsonString": {"a": [1, {"Ref": "Stage"}]}}, '{"a":[1,"prod"]}'),
        ({"keep": 1, "drop": {"Ref": "AWS::NoValue"}}, {"keep": 1}),
        ([1, {"Fn::If": ["NotProd", 2, {"Ref": "AWS::NoValue"}]}], [1]),
        ({"Condition": {"ArnEquals": 1}}, {"Condition": {"ArnEquals": 1}}),
        ({"Fn::GetAZs": ""}, ["eu-west-1a", "eu-west-1b", "eu-west-1c"]),
        ({"Fn::Select": [0, {"Fn::GetAZs": {"Ref": "AWS::Region"}}]}, "eu-west-1a"),
        ({"Fn::GetAZs": "us-east-1"}, ["us-east-1a", "us-east-1b", "us-east-1c"]),
        ({"Fn::Cidr": ["192.168.0.0/24", 6, 5]}, [f"192.168.0.{32 * block}/27" for block in range(6)]),
        ({"Fn::Cidr": ["10.0.0.0/16", "2", "8"]}, ["10.0.0.0/24", "10.0.1.0/24"]),
        ({"Fn::Cidr": ["2001:db8::/56", 2, 64]}, ["2001:db8::/64", "2001:db8:0:1::/64"]),
        ({"Fn::Cidr": ["10.0.0.0/24", 3]}, ["10.0.0.0/26", "10.0.0.64/26", "10.0.0.128/26"]),
        ({"Fn::Sub": ["${zones}", {"zones": {"Fn::Join": ["+", {"Ref": "Zones"}]}}]}, "a+b"),
    ],
)
def test_an_intrinsic_function_is_resolved_as_by_cloudformation(resolver: Resolver, value: Any, resolved: Any) -> None:
    assert resolver.resolve(value) == resolved


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ({"Ref": "Nobody"}, "Nobody"),
        ({"Fn::GetAtt": ["Queue", "Colour"]}, "Colour"),
        ({"Fn::Select": [5, ["a"]]}, "nonexistent value at index 5"),
        ({"Fn::FindInMap": ["Sizes", "dev", "memory"]}, "Sizes::dev::memory"),
        ({"Fn::ImportValue": "unknown"}, "unknown"),
        ({"Fn::If": ["Nowhere", 1, 2]}, "Nowhere"),
        ({"Fn::Sub": "x ${Zones}"}, "variable Zones in Fn::Sub expression does not resolve to a string"),
        ({"Fn::Sub": ["${z}", {"z": {"Ref": "Zones"}}]}, "variable z in Fn::Sub"),
        ({"Fn::Sub": ["${z}", {"z": {"Fn::GetAZs": ""}}]}, "variable z in Fn::Sub"),
        ({"Fn::Join": [",", {"Ref": "Stage"}]}, "Fn::Join object requires"),
        ({"Fn::Select": [0, {"Ref": "Stage"}]}, "requires a list"),
        ({"Fn::Cidr": ["10.0.0.0/24", 300, 1]}, "from 1 to 256, not 300"),
        ({"Fn::Cidr": ["10.0.0.0/24", 5, 6]}, "has only 4 blocks"),
        ({"Fn::Cidr": ["nonsense", 1, 6]}, "nonsense"),
    ],
)
def test_an_unresolvable_value_is_named(resolver: Resolver, value: Any, names: str) -> None:
    with pytest.raises(TemplateError, match=names):
        resolver.resolve(value)


def test_references_are_found_anywhere_in_a_value() -> None:
    value = {
        "a": [{"Ref": "One"}, {"Fn::GetAtt": ["Two", "Arn"]}],
        "b": {"Fn::Sub": ["${Three.Arn} ${x} ${!Not}", {"x": {"Ref": "Four"}}]},
    }
    assert references(value) == {"One", "Two", "Three", "Four"}


def test_dynamic_references_are_resolved_anywhere_in_a_string() -> None:
    resolver = Resolver({}, Known())
    assert resolver.resolve({"a": ["x {{resolve:ssm:/n:1}} y"]}) == {"a": ["x <ssm:/n:1> y"]}
    assert resolver.resolve({"Fn::Join": [":", ["{{resolve", "ssm", "/n}}"]]}) == "<ssm:/n>"


def test_a_number_in_place_of_a_string_is_converted() -> None:
    properties = {"QueueName": 12, "Value": True, "DelaySeconds": 3, "Tags": {"Name": 1}}
    resolved = Resolver(TEMPLATE, Known()).properties({"Properties": properties})
    assert resolved == {"QueueName": "12", "Value": "true", "DelaySeconds": 3, "Tags": {"Name": 1}}
