"""Routes of HTTP APIs that call an AWS service without a function."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

STACK = """
Resources:
  Wanted: {Type: AWS::SQS::Queue}
  Heard: {Type: AWS::SQS::Queue}
  Fifo: {Type: AWS::SQS::Queue, Properties: {FifoQueue: true}}
  Bus: {Type: AWS::Events::EventBus, Properties: {Name: routed}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: apigateway.amazonaws.com}, Action: sts:AssumeRole}]
      Policies:
        - PolicyName: calls
          PolicyDocument:
            Statement: [{Effect: Allow, Action: ['sqs:SendMessage', 'events:PutEvents'], Resource: '*'}]
  Rule:
    Type: AWS::Events::Rule
    Properties:
      EventBusName: !Ref Bus
      EventPattern: {source: [com.shop.web]}
      Targets: [{Id: heard, Arn: !GetAtt Heard.Arn}]
  Listening:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Heard]
      PolicyDocument:
        Statement:
          - {Effect: Allow, Principal: {Service: events.amazonaws.com}, Action: sqs:SendMessage, Resource: '*'}
  Imported:
    Type: AWS::Serverless::HttpApi
    Properties:
      DefinitionBody:
        openapi: 3.0.1
        info: {title: imported}
        paths:
          /:
            post:
              x-amazon-apigateway-integration:
                type: aws_proxy
                integrationSubtype: SQS-SendMessage
                credentials: !GetAtt Role.Arn
                connectionType: INTERNET
                payloadFormatVersion: "1.0"
                requestParameters: {MessageBody: $request.body, QueueUrl: !Ref Wanted}
  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: services, ProtocolType: HTTP}}
  Stage: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Api, StageName: $default, AutoDeploy: true}}
  ToQueue:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Api
      IntegrationType: AWS_PROXY
      IntegrationSubtype: SQS-SendMessage
      ConnectionType: INTERNET
      CredentialsArn: !GetAtt Role.Arn
      PayloadFormatVersion: "1.0"
      RequestParameters:
        QueueUrl: !Ref Wanted
        MessageBody: $request.body.text
        DelaySeconds: "0"
        MessageAttributes: >-
          {"kind": {"DataType": "String", "StringValue": "${request.header.X-Kind}"},
           "page": {"DataType": "String", "StringValue": "${request.querystring.page}"}}
  ToFifo:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Api
      IntegrationType: AWS_PROXY
      IntegrationSubtype: SQS-SendMessage
      CredentialsArn: !GetAtt Role.Arn
      PayloadFormatVersion: "1.0"
      RequestParameters:
        QueueUrl: !Ref Fifo
        MessageBody: $request.body
        MessageGroupId: $request.path.group
        MessageDeduplicationId: $context.requestId
  ToBus:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Api
      IntegrationType: AWS_PROXY
      IntegrationSubtype: EventBridge-PutEvents
      CredentialsArn: !GetAtt Role.Arn
      PayloadFormatVersion: "1.0"
      RequestParameters:
        Source: com.shop.$request.path.source
        DetailType: $request.path.type
        Detail: $request.body
        EventBusName: !Ref Bus
        Resources: '["a", "b"]'
        Time: "2026-01-02T03:04:05Z"
        TraceHeader: Root=1-00000000-000000000000000000000000
  Queued: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: POST /queue, Target: !Sub 'integrations/${ToQueue}'}}
  Ordered: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: 'POST /fifo/{group}', Target: !Sub 'integrations/${ToFifo}'}}
  Put: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: 'POST /events/{source}/{type}', Target: !Sub 'integrations/${ToBus}'}}
Outputs:
  Imported: {Value: !Sub 'https://${Imported}.execute-api.${AWS::Region}.amazonaws.com'}
  Api: {Value: !GetAtt Api.ApiEndpoint}
  ApiId: {Value: !Ref Api}
  Role: {Value: !GetAtt Role.Arn}
  Wanted: {Value: !Ref Wanted}
  Heard: {Value: !Ref Heard}
  Fifo: {Value: !Ref Fifo}
