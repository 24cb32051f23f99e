"""The Rules of a template."""

from __future__ import annotations

from typing import Any

import pytest

from localaws.cloudformation.plan_checks import check_plan
from localaws.errors import TemplateError

VALUES = {"Stage": "prod", "Size": "large", "Zones": ["a", "b"]}
PARAMETERS = {
    "Stage": {"Type": "String"},
    "Size": {"Type": "String"},
    "Zones": {"Type": "CommaDelimitedList"},
}


def check(assertion: Any, **rule: Any) -> None:
    rules = {"Sized": {"Assertions": [{"Assert": assertion, "AssertDescription": "prod is large"}], **rule}}
    check_plan({"Parameters": PARAMETERS, "Rules": rules, "Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}, VALUES)


@pytest.mark.proves("Rules", "Fn::Contains", "Fn::EachMemberEquals", "Fn::EachMemberIn", "Fn::RefAll")
@pytest.mark.parametrize(
    ("assertion", "holds"),
    [
        ({"Fn::Equals": [{"Ref": "Size"}, "large"]}, True),
        ({"Fn::Contains": [["small", "large"], {"Ref": "Size"}]}, True),
        ({"Fn::Not": [{"Fn::Contains": [["1", "2", "3"], {"Ref": "Size"}]}]}, True),
        ({"Fn::Contains": [["small"], {"Ref": "Size"}]}, False),
        ({"Fn::EachMemberIn": [{"Ref": "Zones"}, ["a", "b", "c"]]}, True),
        ({"Fn::EachMemberIn": [{"Ref": "Zones"}, ["a"]]}, False),
        ({"Fn::EachMemberEquals": [["a", "a"], "a"]}, True),
        ({"Fn::EachMemberEquals": [{"Ref": "Zones"}, "a"]}, False),
        ({"Fn::EachMemberIn": [{"Fn::RefAll": "String"}, ["prod", "large"]]}, True),
        ({"Fn::Contains": [{"Fn::RefAll": "String"}, "small"]}, False),
        ({"Fn::And": [{"Fn::Equals": [1, 1]}, {"Fn::Or": [{"Fn::Equals": [1, 2]}, {"Fn::Equals": [2, 2]}]}]}, True),
    ],
)
def test_an_assertion_must_hold(assertion: Any, holds: bool) -> None:
    if holds:
        check(assertion)
        return
    with pytest.raises(TemplateError, match="Sized: prod is large"):
        check(assertion)


def test_a_rule_applies_if_its_condition_holds() -> None:
    false = {"Fn::Equals": [1, 2]}
    check(false, RuleCondition={"Fn::Equals": [{"Ref": "Stage"}, "test"]})
    with pytest.raises(TemplateError, match="Sized"):
        check(false, RuleCondition={"Fn::Equals": [{"Ref": "Stage"}, "prod"]})
