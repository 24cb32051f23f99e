"""Activities: tasks that workers ask for, in the API and in templates."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from localaws_testing.waiting import wait_until

TEMPLATE = """
Resources:
  Named: {Type: AWS::StepFunctions::Activity, Properties: {Name: of-template, Tags: [{Key: team, Value: %s}]}}
Outputs:
  Ref: {Value: !Ref Named}
  Arn: {Value: !GetAtt Named.Arn}
  Name: {Value: !GetAtt Named.Name}
"""


@pytest.fixture
def activity(machines: Any, request: pytest.FixtureRequest) -> Any:
    arn = machines.client.create_activity(name=request.node.name[:80])["activityArn"]
    yield arn
    machines.client.delete_activity(activityArn=arn)


@pytest.mark.proves("activities")
def test_activities_are_created_described_listed_and_deleted(machines: Any) -> None:
    client = machines.client
    arn = client.create_activity(name="paint", tags=[{"key": "team", "value": "ml"}])["activityArn"]
    assert arn == "arn:aws:states:us-east-1:123456789012:activity:paint"
    assert client.create_activity(name="paint")["activityArn"] == arn
    assert client.describe_activity(activityArn=arn)["name"] == "paint"
    assert arn in [each["activityArn"] for each in client.list_activities()["activities"]]
    client.tag_resource(resourceArn=arn, tags=[{"key": "a", "value": "b"}])
    client.untag_resource(resourceArn=arn, tagKeys=["team"])
    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "a", "value": "b"}]
    client.delete_activity(activityArn=arn)
    client.delete_activity(activityArn=arn)
    with pytest.raises(client.exceptions.ActivityDoesNotExist):
        client.describe_activity(activityArn=arn)
    with pytest.raises(client.exceptions.ActivityDoesNotExist):
        client.get_activity_task(activityArn=arn)
    with pytest.raises(client.exceptions.InvalidName):
        client.create_activity(name="a b")
    with pytest.raises(client.exceptions.InvalidArn):
        client.describe_activity(activityArn="arn:aws:states:us-east-1:123456789012:stateMachine:paint")


@pytest.mark.proves("tasks activities")
def test_a_worker_does_the_tasks_of_an_activity_in_their_order(machines: Any, activity: str) -> None:
    client = machines.client
    state = {"Type": "Task", "Resource": activity, "Parameters": {"n.$": "$.n"}, "ResultPath": "$.done"}
    machine = machines.state(state)
    executions = []
    for number in (1, 2):
        executions.append(machines.start(machine, {"n": number}))
        machines.reach(executions[-1], "ActivityScheduled")
    tasks = [client.get_activity_task(activityArn=activity, workerName="anna") for _ in executions]
    assert [json.loads(task["input"]) for task in tasks] == [{"n": 1}, {"n": 2}]
    client.send_task_success(taskToken=tasks[0]["taskToken"], output='{"ok": true}')
    client.send_task_failure(taskToken=tasks[1]["taskToken"], error="Broke", cause="why")
    ended = [machines.wait(execution) for execution in executions]
    assert json.loads(ended[0]["output"]) == {"n": 1, "done": {"ok": True}}
    assert (ended[1]["status"], ended[1]["error"], ended[1]["cause"]) == ("FAILED", "Broke", "why")
    kinds = ["TaskStateEntered", "ActivityScheduled", "ActivityStarted", "ActivitySucceeded", "TaskStateExited"]
    history = machines.history(executions[0])
    assert [event["type"] for event in history][1:-1] == kinds
    scheduled = {"resource": activity, "input": '{"n":1}', "inputDetails": {"truncated": False}}
    assert history[2]["activityScheduledEventDetails"] == scheduled
    assert history[3]["activityStartedEventDetails"] == {"workerName": "anna"}
    assert machines.history(executions[1])[4]["activityFailedEventDetails"] == {"error": "Broke", "cause": "why"}
    with pytest.raises(client.exceptions.TaskTimedOut):
        client.send_task_success(taskToken=tasks[0]["taskToken"], output="1")


@pytest.mark.proves("tasks activities")
def test_a_worker_that_asks_first_gets_the_task_once_it_comes(machines: Any, activity: str) -> None:
    found: list[Any] = []
    worker = threading.Thread(
        target=lambda: found.append(machines.client.get_activity_task(activityArn=activity)), daemon=True
    )
    worker.start()
    # In JSONata, whose arguments are the input of the task.
    state = {"Type": "Task", "QueryLanguage": "JSONata", "Resource": activity, "Arguments": "{% $states.input.a %}"}
    execution = machines.start(machines.state(state), {"a": [1]})
    worker.join(30)
    assert json.loads(found[0]["input"]) == [1]
    machines.client.send_task_success(taskToken=found[0]["taskToken"], output='"done"')
    assert machines.wait(execution)["output"] == '"done"'


def asks(client: Any, activity: str) -> str:
    """What a worker that asks for a task gets."""
    try:
        return "a task" if "taskToken" in client.get_activity_task(activityArn=activity) else "none"
    except client.exceptions.ActivityDoesNotExist:
        return "no activity"


@pytest.mark.proves("tasks activities")
def test_workers_are_let_go_when_their_activity_is_deleted(machines: Any) -> None:
    client = machines.client

    def are_let_go() -> bool:
        arn = client.create_activity(name="short-lived")["activityArn"]
        with ThreadPoolExecutor(1) as pool:
            worker = pool.submit(asks, client, arn)
            # Usually it waits by then; if it doesn't, it finds no activity.
            time.sleep(0.3)
            client.delete_activity(activityArn=arn)
            return worker.result(30) == "none"

    assert wait_until(are_let_go, 60)


@pytest.mark.proves("tasks activities")
def test_workers_are_let_go_at_a_reset(start: Callable[..., Any]) -> None:
    own = start(None)
    client = own.client("stepfunctions")

    def are_let_go() -> bool:
        arn = client.create_activity(name="short-lived")["activityArn"]
        with ThreadPoolExecutor(1) as pool:
            worker = pool.submit(asks, client, arn)
            time.sleep(0.3)
            httpx.post(f"{own.endpoint}/_localaws/reset", json={}, timeout=60).raise_for_status()
            return worker.result(30) == "none"

    assert wait_until(are_let_go, 60)
    assert client.list_activities()["activities"] == []


@pytest.mark.proves("tasks activity times")
def test_the_times_of_an_activity_begin_with_its_worker(machines: Any, activity: str) -> None:
    client = machines.client
    state = {"Type": "Task", "Resource": activity, "TimeoutSeconds": 4000, "HeartbeatSeconds": 1000}
    silent, slow = (machines.start(machines.state(state), {"n": number}) for number in (0, 1))
    for execution in (silent, slow):
        machines.reach(execution, "ActivityScheduled")
    machines.tick("3h")
    assert machines.describe(silent)["status"] == machines.describe(slow)["status"] == "RUNNING"
    tasks = [client.get_activity_task(activityArn=activity) for _ in range(2)]
    token = next(task["taskToken"] for task in tasks if json.loads(task["input"]) == {"n": 1})
    machines.tick("10m")
    client.send_task_heartbeat(taskToken=token)
    machines.tick("10m")
    ended = machines.wait(silent)
    assert (ended["status"], ended["error"]) == ("FAILED", "States.HeartbeatTimeout")
    assert machines.types(silent)[-2:] == ["ActivityTimedOut", "ExecutionFailed"]
    assert machines.describe(slow)["status"] == "RUNNING"
    for _ in range(5):
        client.send_task_heartbeat(taskToken=token)
        machines.tick("10m")
    ended = machines.wait(slow)
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Timeout")
    with pytest.raises(client.exceptions.TaskTimedOut):
        client.send_task_heartbeat(taskToken=token)


@pytest.mark.proves("tasks activities")
def test_a_stopped_task_is_given_to_no_worker(machines: Any, activity: str) -> None:
    machine = machines.state({"Type": "Task", "Resource": activity})
    stopped, kept = (machines.start(machine, {"n": number}) for number in (0, 1))
    for execution in (stopped, kept):
        machines.reach(execution, "ActivityScheduled")
    machines.client.stop_execution(executionArn=stopped)
    assert machines.wait(stopped)["status"] == "ABORTED"
    task = machines.client.get_activity_task(activityArn=activity)
    assert json.loads(task["input"]) == {"n": 1}
    machines.client.send_task_success(taskToken=task["taskToken"], output="1")
    assert machines.wait(kept)["status"] == "SUCCEEDED"


@pytest.mark.proves("tasks activities")
def test_a_task_of_an_activity_that_does_not_exist_fails(machines: Any) -> None:
    missing = "arn:aws:states:us-east-1:123456789012:activity:missing"
    execution = machines.start(machines.state({"Type": "Task", "Resource": missing}))
    ended = machines.wait(execution)
    assert ended["status"] == "FAILED"
    assert missing in ended["cause"]
    assert "ActivityScheduleFailed" in machines.types(execution)
    with pytest.raises(ClientError, match="Express state machine does not support activities"):
        machines.state({"Type": "Task", "Resource": missing}, "EXPRESS")


@pytest.mark.proves(
    "AWS::StepFunctions::Activity",
    "AWS::StepFunctions::Activity.Name",
    "AWS::StepFunctions::Activity.Tags",
    "!GetAtt AWS::StepFunctions::Activity.Arn",
    "!GetAtt AWS::StepFunctions::Activity.Name",
)
def test_an_activity_of_a_template(deploy: Callable[[str, str], dict[str, str]], cloud: Any, machines: Any) -> None:
    outputs = deploy("of-activities", TEMPLATE % "ml")
    assert outputs["Ref"] == outputs["Arn"] == "arn:aws:states:us-east-1:123456789012:activity:of-template"
    assert outputs["Name"] == machines.client.describe_activity(activityArn=outputs["Ref"])["name"] == "of-template"
    client = cloud.client("cloudformation")
    client.update_stack(StackName="of-activities", TemplateBody=TEMPLATE % "ops")
    tags = machines.client.list_tags_for_resource(resourceArn=outputs["Ref"])["tags"]
    assert tags == [{"key": "team", "value": "ops"}]
    client.delete_stack(StackName="of-activities")
    with pytest.raises(machines.client.exceptions.ActivityDoesNotExist):
        machines.client.describe_activity(activityArn=outputs["Ref"])
