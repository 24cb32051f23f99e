"""A pipeline's token becomes a role's credentials, by AWS's own client."""

import os

import boto3
import pytest

from delivery.identity import token_file
from tests.integration.cli.conftest import moto_server

__all__ = ["moto_server"]


def test_boto_assumes_the_role_by_the_token_without_any_key(moto_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/deploy")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN", "header.payload.signature")
    with token_file(os.environ):
        identity = boto3.Session().client("sts").get_caller_identity()
    assert ":assumed-role/deploy/" in identity["Arn"]
