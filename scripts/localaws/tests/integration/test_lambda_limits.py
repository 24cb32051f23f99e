"""Functions, versions and their settings that Lambda refuses, through an AWS client."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from localaws_testing.refusals import refused

INVALID = "InvalidParameterValueException"


@pytest.fixture
def client(cloud: Any) -> Any:
    return cloud.client("lambda")


@pytest.fixture
def content(archive: Callable[[str, str], bytes]) -> bytes:
    return archive("index.py", "def handler(event, context): return context.function_version\n")


@pytest.fixture
def settings(cloud: Any, content: bytes) -> dict[str, Any]:
    """The settings of a new function."""
    name = f"limited-{uuid.uuid4().hex[:12]}"
    service = {"Service": "lambda.amazonaws.com"}
    statement = {"Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    role = cloud.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    code = {"ZipFile": content}
    return {"FunctionName": name, "Runtime": "python3.13", "Handler": "index.handler", "Role": role, "Code": code}


@pytest.fixture
def function(client: Any, settings: dict[str, Any]) -> str:
    return str(client.create_function(**settings)["FunctionName"])


@pytest.mark.proves("lambda archives")
def test_code_that_isnt_an_archive_is_refused(cloud: Any, client: Any, settings: dict[str, Any]) -> None:
    s3, name = cloud.client("s3"), settings["FunctionName"]
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="k", Body=b"no archive")
    bad: list[dict[str, Any]] = [{"ZipFile": b"no archive"}, {"S3Bucket": name, "S3Key": "k"}]

    for code in bad:
        assert refused(client.create_function, **{**settings, "Code": code}) == INVALID
        assert refused(client.publish_layer_version, LayerName=name, Content=code) == INVALID
    assert refused(client.get_function, FunctionName=name) == "ResourceNotFoundException"
    client.create_function(**settings)
    for code in bad:
        assert refused(client.update_function_code, FunctionName=name, **code) == INVALID
    assert json.load(client.invoke(FunctionName=name)["Payload"]) == "$LATEST"

    s3.put_object(Bucket=name, Key="k", Body=settings["Code"]["ZipFile"])
    client.update_function_code(FunctionName=name, S3Bucket=name, S3Key="k")
    assert json.load(client.invoke(FunctionName=name)["Payload"]) == "$LATEST"
    s3.delete_object(Bucket=name, Key="k")
    s3.delete_bucket(Bucket=name)


@pytest.mark.proves("lambda layer limits")
def test_a_function_has_at_most_five_layers_that_exist_and_one_version_of_each(
    client: Any, settings: dict[str, Any], content: bytes
) -> None:
    def publish(layer: str) -> str:
        return str(client.publish_layer_version(LayerName=layer, Content={"ZipFile": content})["LayerVersionArn"])

    name = settings["FunctionName"]
    layers = [publish(f"{name}-{number}") for number in range(6)]

    assert refused(client.create_function, **settings, Layers=layers) == INVALID
    assert refused(client.create_function, **settings, Layers=[layers[0], publish(f"{name}-0")]) == INVALID
    assert refused(client.create_function, **settings, Layers=[f"{layers[0].rpartition(':')[0]}:9"]) == INVALID
    client.create_function(**settings, Layers=layers[:5])
    assert refused(client.update_function_configuration, FunctionName=name, Layers=layers) == INVALID
    found = client.get_function_configuration(FunctionName=name)["Layers"]
    assert [layer["Arn"] for layer in found] == layers[:5]


@pytest.mark.proves("function names")
def test_a_name_with_another_qualifier_than_the_requests_is_refused(client: Any, function: str) -> None:
    version = client.publish_version(FunctionName=function)["Version"]
    client.create_alias(FunctionName=function, Name="live", FunctionVersion=version)
    arn = client.get_function(FunctionName=function)["Configuration"]["FunctionArn"]

    for name in (f"{function}:{version}", f"{arn}:{version}"):
        for call in (client.invoke, client.get_function, client.get_function_configuration):
            assert refused(call, FunctionName=name, Qualifier="live") == INVALID
        config = {"FunctionName": name, "Qualifier": "live", "MaximumRetryAttempts": 1}
        assert refused(client.put_function_event_invoke_config, **config) == INVALID
    assert client.invoke(FunctionName=f"{function}:live", Qualifier="live")["ExecutedVersion"] == version


@pytest.mark.proves("lambda reservations")
def test_reservations_leave_a_hundred_of_the_accounts_concurrency(client: Any, function: str) -> None:
    put = client.put_function_concurrency

    assert refused(put, FunctionName=function, ReservedConcurrentExecutions=901) == INVALID
    put(FunctionName=function, ReservedConcurrentExecutions=700)
    put(FunctionName=function, ReservedConcurrentExecutions=701)
    assert client.get_function_concurrency(FunctionName=function)["ReservedConcurrentExecutions"] == 701
    client.delete_function_concurrency(FunctionName=function)


@pytest.mark.proves("lambda asynchronous settings")
@pytest.mark.parametrize(
    ("config", "code"),
    [
        ({}, INVALID),
        ({"MaximumRetryAttempts": 3}, "ValidationException"),
        ({"MaximumEventAgeInSeconds": 21_601}, "ValidationException"),
        ({"DestinationConfig": {"OnFailure": {"Destination": "nowhere"}}}, "ValidationException"),
    ],
    ids=["nothing", "attempts", "old", "destination"],
)
def test_settings_of_asynchronous_calls_outside_of_the_limits_are_refused(
    client: Any, function: str, config: dict[str, Any], code: str
) -> None:
    assert refused(client.put_function_event_invoke_config, FunctionName=function, **config) == code
    missing = refused(client.get_function_event_invoke_config, FunctionName=function)
    assert missing == "ResourceNotFoundException"


@pytest.mark.proves("lambda url qualifiers")
def test_versions_have_no_urls(client: Any, function: str) -> None:
    version = client.publish_version(FunctionName=function)["Version"]
    client.create_alias(FunctionName=function, Name="live", FunctionVersion=version)
    create = client.create_function_url_config

    for qualifier in (version, "$LATEST"):
        assert refused(create, FunctionName=function, Qualifier=qualifier, AuthType="NONE") == "ValidationException"
    url = create(FunctionName=function, AuthType="NONE", Qualifier="live")
    assert url["FunctionArn"].endswith(f"{function}:live")


@pytest.mark.proves("lambda aliases")
def test_aliases_that_lambda_refuses_are_refused(client: Any, function: str) -> None:
    version = client.publish_version(FunctionName=function)["Version"]
    given = {"FunctionName": function, "FunctionVersion": version}
    client.create_alias(Name="live", **given)

    assert refused(client.create_alias, Name="live", **given) == "ResourceConflictException"
    for name in ("1", "a b", "x" * 129):
        assert refused(client.create_alias, Name=name, **given) == "ValidationException", name
    routing = {"AdditionalVersionWeights": {"7": 1.5}}
    assert refused(client.create_alias, Name="other", RoutingConfig=routing, **given) == "ValidationException"
    routing = {"AdditionalVersionWeights": {version: 0.5}}
    assert refused(client.create_alias, Name="other", RoutingConfig=routing, **given) == INVALID


@pytest.mark.proves("lambda limits")
@pytest.mark.parametrize(
    "changed", [{"Handler": "a b"}, {"Handler": "x" * 129}, {"Description": "x" * 257}], ids=["space", "long", "text"]
)
def test_settings_outside_of_the_limits_are_refused(
    client: Any, settings: dict[str, Any], changed: dict[str, str]
) -> None:
    assert refused(client.create_function, **settings | changed) == "ValidationException"
