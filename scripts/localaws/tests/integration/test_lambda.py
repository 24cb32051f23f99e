"""Invocations, through the real client."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError


def call(cloud: Any, name: str, event: Any, **options: Any) -> tuple[Any, Any]:
    answer = cloud.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event), **options)
    payload = answer["Payload"].read()
    return answer, json.loads(payload) if payload else None


@pytest.mark.proves(
    "AWS::Serverless::Function",
    "AWS::Serverless::Function.Handler",
    "AWS::Serverless::Function.Runtime",
)
def test_an_invocation_returns_the_handlers_result(cloud: Any, outputs: dict[str, str]) -> None:
    answer, payload = call(cloud, outputs["Echo"], {"a": [1, "ü"]})
    assert answer["StatusCode"] == 200
    assert answer["ExecutedVersion"] == "$LATEST"
    assert payload["event"] == {"a": [1, "ü"]}
    assert payload["arn"].endswith(f":function:{outputs['Echo']}")


@pytest.mark.proves(
    "Conditions",
    "Mappings",
    "AWS::Serverless::Function.Environment.Variables",
)
def test_parameters_mappings_and_conditions_reach_the_function(cloud: Any, outputs: dict[str, str]) -> None:
    _, payload = call(cloud, outputs["Echo"], {})
    assert (payload["greeting"], payload["farewell"], payload["extra"]) == ("hi", "bye", None)
    assert payload["endpoint"] == cloud.endpoint


def test_a_raising_function_returns_a_function_error_and_its_log_tail(cloud: Any, outputs: dict[str, str]) -> None:
    answer, payload = call(cloud, outputs["Echo"], {"do": "raise"}, LogType="Tail")
    assert answer["FunctionError"] == "Unhandled"
    assert payload["errorType"] == "ValueError"
    assert payload["errorMessage"] == "as asked"
    tail = base64.b64decode(answer["LogResult"]).decode()
    assert "START RequestId" in tail and "ValueError" in tail and "REPORT RequestId" in tail


def test_a_function_that_takes_too_long_is_stopped_and_the_next_call_works(cloud: Any, outputs: dict[str, str]) -> None:
    answer, payload = call(cloud, outputs["Echo"], {"do": "sleep", "seconds": 20})
    assert answer["FunctionError"] == "Unhandled"
    assert "Task timed out after 2.00 seconds" in payload["errorMessage"]
    assert call(cloud, outputs["Echo"], {"again": 1})[1]["event"] == {"again": 1}


@pytest.mark.proves(
    "AWS::Serverless::Function.AutoPublishAlias",
)
def test_an_alias_runs_the_version_that_it_names(cloud: Any, outputs: dict[str, str]) -> None:
    answer, payload = call(cloud, outputs["Echo"], {}, Qualifier="live")
    assert answer["ExecutedVersion"] == "1"
    assert payload["version"] == "1"
    assert payload["arn"].endswith(":live")
    assert call(cloud, outputs["EchoAlias"], {})[0]["ExecutedVersion"] == "1"


@pytest.mark.proves(
    "AWS::Serverless::Function.LoggingConfig.LogGroup",
)
def test_log_lines_carry_the_request_id_that_the_caller_got(cloud: Any, outputs: dict[str, str]) -> None:
    answer, payload = call(cloud, outputs["Echo"], {"marker": "log-lines"})
    request_id = answer["ResponseMetadata"]["RequestId"]
    assert payload["request_id"] == request_id
    lines = cloud.logged(outputs["EchoLogs"], request_id, count=3)
    assert [line.split()[0] for line in lines] == ["START", "END", "REPORT"]
    assert cloud.logged(outputs["EchoLogs"], "log-lines")
    streams = cloud.client("logs").describe_log_streams(logGroupName=outputs["EchoLogs"])["logStreams"]
    assert all("/[" in stream["logStreamName"] for stream in streams)


def test_a_dry_run_runs_nothing(cloud: Any, outputs: dict[str, str]) -> None:
    answer, payload = call(cloud, outputs["Echo"], {"marker": "dry-run"}, InvocationType="DryRun")
    assert (answer["StatusCode"], payload) == (204, None)
    call(cloud, outputs["Echo"], {"marker": "after-dry-run"})
    cloud.logged(outputs["EchoLogs"], "after-dry-run")
    assert not [line for line in cloud.logged(outputs["EchoLogs"], '"dry-run"', 0) if "dry-run" in line]


@pytest.mark.parametrize(("name", "qualifier"), [("nobody", None), ("Echo", "nowhere"), ("Echo", "99")])
def test_an_unknown_function_or_qualifier_is_not_found(
    cloud: Any, outputs: dict[str, str], name: str, qualifier: str | None
) -> None:
    options = {"Qualifier": qualifier} if qualifier else {}
    with pytest.raises(ClientError) as caught:
        call(cloud, outputs.get(name, name), {}, **options)
    assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


@pytest.mark.parametrize(("kind", "size"), [("RequestResponse", 6 * 2**20), ("Event", 2**20)])
def test_a_payload_over_the_limit_is_refused(cloud: Any, outputs: dict[str, str], kind: str, size: int) -> None:
    with pytest.raises(ClientError) as caught:
        call(cloud, outputs["Echo"], "x" * size, InvocationType=kind)
    assert caught.value.response["Error"]["Code"] == "RequestTooLargeException"


def test_a_payload_that_is_not_json_is_refused(cloud: Any, outputs: dict[str, str]) -> None:
    with pytest.raises(ClientError) as caught:
        cloud.client("lambda").invoke(FunctionName=outputs["Echo"], Payload=b"{")
    assert caught.value.response["Error"]["Code"] == "InvalidRequestContentException"


@pytest.mark.proves(
    "AWS::Serverless::Function.DeadLetterQueue.TargetArn",
    "AWS::Serverless::Function.DeadLetterQueue.Type",
    "AWS::Serverless::Function.EventInvokeConfig.DestinationConfig.OnFailure.Destination",
    "AWS::Serverless::Function.EventInvokeConfig.DestinationConfig.OnFailure.Type",
    "AWS::Serverless::Function.EventInvokeConfig.MaximumRetryAttempts",
)
def test_a_failing_event_is_tried_three_times_then_sent_to_its_destination(cloud: Any, outputs: dict[str, str]) -> None:
    event = {"do": "raise", "marker": "retries"}
    answer, _ = call(cloud, outputs["Failing"], event, InvocationType="Event")
    assert answer["StatusCode"] == 202
    letters = cloud.drain(outputs["AsyncLetters"], bool)
    assert letters == [event]
    (record,) = cloud.drain(outputs["Failures"], bool)
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 3
    assert record["requestContext"]["requestId"] == answer["ResponseMetadata"]["RequestId"]
    assert (record["requestPayload"], record["responsePayload"]["errorType"]) == (event, "ValueError")
    attempts = cloud.logged(f"/aws/lambda/{outputs['Failing']}", '"retries"', count=3)
    assert len(attempts) == 3


@pytest.mark.proves(
    "AWS::Serverless::Function.EventInvokeConfig.DestinationConfig.OnSuccess.Destination",
    "AWS::Serverless::Function.EventInvokeConfig.DestinationConfig.OnSuccess.Type",
)
def test_an_event_that_succeeds_reaches_the_success_destination(cloud: Any, outputs: dict[str, str]) -> None:
    call(cloud, outputs["Failing"], {"fine": True}, InvocationType="Event")
    (record,) = cloud.drain(outputs["Successes"], bool)
    assert record["requestContext"]["condition"] == "Success"
    assert record["responsePayload"]["event"] == {"fine": True}


def zipped(source: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("index.py", source)
    return content.getvalue()


def test_code_and_settings_that_are_updated_by_the_api_take_effect_but_not_in_versions(
    cloud: Any, outputs: dict[str, str]
) -> None:
    client = cloud.client("lambda")
    role = client.get_function_configuration(FunctionName=outputs["Echo"])["Role"]
    client.create_function(
        FunctionName="by-api",
        Role=role,
        Runtime="python3.13",
        Handler="index.handler",
        Code={"ZipFile": zipped("import os\ndef handler(event, context): return ['one', os.environ.get('SETTING')]")},
    )
    assert call(cloud, "by-api", {})[1] == ["one", None]
    assert client.publish_version(FunctionName="by-api")["Version"] == "1"
    client.update_function_configuration(FunctionName="by-api", Environment={"Variables": {"SETTING": "y"}})
    assert call(cloud, "by-api", {})[1] == ["one", "y"]
    client.update_function_code(FunctionName="by-api", ZipFile=zipped("def handler(event, context): return ['two']"))
    assert call(cloud, "by-api", {})[1] == ["two"]
    assert call(cloud, "by-api", {}, Qualifier="1")[1] == ["one", None]
    client.delete_function(FunctionName="by-api")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        call(cloud, "by-api", {})


@pytest.mark.proves(
    "AWS::Serverless::Function.CodeUri",
)
def test_an_edit_is_live_at_the_next_call_of_function_and_alias(cloud: Any, outputs: dict[str, str]) -> None:
    source = cloud.folder / "functions" / "echo.py"
    original = source.read_text()
    assert "edited" not in call(cloud, outputs["Echo"], {})[1]
    try:
        source.write_text(original.replace('"event": event,', '"event": event, "edited": True,'))
        assert call(cloud, outputs["Echo"], {})[1]["edited"] is True
        assert call(cloud, outputs["Echo"], {}, Qualifier="live")[1]["edited"] is True
    finally:
        source.write_text(original)
    assert "edited" not in call(cloud, outputs["Echo"], {})[1]
    assert not list(source.parent.rglob("__pycache__"))


def test_an_unknown_image_is_refused_by_name(cloud: Any, outputs: dict[str, str]) -> None:
    client = cloud.client("lambda")
    role = client.get_function_configuration(FunctionName=outputs["Echo"])["Role"]
    uri = "123456789012.dkr.ecr.us-east-1.amazonaws.com/nobody:built"
    with pytest.raises(ClientError, match=uri):
        client.create_function(FunctionName="image", Role=role, PackageType="Image", Code={"ImageUri": uri})


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"Runtime": "nodejs22.x"}, "nodejs22.x"),
        ({"VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}}, "VpcConfig"),
        ({"DeadLetterConfig": {"TargetArn": "arn:aws:kinesis:us-east-1:123456789012:stream/s"}}, "kinesis"),
    ],
)
def test_unsupported_settings_are_refused(
    cloud: Any, outputs: dict[str, str], options: dict[str, Any], names: str
) -> None:
    with pytest.raises(ClientError, match=names):
        cloud.client("lambda").update_function_configuration(FunctionName=outputs["Echo"], **options)


def test_an_unsupported_service_is_refused(cloud: Any) -> None:
    with pytest.raises(ClientError, match="Local AWS doesn't support pipes"):
        cloud.client("pipes").list_pipes()
