"""Definitions that AWS refuses, and those with parts that local AWS doesn't support."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localaws.stepfunctions.language.validation import refusal, validate, validate_value

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:work"


def found(states: dict[str, Any], start: str = "A", kind: str = "STANDARD", **more: Any) -> list[str]:
    return [str(each) for each in validate_value({"StartAt": start, "States": states, **more}, kind)]


def of_state(state: dict[str, Any], kind: str = "STANDARD", **more: Any) -> list[str]:
    """What's wrong with a state machine of one state."""
    ending = {} if state.get("Type") in ("Choice", "Fail", "Succeed") or {"Next", "End"} & set(state) else {"End": True}
    return found(
        {"A": {**state, **ending}, "Z": {"Type": "Succeed"}} if "Z" in str(state) else {"A": {**state, **ending}},
        kind=kind,
        **more,
    )


def test_a_valid_definition_has_no_diagnostics() -> None:
    assert of_state({"Type": "Pass"}) == []


@pytest.mark.proves("definition json")
def test_text_that_is_not_json_is_refused() -> None:
    assert [each.code for each in validate("{")] == ["INVALID_JSON_DESCRIPTION"]
    assert [each.code for each in validate("[]")] == ["SCHEMA_VALIDATION_FAILED"]


@pytest.mark.proves("definition json")
@pytest.mark.parametrize("value", ["NaN", "-Infinity", "1e999", "[" * 100_000 + "]" * 100_000])
def test_a_definition_has_json_s_values_only_and_is_not_nested_without_end(value: str) -> None:
    text = f'{{"StartAt":"A","States":{{"A":{{"Type":"Pass","End":true,"Parameters":{{"x":{value}}}}}}}}}'
    assert [each.code for each in validate(text)] == ["INVALID_JSON_DESCRIPTION"]


@pytest.mark.proves("definition targets")
def test_transitions_lead_to_states_that_exist() -> None:
    assert found({"A": {"Type": "Pass", "Next": "B"}}, "A")[0] == (
        "MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /States/A/Next"
    )
    assert "MISSING_TRANSITION_TARGET: Missing 'StartAt' target: B at /StartAt" in found(
        {"A": {"Type": "Succeed"}}, "B"
    )
    catch = [{"ErrorEquals": ["E"], "Next": "None"}]
    assert "Missing 'Next' target: None at /States/A/Catch[0]/Next" in str(
        of_state({"Type": "Task", "Resource": FUNCTION, "Catch": catch})
    )


@pytest.mark.proves("definition reachability")
def test_every_state_must_be_reachable() -> None:
    states = {"A": {"Type": "Succeed"}, "B": {"Type": "Pass", "Next": "A"}}
    assert found(states) == ['MISSING_TRANSITION_TARGET: State "B" is not reachable. at /States/B']


def test_some_state_must_be_an_end() -> None:
    states = {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}
    assert found(states) == ["SCHEMA_VALIDATION_FAILED: No state ends the state machine at /States"]


