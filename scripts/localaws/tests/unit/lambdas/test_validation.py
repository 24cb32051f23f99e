"""Limits of Lambda's requests."""

from __future__ import annotations

from typing import Any

import pytest
from moto.awslambda.exceptions import LambdaClientError

from localaws.lambdas.validation import check_settings


def refusal(**settings: Any) -> str:
    with pytest.raises(LambdaClientError) as refused:
        check_settings(settings)
    return str(refused.value.message)


def variables(**values: str) -> dict[str, Any]:
    return {"Environment": {"Variables": values}}


@pytest.mark.proves("lambda environment")
@pytest.mark.parametrize(
    "name",
    [
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_SESSION_TOKEN",
        "LAMBDA_TASK_ROOT",
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
    ],
)
def test_a_reserved_variable_is_refused_by_name(name: str) -> None:
    assert f"Reserved keys used in this request: {name}" in refusal(**variables(**{name: "x", "OTHER": "y"}))


@pytest.mark.parametrize("name", ["1ST", "A", "_UNDER", "WITH-DASH", "with.dot", "MIT Ü"])
def test_a_malformed_name_is_refused(name: str) -> None:
    refused = refusal(**variables(**{name: "x"}))
    assert f"Value '{name}' at 'environment.variables'" in refused and "[a-zA-Z]([a-zA-Z0-9_])+" in refused


def test_all_variables_together_have_at_most_four_kilobytes() -> None:
    check_settings(variables(LONG="x" * (4096 - len('{"LONG":""}'))))
    assert "exceeded the 4KB limit" in refusal(**variables(LONG="x" * (4097 - len('{"LONG":""}'))))
    assert "exceeded the 4KB limit" in refusal(**variables(LONG="ü" * 2048, OTHER="x"))


def test_other_variables_are_allowed() -> None:
    check_settings(
        variables(LANG="de_CH.UTF-8", PYTHONPATH="/var/task/lib", PATH="/bin", TZ=":UTC", AWS_ENDPOINT_URL="", MODE="")
    )


@pytest.mark.proves("lambda limits")
@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"Timeout": 901}, "Value '901' at 'timeout' failed to satisfy constraint: Member must have value less than"),
        ({"Timeout": 0}, "greater than or equal to 1"),
        ({"MemorySize": 10241}, "Value '10241' at 'memorySize'"),
        ({"MemorySize": 127}, "greater than or equal to 128"),
        ({"FunctionName": "f" * 65}, "at 'functionName'"),
        ({"FunctionName": "with space"}, "at 'functionName'"),
    ],
)
def test_a_value_outside_of_lambdas_limits_is_refused(settings: dict[str, Any], names: str) -> None:
    assert names in refusal(**settings)


@pytest.mark.parametrize(
    "name", ["f" * 64, "arn:aws:lambda:us-east-1:123456789012:function:f", "123456789012:function:f", "f:live"]
)
def test_a_function_may_be_named_in_each_of_lambdas_forms(name: str) -> None:
    check_settings({"FunctionName": name, "Timeout": 900, "MemorySize": 10240})
