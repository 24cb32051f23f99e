"""Signed requests to HTTP APIs and function URLs are allowed by policies, and by nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from localaws.cloud import LocalCloud
from localaws.settings import Settings
from localaws_testing.ports import free_port
from localaws_testing.signing import ACCOUNT, REGION, keys_of, send, session_of, signed

STACK = """
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties: {Auth: {DefaultAuthorizer: AWS_IAM, EnableIamAuthorizer: true}}
  Echo:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: echo
      Runtime: python3.13
      Handler: index.handler
      InlineCode: "def handler(event, context): return 'echo'"
      FunctionUrlConfig: {AuthType: AWS_IAM}
      Events:
        One: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /one, Method: POST}}
        Two: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /two, Method: POST}}
  Named:
    Type: AWS::IAM::Role
    Properties:
      RoleName: named
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: {Effect: Allow, Principal: {AWS: !Ref AWS::AccountId}, Action: sts:AssumeRole}
  ByUrl:
    Type: AWS::Lambda::Permission
    Properties:
      Action: lambda:InvokeFunctionUrl
      FunctionName: !Ref Echo
      FunctionUrlAuthType: AWS_IAM
      Principal: !GetAtt Named.Arn
  Directly:
    Type: AWS::Lambda::Permission
    Properties:
      Action: lambda:InvokeFunction
      FunctionName: !Ref Echo
      InvokedViaFunctionUrl: true
      Principal: !GetAtt Named.Arn
Outputs:
  Id: {Value: !Ref Api}
  Api: {Value: !GetAtt Api.ApiEndpoint}
  Url: {Value: !GetAtt EchoUrl.FunctionUrl}
"""
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:echo"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    folder = tmp_path_factory.mktemp("authorization")
    (folder / "template.yaml").write_text(STACK)
    settings = Settings(state=folder / "state", port=free_port(), http_port=free_port(), iam="enforce")
    with LocalCloud(settings, folder / "template.yaml", lambda _: None) as running:
        yield running


@pytest.mark.proves("http iam policies")
def test_a_route_needs_the_permission_to_invoke_it(cloud: LocalCloud) -> None:
    resource = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{cloud.outputs['Id']}/*/POST/one"
    allowed = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": resource}
    keys, nobody = session_of(cloud.clients, "allowed", allowed), session_of(cloud.clients, "nobody")
    one, two = (f"{cloud.outputs['Api']}{path}" for path in ("/one", "/two"))
    assert send(signed(one, "execute-api", keys=keys)).text == "echo"
    for url, used in ((two, keys), (one, nobody)):
        refused = send(signed(url, "execute-api", keys=used))
        assert (refused.status_code, refused.json()) == (403, {"message": "Forbidden"})
    assert send(signed(two, "execute-api")).text == "echo"


@pytest.mark.proves("url iam")
def test_a_function_url_needs_the_permission_of_the_caller_or_of_the_function(cloud: LocalCloud) -> None:
    allowed = {"Effect": "Allow", "Action": "lambda:InvokeFunctionUrl", "Resource": FUNCTION}
    keys, other = session_of(cloud.clients, "caller", allowed), session_of(cloud.clients, "other")
    assert send(signed(cloud.outputs["Url"], "lambda", keys=keys)).text == "echo"
    assert send(signed(cloud.outputs["Url"], "lambda", keys=other)).status_code == 403
    given = {"FunctionName": "echo", "Action": "lambda:InvokeFunctionUrl"}
    other_role = f"arn:aws:iam::{ACCOUNT}:role/other"
    client = cloud.clients("lambda")
    client.add_permission(StatementId="open", Principal=other_role, FunctionUrlAuthType="NONE", **given)
    assert send(signed(cloud.outputs["Url"], "lambda", keys=other)).status_code == 403
    client.add_permission(StatementId="signed", Principal=other_role, FunctionUrlAuthType="AWS_IAM", **given)
    assert send(signed(cloud.outputs["Url"], "lambda", keys=other)).text == "echo"


@pytest.mark.proves("AWS::Lambda::Permission.FunctionUrlAuthType", "AWS::Lambda::Permission.InvokedViaFunctionUrl")
def test_a_template_permits_a_role_to_call_a_function_url(cloud: LocalCloud) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/named"
    keys = keys_of(cloud.clients, role)
    assert send(signed(cloud.outputs["Url"], "lambda", keys=keys)).text == "echo"
    policy = json.loads(cloud.clients("lambda").get_policy(FunctionName="echo")["Policy"])
    conditions = [each["Condition"] for each in policy["Statement"] if each["Principal"] == {"AWS": role}]
    assert {"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}} in conditions
    assert {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}} in conditions
