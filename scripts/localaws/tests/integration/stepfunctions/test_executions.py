"""Executions: names, inputs, history, stopping, time, logs and events."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError

WAIT = {"Type": "Wait", "Seconds": 3600}


@pytest.mark.proves("executions names")
def test_a_name_stands_for_one_execution(machines: Any) -> None:
    machine, client = machines.state(WAIT), machines.client
    first = machines.start(machine, {"a": 1}, name="one")
    assert machines.start(machine, {"a": 1}, name="one") == first
    with pytest.raises(client.exceptions.ExecutionAlreadyExists):
        machines.start(machine, {"a": 2}, name="one")
    client.stop_execution(executionArn=first)
    with pytest.raises(client.exceptions.ExecutionAlreadyExists):
        machines.start(machine, {"a": 1}, name="one")
    assert first.endswith(":execution:" + machine.rpartition(":")[2] + ":one")


@pytest.mark.proves("executions names")
@pytest.mark.parametrize("name", ["a b", "a/b", "a:b", "a*", "x" * 81], ids=["space", "slash", "colon", "star", "long"])
def test_a_name_that_aws_excludes_is_refused(machines: Any, name: str) -> None:
    machine, client = machines.state({"Type": "Pass"}), machines.client
    # boto3 would refuse the long one itself.
    with pytest.raises((client.exceptions.InvalidName, ParamValidationError)):
        client.start_execution(stateMachineArn=machine, name=name)
    assert client.list_executions(stateMachineArn=machine)["executions"] == []


@pytest.mark.proves("executions inputs")
def test_an_input_is_at_most_256_kb(machines: Any) -> None:
    machine, client = machines.state({"Type": "Pass"}), machines.client
    # Bytes count, not characters: `{"a":""}` is eight, ü two.
    for text in ("x" * (262_144 - 7), "ü" * 131_070):
        with pytest.raises(ClientError, match="262144") as caught:
            client.start_execution(stateMachineArn=machine, input=f'{{"a":"{text}"}}')
        assert caught.value.response["Error"]["Code"] == "ValidationException"
    client.start_execution(stateMachineArn=machine, input=f'{{"a":"{"x" * (262_144 - 8)}"}}')


@pytest.mark.proves("executions inputs")
def test_an_input_must_be_json(machines: Any) -> None:
    machine, client = machines.state({"Type": "Pass"}), machines.client
    for text in ("{", "NaN", '{"a":Infinity}', "1e999", "[" * 100_000 + "]" * 100_000):
        with pytest.raises(client.exceptions.InvalidExecutionInput):
            client.start_execution(stateMachineArn=machine, input=text)
    with pytest.raises(client.exceptions.StateMachineDoesNotExist):
        client.start_execution(stateMachineArn=machine + "-none")
    with pytest.raises(client.exceptions.InvalidArn):
        client.start_execution(stateMachineArn="none")
    started = client.start_execution(stateMachineArn=machine)["executionArn"]
    assert machines.wait(started)["input"] == "{}"


@pytest.mark.proves("executions stop")
def test_a_stopped_execution_is_aborted(machines: Any) -> None:
    child = machines.state(WAIT)
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync",
        "Parameters": {"StateMachineArn": child},
    }
    execution = machines.start(machines.state(state))
    machines.reach(execution, "TaskSubmitted")
    machines.client.stop_execution(executionArn=execution, error="Enough", cause="of it")
    ended = machines.describe(execution)
    assert (ended["status"], ended["error"], ended["cause"]) == ("ABORTED", "Enough", "of it")
    assert machines.types(execution)[-1] == "ExecutionAborted"
    (started,) = machines.client.list_executions(stateMachineArn=child)["executions"]
    assert machines.wait(started["executionArn"])["status"] == "ABORTED"


@pytest.mark.proves("executions lists")
def test_executions_are_listed_by_status_and_in_pages(machines: Any) -> None:
    machine, client = machines.state({"Type": "Pass"}), machines.client
    names = [f"number-{index}" for index in range(3)]
    for name in names:
        machines.wait(machines.start(machine, name=name))
    listed = client.list_executions(stateMachineArn=machine, statusFilter="SUCCEEDED", maxResults=2)
    assert [each["name"] for each in listed["executions"]] == ["number-2", "number-1"]
    rest = client.list_executions(stateMachineArn=machine, maxResults=2, nextToken=listed["nextToken"])
    assert [each["name"] for each in rest["executions"]] == ["number-0"]
    assert client.list_executions(stateMachineArn=machine, statusFilter="FAILED")["executions"] == []


@pytest.mark.proves("executions history")
def test_the_history_has_the_events_of_each_state(machines: Any) -> None:
    definition = {
        "StartAt": "Both",
        "States": {
            "Both": {
                "Type": "Parallel",
                "Branches": [{"StartAt": "In", "States": {"In": {"Type": "Pass", "End": True}}}],
                "End": True,
            }
        },
    }
    execution = machines.start(machines.create(definition), {"a": 1})
    machines.wait(execution)
    events = machines.history(execution)
    assert [(event["id"], event["previousEventId"], event["type"]) for event in events] == [
        (1, 0, "ExecutionStarted"),
        (2, 1, "ParallelStateEntered"),
        (3, 2, "ParallelStateStarted"),
        (4, 3, "PassStateEntered"),
        (5, 4, "PassStateExited"),
        (6, 5, "ParallelStateSucceeded"),
        (7, 6, "ParallelStateExited"),
        (8, 7, "ExecutionSucceeded"),
    ]
    whole = {"truncated": False}
    assert events[3]["stateEnteredEventDetails"] == {"name": "In", "input": '{"a":1}', "inputDetails": whole}
    assert events[6]["stateExitedEventDetails"]["outputDetails"] == whole
    assert events[0]["executionStartedEventDetails"]["inputDetails"] == whole
    assert events[7]["executionSucceededEventDetails"] == {"output": '[{"a":1}]', "outputDetails": whole}
    newest = machines.client.get_execution_history(executionArn=execution, reverseOrder=True, maxResults=1)
    assert [event["id"] for event in newest["events"]] == [8]
    bare = machines.client.get_execution_history(executionArn=execution, includeExecutionData=False)["events"]
    assert bare[3]["stateEnteredEventDetails"] == {"name": "In"}


@pytest.mark.proves("executions time")
def test_waits_and_timeouts_are_of_local_aws_s_clock(machines: Any) -> None:
    states = {
        "First": {**WAIT, "Next": "Second"},
        "Second": {**WAIT, "Next": "Third"},
        "Third": {**WAIT, "End": True},
    }
    execution = machines.start(machines.create({"StartAt": "First", "States": states}))
    machines.reach(execution, "WaitStateEntered")
    machines.tick("150m")
    machines.reach(execution, "WaitStateExited", 2)
    assert machines.describe(execution)["status"] == "RUNNING"
    machines.tick("31m")
    ended = machines.wait(execution)
    lasted = (ended["stopDate"] - ended["startDate"]).total_seconds()
    assert 3 * 3600 <= lasted < 3 * 3600 + 60


@pytest.mark.proves("executions timeouts")
def test_an_execution_times_out(machines: Any) -> None:
    execution = machines.start(machines.state(WAIT, TimeoutSeconds=1800))
    machines.reach(execution, "WaitStateEntered")
    machines.tick("31m")
    assert machines.wait(execution)["status"] == "TIMED_OUT"
    assert machines.types(execution)[-1] == "ExecutionTimedOut"


@pytest.mark.proves("executions time")
def test_what_times_out_within_a_long_tick_does_so_at_its_moment(machines: Any, stack: dict[str, str]) -> None:
    timed = machines.start(machines.state(WAIT, TimeoutSeconds=1800))
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": stack["Inbox"], "MessageBody.$": "$$.Task.Token"},
        "TimeoutSeconds": 600,
        "Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "Later"}],
        "End": True,
    }
    later = {"Type": "Wait", "Seconds": 900, "End": True}
    caught = machines.start(machines.create({"StartAt": "Ask", "States": {"Ask": task, "Later": later}}))
    machines.reach(timed, "WaitStateEntered")
    machines.reach(caught, "TaskSubmitted")
    machines.tick("50m")
    for execution, status, seconds in ((timed, "TIMED_OUT", 1800), (caught, "SUCCEEDED", 1500)):
        ended = machines.wait(execution)
        lasted = (ended["stopDate"] - ended["startDate"]).total_seconds()
        assert (ended["status"], seconds <= lasted < seconds + 120) == (status, True), lasted


@pytest.mark.proves("executions express")
def test_an_express_execution_can_be_waited_for(machines: Any, cloud: Any) -> None:
    machine = machines.state({"Type": "Pass", "Result": {"b": 2}}, "EXPRESS")
    done = cloud.client("stepfunctions").meta.events
    done.register("before-call.stepfunctions.StartSyncExecution", _without_host_prefix)
    client = machines.client
    answer = client.start_sync_execution(stateMachineArn=machine, input='{"a": 1}', name="twice")
    assert (answer["status"], json.loads(answer["output"])) == ("SUCCEEDED", {"b": 2})
    assert answer["billingDetails"]["billedDurationInMilliseconds"] >= 100
    assert client.start_sync_execution(stateMachineArn=machine, name="twice")["executionArn"] != answer["executionArn"]
    with pytest.raises(client.exceptions.InvalidArn):
        client.describe_execution(executionArn=answer["executionArn"])
    with pytest.raises(client.exceptions.StateMachineTypeNotSupported):
        client.list_executions(stateMachineArn=machine)
    standard = machines.state({"Type": "Pass"})
    with pytest.raises(client.exceptions.StateMachineTypeNotSupported):
        client.start_sync_execution(stateMachineArn=standard)


def _without_host_prefix(params: dict[str, Any], **_: Any) -> None:
    """Send a request to the endpoint itself, not to the host `sync-…` of AWS."""
    params["url"] = params["url"].replace("://sync-", "://")


@pytest.mark.proves("executions logs")
@pytest.mark.parametrize(
    ("level", "with_data", "expected"),
    [
        ("ALL", True, ["ExecutionStarted", "FailStateEntered", "ExecutionFailed"]),
        ("ERROR", False, ["ExecutionFailed"]),
        ("FATAL", False, ["ExecutionFailed"]),
    ],
)
def test_the_history_is_logged(
    machines: Any, cloud: Any, stack: dict[str, str], level: str, with_data: bool, expected: list[str]
) -> None:
    logging = {
        "level": level,
        "includeExecutionData": with_data,
        "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": stack["LogArn"]}}],
    }
    definition = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E"}}}
    machine = machines.create(definition, "EXPRESS", loggingConfiguration=logging)
    execution = machines.start(machine, {"secret": 1})
    records = [json.loads(line) for line in cloud.logged(stack["Log"], execution, len(expected))]
    assert [record["type"] for record in records] == expected
    assert any("secret" in str(record["details"]) for record in records) is with_data


@pytest.mark.proves("executions status events")
def test_changes_of_the_status_are_events(machines: Any, cloud: Any, stack: dict[str, str]) -> None:
    machines.start(machines.state({"Type": "Pass"}), {"a": 1}, name="told")
    told = cloud.drain(stack["Statuses"], lambda got: len(got) == 2)
    assert [each["detail-type"] for each in told] == ["Step Functions Execution Status Change"] * 2
    by_status = {each["detail"]["status"]: each["detail"] for each in told}
    assert by_status["RUNNING"]["input"] == '{"a": 1}'
    assert by_status["SUCCEEDED"]["output"] == '{"a":1}'


@pytest.mark.proves("machines definitions")
def test_an_invalid_definition_is_refused(machines: Any) -> None:
    client = machines.client
    definition = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}}
    with pytest.raises(client.exceptions.InvalidDefinition, match="Missing 'Next' target: B at /States/A/Next"):
        machines.create(definition)
    machine = machines.state({"Type": "Pass"})
    with pytest.raises(client.exceptions.InvalidDefinition):
        client.update_state_machine(stateMachineArn=machine, definition=json.dumps(definition))
    found = client.validate_state_machine_definition(definition=json.dumps(definition))
    assert found["result"] == "FAIL"
    assert found["diagnostics"][0] == {
        "severity": "ERROR",
        "code": "MISSING_TRANSITION_TARGET",
        "message": "Missing 'Next' target: B",
        "location": "/States/A/Next",
    }
    valid = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    assert client.validate_state_machine_definition(definition=valid)["result"] == "OK"


@pytest.mark.proves("executions metadata")
def test_definitions_and_data_are_left_out_of_metadata(machines: Any) -> None:
    client, machine = machines.client, machines.state({"Type": "Pass"})
    execution = machines.start(machine, {"secret": 1})
    machines.wait(execution)
    described = client.describe_execution(executionArn=execution, includedData="METADATA_ONLY")
    assert (described["status"], {"input", "output"} & described.keys()) == ("SUCCEEDED", set())
    assert client.describe_execution(executionArn=execution, includedData="ALL_DATA")["input"] == '{"secret": 1}'
    assert client.describe_state_machine(stateMachineArn=machine, includedData="METADATA_ONLY")["definition"] == "{}"
    shown = client.describe_state_machine_for_execution(executionArn=execution, includedData="METADATA_ONLY")
    assert shown["definition"] == "{}"


@pytest.mark.proves("executions lists")
def test_executions_are_listed_by_whether_they_were_redriven(machines: Any) -> None:
    machine, client = machines.create({"StartAt": "F", "States": {"F": {"Type": "Fail"}}}), machines.client
    once, twice = machines.start(machine), machines.start(machine)
    for execution in (once, twice):
        machines.wait(execution)
    client.redrive_execution(executionArn=twice)
    machines.wait(twice)
    for chosen, execution in (("REDRIVEN", twice), ("NOT_REDRIVEN", once)):
        listed = client.list_executions(stateMachineArn=machine, redriveFilter=chosen)["executions"]
        assert [each["executionArn"] for each in listed] == [execution]


@pytest.mark.proves("executions descriptions")
def test_a_description_has_the_trace_header_and_whether_the_execution_can_be_redriven(machines: Any) -> None:
    client = machines.client
    passed = machines.start(machines.state({"Type": "Pass"}), traceHeader="Root=1-5-6")
    described = machines.wait(passed)
    assert (described["traceHeader"], described["redriveStatus"]) == ("Root=1-5-6", "NOT_REDRIVABLE")
    assert described["redriveStatusReason"] == "Execution is SUCCEEDED and cannot be redriven."
    with pytest.raises(client.exceptions.ExecutionNotRedrivable, match="Execution is SUCCEEDED"):
        client.redrive_execution(executionArn=passed)
    failed = machines.start(machines.create({"StartAt": "F", "States": {"F": {"Type": "Fail"}}}))
    described = machines.wait(failed)
    assert (described["redriveStatus"], "redriveDate" in described) == ("REDRIVABLE", False)
    client.redrive_execution(executionArn=failed)
    assert machines.wait(failed)["redriveDate"] >= described["stopDate"]


@pytest.mark.proves("step functions requests")
def test_requests_that_break_the_api_s_model_are_refused(machines: Any) -> None:
    machine, client = machines.state({"Type": "Pass"}), machines.client
    execution = machines.start(machine)

    def refusal(operation: str, **request: Any) -> str:
        with pytest.raises(ClientError) as caught:
            getattr(client, operation)(**request)
        return str(caught.value.response["Error"]["Code"])

    machines.wait(execution)
    assert refusal("list_executions", stateMachineArn=machine, statusFilter="DONE") == "ValidationException"
    assert refusal("get_execution_history", executionArn=execution, maxResults=1001) == "ValidationException"
    assert refusal("stop_execution", executionArn=execution, error="x" * 257) == "ValidationException"
    assert refusal("send_task_success", taskToken="t", output="x" * 262_145) == "ValidationException"
    assert refusal("list_executions") == "ValidationException"
    assert refusal("get_execution_history", executionArn=execution, nextToken="none") == "InvalidToken"
    assert refusal("list_state_machines", nextToken="none") == "InvalidToken"
    assert refusal("describe_state_machine", stateMachineArn="none") == "InvalidArn"
    assert refusal("delete_state_machine", stateMachineArn="none") == "InvalidArn"
    assert refusal("list_tags_for_resource", resourceArn="none") == "InvalidArn"
    assert refusal("update_state_machine", stateMachineArn=machine, roleArn="none") == "InvalidArn"


@pytest.mark.proves("step functions requests")
def test_a_resource_has_50_tags_at_most(machines: Any) -> None:
    machine, client = machines.state({"Type": "Pass"}), machines.client
    client.tag_resource(resourceArn=machine, tags=[{"key": f"k{number}", "value": ""} for number in range(50)])
    client.tag_resource(resourceArn=machine, tags=[{"key": "k7", "value": "new"}])
    with pytest.raises(client.exceptions.TooManyTags):
        client.tag_resource(resourceArn=machine, tags=[{"key": "one more", "value": ""}])
    assert len(client.list_tags_for_resource(resourceArn=machine)["tags"]) == 50
    with pytest.raises(client.exceptions.ResourceNotFound):
        client.list_tags_for_resource(resourceArn=f"{machine}-none")


@pytest.mark.proves("step functions requests")
def test_logs_go_to_a_log_group(machines: Any) -> None:
    destination = {"cloudWatchLogsLogGroup": {"logGroupArn": "none"}}
    with pytest.raises(machines.client.exceptions.InvalidLoggingConfiguration, match="isn't the ARN of a log group"):
        machines.create(
            {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}},
            loggingConfiguration={"level": "ALL", "destinations": [destination]},
        )


@pytest.mark.proves("machines updates")
def test_an_update_does_not_reach_running_executions(machines: Any) -> None:
    states = {"Wait": {**WAIT, "Next": "End"}, "End": {"Type": "Pass", "Result": "old", "End": True}}
    machine, client = machines.create({"StartAt": "Wait", "States": states}), machines.client
    execution = machines.start(machine)
    machines.reach(execution, "WaitStateEntered")
    states["End"]["Result"] = "new"
    definition = json.dumps({"StartAt": "Wait", "States": states})
    revision = client.update_state_machine(stateMachineArn=machine, definition=definition)["revisionId"]
    described = client.describe_state_machine(stateMachineArn=machine)
    assert (described["definition"], described["revisionId"]) == (definition, revision)
    machines.tick("61m")
    assert machines.wait(execution)["output"] == '"old"'
    of_execution = client.describe_state_machine_for_execution(executionArn=execution)
    assert json.loads(of_execution["definition"])["States"]["End"]["Result"] == "old"


@pytest.mark.proves("machines names")
def test_a_name_stands_for_one_state_machine(machines: Any) -> None:
    client = machines.client
    machine = machines.state({"Type": "Pass"})
    described = client.describe_state_machine(stateMachineArn=machine)
    same = {name: described[name] for name in ("name", "definition", "roleArn")}
    assert client.create_state_machine(**same)["stateMachineArn"] == machine
    with pytest.raises(client.exceptions.StateMachineAlreadyExists):
        client.create_state_machine(**same, type="EXPRESS")
    with pytest.raises(client.exceptions.InvalidName):
        client.create_state_machine(**{**same, "name": "a b"})


@pytest.mark.proves("machines unsupported operations")
def test_operations_that_local_aws_lacks_are_refused(machines: Any) -> None:
    with pytest.raises(ClientError, match="UpdateMapRun"):
        machines.client.update_map_run(mapRunArn="arn:aws:states:us-east-1:1:mapRun:m/l:r", maxConcurrency=1)
    key = {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "k"}
    with pytest.raises(ClientError, match="doesn't support encryptionConfiguration of an activity"):
        machines.client.create_activity(name="a", encryptionConfiguration=key)
    with pytest.raises(ClientError, match="doesn't support encryptionConfiguration"):
        machines.client.create_state_machine(
            name="v", definition="{}", roleArn="arn:aws:iam::1:role/r", encryptionConfiguration=key
        )


@pytest.mark.proves("machines deletion")
def test_a_deleted_state_machine_takes_its_executions_along(machines: Any) -> None:
    client = machines.client
    definition = json.dumps({"StartAt": "W", "States": {"W": {**WAIT, "End": True}}})
    again = {"name": "deleted", "definition": definition, "roleArn": "arn:aws:iam::123456789012:role/states"}
    machine = client.create_state_machine(**again)["stateMachineArn"]
    execution = machines.start(machine, name="one")
    client.delete_state_machine(stateMachineArn=machine)
    with pytest.raises(client.exceptions.StateMachineDoesNotExist):
        machines.start(machine)
    with pytest.raises(client.exceptions.ExecutionDoesNotExist):
        machines.describe(execution)
    assert client.create_state_machine(**again)["stateMachineArn"] == machine
    assert client.list_executions(stateMachineArn=machine)["executions"] == []
    client.delete_state_machine(stateMachineArn=machine)
