"""The role of a state machine is looked at in each call of its tasks, and when it's created."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from localaws_testing.waiting import wait_until


def role(client: Any, name: str, service: str, *statements: dict[str, Any]) -> str:
    def document(*given: dict[str, Any]) -> str:
        return json.dumps({"Version": "2012-10-17", "Statement": list(given)})

    trust = document({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"})
    arn = client.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    if statements:
        client.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document(*statements))
    return str(arn)


@pytest.mark.proves("machines roles")
def test_a_role_must_trust_step_functions_and_have_each_permission(start: Callable[..., Any]) -> None:
    cloud = start(None, "--iam", "enforce")
    iam, client, sqs = cloud.client("iam"), cloud.client("stepfunctions"), cloud.client("sqs")
    queue = sqs.create_queue(QueueName="q")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    may = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": arn}
    trusted = role(iam, "trusted", "states.amazonaws.com", may)
    powerless = role(iam, "powerless", "states.amazonaws.com")
    foreign = role(iam, "foreign", "lambda.amazonaws.com", may)
    send = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": queue, "MessageBody": "x"},
        "End": True,
    }
    definition = json.dumps({"StartAt": "Send", "States": {"Send": send}})

    def ended(name: str, of: str) -> dict[str, Any]:
        machine = client.create_state_machine(name=name, definition=definition, roleArn=of)["stateMachineArn"]
        execution = client.start_execution(stateMachineArn=machine)["executionArn"]
        assert wait_until(lambda: client.describe_execution(executionArn=execution)["status"] != "RUNNING", 20)
        found: dict[str, Any] = client.describe_execution(executionArn=execution)
        return found

    assert ended("may", trusted)["status"] == "SUCCEEDED"
    failed = ended("may-not", powerless)
    assert failed["status"] == "FAILED"
    assert failed["error"].startswith("SQS.")
    assert "powerless" in failed["cause"]
    with pytest.raises(client.exceptions.ClientError, match="is authorized to assume the provided role"):
        client.create_state_machine(name="foreign", definition=definition, roleArn=foreign)
    logging = {
        "level": "ALL",
        "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": "arn:aws:logs:us-east-1:1:log-group:g:*"}}],
    }
    with pytest.raises(client.exceptions.ClientError, match="not authorized to access the Log Destination"):
        client.create_state_machine(
            name="logging", definition=definition, roleArn=trusted, loggingConfiguration=logging
        )


@pytest.mark.proves("distributed roles")
def test_a_distributed_map_needs_the_right_to_start_and_to_redrive_its_children(start: Callable[..., Any]) -> None:
    cloud = start(None, "--iam", "enforce")
    iam, client = cloud.client("iam"), cloud.client("stepfunctions")
    arn = role(iam, "maps", "states.amazonaws.com")
    own = "arn:aws:states:us-east-1:123456789012"
    starts = {"Effect": "Allow", "Action": "states:StartExecution", "Resource": f"{own}:stateMachine:map"}
    redrives = {"Effect": "Allow", "Action": "states:RedriveExecution", "Resource": f"{own}:execution:map/each:*"}
    looks = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sqs:getQueueUrl",
        "Parameters": {"QueueName": "q"},
        "End": True,
    }
    state = {
        "Type": "Map",
        "Label": "each",
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": "Look",
            "States": {"Look": looks},
        },
        "End": True,
    }
    definition = json.dumps({"StartAt": "Map", "States": {"Map": state}})
    machine = client.create_state_machine(name="map", definition=definition, roleArn=arn)["stateMachineArn"]

    def allow(*statements: dict[str, Any]) -> None:
        document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        iam.put_role_policy(RoleName="maps", PolicyName="p", PolicyDocument=document)

    def ended(execution: str) -> dict[str, Any]:
        assert wait_until(lambda: client.describe_execution(executionArn=execution)["status"] != "RUNNING", 20)
        found: dict[str, Any] = client.describe_execution(executionArn=execution)
        return found

    def denied(found: dict[str, Any]) -> str:
        assert found["error"] == "StepFunctions.AccessDeniedException", found
        return str(found["cause"]).partition("is not authorized to perform: ")[2].partition(" because")[0]

    execution = client.start_execution(stateMachineArn=machine, input="[1]")["executionArn"]
    assert denied(ended(execution)) == f"states:StartExecution on resource: {own}:stateMachine:map"
    assert client.list_map_runs(executionArn=execution)["mapRuns"] == []
    allow(starts)
    execution = client.start_execution(stateMachineArn=machine, input="[1]")["executionArn"]
    assert ended(execution)["error"] == "States.ExceedToleratedFailureThreshold"
    client.redrive_execution(executionArn=execution)
    assert denied(ended(execution)).startswith(f"states:RedriveExecution on resource: {own}:execution:map/each:")
    cloud.client("sqs").create_queue(QueueName="q")
    look = {"Effect": "Allow", "Action": "sqs:GetQueueUrl", "Resource": "*"}
    allow(starts, redrives, look)
    client.redrive_execution(executionArn=execution)
    assert ended(execution)["status"] == "SUCCEEDED"
