"""The JSON of states as parameters of APIs, and back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from localaws.stepfunctions.language.services import model_of
from localaws.stepfunctions.shapes import to_json, to_parameters


def parameters(service: str, operation: str, value: Any) -> Any:
    return to_parameters(model_of(service).operation_model(operation).input_shape, value)


@pytest.mark.parametrize(
    ("service", "operation", "given", "expected"),
    [
        ("sqs", "SendMessage", {"MessageBody": {"a": [1]}}, {"MessageBody": '{"a":[1]}'}),
        (
            "stepfunctions",
            "StartExecution",
            {"StateMachineArn": "m", "Input": {"a": 1}},
            {"stateMachineArn": "m", "input": '{"a":1}'},
        ),
        (
            "lambda",
            "Invoke",
            {"FunctionName": "f", "Payload": {"a": None}},
            {"FunctionName": "f", "Payload": b'{"a":null}'},
        ),
        ("s3", "PutObject", {"Bucket": "b", "Body": "text"}, {"Bucket": "b", "Body": b"text"}),
        (
            "dynamodb",
            "PutItem",
            {"TableName": "t", "Item": {"id": {"N": 5}, "name": "plain"}},
            {"TableName": "t", "Item": {"id": {"N": "5"}, "name": {"S": "plain"}}},
        ),
        ("events", "PutEvents", {"Entries": [{"Detail": {"x": "é"}}]}, {"Entries": [{"Detail": '{"x":"é"}'}]}),
        ("sqs", "SendMessage", {"Unknown": 1, "QueueUrl": None}, {"Unknown": 1, "QueueUrl": None}),
    ],
)
def test_parameters_have_the_api_s_names_and_types(service: str, operation: str, given: Any, expected: Any) -> None:
    assert parameters(service, operation, given) == expected


def test_a_response_is_json_with_capital_names() -> None:
    shape = model_of("stepfunctions").operation_model("DescribeExecution").output_shape
    response = {"executionArn": "e", "startDate": datetime(2026, 1, 1, tzinfo=UTC), "inputDetails": {"included": True}}
    assert to_json(shape, response) == {
        "ExecutionArn": "e",
        "StartDate": "2026-01-01T00:00:00.000Z",
        "InputDetails": {"Included": True},
    }
    item = model_of("dynamodb").operation_model("GetItem").output_shape
    assert to_json(item, {"Item": {"own name": {"S": "x"}}}) == {"Item": {"own name": {"S": "x"}}}
    assert to_json(None, [b"text", b"\xff"]) == ["text", "/w=="]
