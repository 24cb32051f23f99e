"""Requests against AWS's model of Step Functions' API."""

from __future__ import annotations

from typing import Any

import pytest

from localaws.stepfunctions.language.services import model_of
from localaws.stepfunctions.request_rules import WrongType, violations


def found(operation: str, request: Any) -> list[str]:
    return list(violations(model_of("stepfunctions").operation_model(operation).input_shape, request))


@pytest.mark.proves("step functions requests")
@pytest.mark.parametrize(
    ("operation", "request_", "expected"),
    [
        ("StartExecution", {}, "'stateMachineArn' failed to satisfy constraint: Member must not be null"),
        (
            "ListExecutions",
            {"statusFilter": "DONE"},
            "'statusFilter' failed to satisfy constraint: Member must",
        ),
        ("ListExecutions", {"maxResults": 1001}, "Member must have value less than or equal to 1000"),
        ("ListExecutions", {"maxResults": -1}, "Member must have value greater than or equal to 0"),
        (
            "StopExecution",
            {"executionArn": "a", "error": "x" * 257},
            "have length less than or equal to 256",
        ),
        ("TagResource", {"resourceArn": "a", "tags": [{"key": "x" * 129}]}, "'tags.1.member.key' failed to satisfy"),
    ],
)
def test_a_request_that_breaks_a_constraint_is_refused_with_its_place(
    operation: str, request_: dict[str, Any], expected: str
) -> None:
    (violation,) = found(operation, request_)
    assert expected in violation


@pytest.mark.parametrize("request_", [[], {"maxResults": "5"}, {"maxResults": True}, {"statusFilter": 5}])
def test_a_value_of_another_type_cannot_be_read(request_: Any) -> None:
    with pytest.raises(WrongType):
        found("ListExecutions", request_)


def test_names_and_arns_have_errors_of_their_own() -> None:
    assert found("StartExecution", {"stateMachineArn": "a" * 300, "name": "n" * 100}) == []
