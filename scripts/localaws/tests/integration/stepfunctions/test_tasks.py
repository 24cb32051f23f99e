"""What tasks call: functions, queues, topics, buses, tables, objects and other state machines."""

from __future__ import annotations

import json
from typing import Any

import pytest

CAUGHT = {"Type": "Pass", "End": True}


@pytest.mark.proves("tasks functions")
def test_a_function_gets_the_input_and_its_result_is_the_task_s(machines: Any, stack: dict[str, str]) -> None:
    machine = machines.state({"Type": "Task", "Resource": stack["Work"], "ResultPath": "$.result"})
    assert machines.output(machine, {"a": 1}) == {"a": 1, "result": {"got": {"a": 1}}}
    execution = machines.start(machine, {"a": 2})
    machines.wait(execution)
    assert machines.types(execution) == [
        "ExecutionStarted",
        "TaskStateEntered",
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]


@pytest.mark.proves("tasks lambda invoke")
def test_lambda_invoke_has_a_payload_and_metadata(machines: Any, stack: dict[str, str]) -> None:
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": stack["Work"], "Payload": {"x.$": "$.a"}},
    }
    output = machines.output(machines.state(state), {"a": 1})
    assert (output["Payload"], output["StatusCode"], output["ExecutedVersion"]) == ({"got": {"x": 1}}, 200, "$LATEST")
    assert output["SdkHttpMetadata"]["HttpStatusCode"] == 200


@pytest.mark.proves("tasks function errors")
def test_the_exception_of_a_function_is_the_name_of_the_error(machines: Any, stack: dict[str, str]) -> None:
    for resource, parameters in (
        (stack["Work"], {"error": "TooBad"}),
        ("arn:aws:states:::lambda:invoke", {"FunctionName": stack["Work"], "Payload": {"error": "TooBad"}}),
    ):
        ended = machines.run(machines.state({"Type": "Task", "Resource": resource, "Parameters": parameters}))
        assert (ended["status"], ended["error"]) == ("FAILED", "TooBad")
        assert json.loads(ended["cause"])["errorMessage"] == "it failed"


@pytest.mark.proves("tasks service errors")
def test_the_error_of_a_service_is_retried_and_caught_by_its_name(machines: Any, stack: dict[str, str]) -> None:
    missing = stack["Work"] + "-none"
    ended = machines.run(machines.state({"Type": "Task", "Resource": missing}))
    assert ended["error"] == "Lambda.ResourceNotFoundException"
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::dynamodb:putItem",
        "Parameters": {
            "TableName": stack["Table"],
            "Item": {"id": {"S": "once"}},
            "ConditionExpression": "attribute_exists(id)",
        },
        "Catch": [{"ErrorEquals": ["DynamoDB.ConditionalCheckFailedException"], "Next": "Caught"}],
        "End": True,
    }
    machine = machines.create({"StartAt": "Put", "States": {"Put": state, "Caught": CAUGHT}})
    assert machines.output(machine)["Error"] == "DynamoDB.ConditionalCheckFailedException"


@pytest.mark.proves("tasks parameters")
def test_parameters_that_an_api_does_not_take_fail_the_execution(machines: Any) -> None:
    # The parameters are the input, which nobody can check before.
    machine = machines.state({"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage"})
    ended = machines.run(machine, {"MessageBody": "x"})
    assert ended["error"] == "States.Runtime"
    assert "QueueUrl" in ended["cause"]


@pytest.mark.proves("tasks nested executions")
def test_an_express_execution_is_waited_for_by_its_sdk_integration(machines: Any) -> None:
    child = machines.state({"Type": "Pass", "Result": {"b": 2}}, "EXPRESS")
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sfn:startSyncExecution",
        "Parameters": {"StateMachineArn": child, "Input": {"a": 1}},
        "ResultSelector": {"status.$": "$.Status", "output.$": "States.StringToJson($.Output)"},
    }
    assert machines.output(machines.state(state)) == {"status": "SUCCEEDED", "output": {"b": 2}}