@pytest.mark.proves("definition fields")
@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"Type": "Pass", "Resource": "x"}, "Field 'Resource' is not supported by Pass states at /States/A/Resource"),
        ({"Type": "Pass", "Arguments": {}}, "Field 'Arguments' is not supported"),
        ({"Type": "Pass", "Output": {}}, "Field 'Output' is not supported with the query language JSONPath"),
        ({"Type": "Job"}, "The value must be one of Choice, Fail, Map"),
        ({"Type": "Task"}, "The field 'Resource' is required"),
        ({"Type": "Pass", "End": False}, "The value must be true at /States/A/End"),
        ({"Type": "Pass", "End": True, "Next": "A"}, "exactly one of them: 'End', 'Next'"),
        ({"Type": "Wait"}, "Exactly one of these fields is required"),
        ({"Type": "Wait", "Seconds": 1, "Timestamp": "2026-01-01T00:00:00Z"}, "Exactly one of these fields"),
        ({"Type": "Wait", "Timestamp": "tomorrow"}, "must be a timestamp"),
        ({"Type": "Wait", "Seconds": -1}, "must be an integer from 0"),
        ({"Type": "Fail", "Error": 1}, "must be a string"),
        ({"Type": "Fail", "Error": "E", "ErrorPath": "$.e"}, "exclude each other"),
        ({"Type": "Parallel", "Branches": []}, "non-empty array"),
        ({"Type": "Map"}, "The field 'ItemProcessor' is required"),
        ({"Type": "Task", "Resource": FUNCTION, "TimeoutSeconds": 0}, "must be an integer from 1"),
        ({"Type": "Task", "Resource": FUNCTION, "TimeoutSeconds": 5, "HeartbeatSeconds": 5}, "must be smaller"),
        (
            {"Type": "Task", "Resource": FUNCTION, "TimeoutSeconds": 5, "TimeoutSecondsPath": "$.t"},
            "exclude each other",
        ),
        ({"Type": "Pass", "Assign": []}, "The value must be an object"),
        ({"Type": "Wait", "Seconds": 1.5}, "must be an integer"),
        ({"Type": "Wait", "Seconds": True}, "must be an integer"),
        ({"Type": "Wait", "SecondsPath": None}, "not a valid JSONPath"),
        ({"Type": "Task", "Resource": FUNCTION, "HeartbeatSecondsPath": None}, "not a valid JSONPath"),
        ({"Type": "Map", "ItemsPath": None}, "not a valid JSONPath"),
        (
            {"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": True, "Next": "Z", "Assign": "abc"}]},
            "The value must be an object at /States/A/Choices[0]/Assign",
        ),
        (
            {
                "Type": "Task",
                "Resource": FUNCTION,
                "Catch": [{"ErrorEquals": ["E"], "Next": "Z", "Assign": "abc"}],
            },
            "The value must be an object at /States/A/Catch[0]/Assign",
        ),
        ({"Type": "Pass", "Assign": {"states": 1}}, "'states' isn't the name of a variable"),
        ({"Type": "Pass", "Assign": {"1x": 1}}, "'1x' isn't the name of a variable"),
        ({"Type": "Pass", "Assign": {"a-b.$": "$.a"}}, "'a-b' isn't the name of a variable"),
        ({"Type": "Pass", "Assign": {"v" * 81: 1}}, "isn't the name of a variable"),
        ({"Type": "Fail", "QueryLanguage": "JSONata", "Error": 5}, "must be a string at /States/A/Error"),
    ],
)
def test_fields_fit_the_type_of_the_state(state: dict[str, Any], message: str) -> None:
    assert any(message in each for each in of_state(state)), of_state(state)


@pytest.mark.proves("definition fields")
def test_fields_of_the_machine_are_checked() -> None:
    assert "Field 'Other' is not supported at /Other" in str(of_state({"Type": "Pass"}, Other=1))
    assert "must be '1.0'" in str(of_state({"Type": "Pass"}, Version="2.0"))
    assert "integer from 1" in str(of_state({"Type": "Pass"}, TimeoutSeconds=0))
    assert "must be 'JSONPath' or 'JSONata'" in str(of_state({"Type": "Pass"}, QueryLanguage="jq"))
    assert "at least one state" in str(found({}))


@pytest.mark.proves("definition paths")
@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"Type": "Pass", "InputPath": "a.b"}, "not a valid JSONPath"),
        ({"Type": "Pass", "ResultPath": "$.a[*]"}, "Value is not a Reference Path: '$.a[*]' at /States/A/ResultPath"),
        ({"Type": "Pass", "ResultPath": "$$.a"}, "Value is not a Reference Path"),
        ({"Type": "Pass", "Parameters": {"a": [{"x.$": "y"}]}}, "at /States/A/Parameters/a[0]/x.$"),
        ({"Type": "Pass", "Parameters": {"x.$": 1}}, "must be a valid JSONPath"),
    ],
)
def test_paths_are_checked(state: dict[str, Any], message: str) -> None:
    assert any(message in each for each in of_state(state)), of_state(state)


