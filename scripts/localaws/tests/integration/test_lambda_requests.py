"""Requests to Lambda's API that moto accepts, drops or answers otherwise, through an AWS client."""

from __future__ import annotations

import base64
import io
import json
import uuid
import zipfile
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config

from localaws_testing.refusals import refusal

INVALID = "InvalidParameterValueException"
SOURCE = "def handler(event, context):\n    return event\n"
NO_REVISION = "00000000-0000-0000-0000-000000000000"


@pytest.fixture(scope="module")
def client(cloud: Any) -> Any:
    """A client that doesn't validate requests itself, as those of other languages don't."""
    return boto3.client(
        "lambda",
        endpoint_url=cloud.endpoint,
        region_name="us-east-1",
        aws_access_key_id="any",
        aws_secret_access_key="any",
        config=Config(parameter_validation=False, retries={"max_attempts": 0}),
    )


@pytest.fixture(scope="module")
def content(archive: Callable[[str, str], bytes]) -> bytes:
    return archive("index.py", SOURCE)


@pytest.fixture(scope="module")
def role(cloud: Any) -> str:
    name = f"requests-{uuid.uuid4().hex[:12]}"
    service = {"Service": "lambda.amazonaws.com"}
    trust = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole"},
    }
    made = cloud.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    return str(made["Role"]["Arn"])


@pytest.fixture
def settings(role: str, content: bytes) -> dict[str, Any]:
    """The settings of a new function."""
    name = f"requests-{uuid.uuid4().hex[:12]}"
    code = {"ZipFile": content}
    return {"FunctionName": name, "Runtime": "python3.13", "Role": role, "Handler": "index.handler", "Code": code}


@pytest.fixture
def function(client: Any, settings: dict[str, Any]) -> str:
    return str(client.create_function(**settings)["FunctionName"])


