"""TestState: one attempt of a state, with what becomes of its data."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from localaws_testing.waiting import wait_until

ROLE = "arn:aws:iam::123456789012:role/states"
PUT = "arn:aws:states:::dynamodb:putItem"
Test = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def test_state(cloud: Any) -> Test:
    """Tests a state with an input; `inspectionData` is parsed."""
    client: Any = boto3.client(
        "stepfunctions",
        endpoint_url=cloud.endpoint,
        region_name="us-east-1",
        aws_access_key_id="any",
        aws_secret_access_key="any",
        config=Config(inject_host_prefix=False, retries={"max_attempts": 0}, read_timeout=120),
    )

    def run(state: dict[str, Any], value: Any = None, **options: Any) -> dict[str, Any]:
        given = {"definition": json.dumps(state), "input": json.dumps({} if value is None else value), **options}
        if state.get("Type") == "Task" and "mock" not in options:
            given.setdefault("roleArn", ROLE)
        answer: dict[str, Any] = client.test_state(**{name: each for name, each in given.items() if each is not None})
        del answer["ResponseMetadata"]
        seen = answer.get("inspectionData", {})
        for name in [name for name in seen if name != "errorDetails"]:
            seen[name] = json.loads(seen[name])
        return answer

    return run


@pytest.mark.proves("state tests")
@pytest.mark.parametrize(
    ("state", "value", "expected"),
    [
        (
            {"Type": "Pass", "Parameters": {"b.$": "$.a"}, "Next": "Then"},
            {"a": 1},
            {"status": "SUCCEEDED", "output": '{"b":1}', "nextState": "Then"},
        ),
        ({"Type": "Pass", "Result": [1], "End": True}, {}, {"status": "SUCCEEDED", "output": "[1]"}),
        (
            {
                "Type": "Choice",
                "Choices": [{"Variable": "$.n", "NumericGreaterThan": 1, "Next": "Many"}],
                "Default": "Few",
            },
            {"n": 2},
            {"status": "SUCCEEDED", "output": '{"n":2}', "nextState": "Many"},
        ),
        (
            {"Type": "Choice", "Choices": [{"Variable": "$.n", "IsNull": True, "Next": "Null"}]},
            {"n": 2},
            {
                "status": "FAILED",
                "error": "States.NoChoiceMatched",
                "cause": "Failed to transition out of the state 'StateName'.",
            },
        ),
        (
            {"Type": "Wait", "Seconds": 0, "Next": "Then"},
            {"a": 1},
            {"status": "SUCCEEDED", "output": '{"a":1}', "nextState": "Then"},
        ),
        ({"Type": "Succeed", "OutputPath": "$.a"}, {"a": 1}, {"status": "SUCCEEDED", "output": "1"}),
        (
            {"Type": "Fail", "Error": "E", "CausePath": "$.why"},
            {"why": "so"},
            {"status": "FAILED", "error": "E", "cause": "so"},
        ),
        (
            {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $states.input.a + $x %}", "End": True},
            {"a": 1},
            {"status": "SUCCEEDED", "output": "3"},
        ),
    ],
)
def test_a_state_is_tested_by_itself(
    test_state: Test, state: dict[str, Any], value: Any, expected: dict[str, Any]
) -> None:
    assert test_state(state, value, variables='{"x": 2}') == expected


@pytest.mark.proves("state tests")
def test_a_task_calls_its_service(test_state: Test, cloud: Any, stack: dict[str, str]) -> None:
    called = {"Type": "Task", "Resource": stack["Work"], "ResultPath": "$.done", "Next": "Then"}
    assert test_state(called, {"a": 1}) == {
        "status": "SUCCEEDED",
        "output": '{"a":1,"done":{"got":{"a":1}}}',
        "nextState": "Then",
    }
    sent = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": stack["Inbox"], "MessageBody": "of a test"},
        "End": True,
    }
    assert test_state(sent)["status"] == "SUCCEEDED"
    received = cloud.client("sqs").receive_message(QueueUrl=stack["Inbox"], WaitTimeSeconds=5)["Messages"]
    assert [message["Body"] for message in received] == ["of a test"]


@pytest.mark.proves("state test inspection")
@pytest.mark.parametrize("level", ["DEBUG", "TRACE"])
def test_the_inspection_has_each_step_of_the_data(test_state: Test, stack: dict[str, str], level: str) -> None:
    state = {
        "Type": "Task",
        "Resource": stack["Work"],
        "InputPath": "$.in",
        "Parameters": {"b.$": "$.a", "x.$": "$x"},
        "ResultSelector": {"its.$": "$.got.b"},
        "ResultPath": "$.result",
        "OutputPath": "$.result.its",
        "Assign": {"y.$": "$.got.x"},
        "Next": "Then",
    }
    value = {"in": {"a": 1}}
    tested = test_state(state, value, inspectionLevel=level, variables='{"x": 2}')
    assert tested == {
        "status": "SUCCEEDED",
        "output": "1",
        "nextState": "Then",
        "inspectionData": {
            "input": value,
            "afterInputPath": {"a": 1},
            "afterParameters": {"b": 1, "x": 2},
            "result": {"got": {"b": 1, "x": 2}},
            "afterResultSelector": {"its": 1},
            "afterResultPath": {**value, "result": {"its": 1}},
            "variables": {"x": 2, "y": 2},
        },
    }


@pytest.mark.proves("state test inspection")
def test_the_inspection_of_jsonata_has_arguments_result_and_variables(test_state: Test, stack: dict[str, str]) -> None:
    state = {
        "Type": "Task",
        "QueryLanguage": "JSONata",
        "Resource": stack["Work"],
        "Arguments": {"n": "{% $states.input.n + $x %}"},
        "Assign": {"x": "{% $states.result.got.n %}", "other": "{% $states.context.State.Name %}"},
        "Output": "{% $states.result.got %}",
        "End": True,
    }
    tested = test_state(state, {"n": 1}, inspectionLevel="DEBUG", variables='{"x": 2}', stateName="Mine")
    assert tested == {
        "status": "SUCCEEDED",
        "output": '{"n":3}',
        "inspectionData": {
            "input": {"n": 1},
            "afterArguments": {"n": 3},
            "result": {"got": {"n": 3}},
            "variables": {"x": 3, "other": "Mine"},
        },
    }


@pytest.mark.proves("state test errors")
def test_an_error_is_retriable_caught_or_fails_the_state(test_state: Test, stack: dict[str, str]) -> None:
    state = {
        "Type": "Task",
        "Resource": stack["Work"],
        "Retry": [
            {"ErrorEquals": ["Other"]},
            {"ErrorEquals": ["Busy"], "IntervalSeconds": 2, "BackoffRate": 3, "MaxAttempts": 2},
        ],
        "Catch": [
            {"ErrorEquals": ["Other"], "Next": "No"},
            {"ErrorEquals": ["Busy", "Bad"], "ResultPath": "$.failed", "Next": "Mend", "Assign": {"e.$": "$.Error"}},
        ],
        "End": True,
    }
    retried = test_state(state, {"error": "Busy"}, inspectionLevel="DEBUG")
    assert (retried["status"], retried["error"], "output" in retried) == ("RETRIABLE", "Busy", False)
    assert retried["inspectionData"]["errorDetails"] == {"retryIndex": 1, "retryBackoffIntervalSeconds": 2}
    later = test_state(state, {"error": "Busy"}, inspectionLevel="DEBUG", stateConfiguration={"retrierRetryCount": 1})
    assert later["inspectionData"]["errorDetails"] == {"retryIndex": 1, "retryBackoffIntervalSeconds": 6}
    last = test_state(state, {"error": "Busy"}, stateConfiguration={"retrierRetryCount": 2})
    assert (last["status"], last["nextState"], last["error"]) == ("CAUGHT_ERROR", "Mend", "Busy")
    caught = test_state(state, {"error": "Bad"}, inspectionLevel="DEBUG")
    assert (caught["status"], caught["nextState"], caught["error"]) == ("CAUGHT_ERROR", "Mend", "Bad")
    assert json.loads(caught["output"])["failed"]["Error"] == "Bad"
    assert caught["inspectionData"]["errorDetails"] == {"catchIndex": 1}
    assert caught["inspectionData"]["variables"] == {"e": "Bad"}
    failed = test_state(state, {"error": "Worse"})
    assert (failed["status"], failed["error"]) == ("FAILED", "Worse")
    assert "it failed" in failed["cause"]
    wrong = test_state({"Type": "Pass", "Parameters": {"a.$": "$.missing"}, "End": True}, inspectionLevel="DEBUG")
    assert (wrong["status"], wrong["error"]) == ("FAILED", "States.ParameterPathFailure")
    assert wrong["inspectionData"] == {"input": {}, "afterInputPath": {}, "variables": {}}


@pytest.mark.proves("state test times")
def test_a_test_takes_five_minutes_of_local_aws_s_clock_at_most(test_state: Test, machines: Any) -> None:
    found: list[dict[str, Any]] = []

    def wait(seconds: int) -> threading.Thread:
        state = {"Type": "Wait", "Seconds": seconds, "End": True}
        thread = threading.Thread(target=lambda: found.append(test_state(state)), daemon=True)
        thread.start()
        return thread

    for seconds, status in ((200, "SUCCEEDED"), (3000, "FAILED")):
        thread = wait(seconds)

        def ended(thread: threading.Thread = thread) -> bool:
            machines.tick("10m")
            thread.join(1)
            return not thread.is_alive()

        assert wait_until(ended, 60)
        assert found[-1]["status"] == status
    assert found[-1]["error"] == "States.Timeout"


@pytest.mark.proves("state tests in definitions")
def test_a_state_of_a_whole_definition_is_chosen_by_its_name(test_state: Test) -> None:
    inner = {"StartAt": "Inner", "States": {"Inner": {"Type": "Pass", "Output": "{% 1 + 1 %}", "End": True}}}
    definition = {
        "QueryLanguage": "JSONata",
        "StartAt": "First",
        "States": {
            "First": {"Type": "Pass", "Output": "{% 'first' %}", "Next": "All"},
            "All": {"Type": "Map", "Items": [1], "ItemProcessor": inner, "End": True},
        },
    }
    assert test_state(definition, stateName="First") == {
        "status": "SUCCEEDED",
        "output": '"first"',
        "nextState": "All",
    }
    assert test_state(definition, stateName="Inner") == {"status": "SUCCEEDED", "output": "2"}
    with pytest.raises(ClientError, match="TestState of Map states"):
        test_state(definition, stateName="All")
    with pytest.raises(ClientError, match="no state 'Other'"):
        test_state(definition, stateName="Other")


@pytest.mark.proves("state test mocks")
def test_a_mock_stands_for_the_work_of_a_task(test_state: Test) -> None:
    state = {
        "Type": "Task",
        "Resource": PUT,
        "Parameters": {"TableName.$": "$$.Execution.Name", "Item": {}},
        "ResultSelector": {"units.$": "$.ConsumedCapacity.CapacityUnits"},
        "Catch": [{"ErrorEquals": ["DynamoDB.Busy"], "Next": "Mend"}],
        "End": True,
    }
    context = json.dumps({"Execution": {"Name": "of-the-test"}})
    result = {"result": json.dumps({"ConsumedCapacity": {"CapacityUnits": 2.5}})}
    tested = test_state(state, mock=result, context=context, inspectionLevel="DEBUG")
    assert (tested["status"], json.loads(tested["output"])) == ("SUCCEEDED", {"units": 2.5})
    assert tested["inspectionData"]["afterParameters"]["TableName"] == "of-the-test"
    caught = test_state(state, mock={"errorOutput": {"error": "DynamoDB.Busy", "cause": "c"}})
    assert (caught["status"], caught["nextState"], caught["cause"]) == ("CAUGHT_ERROR", "Mend", "c")
    wrong = {"result": json.dumps({"ConsumedCapacity": {"CapacityUnits": "many"}})}
    with pytest.raises(ClientError, match=r"result\.ConsumedCapacity\.CapacityUnits must be a double"):
        test_state(state, mock=wrong)
    state = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": True}
    free = {"result": '{"Output": 1}', "fieldValidationMode": "NONE"}
    assert test_state({**state, "Parameters": {"StateMachineArn": "m"}}, mock=free)["output"] == '{"Output":1}'


@pytest.mark.proves("state test mocks")
def test_a_strict_mock_has_all_required_fields(test_state: Test) -> None:
    resource = "arn:aws:states:::aws-sdk:sfn:describeActivity"
    state = {"Type": "Task", "Resource": resource, "Parameters": {"ActivityArn": "a"}, "End": True}
    partial = json.dumps({"Name": "n"})
    with pytest.raises(ClientError, match=r"result\.ActivityArn is required"):
        test_state(state, mock={"result": partial})
    assert test_state(state, mock={"result": partial, "fieldValidationMode": "PRESENT"})["status"] == "SUCCEEDED"


PASS = {"Type": "Pass", "End": True}
TASK = {"Type": "Task", "Resource": PUT, "End": True}


@pytest.mark.proves("state test refusals")
@pytest.mark.parametrize(
    ("state", "options", "message"),
    [
        ({"Type": "Pass"}, {}, "InvalidDefinition.*'End', 'Next'"),
        (PASS, {"input": "no"}, "InvalidExecutionInput"),
        (PASS, {"variables": "[]"}, "must be JSON objects"),
        (PASS, {"context": "{}"}, "only with a mock"),
        (PASS, {"mock": {"result": "1"}}, "can't be specified for a Pass state"),
        (PASS, {"revealSecrets": True}, "doesn't support revealSecrets"),
        (PASS, {"stateConfiguration": {"mapIterationFailureCount": 1}}, "doesn't support mapIterationFailureCount"),
        ({"Type": "Parallel", "Branches": [{"StartAt": "P", "States": {"P": PASS}}], "End": True}, {}, "of Parallel"),
        (TASK, {"roleArn": None}, "needs a roleArn"),
        (TASK, {"mock": {"errorOutput": {}, "result": "1"}}, "either a result or an errorOutput"),
        ({**TASK, "Resource": f"{PUT}.sync"}, {}, "InvalidDefinition"),
        (
            {**TASK, "Resource": "arn:aws:states:::states:startExecution.sync"},
            {"mock": {"result": "{}"}},
            "use the fieldValidationMode NONE",
        ),
        ({**TASK, "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken"}, {}, "needs a mock for tasks of"),
        ({**TASK, "Resource": "arn:aws:states:us-east-1:1:activity:a"}, {}, "needs a mock for tasks of activities"),
    ],
)
def test_what_cannot_be_tested_is_refused(
    test_state: Test, state: dict[str, Any], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ClientError, match=message):
        test_state(state, **options)


@pytest.mark.proves("state tests")
@pytest.mark.parametrize("fields", [{"Output": "{% $x %}"}, {"Assign": {"x": "{% $x %}"}, "Output": 1}])
def test_a_tested_state_has_the_limits_of_size(test_state: Test, fields: dict[str, Any]) -> None:
    fields = json.loads(json.dumps(fields).replace("$x", "$pad('', 262150, 'a')"))
    answer = test_state({"Type": "Pass", "QueryLanguage": "JSONata", **fields, "End": True})
    assert (answer["status"], answer["error"]) == ("FAILED", "States.DataLimitExceeded")


@pytest.mark.proves("state tests")
@pytest.mark.parametrize("expression", ["'5'", "1.5", "null", "$states.input.none"])
def test_a_tested_state_refuses_values_of_the_wrong_type(test_state: Test, expression: str) -> None:
    state = {"Type": "Wait", "QueryLanguage": "JSONata", "Seconds": f"{{% {expression} %}}", "End": True}
    answer = test_state(state)
    assert (answer["status"], answer["error"]) == ("FAILED", "States.QueryEvaluationError")
