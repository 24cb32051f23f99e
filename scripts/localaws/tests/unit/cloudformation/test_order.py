"""The order of creation."""

from __future__ import annotations

from typing import Any

import pytest

from localaws.cloudformation.order import creation_order
from localaws.errors import TemplateError


def test_a_resource_comes_after_its_references_and_dependencies() -> None:
    resources: dict[str, dict[str, Any]] = {
        "A": {"Type": "T", "Properties": {"x": {"Fn::GetAtt": ["B", "Arn"]}}},
        "B": {"Type": "T", "Properties": {"y": {"Ref": "Parameter"}}},
        "C": {"Type": "T", "DependsOn": "A"},
        "D": {"Type": "T", "DependsOn": ["C", "B"]},
    }
    order = creation_order(resources)
    assert sorted(order) == ["A", "B", "C", "D"]
    assert order.index("B") < order.index("A") < order.index("C") < order.index("D")


def test_a_resource_comes_after_what_its_update_policy_refers_to() -> None:
    policy = {"CodeDeployLambdaAliasUpdate": {"DeploymentGroupName": {"Ref": "Group"}}}
    assert creation_order({"Alias": {"UpdatePolicy": policy}, "Group": {}}) == ["Group", "Alias"]


def test_a_circular_dependency_is_named() -> None:
    circle = {"A": {"Properties": {"x": {"Ref": "B"}}}, "B": {"Properties": {"x": {"Ref": "A"}}}}
    with pytest.raises(TemplateError, match=r"Circular dependency.*A.*B|Circular dependency.*B.*A"):
        creation_order(circle)


def test_an_undefined_dependency_is_named() -> None:
    with pytest.raises(TemplateError, match="Nobody"):
        creation_order({"A": {"DependsOn": "Nobody"}})