@pytest.mark.proves("tasks sqs")
def test_a_message_is_sent_as_json(machines: Any, cloud: Any, stack: dict[str, str]) -> None:
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": stack["Inbox"], "MessageBody": {"by.$": "$.name"}},
    }
    output = machines.output(machines.state(state), {"name": "queue"})
    assert output["MessageId"]
    assert cloud.drain(stack["Inbox"], bool) == [{"by": "queue"}]


@pytest.mark.proves("tasks sns")
def test_a_message_is_published(machines: Any, cloud: Any, stack: dict[str, str]) -> None:
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sns:publish",
        "Parameters": {"TopicArn": stack["Topic"], "Message": {"by": "topic"}},
    }
    assert machines.output(machines.state(state))["MessageId"]
    (told,) = cloud.drain(stack["Inbox"], bool)
    assert json.loads(told["Message"]) == {"by": "topic"}


@pytest.mark.proves("tasks eventbridge")
def test_events_are_put(machines: Any, cloud: Any, stack: dict[str, str]) -> None:
    entry = {"Source": "of.machines", "DetailType": "told", "Detail": {"n.$": "$.n"}, "EventBusName": "default"}
    state = {"Type": "Task", "Resource": "arn:aws:states:::events:putEvents", "Parameters": {"Entries": [entry]}}
    assert machines.output(machines.state(state), {"n": 5})["FailedEntryCount"] == 0
    (told,) = cloud.drain(stack["Events"], bool)
    assert (told["detail-type"], told["detail"]) == ("told", {"n": 5})


@pytest.mark.proves("tasks dynamodb")
def test_items_are_put_read_updated_and_deleted(machines: Any, stack: dict[str, str]) -> None:
    key = {"id": {"S.$": "$$.Execution.Name"}}
    common = {"TableName": stack["Table"]}

    def step(action: str, following: str | None, **parameters: Any) -> dict[str, Any]:
        ending = {"Next": following} if following else {"End": True}
        resource = f"arn:aws:states:::dynamodb:{action}"
        return {
            "Type": "Task",
            "Resource": resource,
            "Parameters": {**common, **parameters},
            "ResultPath": f"$.{action}",
            **ending,
        }

    update = {"UpdateExpression": "SET n = n + :one", "ExpressionAttributeValues": {":one": {"N": "1"}}}
    states = {
        "Put": step("putItem", "Update", Item={**key, "n": {"N": "1"}}),
        "Update": step("updateItem", "Get", Key=key, **update),
        "Get": step("getItem", "Delete", Key=key),
        "Delete": step("deleteItem", None, Key=key, ReturnValues="ALL_OLD"),
    }
    output = machines.output(machines.create({"StartAt": "Put", "States": states}))
    assert output["getItem"]["Item"]["n"] == {"N": "2"}
    assert output["deleteItem"]["Attributes"]["n"] == {"N": "2"}


@pytest.mark.proves("tasks sdk")
def test_any_operation_of_a_service_is_called_by_its_sdk_name(machines: Any, stack: dict[str, str]) -> None:
    def step(action: str, following: str | None, **parameters: Any) -> dict[str, Any]:
        ending = {"Next": following} if following else {"End": True}
        arguments = {"Bucket": stack["Bucket"], **parameters}
        resource = f"arn:aws:states:::aws-sdk:s3:{action}"
        return {"Type": "Task", "Resource": resource, "Arguments": arguments, **ending}

    states = {
        "Put": step("putObject", "List", Key="a/b.json", Body={"x": "{% $states.input.n %}"}),
        "List": step("listObjectsV2", "Get", Prefix="a/"),
        "Get": step("getObject", None, Key="{% $states.input.Contents[0].Key %}"),
    }
    machine = machines.create({"QueryLanguage": "JSONata", "StartAt": "Put", "States": states})
    output = machines.output(machine, {"n": 1})
    assert json.loads(output["Body"]) == {"x": 1}
    assert "ResponseMetadata" not in output
    missing = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:getObject"}
    ended = machines.run(machines.state({**missing, "Parameters": {"Bucket": stack["Bucket"], "Key": "none"}}))
    assert ended["error"] == "S3.NoSuchKeyException"


