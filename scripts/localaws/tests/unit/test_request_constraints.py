"""The constraints of the services' models."""

from __future__ import annotations

from typing import Any

import pytest
from moto.core.utils import get_service_model

from localaws.request_constraints import CHECKED_ELSEWHERE
from localaws.shape_constraints import is_constrained, violations


def broken(service: str, operation: str, **given: Any) -> list[str]:
    """What a request violates."""
    shape = get_service_model(service).operation_model(operation).input_shape
    return list(violations(shape, given, CHECKED_ELSEWHERE))


@pytest.mark.proves("model constraints")
@pytest.mark.parametrize(
    ("service", "operation", "given", "problem"),
    [
        (
            "events",
            "ListRules",
            {"Limit": 0},
            "Value '0' at 'limit' failed to satisfy constraint: Member must have value",
        ),
        ("events", "ListRules", {"Limit": 101}, "less than or equal to 100"),
        (
            "ssm",
            "GetParameters",
            {"Names": [f"n{i}" for i in range(11)]},
            "'names' failed to satisfy constraint: Member",
        ),
        ("iam", "ListUsers", {"MaxItems": 1001}, "Value '1001' at 'maxItems'"),
        ("kms", "CreateAlias", {"AliasName": "alias/x", "TargetKeyId": None}, "Value null at 'targetKeyId'"),
        ("kms", "Encrypt", {"KeyId": "k", "Plaintext": b"x" * 4097}, "Value at 'plaintext'"),
        ("cloudformation", "ListStacks", {"StackStatusFilter": ["FOO"]}, "Value 'FOO' at 'stackStatusFilter.1.member'"),
        ("scheduler", "GetSchedule", {"Name": "a name"}, "satisfy regular expression pattern"),
        ("dynamodb", "BatchGetItem", {"RequestItems": {}}, "Member must have length greater than or equal to 1"),
    ],
)
def test_a_value_outside_of_its_constraint_is_described(
    service: str, operation: str, given: dict[str, Any], problem: str
) -> None:
    (found,) = broken(service, operation, **given)

    assert problem in found


@pytest.mark.proves("model constraints")
def test_parts_at_any_depth_are_checked_and_all_problems_listed() -> None:
    target = {"Arn": "a" * 1601, "Id": "an id", "RetryPolicy": {"MaximumRetryAttempts": 186}}

    found = broken("events", "PutTargets", Rule="rule", Targets=[target])

    places = ("targets.1.member.id", "targets.1.member.arn", "targets.1.member.retryPolicy.maximumRetryAttempts")
    assert len(found) == len(places)
    assert all(any(f"'{place}'" in problem for problem in found) for place in places)


def test_a_value_within_its_constraints_is_fine() -> None:
    assert broken("events", "PutRule", Name="a.rule", EventPattern="not a pattern, which has its own error") == []


def test_values_of_items_have_no_constraints() -> None:
    model = get_service_model("dynamodb")

    assert not is_constrained(model.shape_for("AttributeValue"), CHECKED_ELSEWHERE)
    assert is_constrained(model.shape_for("PutItemInput"), CHECKED_ELSEWHERE)