"""  # noqa: E501


@pytest.fixture(scope="module")
def stack(deploy: Callable[[str, str], dict[str, str]]) -> dict[str, str]:
    return deploy("service-routes", STACK)


def received(cloud: Any, url: str) -> dict[str, Any]:
    answer = cloud.client("sqs").receive_message(
        QueueUrl=url, WaitTimeSeconds=5, MessageAttributeNames=["All"], MessageSystemAttributeNames=["All"]
    )
    message: dict[str, Any] = answer["Messages"][0]
    cloud.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return message


@pytest.mark.proves(
    "services behind routes",
    "AWS::ApiGatewayV2::Integration.ConnectionType",
    "AWS::ApiGatewayV2::Integration.CredentialsArn",
    "AWS::ApiGatewayV2::Integration.IntegrationSubtype",
    "AWS::ApiGatewayV2::Integration.RequestParameters.QueueUrl",
    "AWS::ApiGatewayV2::Integration.RequestParameters.MessageBody",
    "AWS::ApiGatewayV2::Integration.RequestParameters.DelaySeconds",
    "AWS::ApiGatewayV2::Integration.RequestParameters.MessageAttributes",
)
def test_a_request_becomes_a_message(cloud: Any, stack: dict[str, str]) -> None:
    answer = httpx.post(f"{stack['Imported']}/", content=b"plain & text")
    assert answer.status_code == 200
    message = received(cloud, stack["Wanted"])
    assert message["Body"] == "plain & text"
    assert f"<MessageId>{message['MessageId']}</MessageId>" in answer.text
    httpx.post(f"{stack['Api']}/queue?page=2", json={"text": "hello"}, headers={"X-Kind": "big"}).raise_for_status()
    message = received(cloud, stack["Wanted"])
    assert message["Body"] == "hello"
    attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert attributes == {"kind": "big", "page": "2"}


@pytest.mark.proves(
    "AWS::ApiGatewayV2::Integration.RequestParameters.MessageGroupId",
    "AWS::ApiGatewayV2::Integration.RequestParameters.MessageDeduplicationId",
)
def test_a_message_has_the_group_of_the_path(cloud: Any, stack: dict[str, str]) -> None:
    answer = httpx.post(f"{stack['Api']}/fifo/g%231", content=b"first").raise_for_status()
    attributes = received(cloud, stack["Fifo"])["Attributes"]
    assert attributes["MessageGroupId"] == "g#1"
    assert attributes["MessageDeduplicationId"] == answer.headers["apigw-requestid"]


@pytest.mark.proves(
    "services behind routes",
    "AWS::ApiGatewayV2::Integration.RequestParameters.Source",
    "AWS::ApiGatewayV2::Integration.RequestParameters.DetailType",
    "AWS::ApiGatewayV2::Integration.RequestParameters.Detail",
    "AWS::ApiGatewayV2::Integration.RequestParameters.EventBusName",
    "AWS::ApiGatewayV2::Integration.RequestParameters.Resources",
    "AWS::ApiGatewayV2::Integration.RequestParameters.Time",
    "AWS::ApiGatewayV2::Integration.RequestParameters.TraceHeader",
)
def test_a_request_becomes_an_event(cloud: Any, stack: dict[str, str]) -> None:
    answer = httpx.post(f"{stack['Api']}/events/web/ordered", json={"id": 7}).raise_for_status()
    assert answer.json()["FailedEntryCount"] == 0
    event = json.loads(received(cloud, stack["Heard"])["Body"])
    assert (event["source"], event["detail-type"], event["detail"]) == ("com.shop.web", "ordered", {"id": 7})
    assert (event["resources"], event["time"]) == (["a", "b"], "2026-01-02T03:04:05Z")


@pytest.mark.proves("services behind routes")
def test_an_error_of_the_service_is_the_answer(stack: dict[str, str]) -> None:
    assert httpx.post(f"{stack['Api']}/queue", json={"other": 1}).status_code == 400


@pytest.mark.proves("services behind routes")
@pytest.mark.parametrize(
    ("subtype", "parameters", "problem"),
    [
        ("Kinesis-PutRecord", {}, "not Kinesis-PutRecord"),
        ("SQS-SendMessage", {"QueueUrl": "u"}, "needs the parameter MessageBody"),
        ("SQS-SendMessage", {"QueueUrl": "u", "MessageBody": "b", "Region": "eu-west-1"}, "Region"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(
    cloud: Any, stack: dict[str, str], subtype: str, parameters: dict[str, str], problem: str
) -> None:
    with pytest.raises(ClientError, match=problem):
        cloud.client("apigatewayv2").create_integration(
            ApiId=stack["ApiId"],
            IntegrationType="AWS_PROXY",
            IntegrationSubtype=subtype,
            PayloadFormatVersion="1.0",
            CredentialsArn=stack["Role"],
            RequestParameters=parameters,
        )
