"""`batch:submitJob` in state machines: submitted, waited for, terminated, and retried."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localaws_testing.waiting import wait_until


def machine(jobs: Any, name: str, *command: str, pattern: str = ".sync", **fields: Any) -> str:
    """A state machine that submits a job with a command."""
    state = {
        "Type": "Task",
        "Resource": f"arn:aws:states:::batch:submitJob{pattern}",
        "Parameters": {
            "JobName": name,
            "JobQueue": jobs.stack["Queue"],
            "JobDefinition": jobs.stack["Definition"],
            "ContainerOverrides": {
                "Command": list(command),
                "ResourceRequirements": [{"Type": "MEMORY", "Value": "1024"}],
            },
            "Parameters.$": "$.parameters",
            "RetryStrategy": {"Attempts": 1},
            "Timeout": {"AttemptDurationSeconds": 60},
        },
        "End": True,
        **fields,
    }
    definition = json.dumps({"StartAt": "Run", "States": {"Run": state}})
    return str(
        jobs.cloud.client("stepfunctions").create_state_machine(
            name=name, definition=definition, roleArn=jobs.stack["MachineRole"]
        )["stateMachineArn"]
    )


def started(jobs: Any, arn: str, **parameters: str) -> str:
    client = jobs.cloud.client("stepfunctions")
    given = json.dumps({"parameters": parameters})
    return str(client.start_execution(stateMachineArn=arn, input=given)["executionArn"])


def ended(jobs: Any, execution: str) -> dict[str, Any]:
    client = jobs.cloud.client("stepfunctions")
    assert wait_until(lambda: client.describe_execution(executionArn=execution)["status"] != "RUNNING", 60)
    found: dict[str, Any] = client.describe_execution(executionArn=execution)
    return found


@pytest.mark.proves("tasks batch")
def test_a_job_that_is_waited_for_is_the_result(jobs: Any) -> None:
    found = ended(jobs, started(jobs, machine(jobs, "waits", "leave", "Ref::code"), code="0"))
    assert found["status"] == "SUCCEEDED", found
    output = json.loads(found["output"])
    assert (output["JobName"], output["Status"], output["Container"]["ExitCode"]) == ("waits", "SUCCEEDED", 0)
    assert output["Container"]["Command"] == ["leave", "0"]
    assert {"Type": "MEMORY", "Value": "1024"} in output["Container"]["ResourceRequirements"]
    assert (output["Parameters"]["code"], output["Timeout"]) == ("0", {"AttemptDurationSeconds": 60})


@pytest.mark.proves("tasks batch")
def test_a_job_that_is_not_waited_for_runs_on(jobs: Any) -> None:
    found = ended(jobs, started(jobs, machine(jobs, "goes", "leave", "0", pattern="")))
    output = json.loads(found["output"])
    assert set(output) >= {"JobArn", "JobId", "JobName"}
    assert jobs.wait(output["JobId"])["status"] == "SUCCEEDED"


@pytest.mark.proves("tasks batch failures")
def test_a_job_that_fails_is_retried_and_then_fails_the_state(jobs: Any) -> None:
    retry = [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 1, "IntervalSeconds": 1}]
    execution = started(jobs, machine(jobs, "fails", "leave", "9", Retry=retry))
    found = ended(jobs, execution)
    assert (found["status"], found["error"]) == ("FAILED", "States.TaskFailed")
    cause = json.loads(found["cause"])
    assert (cause["Status"], cause["StatusReason"]) == ("FAILED", "Essential container in task exited")
    assert [attempt["Container"]["ExitCode"] for attempt in cause["Attempts"]] == [9]
    history = jobs.cloud.client("stepfunctions").get_execution_history(executionArn=execution)["events"]
    assert [event["type"] for event in history].count("TaskSubmitted") == 2


@pytest.mark.proves("tasks batch failures")
def test_a_job_that_batch_refuses_is_an_error_of_batch(jobs: Any) -> None:
    arn = machine(jobs, "refused", "leave", "0", Parameters={"JobName": "a", "JobQueue": "none", "JobDefinition": "x"})
    policies = jobs.cloud.client("iam")
    role = jobs.stack["MachineRole"].rpartition("/")[2]
    policy = policies.get_role_policy(RoleName=role, PolicyName="p")["PolicyDocument"]
    everything = {"Effect": "Allow", "Action": "batch:SubmitJob", "Resource": "*"}
    wider = {**policy, "Statement": [*policy["Statement"], everything]}
    policies.put_role_policy(RoleName=role, PolicyName="p", PolicyDocument=json.dumps(wider))
    try:
        found = ended(jobs, started(jobs, arn))
    finally:
        policies.put_role_policy(RoleName=role, PolicyName="p", PolicyDocument=json.dumps(policy))
    assert (found["error"], "JobQueue none not found" in found["cause"]) == ("Batch.ClientException", True)


@pytest.mark.proves("tasks batch stopping")
def test_a_job_is_terminated_when_nobody_waits_for_it_any_more(jobs: Any) -> None:
    client = jobs.cloud.client("stepfunctions")
    execution = started(jobs, machine(jobs, "stopped", "wait"))

    def running() -> list[Any]:
        listed: list[Any] = jobs.client.list_jobs(jobQueue="trainings", jobStatus="RUNNING")["jobSummaryList"]
        return [job for job in listed if job["jobName"] == "stopped"]

    assert wait_until(lambda: bool(running()), 30)
    (job,) = running()
    client.stop_execution(executionArn=execution)
    found = jobs.wait(job["jobId"])
    assert (found["status"], found["isTerminated"]) == ("FAILED", True)
    assert found["statusReason"] == "The execution that started it has ended."


@pytest.mark.proves("tasks batch roles", "batch rights")
def test_the_role_needs_the_right_to_submit_the_job_to_the_queue(jobs: Any) -> None:
    arn = machine(
        jobs,
        "may-not",
        "leave",
        "0",
        Parameters={
            "JobName": "a",
            "JobQueue": jobs.stack["Urgent"],
            "JobDefinition": jobs.stack["Definition"],
        },
    )
    found = ended(jobs, started(jobs, arn))
    assert (found["status"], "batch:SubmitJob" in found["cause"]) == ("FAILED", True)
    assert jobs.stack["Urgent"] in found["cause"]
