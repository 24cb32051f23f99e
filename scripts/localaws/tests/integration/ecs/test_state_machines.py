"""`ecs:runTask` in state machines: started, waited for, stopped, and retried."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws_testing.waiting import wait_until

OWN = "arn:aws:states:us-east-1:123456789012"
NETWORK = {"AwsvpcConfiguration": {"Subnets": ["subnet-1"], "AssignPublicIp": "ENABLED"}}


def machine(tasks: Any, name: str, *command: str, pattern: str = ".sync", **fields: Any) -> str:
    """A state machine that runs a task with a command."""
    state = {
        "Type": "Task",
        "Resource": f"arn:aws:states:::ecs:runTask{pattern}",
        "Parameters": {
            "Cluster": tasks.stack["Cluster"],
            "TaskDefinition": tasks.stack["Definition"],
            "LaunchType": "FARGATE",
            "NetworkConfiguration": NETWORK,
            "Overrides": {"ContainerOverrides": [{"Name": "main", "Command": list(command)}]},
        },
        "End": True,
        **fields,
    }
    definition = json.dumps({"StartAt": "Run", "States": {"Run": state}})
    return str(
        tasks.cloud.client("stepfunctions").create_state_machine(
            name=name, definition=definition, roleArn=tasks.stack["MachineRole"]
        )["stateMachineArn"]
    )


def started(tasks: Any, arn: str) -> str:
    return str(tasks.cloud.client("stepfunctions").start_execution(stateMachineArn=arn)["executionArn"])


def ended(tasks: Any, execution: str) -> dict[str, Any]:
    client = tasks.cloud.client("stepfunctions")
    assert wait_until(lambda: client.describe_execution(executionArn=execution)["status"] != "RUNNING", 60)
    found: dict[str, Any] = client.describe_execution(executionArn=execution)
    return found


def running(tasks: Any) -> list[str]:
    """The tasks that have started to wait."""
    arns = tasks.client.list_tasks(cluster=tasks.stack["Cluster"])["taskArns"]
    return [arn for arn in arns if tasks.describe(arn)["lastStatus"] == "RUNNING"]


@pytest.mark.proves("tasks ecs")
def test_a_task_that_is_waited_for_is_the_result(tasks: Any) -> None:
    found = ended(tasks, started(tasks, machine(tasks, "waits", "leave", "0")))
    assert found["status"] == "SUCCEEDED", found
    output = json.loads(found["output"])
    assert (output["LastStatus"], output["Containers"][0]["ExitCode"]) == ("STOPPED", 0)


@pytest.mark.proves("tasks ecs")
def test_a_task_that_is_not_waited_for_runs_on(tasks: Any) -> None:
    found = ended(tasks, started(tasks, machine(tasks, "goes", "leave", "0", pattern="")))
    (task,) = json.loads(found["output"])["Tasks"]
    assert task["LastStatus"] != "STOPPED"
    tasks.wait(task["TaskArn"])


@pytest.mark.proves("tasks ecs failures")
def test_a_container_that_fails_is_retried_and_then_fails_the_state(tasks: Any) -> None:
    retry = [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 1, "IntervalSeconds": 1}]
    arn = machine(tasks, "fails", "leave", "9", Retry=retry)
    execution = started(tasks, arn)
    found = ended(tasks, execution)
    assert (found["status"], found["error"]) == ("FAILED", "States.TaskFailed")
    assert json.loads(found["cause"])["Containers"][0]["ExitCode"] == 9
    history = tasks.cloud.client("stepfunctions").get_execution_history(executionArn=execution)["events"]
    assert [event["type"] for event in history].count("TaskSubmitted") == 2


@pytest.mark.proves("tasks ecs stopping")
@pytest.mark.parametrize("how", ["stopped", "timed out"])
def test_a_task_is_stopped_when_nobody_waits_for_it_any_more(tasks: Any, how: str) -> None:
    limits: dict[str, Any] = {"TimeoutSeconds": 2} if how == "timed out" else {}
    execution = started(tasks, machine(tasks, how.replace(" ", "-"), "wait", **limits))
    assert wait_until(lambda: bool(running(tasks)), 30)
    (arn,) = running(tasks)
    if how == "stopped":
        tasks.cloud.client("stepfunctions").stop_execution(executionArn=execution)
    found = ended(tasks, execution)
    assert (found["status"], found.get("error")) == (
        ("ABORTED", None) if how == "stopped" else ("FAILED", "States.Timeout")
    )
    task = tasks.wait(arn)
    assert (task["stopCode"], task["stoppedReason"]) == (
        "UserInitiated",
        "The execution that started it has ended.",
    )


@contextmanager
def machine_role_without(tasks: Any, action: str) -> Iterator[None]:
    """The role of the state machines lacks the statement with an action."""
    name = tasks.stack["MachineRole"].rpartition("/")[2]
    iam = tasks.cloud.client("iam")
    policy = iam.get_role_policy(RoleName=name, PolicyName="p")["PolicyDocument"]
    rest = [each for each in policy["Statement"] if action not in each["Action"]]
    assert len(rest) == len(policy["Statement"]) - 1
    document = json.dumps({**policy, "Statement": rest})
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document)
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(policy))


@pytest.mark.proves("tasks ecs roles")
@pytest.mark.parametrize("action", ["ecs:RunTask", "iam:PassRole"])
def test_the_role_needs_the_right_to_run_the_task_and_to_pass_its_roles(tasks: Any, action: str) -> None:
    with machine_role_without(tasks, action):
        found = ended(tasks, started(tasks, machine(tasks, f"may-not-{action.partition(':')[2]}", "leave", "0")))
    assert found["error"] == "ECS.AccessDeniedException"
    assert f"is not authorized to perform: {action} on resource: " in found["cause"]


@pytest.mark.proves("machines managed rules")
def test_the_role_of_a_task_that_is_waited_for_needs_the_rule_that_tells_its_end(tasks: Any) -> None:
    with machine_role_without(tasks, "events:PutRule"):
        with pytest.raises(ClientError, match=r"AccessDeniedException.*is not authorized to create managed-rule\."):
            machine(tasks, "waits-for-nothing", "leave", "0")
        machine(tasks, "needs-no-rule", "leave", "0", pattern="")
    machine(tasks, "waits-for-nothing", "leave", "0")


ROLE = "arn:aws:iam::123456789012:role/given"


@pytest.mark.proves("iam pass role")
@pytest.mark.parametrize(
    ("service", "action", "parameters"),
    [
        ("ecs", "registerTaskDefinition", {"Family": "f", "TaskRoleArn": ROLE, "ContainerDefinitions": []}),
        ("ecs", "registerTaskDefinition", {"Family": "f", "ExecutionRoleArn": ROLE, "ContainerDefinitions": []}),
        (
            "batch",
            "registerJobDefinition",
            {"JobDefinitionName": "j", "Type": "container", "ContainerProperties": {"JobRoleArn": ROLE}},
        ),
        ("sfn", "createStateMachine", {"Name": "made", "RoleArn": ROLE, "Definition": "{}"}),
        ("sfn", "updateStateMachine", {"StateMachineArn": f"{OWN}:stateMachine:made", "RoleArn": ROLE}),
        ("eventbridge", "putRule", {"Name": "r", "EventPattern": "{}", "RoleArn": ROLE}),
        ("eventbridge", "putTargets", {"Rule": "r", "Targets": [{"Id": "q", "Arn": ROLE, "RoleArn": ROLE}]}),
    ],
)
def test_who_gives_a_role_to_a_service_needs_the_right_to_pass_it(
    tasks: Any, service: str, action: str, parameters: dict[str, Any]
) -> None:
    role = tasks.stack["MachineRole"]
    iam, name = tasks.cloud.client("iam"), role.rpartition("/")[2]
    statement = {"Effect": "Allow", "Action": ["batch:*", "ecs:*", "events:*", "states:*"], "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": statement})
    iam.put_role_policy(RoleName=name, PolicyName="all-but-passing", PolicyDocument=document)
    resource = f"arn:aws:states:::aws-sdk:{service}:{action}"
    state = {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True}
    client = tasks.cloud.client("stepfunctions")
    try:
        arn = client.create_state_machine(
            name=f"passes-{uuid.uuid4()}",
            definition=json.dumps({"StartAt": "Give", "States": {"Give": state}}),
            roleArn=role,
        )["stateMachineArn"]
        found = ended(tasks, started(tasks, arn))
    finally:
        iam.delete_role_policy(RoleName=name, PolicyName="all-but-passing")
    assert found["error"].endswith(".AccessDeniedException"), found
    assert f"is not authorized to perform: iam:PassRole on resource: {ROLE}" in found["cause"]
