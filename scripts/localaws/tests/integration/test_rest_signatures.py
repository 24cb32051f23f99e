"""Methods of REST APIs with AWS_IAM take requests that are signed by whom policies allow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import httpx
import pytest

from localaws.cloud import LocalCloud
from localaws.settings import Settings
from localaws_testing.ports import free_port
from localaws_testing.signing import ACCOUNT, REGION, send, session_of, signed

STACK = """
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties: {StageName: prod, Auth: {DefaultAuthorizer: AWS_IAM, InvokeRole: NONE}}
  Calling:
    Type: AWS::Serverless::Api
    Properties: {StageName: prod}
  Echo:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: echo
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        import json
        def handler(event, context):
            return {"statusCode": 200, "body": json.dumps(event["requestContext"]["identity"])}
      Events:
        One: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /one, Method: post}}
        Two: {Type: Api, Properties: {RestApiId: !Ref Api, Path: "/two/{name}", Method: post}}
        Open: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /open, Method: post, Auth: {Authorizer: NONE}}}
        Own: {Type: Api, Properties: {RestApiId: !Ref Calling, Path: /own, Method: post, Auth: {Authorizer: AWS_IAM}}}
Outputs:
  Id: {Value: !Ref Api}
  CallingId: {Value: !Ref Calling}
  Url: {Value: !Sub "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/prod"}
  CallingUrl: {Value: !Sub "https://${Calling}.execute-api.${AWS::Region}.${AWS::URLSuffix}/prod"}
"""
SERVICE = "execute-api"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:echo"
MISSING = {"message": "Missing Authentication Token"}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    folder = tmp_path_factory.mktemp("signatures")
    (folder / "template.yaml").write_text(STACK)
    settings = Settings(state=folder / "state", port=free_port(), http_port=free_port(), iam="enforce")
    with LocalCloud(settings, folder / "template.yaml", lambda _: None) as running:
        yield running


def invoke(cloud: LocalCloud, path: str, api: str = "Id") -> dict[str, str]:
    resource = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{cloud.outputs[api]}/prod/POST{path}"
    return {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": resource}


@pytest.mark.proves("rest iam", "rest iam policies")
def test_a_method_needs_the_permission_to_invoke_it_and_knows_its_caller(cloud: LocalCloud) -> None:
    keys = session_of(cloud.clients, "caller", invoke(cloud, "/one"), invoke(cloud, "/two/*"))
    url = cloud.outputs["Url"]
    answer = send(signed(f"{url}/one", SERVICE, body=b"{}", keys=keys))
    assert answer.status_code == 200, answer.text
    identity: dict[str, Any] = answer.json()
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/caller/tester"
    assert (identity["accessKey"], identity["accountId"], identity["userArn"]) == (keys[0], ACCOUNT, arn)
    assert identity["caller"] == identity["user"]
    assert identity["caller"].endswith(":tester")
    assert send(signed(f"{url}/two/a%20b?x=1&y=%2F", SERVICE, keys=keys)).status_code == 200
    refused = send(signed(f"{url}/one", SERVICE, keys=session_of(cloud.clients, "nobody")))
    assert (refused.status_code, refused.headers["x-amzn-errortype"]) == (403, "AccessDeniedException")
    assert refused.json()["Message"] == (
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/nobody/tester is not authorized to perform: execute-api:Invoke "
        f"on resource: arn:aws:execute-api:{REGION}:********{ACCOUNT[-4:]}:{cloud.outputs['Id']}/prod/POST/one"
    )
    # The account's own keys may do everything, and a method without authorization asks for none.
    assert send(signed(f"{url}/one", SERVICE)).status_code == 200
    assert httpx.post(f"{url}/open", timeout=60).json()["userArn"] is None


@pytest.mark.proves("rest iam signatures")
def test_a_request_that_isnt_signed_well_is_refused(cloud: LocalCloud) -> None:
    keys = session_of(cloud.clients, "signer", invoke(cloud, "/one"))
    url = f"{cloud.outputs['Url']}/one"
    for headers in ({}, {"authorization": "Bearer x"}):
        missing = httpx.post(url, headers=headers, timeout=60)
        assert (missing.status_code, missing.json()) == (403, MISSING)
    elsewhere = send(signed(url, "s3", keys=keys))
    assert "scoped to correct service" in elsewhere.json()["message"]
    wrong = send(signed(url, SERVICE, keys=(keys[0], "another secret", keys[2])))
    assert "does not match the signature you provided" in wrong.json()["message"]
    forged = signed(url, SERVICE, body=b"1", keys=keys)
    changed = send(httpx.Request("POST", url, content=b"2", headers={**forged.headers, "content-length": "1"}))
    assert "does not match the signature you provided" in changed.json()["message"]
    with mock.patch("botocore.auth.get_current_datetime", lambda *_, **__: datetime.now(UTC) - timedelta(minutes=20)):
        old = send(signed(url, SERVICE, keys=keys))
    assert "Signature expired" in old.json()["message"]
    for answer in (elsewhere, wrong, changed, old):
        assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (403, "InvalidSignatureException")


@pytest.mark.proves("rest iam caller credentials")
def test_with_the_callers_credentials_the_caller_needs_to_be_allowed_to_invoke_the_function(cloud: LocalCloud) -> None:
    url, own = f"{cloud.outputs['CallingUrl']}/own", invoke(cloud, "/own", "CallingId")
    keys = session_of(cloud.clients, "invoker", own)
    assert send(signed(url, SERVICE, keys=keys)).status_code == 500
    call = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": FUNCTION}
    document = json.dumps({"Version": "2012-10-17", "Statement": [own, call]})
    cloud.clients("iam").put_role_policy(RoleName="invoker", PolicyName="p", PolicyDocument=document)
    answer = send(signed(url, SERVICE, keys=keys))
    assert (answer.status_code, answer.json()["accessKey"]) == (200, keys[0])
