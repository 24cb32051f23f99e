"""Each operation asks for its resource, by whichever parameter names it."""

from __future__ import annotations

from typing import Any

import pytest

from localaws.iam.asked import Asked, Operation
from localaws.iam.resources import RESOURCES

QUEUE = "arn:aws:sqs:us-east-1:123456789012:letters"
STATES = "arn:aws:states:us-east-1:123456789012"
MACHINE = f"{STATES}:stateMachine:m"
RUN = f"{STATES}:mapRun:m/Score:4b5c"


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("StartMessageMoveTask", {"SourceArn": QUEUE}),
        ("ListMessageMoveTasks", {"SourceArn": QUEUE}),
        ("ReceiveMessage", {"QueueUrl": "http://localhost:4566/123456789012/letters"}),
    ],
)
def test_an_operation_of_sqs_is_on_the_queue_that_it_names(name: str, parameters: dict[str, str]) -> None:
    prefix = "arn:aws:sqs:us-east-1:123456789012"
    assert list(RESOURCES["sqs"](Operation(name, parameters), prefix)) == [Asked(f"sqs:{name}", QUEUE)]


@pytest.mark.proves("step functions resources")
@pytest.mark.parametrize(
    ("name", "parameters", "resource"),
    [
        ("CreateActivity", {"name": "a"}, f"{STATES}:activity:a"),
        ("GetActivityTask", {"activityArn": f"{STATES}:activity:a"}, f"{STATES}:activity:a"),
        ("CreateStateMachine", {"name": "m"}, MACHINE),
        ("ListExecutions", {"stateMachineArn": MACHINE}, MACHINE),
        ("DescribeMapRun", {"mapRunArn": RUN}, RUN),
        ("PublishStateMachineVersion", {"stateMachineArn": MACHINE}, MACHINE),
        ("DeleteStateMachineVersion", {"stateMachineVersionArn": f"{MACHINE}:1"}, f"{MACHINE}:1"),
        (
            "CreateStateMachineAlias",
            {"name": "live", "routingConfiguration": [{"stateMachineVersionArn": f"{MACHINE}:1", "weight": 100}]},
            f"{MACHINE}:live",
        ),
        ("UpdateStateMachineAlias", {"stateMachineAliasArn": f"{MACHINE}:live"}, f"{MACHINE}:live"),
        ("StartExecution", {"stateMachineArn": f"{MACHINE}:live"}, f"{MACHINE}:live"),
        ("TestState", {"definition": "{}"}, "*"),
    ],
)
def test_an_operation_of_step_functions_is_on_what_it_names(
    name: str, parameters: dict[str, Any], resource: str
) -> None:
    asked = next(iter(RESOURCES["states"](Operation(name, parameters), STATES)))
    assert (asked.action, asked.resource) == (f"states:{name}", resource)
