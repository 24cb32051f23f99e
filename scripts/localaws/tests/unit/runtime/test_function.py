from pathlib import Path
from typing import Any

import pytest

from localaws.runtime.function import FunctionConfig


def config(**changes: Any) -> FunctionConfig:
    settings: dict[str, Any] = {"name": "fn", "environment": {}, "timeout": 3, "memory": 256, "region": "us-east-1"}
    return FunctionConfig(**{**settings, "handler": "app.handler", "code": Path("/task"), **changes})


def test_a_published_version_is_in_the_arn_and_the_latest_is_not() -> None:
    assert config().arn == "arn:aws:lambda:us-east-1:123456789012:function:fn"
    assert config(version="3").arn == "arn:aws:lambda:us-east-1:123456789012:function:fn:3"


def test_logs_go_to_the_functions_group_unless_another_is_named() -> None:
    assert config().logs_to == "/aws/lambda/fn"
    assert config(log_group="shared").logs_to == "shared"


@pytest.mark.parametrize(
    ("changes", "message"), [({"code": None}, "either code or image"), ({"handler": None}, "no handler")]
)
def test_a_function_that_cannot_run_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"function fn: .*{message}"):
        config(**changes)
