"""The limits of settings of asynchronous invocations."""

from __future__ import annotations

from typing import Any

import pytest
from moto.awslambda.exceptions import LambdaClientError

from localaws.lambdas.invoke_configs import check_config


@pytest.mark.proves("lambda asynchronous settings")
@pytest.mark.parametrize(
    "config",
    [
        {"MaximumEventAgeInSeconds": 59},
        {"MaximumEventAgeInSeconds": 21_601},
        {"MaximumRetryAttempts": -1},
        {"MaximumRetryAttempts": 3},
    ],
    ids=str,
)
def test_a_number_outside_of_its_range_is_refused(config: dict[str, Any]) -> None:
    with pytest.raises(LambdaClientError) as refused:
        check_config(config)
    assert refused.value.error_type == "ValidationException"


@pytest.mark.proves("lambda asynchronous settings")
@pytest.mark.parametrize(
    "config",
    [
        {"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 0},
        {"MaximumEventAgeInSeconds": 21_600},
        {"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:123456789012:q"}}},
    ],
    ids=["least", "most", "destination"],
)
def test_settings_within_the_limits_are_accepted(config: dict[str, Any]) -> None:
    check_config(config)