@pytest.mark.proves("tasks nested executions")
@pytest.mark.parametrize(("pattern", "expected"), [("", None), (".sync", '{"a":1}'), (".sync:2", {"a": 1})])
def test_another_state_machine_is_started_and_waited_for(machines: Any, pattern: str, expected: Any) -> None:
    child = machines.state({"Type": "Pass"})
    state = {
        "Type": "Task",
        "Resource": f"arn:aws:states:::states:startExecution{pattern}",
        "Parameters": {"StateMachineArn": child, "Input": {"a.$": "$.a"}},
    }
    output = machines.output(machines.state(state), {"a": 1})
    assert output.get("Output") == expected
    assert machines.wait(output["ExecutionArn"])["output"] == '{"a":1}'


@pytest.mark.proves("tasks nested failures")
def test_a_failed_child_fails_the_task_that_waits_for_it(machines: Any) -> None:
    child = machines.create({"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Child", "Cause": "no"}}})
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": child},
    }
    ended = machines.run(machines.state(state))
    assert ended["error"] == "States.TaskFailed"
    described = json.loads(ended["cause"])
    assert (described["Status"], described["Error"], described["Cause"]) == ("FAILED", "Child", "no")


def waiting_for_token(stack: dict[str, str], **fields: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": stack["Inbox"], "MessageBody": {"token.$": "$$.Task.Token"}},
        **fields,
    }


@pytest.mark.proves("tasks tokens")
def test_a_task_waits_until_its_token_is_answered(machines: Any, cloud: Any, stack: dict[str, str]) -> None:
    machine = machines.state(waiting_for_token(stack))
    first, second = machines.start(machine), machines.start(machine, {"n": 2})
    tokens = [message["token"] for message in cloud.drain(stack["Inbox"], lambda got: len(got) == 2)]
    assert machines.describe(first)["status"] == machines.describe(second)["status"] == "RUNNING"
    machines.client.send_task_success(taskToken=tokens[0], output='{"done": true}')
    machines.client.send_task_failure(taskToken=tokens[1], error="Refused", cause="by a person")
    ended = sorted((machines.wait(each) for each in (first, second)), key=lambda each: str(each["status"]))
    assert (ended[0]["status"], ended[0]["error"], ended[0]["cause"]) == ("FAILED", "Refused", "by a person")
    assert json.loads(ended[1]["output"]) == {"done": True}
    assert "TaskSubmitted" in machines.types(first)
    client = machines.client
    with pytest.raises(client.exceptions.TaskTimedOut):
        client.send_task_success(taskToken=tokens[0], output="{}")
    with pytest.raises(client.exceptions.InvalidToken):
        client.send_task_heartbeat(taskToken="none")
    with pytest.raises(client.exceptions.InvalidOutput):
        client.send_task_success(taskToken=tokens[0], output="{")


@pytest.mark.proves("tasks heartbeats")
def test_a_task_that_is_not_heard_from_times_out(machines: Any, cloud: Any, stack: dict[str, str]) -> None:
    execution = machines.start(machines.state(waiting_for_token(stack, HeartbeatSeconds=600)))
    (message,) = cloud.drain(stack["Inbox"], bool)
    machines.tick("400s")
    machines.client.send_task_heartbeat(taskToken=message["token"])
    machines.tick("400s")
    assert machines.describe(execution)["status"] == "RUNNING"
    machines.tick("300s")
    ended = machines.wait(execution)
    assert (ended["status"], ended["error"]) == ("FAILED", "States.HeartbeatTimeout")
    assert "TaskTimedOut" in machines.types(execution)


@pytest.mark.proves("tasks timeouts")
def test_a_task_times_out_on_local_aws_s_clock(machines: Any, cloud: Any, stack: dict[str, str]) -> None:
    execution = machines.start(machines.state(waiting_for_token(stack, TimeoutSeconds=3600)))
    cloud.drain(stack["Inbox"], bool)
    machines.tick("59m")
    assert machines.describe(execution)["status"] == "RUNNING"
    machines.tick("2m")
    assert machines.wait(execution)["error"] == "States.Timeout"