@pytest.mark.proves("definition intrinsics")
@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("States.Unknown(1)", "there's no function States.Unknown"),
        ("States.Format()", "States.Format doesn't take 0 arguments"),
        ("States.UUID(", "is missing"),
        ("States.Array(1) x", "unexpected 'x'"),
        ('States.Array("a")', "a value is missing"),
        ("States.Array([1])", "a value is missing"),
        ("States.Array(007)", "007 isn't a number"),
        ("States.Array(1e999)", "1e999 isn't a number"),
        ("States.Array(" * 11 + "1" + ")" * 11, "at most 10 functions can be nested"),
        ("States.Array(" * 5000 + "1" + ")" * 5000, "at most 10 functions can be nested"),
    ],
)
def test_intrinsic_functions_are_checked(call: str, message: str) -> None:
    assert message in str(of_state({"Type": "Pass", "Parameters": {"x.$": call}}))


@pytest.mark.proves("definition parameters")
@pytest.mark.parametrize(
    ("resource", "parameters", "messages"),
    [
        ("sqs:sendMessage", {"QueueUrl": "q", "MessageBody.$": "$.m"}, []),
        ("aws-sdk:s3:putObject", {"Bucket": "b", "Key": "k", "SseCustomerAlgorithm": "AES256"}, []),
        ("batch:submitJob", {"JobName": "n", "JobQueue": "q", "JobDefinition": "d"}, []),
        ("aws-sdk:s3:listBuckets", {}, []),
        ("sqs:sendMessage", {"QueueUrl": "q"}, ["The field 'MessageBody' is required but was missing"]),
        (
            "aws-sdk:dynamodb:getItem",
            {"tableName": "t", "Key": {}},
            ["The field 'tableName' is not supported by Step Functions at /States/A/Parameters/tableName"],
        ),
        (
            "lambda:invoke.waitForTaskToken",
            {"Payload": {}, "Other.$": "$.a"},
            ["The field 'Other' is not supported by Step Functions", "The field 'FunctionName' is required"],
        ),
    ],
)
def test_the_parameters_of_an_api_have_its_names(
    resource: str, parameters: dict[str, Any], messages: list[str]
) -> None:
    found = of_state({"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": parameters})
    assert len(found) == len(messages), found
    assert all(message in each for message, each in zip(messages, found, strict=True)), found


@pytest.mark.proves("definition expressions")
def test_expressions_are_checked() -> None:
    def jsonata(state: dict[str, Any]) -> str:
        return str(of_state({"QueryLanguage": "JSONata", **state}))

    assert "Invalid JSONata expression" in jsonata({"Type": "Pass", "Output": {"x": ["{% $a( %}"]}})
    assert "/States/A/Output/x[0]" in jsonata({"Type": "Pass", "Output": {"x": ["{% $a( %}"]}})
    assert "$eval isn't available" in jsonata({"Type": "Pass", "Output": "{% $eval('1') %}"})
    assert jsonata({"Type": "Pass", "Output": "{% '$eval' %}"}) == "[]"
    assert "Field 'InputPath' is not supported with the query language JSONata" in jsonata(
        {"Type": "Pass", "InputPath": "$"}
    )
    assert "The query language JSONPath can't be used here" in str(
        of_state({"Type": "Pass", "QueryLanguage": "JSONPath"}, QueryLanguage="JSONata")
    )


@pytest.mark.proves("definition choice rules")
@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"Variable": "$.x", "StringEquals": "a"}, "The field 'Next' is required"),
        ({"Variable": "$.x", "Next": "Z"}, "exactly one comparison operator"),
        ({"StringEquals": "a", "Next": "Z"}, "needs 'Variable'"),
        ({"Variable": "$.x", "StringEquals": "a", "NumericEquals": 1, "Next": "Z"}, "exactly one comparison operator"),
        ({"Variable": "$.x", "Like": "a", "Next": "Z"}, "Field 'Like' is not supported"),
        ({"Variable": "$.x", "NumericEquals": "1", "Next": "Z"}, "The value must be a numeric"),
        ({"Variable": "$.x", "TimestampEquals": "1", "Next": "Z"}, "The value must be a timestamp"),
        ({"Variable": "x", "IsNull": True, "Next": "Z"}, "not a valid JSONPath"),
        ({"And": [], "Next": "Z"}, "non-empty array at /States/A/Choices[0]/And"),
        ({"Not": {"Variable": "$.x", "IsNull": True, "Next": "Z"}, "Next": "Z"}, "Field 'Next' is not supported"),
    ],
)
def test_choice_rules_are_checked(rule: dict[str, Any], message: str) -> None:
    problems = of_state({"Type": "Choice", "Choices": [rule], "Default": "Z"})
    assert any(message in each for each in problems), problems


