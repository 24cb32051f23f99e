"""Requests that are signed with Signature Version 4, and keys to sign them with."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

REGION = "us-east-1"
ACCOUNT = "123456789012"


def signed(
    url: str, service: str, *, body: bytes = b"", keys: tuple[str, ...] | None = None, region: str = REGION
) -> httpx.Request:
    """A POST that's signed with some keys, or with the account's own."""
    request = AWSRequest("POST", url, data=body, headers={"content-type": "text/plain"})
    SigV4Auth(Credentials(*(keys or ("any", "any"))), service, region).add_auth(request)
    return httpx.Request("POST", url, content=body, headers=dict(request.headers))


def send(request: httpx.Request) -> httpx.Response:
    """The answer to a request."""
    with httpx.Client(timeout=60) as client:
        return client.send(request)


def session_of(client: Callable[[str], Any], name: str, *statements: Mapping[str, str]) -> tuple[str, str, str]:
    """The keys of a session of a new role with these statements."""
    iam = client("iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    if statements:
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy)
    return keys_of(client, arn)


def keys_of(client: Callable[[str], Any], role: str) -> tuple[str, str, str]:
    """The keys of a session of a role (its ARN)."""
    found = client("sts").assume_role(RoleArn=role, RoleSessionName="tester")["Credentials"]
    return found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"]
