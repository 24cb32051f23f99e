"""Secrets Manager and Parameter Store: what they refuse and moto accepts, through AWS clients."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from localaws_testing.refusals import refused


@pytest.fixture
def name() -> str:
    return f"checked-{uuid.uuid4().hex[:12]}"


@pytest.mark.proves("secret stages")
def test_the_version_with_the_label_of_the_current_one_is_read(cloud: Any, name: str) -> None:
    secrets, token = cloud.client("secretsmanager"), str(uuid.uuid4())
    current = secrets.create_secret(Name=name, SecretString="1")["VersionId"]
    secrets.put_secret_value(SecretId=name, SecretString="2", ClientRequestToken=token, VersionStages=["AWSPENDING"])
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "1"

    secrets.update_secret_version_stage(
        SecretId=name, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=current
    )

    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "2"
    assert secrets.get_secret_value(SecretId=name, VersionStage="AWSPREVIOUS")["SecretString"] == "1"


@pytest.mark.proves("secret limits")
def test_secrets_outside_of_the_limits_are_refused(cloud: Any, name: str) -> None:
    secrets = cloud.client("secretsmanager")

    assert refused(secrets.create_secret, Name=name, SecretString="x" * 65_537) == "ValidationException"
    assert refused(secrets.create_secret, Name=f"{name} x", SecretString="x") == "ValidationException"
    both = {"SecretString": "x", "SecretBinary": b"x"}
    assert refused(secrets.create_secret, Name=name, **both) == "InvalidParameterException"
    secrets.create_secret(Name=name, SecretString="x" * 65_536)
    assert refused(secrets.put_secret_value, SecretId=name, **both) == "InvalidParameterException"


@pytest.mark.proves("secret limits")
def test_a_secret_that_is_marked_for_deletion_isnt_written_or_made_again(cloud: Any, name: str) -> None:
    secrets = cloud.client("secretsmanager")
    secrets.create_secret(Name=name, SecretString="x")
    secrets.delete_secret(SecretId=name)

    for call in (secrets.put_secret_value, secrets.update_secret):
        assert refused(call, SecretId=name, SecretString="y") == "InvalidRequestException"
    assert refused(secrets.create_secret, Name=name, SecretString="y") == "InvalidRequestException"
    secrets.restore_secret(SecretId=name)
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "x"


@pytest.mark.proves("parameter limits")
def test_parameters_outside_of_the_limits_are_refused(cloud: Any, name: str) -> None:
    ssm = cloud.client("ssm")

    for bad in (f"{name} x", f"a/{name}", "/a" * 16, f"/{name}//a"):
        assert refused(ssm.put_parameter, Name=bad, Value="x", Type="String") == "ValidationException", bad
    assert refused(ssm.put_parameter, Name=name, Value="x" * 4097, Type="String") == "ValidationException"
    ssm.put_parameter(Name=name, Value="x" * 8192, Type="String", Tier="Advanced")
    assert refused(ssm.get_parameters_by_path, Path=name) == "ValidationException"


@pytest.mark.proves("parameter patterns")
def test_a_value_that_its_pattern_doesnt_allow_is_refused(cloud: Any, name: str) -> None:
    ssm, mismatch = cloud.client("ssm"), "ParameterPatternMismatchException"
    given = {"Name": name, "Type": "String"}

    assert refused(ssm.put_parameter, **given, Value="abc", AllowedPattern="^\\d+$") == mismatch
    assert refused(ssm.put_parameter, **given, Value="abc", AllowedPattern="(") == "InvalidAllowedPatternException"
    assert refused(ssm.get_parameter, Name=name) == "ParameterNotFound"
    ssm.put_parameter(**given, Value="1", AllowedPattern="^\\d+$")
    assert refused(ssm.put_parameter, **given, Value="abc", Overwrite=True) == mismatch
    ssm.put_parameter(**given, Value="2", Overwrite=True)
    assert ssm.get_parameter(Name=name)["Parameter"]["Value"] == "2"


@pytest.mark.proves("secret limits")
def test_a_random_password_has_a_length_within_the_limits(cloud: Any) -> None:
    secrets = cloud.client("secretsmanager")

    assert refused(secrets.get_random_password, PasswordLength=4097) == "ValidationException"
    assert len(secrets.get_random_password(PasswordLength=4096)["RandomPassword"]) == 4096


@pytest.mark.proves("parameter limits")
def test_a_version_or_label_that_a_parameter_lacks_is_named(cloud: Any, name: str) -> None:
    ssm = cloud.client("ssm")
    ssm.put_parameter(Name=name, Value="1", Type="String")

    assert ssm.get_parameter(Name=f"{name}:1")["Parameter"]["Value"] == "1"
    for version in ("2", "label"):
        assert refused(ssm.get_parameter, Name=f"{name}:{version}") == "ParameterVersionNotFound"
    assert refused(ssm.get_parameter, Name=f"absent-{name}:1") == "ParameterNotFound"