@pytest.mark.proves("definition retriers and catchers")
@pytest.mark.parametrize(
    ("field", "handlers", "message"),
    [
        ("Retry", [{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["E"]}], "must be alone, and in the last item"),
        ("Retry", [{"ErrorEquals": ["E", "States.ALL"]}], "must be alone, and in the last item"),
        ("Retry", [{"ErrorEquals": []}], "non-empty array of strings"),
        ("Retry", [{"ErrorEquals": ["E"], "BackoffRate": 0.5}], "at least 1.0"),
        ("Retry", [{"ErrorEquals": ["E"], "IntervalSeconds": 0}], "integer from 1"),
        ("Retry", [{"ErrorEquals": ["E"], "MaxDelaySeconds": 2, "IntervalSeconds": 2}], "greater than"),
        ("Retry", [{"ErrorEquals": ["E"], "JitterStrategy": "HALF"}], "'FULL' or 'NONE'"),
        ("Retry", [{"ErrorEquals": ["E"], "Next": "A"}], "Field 'Next' is not supported"),
        ("Catch", [{"ErrorEquals": ["E"]}], "The field 'Next' is required"),
        ("Catch", [{"ErrorEquals": ["E"], "Next": "A", "Output": 1}], "Field 'Output' is not supported"),
    ],
)
def test_retriers_and_catchers_are_checked(field: str, handlers: list[Any], message: str) -> None:
    problems = of_state({"Type": "Task", "Resource": FUNCTION, field: handlers})
    assert any(message in each for each in problems), problems


@pytest.mark.proves("states variable scopes")
def test_a_branch_does_not_assign_a_variable_of_the_states_around_it() -> None:
    inner = {"StartAt": "In", "States": {"In": {"Type": "Pass", "Assign": {"x.$": "$"}, "End": True}}}
    config = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}

    def problems(outer: dict[str, Any], state: dict[str, Any]) -> list[str]:
        return found({"A": {"Type": "Pass", "Assign": outer, "Next": "B"}, "B": {**state, "End": True}})

    both = {"Type": "Parallel", "Branches": [inner]}
    assert "'x' is assigned outside" in str(problems({"x": 1}, both))
    assert "/States/B/Branches[0]/States/In/Assign/x.$" in str(problems({"x": 1}, both))
    assert problems({"y": 1}, both) == []
    assert problems({"x": 1}, {"Type": "Map", "ItemProcessor": {**config, **inner}}) == []


@pytest.mark.proves("definition duplicates")
def test_a_name_stands_for_one_state_in_the_whole_machine() -> None:
    branch = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
    problems = of_state({"Type": "Parallel", "Branches": [branch]})
    assert problems == ["DUPLICATE_STATE_NAME: Duplicate State name: A at /States/A/Branches[0]/States/A"]
    assert "80 characters" in str(found({"A" * 81: {"Type": "Succeed"}}, "A" * 81))


@pytest.mark.proves("definition resources")
@pytest.mark.parametrize(
    ("resource", "message"),
    [
        ("work", "Value is not a valid resource ARN: 'work'"),
        ("arn:aws:states:::lambda:invoke.sync", "doesn't support '.sync'"),
        ("arn:aws:states:::lambda:invoke.later", "is not recognized"),
        ("arn:aws:states:::aws-sdk:s3:getNothing", "has no API action getNothing"),
        ("arn:aws:states:::aws-sdk:s3:GetObject", "has no API action GetObject"),
        ("arn:aws:states:::aws-sdk:s3:getObject.sync", "AWS SDK integrations don't support '.sync'"),
    ],
)
def test_resources_are_checked(resource: str, message: str) -> None:
    assert message in str(of_state({"Type": "Task", "Resource": resource}))