@pytest.mark.proves("lambda constraints")
@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"TracingConfig": {"Mode": "Some"}}, "tracingConfig.mode"),
        ({"LoggingConfig": {"LogFormat": "XML"}}, "loggingConfig.logFormat"),
        ({"EphemeralStorage": {"Size": 100}}, "ephemeralStorage.size"),
        ({"MemorySize": 10}, "memorySize"),
        ({"Role": "no role"}, "role"),
        ({"Environment": {"Variables": {"1a": "x"}}}, "environment.variables"),
        ({"Code": None}, "code"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_function_that_breaks_a_constraint_of_the_api_is_refused(
    client: Any, settings: dict[str, Any], given: dict[str, Any], place: str
) -> None:
    wanted = {name: value for name, value in {**settings, **given}.items() if value is not None}
    code, message = refusal(client.create_function, **wanted)
    assert (code, f"at '{place}' failed to satisfy constraint" in message) == ("ValidationException", True), message
    assert message.startswith("1 validation error detected: ")
    assert refusal(client.get_function, FunctionName=settings["FunctionName"])[0] == "ResourceNotFoundException"


@pytest.mark.proves("lambda constraints")
@pytest.mark.parametrize(
    ("operation", "given"),
    [
        ("invoke", {"InvocationType": "Some"}),
        ("invoke", {"LogType": "Some"}),
        ("put_function_event_invoke_config", {"MaximumEventAgeInSeconds": 59}),
        ("put_function_concurrency", {"ReservedConcurrentExecutions": -1}),
        ("add_permission", {"StatementId": "a b", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"}),
        ("add_permission", {"StatementId": "a", "Action": "s3:GetObject", "Principal": "s3.amazonaws.com"}),
        (
            "create_event_source_mapping",
            {"EventSourceArn": "arn:aws:sqs:us-east-1:123456789012:q", "BatchSize": 20_000},
        ),
        ("create_event_source_mapping", {"EventSourceArn": "arn:aws:sqs:us-east-1:123456789012:q", "BatchSize": 0}),
    ],
)
def test_requests_that_break_a_constraint_of_the_api_are_refused(
    client: Any, function: str, operation: str, given: dict[str, Any]
) -> None:
    assert refusal(getattr(client, operation), FunctionName=function, **given)[0] == "ValidationException"


@pytest.mark.proves("lambda constraints")
def test_all_broken_constraints_are_listed(client: Any, settings: dict[str, Any]) -> None:
    _, message = refusal(client.create_function, **{**settings, "MemorySize": 1, "Timeout": 0})
    assert message.startswith("2 validation errors detected: ")
    assert ("'memorySize'" in message, "'timeout'" in message) == (True, True)


@pytest.mark.proves("lambda constraints")
@pytest.mark.parametrize("missing", ["Runtime", "Handler"])
def test_an_archive_needs_a_runtime_and_a_handler(client: Any, settings: dict[str, Any], missing: str) -> None:
    del settings[missing]
    assert refusal(client.create_function, **settings) == (
        INVALID,
        "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
    )


@pytest.mark.proves("lambda client contexts")
@pytest.mark.parametrize(
    "context", ["%%%", base64.b64encode(b"[]").decode(), base64.b64encode(b"{").decode(), "e30" * 2000]
)
def test_a_client_context_that_isnt_an_object_in_base64_is_refused(client: Any, function: str, context: str) -> None:
    code, _ = refusal(client.invoke, FunctionName=function, ClientContext=context)
    assert code == "InvalidRequestContentException"


@pytest.mark.proves("lambda unknown functions")
@pytest.mark.parametrize("operation", ["list_versions_by_function", "list_aliases", "get_policy", "publish_version"])
def test_an_unknown_function_has_no_lists(client: Any, operation: str) -> None:
    assert refusal(getattr(client, operation), FunctionName="nobodys")[0] == "ResourceNotFoundException"


@pytest.mark.proves("lambda lists")
def test_lists_have_pages(client: Any, function: str) -> None:
    for timeout in (4, 5, 6):
        client.update_function_configuration(FunctionName=function, Timeout=timeout)
        client.publish_version(FunctionName=function)
    first = client.list_versions_by_function(FunctionName=function, MaxItems=3)
    arn = client.get_function(FunctionName=function)["Configuration"]["FunctionArn"]
    rest = client.list_versions_by_function(FunctionName=arn, MaxItems=3, Marker=first["NextMarker"])
    pages = [[version["Version"] for version in page["Versions"]] for page in (first, rest)]
    assert (pages, "NextMarker" in rest) == ([["$LATEST", "1", "2"], ["3"]], False)
    assert len(client.list_functions(MaxItems=1)["Functions"]) == 1
    names = [
        each["FunctionName"] for page in client.get_paginator("list_functions").paginate() for each in page["Functions"]
    ]
    assert names.count(function) == 1


@pytest.mark.proves("lambda lists")
def test_aliases_layers_and_mappings_are_listed_by_what_is_asked_for(
    cloud: Any, client: Any, function: str, content: bytes
) -> None:
    client.publish_version(FunctionName=function)
    client.update_function_configuration(FunctionName=function, Timeout=4)
    client.publish_version(FunctionName=function)
    client.create_alias(FunctionName=function, Name="old", FunctionVersion="1")
    weights = {"AdditionalVersionWeights": {"1": 0.1}}
    client.create_alias(FunctionName=function, Name="both", FunctionVersion="2", RoutingConfig=weights)
    client.create_alias(FunctionName=function, Name="new", FunctionVersion="2")
    aliases = client.list_aliases(FunctionName=function, FunctionVersion="1")["Aliases"]
    assert [alias["Name"] for alias in aliases] == ["both", "old"]

    given: dict[str, Any] = {"LayerName": function, "Content": {"ZipFile": content}}
    client.publish_layer_version(**given, CompatibleRuntimes=["python3.12"])
    client.publish_layer_version(**given, CompatibleRuntimes=["python3.13"])
    found = {each["LayerName"]: each for each in client.list_layers(CompatibleRuntime="python3.12")["Layers"]}
    assert found[function]["LatestMatchingVersion"]["Version"] == 1
    versions = client.list_layer_versions(LayerName=function, CompatibleRuntime="python3.12")["LayerVersions"]
    assert [version["Version"] for version in versions] == [1]

    queue = cloud.client("sqs").create_queue(QueueName=function)["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:123456789012:{queue.rpartition('/')[2]}"
    named = client.get_function(FunctionName=function, Qualifier="new")["Configuration"]["FunctionArn"]
    made = client.create_event_source_mapping(EventSourceArn=arn, FunctionName=named, Enabled=False)
    assert made["FunctionArn"] == f"{named.rpartition(':')[0]}:new"
    listed = client.list_event_source_mappings(FunctionName=f"{function}:new")["EventSourceMappings"]
    assert [mapping["UUID"] for mapping in listed] == [made["UUID"]]
    assert client.list_event_source_mappings(FunctionName=function)["EventSourceMappings"] == []
    client.delete_event_source_mapping(UUID=made["UUID"])


@pytest.mark.proves("lambda updates")
def test_a_dry_run_returns_what_the_function_would_be_and_changes_nothing(
    client: Any, function: str, archive: Callable[[str, str], bytes]
) -> None:
    before = client.get_function_configuration(FunctionName=function)
    other = archive("index.py", "def handler(event, context):\n    return 'other'\n")
    shown = client.update_function_code(FunctionName=function, ZipFile=other, DryRun=True)
    after = client.get_function_configuration(FunctionName=function)
    assert shown["CodeSha256"] != before["CodeSha256"]
    assert (after["CodeSha256"], after["RevisionId"]) == (before["CodeSha256"], before["RevisionId"])
    assert json.loads(client.invoke(FunctionName=function, Payload=b"1")["Payload"].read()) == 1


@pytest.mark.proves("lambda updates")
def test_a_version_is_published_once_for_each_change(
    client: Any, function: str, archive: Callable[[str, str], bytes]
) -> None:
    client.update_function_configuration(FunctionName=function, Timeout=5)
    numbers = [client.publish_version(FunctionName=function)["Version"] for _ in range(2)]
    other = archive("index.py", "def handler(event, context):\n    return 'other'\n")
    published = client.update_function_code(FunctionName=function, ZipFile=other, Publish=True)
    numbers += [published["Version"], client.publish_version(FunctionName=function)["Version"]]
    assert numbers == ["1", "1", "2", "2"]


@pytest.mark.proves("lambda updates")
def test_an_update_changes_tracing_the_revision_and_the_time(client: Any, function: str) -> None:
    before = client.get_function_configuration(FunctionName=function)
    client.update_function_configuration(FunctionName=function, TracingConfig={"Mode": "Active"})
    after = client.get_function_configuration(FunctionName=function)
    assert after["TracingConfig"] == {"Mode": "Active"}
    assert after["RevisionId"] != before["RevisionId"]
    assert after["LastModified"] > before["LastModified"]


@pytest.mark.proves("lambda alias revisions")
def test_an_alias_has_revisions_and_doesnt_weigh_its_own_version(client: Any, function: str) -> None:
    client.publish_version(FunctionName=function)
    made = client.create_alias(FunctionName=function, Name="live", FunctionVersion="1")
    update = {"FunctionName": function, "Name": "live", "Description": "changed"}
    assert refusal(client.update_alias, **update, RevisionId=NO_REVISION)[0] == "PreconditionFailedException"
    changed = client.update_alias(**update, RevisionId=made["RevisionId"])
    assert changed["RevisionId"] != made["RevisionId"]
    assert (changed["FunctionVersion"], changed["Description"]) == ("1", "changed")
    weights = {"AdditionalVersionWeights": {"1": 0.5}}
    code, message = refusal(client.update_alias, **update, RoutingConfig=weights)
    assert (code, "already included in routing configuration" in message) == (INVALID, True)


@pytest.mark.proves("lambda policies")
def test_each_qualifier_has_a_policy_of_its_own(client: Any, function: str) -> None:
    client.publish_version(FunctionName=function)
    allowed = {"FunctionName": function, "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"}
    client.add_permission(StatementId="of-1", Qualifier="1", **allowed)
    assert refusal(client.get_policy, FunctionName=function) == (
        "ResourceNotFoundException",
        "The resource you requested does not exist.",
    )
    (statement,) = json.loads(client.get_policy(FunctionName=function, Qualifier="1")["Policy"])["Statement"]
    assert (statement["Sid"], statement["Resource"].endswith(f":{function}:1")) == ("of-1", True)
    client.add_permission(StatementId="own", **allowed)
    code, message = refusal(client.remove_permission, FunctionName=function, StatementId="of-1")
    assert (code, message) == ("ResourceNotFoundException", "Statement of-1 is not found in resource policy.")
    client.remove_permission(FunctionName=function, StatementId="of-1", Qualifier="1")
    assert refusal(client.get_policy, FunctionName=function, Qualifier="1")[0] == "ResourceNotFoundException"


@pytest.mark.proves("lambda archives")
def test_an_archive_of_too_large_files_is_refused(client: Any, settings: dict[str, Any]) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("large", "w") as large:
        for _ in range(250):
            large.write(bytes(2**20))
    code, message = refusal(client.create_function, **{**settings, "Code": {"ZipFile": content.getvalue()}})
    assert (code, message) == (INVALID, "Unzipped size must be smaller than 262144000 bytes")


@pytest.mark.proves("lambda reservations of nothing")
def test_events_of_a_function_that_may_not_run_go_to_its_failures_at_once(
    cloud: Any, client: Any, function: str
) -> None:
    sqs = cloud.client("sqs")
    failures, dead = (sqs.create_queue(QueueName=f"{function}-{kind}")["QueueUrl"] for kind in ("failed", "dead"))
    arn = "arn:aws:sqs:us-east-1:123456789012"
    destination = {"OnFailure": {"Destination": f"{arn}:{function}-failed"}}
    client.put_function_event_invoke_config(FunctionName=function, DestinationConfig=destination)
    client.update_function_configuration(
        FunctionName=function, DeadLetterConfig={"TargetArn": f"{arn}:{function}-dead"}
    )
    client.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)
    assert client.get_function(FunctionName=function)["Concurrency"] == {"ReservedConcurrentExecutions": 0}
    client.invoke(FunctionName=function, InvocationType="Event", Payload=b'{"n":1}')

    (record,) = cloud.drain(failures, bool)
    assert (record["requestContext"]["condition"], record["requestPayload"]) == ("ZeroReservedConcurrency", {"n": 1})
    received = sqs.receive_message(QueueUrl=dead, WaitTimeSeconds=20, MessageAttributeNames=["All"])["Messages"]
    attributes = {
        key: (each["DataType"], each["StringValue"]) for key, each in received[0]["MessageAttributes"].items()
    }
    assert (received[0]["Body"], attributes["ErrorCode"]) == ('{"n":1}', ("Number", "429"))


@pytest.mark.proves("lambda destinations")
def test_a_function_isnt_its_own_destination(client: Any, function: str) -> None:
    arn = client.get_function(FunctionName=function)["Configuration"]["FunctionArn"]
    configured = {"OnFailure": {"Destination": arn}}
    put = client.put_function_event_invoke_config
    assert refusal(put, FunctionName=function, DestinationConfig=configured)[0] == INVALID


@pytest.mark.proves("event source mapping requests")
@pytest.mark.parametrize("operation", ["get_event_source_mapping", "update_event_source_mapping"])
def test_an_unknown_mapping_is_not_found(client: Any, operation: str) -> None:
    assert refusal(getattr(client, operation), UUID=str(uuid.uuid4())) == (
        "ResourceNotFoundException",
        "The resource you requested does not exist.",
    )


@pytest.mark.proves("event source mapping requests")
@pytest.mark.parametrize(
    "given",
    [{"MaximumRetryAttempts": 2}, {"BisectBatchOnFunctionError": True}, {"TumblingWindowInSeconds": 10}],
    ids=lambda given: next(iter(given)),
)
def test_a_queue_has_no_options_of_streams(cloud: Any, client: Any, function: str, given: dict[str, Any]) -> None:
    cloud.client("sqs").create_queue(QueueName=function)
    arn = f"arn:aws:sqs:us-east-1:123456789012:{function}"
    code, message = refusal(client.create_event_source_mapping, EventSourceArn=arn, FunctionName=function, **given)
    assert (code, next(iter(given)) in message) == (INVALID, True)


@pytest.mark.proves("event source mapping requests")
def test_a_mapping_of_a_stream_is_described_with_its_defaults(cloud: Any, client: Any, function: str) -> None:
    cloud.client("kinesis").create_stream(StreamName=function, ShardCount=1)
    arn = f"arn:aws:kinesis:us-east-1:123456789012:stream/{function}"
    made = client.create_event_source_mapping(EventSourceArn=arn, FunctionName=function, StartingPosition="LATEST")
    client.delete_event_source_mapping(UUID=made["UUID"])
    assert {
        name: made[name] for name in ("MaximumRetryAttempts", "MaximumRecordAgeInSeconds", "ParallelizationFactor")
    } == {
        "MaximumRetryAttempts": -1,
        "MaximumRecordAgeInSeconds": -1,
        "ParallelizationFactor": 1,
    }
    assert (made["BisectBatchOnFunctionError"], made["MaximumBatchingWindowInSeconds"]) == (False, 0)
