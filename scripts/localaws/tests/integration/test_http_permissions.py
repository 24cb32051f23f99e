"""What a function's policy says about requests of HTTP clients: it's enforced unless IAM is off."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from localaws.cloud import LocalCloud
from localaws.settings import Settings
from localaws_testing.ports import free_port
from localaws_testing.waiting import wait_until

STACK = """
Resources:
  Called:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        def handler(event, context):
            return {'statusCode': 200, 'body': 'called'}
  Http:
    Type: AWS::ApiGatewayV2::Api
    Properties: {Name: not-allowed, ProtocolType: HTTP}
  Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Http
      IntegrationType: AWS_PROXY
      IntegrationUri: !GetAtt Called.Arn
      PayloadFormatVersion: "2.0"
  Route:
    Type: AWS::ApiGatewayV2::Route
    Properties: {ApiId: !Ref Http, RouteKey: $default, Target: !Sub "integrations/${Integration}"}
  HttpStage: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Http, StageName: $default, AutoDeploy: true}}
  Rest: {Type: AWS::ApiGateway::RestApi, Properties: {Name: not-allowed}}
  Method:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Rest
      ResourceId: !GetAtt Rest.RootResourceId
      HttpMethod: GET
      AuthorizationType: NONE
      Integration:
        Type: AWS_PROXY
        IntegrationHttpMethod: POST
        Uri: !Sub arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Called.Arn}/invocations
  Deployment:
    Type: AWS::ApiGateway::Deployment
    DependsOn: Method
    Properties: {RestApiId: !Ref Rest, StageName: live}
Outputs:
  Called: {Value: !Ref Called}
  Arn: {Value: !GetAtt Called.Arn}
  Http: {Value: !GetAtt Http.ApiEndpoint}
  HttpId: {Value: !Ref Http}
  Rest: {Value: !Sub "https://${Rest}.execute-api.${AWS::Region}.${AWS::URLSuffix}/live/"}
  RestId: {Value: !Ref Rest}
"""


@pytest.fixture(scope="module")
def stack(deploy: Callable[[str, str], dict[str, str]]) -> dict[str, str]:
    return deploy("not-allowed", STACK)


@pytest.mark.proves("http permissions")
@pytest.mark.parametrize(
    ("kind", "message"), [("Http", "Internal Server Error"), ("Rest", "Internal server error")], ids=["http", "rest"]
)
def test_an_api_without_permission_for_its_function_is_a_500(
    cloud: Any, stack: dict[str, str], kind: str, message: str
) -> None:
    client, url = cloud.client("lambda"), stack[kind]
    refused = httpx.get(url, timeout=60)
    assert (refused.status_code, refused.json()) == (500, {"message": message})
    assert wait_until(
        lambda: any("lambda:InvokeFunction" in line and stack["Called"] in line for line in cloud.printed)
    )

    source = f"arn:aws:execute-api:us-east-1:123456789012:{stack[f'{kind}Id']}"
    service, action = "apigateway.amazonaws.com", "lambda:InvokeFunction"
    allowed = {"FunctionName": stack["Called"], "Action": action, "Principal": service}
    client.add_permission(StatementId=f"{kind}-other", SourceArn=f"{source}/other/*", **allowed)
    assert httpx.get(url, timeout=60).status_code == 500
    client.add_permission(StatementId=kind, SourceArn=f"{source}/*", **allowed)
    assert httpx.get(url, timeout=60).text == "called"
    client.remove_permission(FunctionName=stack["Called"], StatementId=kind)
    assert httpx.get(url, timeout=60).status_code == 500


@pytest.mark.proves("http permissions")
def test_with_iam_off_no_permission_is_needed(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(f"Transform: AWS::Serverless-2016-10-31\n{STACK}")
    settings = Settings(state=tmp_path / "state", port=free_port(), http_port=free_port(), iam="off")
    with LocalCloud(settings, tmp_path / "template.yaml", lambda _: None) as running:
        for kind in ("Http", "Rest"):
            assert httpx.get(running.outputs[kind], timeout=60).text == "called"