@pytest.mark.proves("definition express")
@pytest.mark.parametrize("pattern", ["sync", "sync:2", "waitForTaskToken"])
def test_express_machines_do_not_wait_for_what_they_start(pattern: str) -> None:
    state = {"Type": "Task", "Resource": f"arn:aws:states:::states:startExecution.{pattern}"}
    assert of_state(state) == []
    assert f"Express state machine does not support '.{pattern}'" in str(of_state(state, kind="EXPRESS"))


@pytest.mark.proves("definition express")
def test_express_machines_have_no_activities() -> None:
    state = {"Type": "Task", "Resource": "arn:aws:states:us-east-1:1:activity:a"}
    assert of_state(state) == []
    assert "Express state machine does not support activities" in str(of_state(state, kind="EXPRESS"))


@pytest.mark.proves("definition unsupported")
@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync"}, "the integration glue:startJobRun"),
        ({"Type": "Task", "Resource": "arn:aws:states:::http:invoke"}, "the integration http:invoke"),
        (
            {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:athena:getWorkGroup"},
            "the AWS SDK integration of athena",
        ),
        ({"Type": "Task", "Resource": FUNCTION, "Credentials": {"RoleArn": "r"}}, "Credentials of a task"),
    ],
)
def test_what_local_aws_does_not_do_is_refused_by_name(state: dict[str, Any], message: str) -> None:
    problems = of_state(state)
    assert problems
    assert problems[0].startswith(f"NOT_SUPPORTED_BY_LOCAL_AWS: Local AWS doesn't support {message}")


def test_a_refusal_lists_all_diagnostics() -> None:
    text = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "Foo": 1, "Next": "B"}}})
    assert refusal(validate(text)).startswith(
        "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Field 'Foo' is not supported by Pass states at "
        "/States/A/Foo, MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /States/A/Next"
    )


READER = {
    "Resource": "arn:aws:states:::s3:getObject",
    "Arguments": {"Bucket": "b", "Key": "k"},
    "ReaderConfig": {"InputType": "JSON"},
}


@pytest.mark.proves("definition distributed maps")
@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"ItemReader": {**READER, "Parameters": {}}}, "Field 'Parameters' is not supported with the query language"),
        ({"ItemReader": {"Resource": READER["Resource"], "ReaderConfig": {"InputType": "JSON"}}}, "required together"),
        ({"ItemReader": {}}, "must not be empty"),
        (
            {"ItemReader": {**READER, "ReaderConfig": {"InputType": "JSON", "MaxItems": "2"}}},
            "integer from 0 to 100000000 at /States/A/ItemReader/MaxItems",
        ),
        (
            {"ItemReader": {**READER, "ReaderConfig": {"InputType": "JSON", "MaxItemsPath": "$.n"}}},
            "Field 'MaxItemsPath' is not supported with the query language JSONata",
        ),
        (
            {
                "ItemReader": {
                    **READER,
                    "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": [1]},
                }
            },
            "an array of strings",
        ),
        ({"ItemBatcher": {"MaxItemsPerBatch": 0}}, "integer from 1 to"),
        ({"ItemBatcher": {"MaxInputBytesPerBatch": 300_000}}, "integer from 1 to 262144"),
        ({"ResultWriter": {}}, "must not be empty"),
        ({"ResultWriter": {"Resource": "arn:aws:states:::s3:putObject"}}, "required together"),
        ({"ResultWriter": {"Arguments": {"Bucket": "b"}}}, "required together"),
        ({"Label": "x" * 41}, "1 to 40 characters"),
        ({"Label": "a b"}, "1 to 40 characters"),
        ({"Label": 5}, "1 to 40 characters"),
        ({"ToleratedFailurePercentage": 101}, "a number from 0 to 100"),
        ({"ToleratedFailureCount": 1.5}, "an integer from 0"),
    ],
)
def test_the_parts_of_a_distributed_map_are_checked(fields: dict[str, Any], message: str) -> None:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    processor = {"ProcessorConfig": config, "StartAt": "E", "States": {"E": {"Type": "Pass", "End": True}}}
    state = {"Type": "Map", "ItemProcessor": processor, "QueryLanguage": "JSONata"}
    assert of_state({**state, "ItemReader": READER, "Label": "fine-1_é"}) == []
    assert any(message in each for each in of_state({**state, **fields})), of_state({**state, **fields})
