"""Versions, revisions, names and permissions of functions, through an AWS client."""

from __future__ import annotations

import io
import uuid
import zipfile
from typing import Any

import pytest

from localaws_testing.refusals import refused


@pytest.fixture
def client(cloud: Any) -> Any:
    return cloud.client("lambda")


@pytest.fixture
def function(cloud: Any, client: Any) -> str:
    name, content = f"revised-{uuid.uuid4().hex[:12]}", io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("index.py", "def handler(event, context): return context.function_version\n")
    trust = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, '
        '"Action": "sts:AssumeRole"}]}'
    )
    role = cloud.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    code = {"ZipFile": content.getvalue()}
    client.create_function(FunctionName=name, Runtime="python3.13", Handler="index.handler", Role=role, Code=code)
    return name


def publish(client: Any, function: str, timeout: int) -> str:
    client.update_function_configuration(FunctionName=function, Timeout=timeout)
    return str(client.publish_version(FunctionName=function)["Version"])


@pytest.mark.proves("function revisions")
def test_a_function_that_was_changed_since_isnt_changed_or_published(client: Any, function: str) -> None:
    revision = client.get_function_configuration(FunctionName=function)["RevisionId"]
    client.update_function_configuration(FunctionName=function, Timeout=5, RevisionId=revision)

    for call in (client.update_function_configuration, client.publish_version):
        assert refused(call, FunctionName=function, RevisionId=revision) == "PreconditionFailedException"
    digest = {"CodeSha256": "x" * 44}
    assert refused(client.publish_version, FunctionName=function, **digest) == "InvalidParameterValueException"


@pytest.mark.proves("function versions")
def test_a_version_is_neither_changed_nor_deleted_while_an_alias_calls_it(client: Any, function: str) -> None:
    version = publish(client, function, 5)
    client.create_alias(FunctionName=function, Name="live", FunctionVersion=version)

    change = {"FunctionName": f"{function}:{version}", "Timeout": 9}
    assert refused(client.update_function_configuration, **change) == "InvalidParameterValueException"
    assert refused(client.delete_function, FunctionName=function, Qualifier=version) == "ResourceConflictException"
    latest = {"FunctionName": function, "Qualifier": "$LATEST"}
    assert refused(client.delete_function, **latest) == "InvalidParameterValueException"
    assert client.get_function_configuration(FunctionName=function, Qualifier="live")["Timeout"] == 5


@pytest.mark.proves("function versions")
def test_the_number_of_a_deleted_version_isnt_given_again(client: Any, function: str) -> None:
    assert [publish(client, function, seconds) for seconds in (4, 5)] == ["1", "2"]
    client.delete_function(FunctionName=function, Qualifier="2")

    assert [publish(client, function, seconds) for seconds in (6, 7)] == ["3", "4"]
    versions = client.list_versions_by_function(FunctionName=function)["Versions"]
    assert [(each["Version"], each["Timeout"]) for each in versions[1:]] == [("1", 4), ("3", 6), ("4", 7)]
    assert client.get_function_configuration(FunctionName=function, Qualifier="3")["Timeout"] == 6


@pytest.mark.proves("function names")
def test_a_function_is_called_by_each_form_of_its_name(client: Any, function: str) -> None:
    arn = client.get_function_configuration(FunctionName=function)["FunctionArn"]
    version = client.publish_version(FunctionName=function)["Version"]

    for name, called in (
        (arn, "$LATEST"),
        (f"{arn}:{version}", "1"),
        (":".join(arn.split(":")[4:]), "$LATEST"),
        (f"{':'.join(arn.split(':')[4:])}:{version}", "1"),
        (f"{function}:$LATEST", "$LATEST"),
    ):
        answer = client.invoke(FunctionName=name)
        with answer["Payload"] as payload:
            assert (name, payload.read().decode()) == (name, f'"{called}"')


@pytest.mark.proves("function permissions")
def test_a_statement_of_a_function_isnt_replaced(client: Any, function: str) -> None:
    given = {"FunctionName": function, "StatementId": "s", "Action": "lambda:InvokeFunction"}
    client.add_permission(**given, Principal="s3.amazonaws.com")

    assert refused(client.add_permission, **given, Principal="sns.amazonaws.com") == "ResourceConflictException"
    assert "sns.amazonaws.com" not in client.get_policy(FunctionName=function)["Policy"]
