"""Whoever gives a role to a service needs the right to pass it: each operation that takes one is looked at."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.config import Config

from localaws.iam.asked import Asked
from localaws.iam.http_request import HttpRequest
from localaws.iam.passed_roles import TAKERS
from localaws.iam.requests import asked, signed
from localaws_testing.roles import NOT_PASSED, SERVICES, SIGNED_FOR, UNSUPPORTED, operations_with_roles

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/given"
OTHER = f"arn:aws:iam::{ACCOUNT}:role/path/other"
OPENAPI = {
    "openapi": "3.0.1",
    "paths": {
        "/a": {
            "get": {"x-amazon-apigateway-integration": {"type": "aws", "credentials": ROLE}},
            "post": {"x-amazon-apigateway-integration": {"type": "aws", "credentials": ROLE}},
        }
    },
    "components": {
        "securitySchemes": {
            "k": {"x-amazon-apigateway-authorizer": {"type": "request", "authorizerCredentials": OTHER}}
        }
    },
}
API_GATEWAY, CLOUDFORMATION = "apigateway.amazonaws.com", "cloudformation.amazonaws.com"
PATCHES = [{"op": "replace", "path": "/cloudwatchRoleArn", "value": ROLE}]


class Sent(Exception):
    """A request that isn't sent."""

    def __init__(self, request: AWSPreparedRequest) -> None:
        self.request = request


def sent(service: str, operation: str, parameters: dict[str, Any]) -> HttpRequest:
    """The request that an AWS client makes."""
    client = boto3.client(
        service,  # type: ignore[call-overload]
        region_name="us-east-1",
        aws_access_key_id="AKIA",
        aws_secret_access_key="secret",
        config=Config(parameter_validation=False),
    )

    def keep(request: AWSPreparedRequest, **_: Any) -> None:
        raise Sent(request)

    client.meta.events.register("before-send", keep)
    with pytest.raises(Sent) as found:
        client._make_api_call(operation, parameters)
    request = found.value.request
    url = urlsplit(request.url)
    body: Any = request.body or b""
    content: bytes = body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else bytes(body)
    text = {
        name.lower(): value if isinstance(value, str) else value.decode() for name, value in request.headers.items()
    }
    return HttpRequest(
        request.method, url.netloc, url.path, parse_qs(url.query, keep_blank_values=True), text, lambda: content
    )


def passes(service: str, operation: str, parameters: dict[str, Any]) -> list[tuple[str, str]]:
    """The roles that a request passes, with who gets each."""
    request = sent(service, operation, parameters)
    scope = signed(request, "us-east-1")
    assert scope
    found = asked(request, scope, ACCOUNT)
    assert found is not None
    return [(each.resource, each.context["iam:PassedToService"][0]) for each in found if each.action == "iam:PassRole"]


@pytest.mark.proves("iam pass role")
@pytest.mark.parametrize(
    ("service", "operation", "parameters", "principal"),
    [
        ("lambda", "CreateFunction", {"FunctionName": "f", "Role": ROLE, "Code": {}}, "lambda.amazonaws.com"),
        ("lambda", "UpdateFunctionConfiguration", {"FunctionName": "f", "Role": ROLE}, "lambda.amazonaws.com"),
        ("scheduler", "CreateSchedule", {"Name": "s", "Target": {"RoleArn": ROLE}}, "scheduler.amazonaws.com"),
        ("scheduler", "UpdateSchedule", {"Name": "s", "Target": {"RoleArn": ROLE}}, "scheduler.amazonaws.com"),
        ("events", "PutRule", {"Name": "r", "RoleArn": ROLE}, "events.amazonaws.com"),
        ("events", "PutTargets", {"Rule": "r", "Targets": [{"RoleArn": ROLE}] * 2}, "events.amazonaws.com"),
        ("stepfunctions", "CreateStateMachine", {"name": "m", "roleArn": ROLE}, "states.amazonaws.com"),
        ("stepfunctions", "UpdateStateMachine", {"stateMachineArn": "m", "roleArn": ROLE}, "states.amazonaws.com"),
        ("stepfunctions", "TestState", {"definition": "{}", "roleArn": ROLE}, "states.amazonaws.com"),
        ("ecs", "RegisterTaskDefinition", {"family": "f", "taskRoleArn": ROLE}, "ecs-tasks.amazonaws.com"),
        ("ecs", "RegisterTaskDefinition", {"family": "f", "executionRoleArn": ROLE}, "ecs-tasks.amazonaws.com"),
        (
            "batch",
            "RegisterJobDefinition",
            {"jobDefinitionName": "j", "containerProperties": {"jobRoleArn": ROLE, "executionRoleArn": ROLE}},
            "ecs-tasks.amazonaws.com",
        ),
        ("batch", "CreateComputeEnvironment", {"serviceRole": ROLE}, "batch.amazonaws.com"),
        ("batch", "UpdateComputeEnvironment", {"computeEnvironment": "c", "serviceRole": ROLE}, "batch.amazonaws.com"),
        ("codedeploy", "CreateDeploymentGroup", {"serviceRoleArn": ROLE}, "codedeploy.amazonaws.com"),
        ("codedeploy", "UpdateDeploymentGroup", {"serviceRoleArn": ROLE}, "codedeploy.amazonaws.com"),
        (
            "firehose",
            "CreateDeliveryStream",
            {
                "DeliveryStreamName": "d",
                "ExtendedS3DestinationConfiguration": {
                    "RoleARN": ROLE,
                    "ProcessingConfiguration": {"Processors": [{"Type": "Lambda"}]},
                    "S3BackupConfiguration": {"RoleARN": ROLE},
                },
            },
            "firehose.amazonaws.com",
        ),
        (
            "firehose",
            "UpdateDestination",
            {"DeliveryStreamName": "d", "ExtendedS3DestinationUpdate": {"RoleARN": ROLE}},
            "firehose.amazonaws.com",
        ),
        ("logs", "PutSubscriptionFilter", {"logGroupName": "g", "roleArn": ROLE}, "logs.amazonaws.com"),
        ("logs", "PutDestination", {"destinationName": "d", "roleArn": ROLE}, "logs.amazonaws.com"),
        (
            "apigateway",
            "PutIntegration",
            {"restApiId": "a", "resourceId": "r", "httpMethod": "GET", "type": "AWS", "credentials": ROLE},
            API_GATEWAY,
        ),
        (
            "apigateway",
            "UpdateIntegration",
            {
                "restApiId": "a",
                "resourceId": "r",
                "httpMethod": "GET",
                "patchOperations": [{"op": "replace", "path": "/credentials", "value": ROLE}],
            },
            API_GATEWAY,
        ),
        ("apigateway", "CreateAuthorizer", {"restApiId": "a", "authorizerCredentials": ROLE}, API_GATEWAY),
        (
            "apigateway",
            "UpdateAuthorizer",
            {
                "restApiId": "a",
                "authorizerId": "b",
                "patchOperations": [{"op": "replace", "path": "/authorizerCredentials", "value": ROLE}],
            },
            API_GATEWAY,
        ),
        ("apigateway", "UpdateAccount", {"patchOperations": PATCHES}, API_GATEWAY),
        ("apigatewayv2", "CreateApi", {"Name": "a", "ProtocolType": "HTTP", "CredentialsArn": ROLE}, API_GATEWAY),
        ("apigatewayv2", "UpdateApi", {"ApiId": "a", "CredentialsArn": ROLE}, API_GATEWAY),
        ("apigatewayv2", "CreateIntegration", {"ApiId": "a", "CredentialsArn": ROLE}, API_GATEWAY),
        (
            "apigatewayv2",
            "UpdateIntegration",
            {"ApiId": "a", "IntegrationId": "i", "CredentialsArn": ROLE},
            API_GATEWAY,
        ),
        ("apigatewayv2", "CreateAuthorizer", {"ApiId": "a", "AuthorizerCredentialsArn": ROLE}, API_GATEWAY),
        (
            "apigatewayv2",
            "UpdateAuthorizer",
            {"ApiId": "a", "AuthorizerId": "b", "AuthorizerCredentialsArn": ROLE},
            API_GATEWAY,
        ),
        ("cloudformation", "CreateStack", {"StackName": "s", "RoleARN": ROLE}, CLOUDFORMATION),
        ("cloudformation", "UpdateStack", {"StackName": "s", "RoleARN": ROLE}, CLOUDFORMATION),
        ("cloudformation", "DeleteStack", {"StackName": "s", "RoleARN": ROLE}, CLOUDFORMATION),
        ("cloudformation", "CreateChangeSet", {"StackName": "s", "RoleARN": ROLE}, CLOUDFORMATION),
        (
            "sns",
            "SetTopicAttributes",
            {"TopicArn": "t", "AttributeName": "LambdaFailureFeedbackRoleArn", "AttributeValue": ROLE},
            "sns.amazonaws.com",
        ),
        (
            "sns",
            "CreateTopic",
            {"Name": "t", "Attributes": {"DisplayName": "t", "SQSSuccessFeedbackRoleArn": ROLE}},
            "sns.amazonaws.com",
        ),
        (
            "sns",
            "Subscribe",
            {"TopicArn": "t", "Protocol": "firehose", "Attributes": {"SubscriptionRoleArn": ROLE}},
            "sns.amazonaws.com",
        ),
        (
            "sns",
            "SetSubscriptionAttributes",
            {"SubscriptionArn": "t:s", "AttributeName": "SubscriptionRoleArn", "AttributeValue": ROLE},
            "sns.amazonaws.com",
        ),
        (
            "secretsmanager",
            "RotateSecret",
            {"SecretId": "s", "ExternalSecretRotationRoleArn": ROLE},
            "secretsmanager.amazonaws.com",
        ),
        ("ssm", "SendCommand", {"DocumentName": "d", "ServiceRoleArn": ROLE}, "ssm.amazonaws.com"),
        ("ssm", "RegisterTaskWithMaintenanceWindow", {"WindowId": "w", "ServiceRoleArn": ROLE}, "ssm.amazonaws.com"),
        (
            "s3",
            "PutBucketReplication",
            {"Bucket": "bucket", "ReplicationConfiguration": {"Role": ROLE, "Rules": []}},
            "s3.amazonaws.com",
        ),
        ("iam", "AddRoleToInstanceProfile", {"InstanceProfileName": "p", "RoleName": "given"}, "ec2.amazonaws.com"),
    ],
)
def test_a_role_in_a_request_is_passed_to_its_service(
    service: str, operation: str, parameters: dict[str, Any], principal: str
) -> None:
    assert passes(service, operation, parameters) == [(ROLE, principal)]


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("apigateway", "ImportRestApi", {"body": json.dumps(OPENAPI).encode()}),
        ("apigateway", "PutRestApi", {"restApiId": "a", "body": json.dumps(OPENAPI).encode()}),
        ("apigatewayv2", "ImportApi", {"Body": json.dumps(OPENAPI)}),
        ("apigatewayv2", "ReimportApi", {"ApiId": "a", "Body": json.dumps(OPENAPI)}),
    ],
)
def test_each_role_of_an_imported_document_is_passed_once(
    service: str, operation: str, parameters: dict[str, Any]
) -> None:
    assert passes(service, operation, parameters) == [(ROLE, API_GATEWAY), (OTHER, API_GATEWAY)]


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("lambda", "UpdateFunctionConfiguration", {"FunctionName": "f", "Timeout": 3}),
        ("lambda", "CreateFunction", {"FunctionName": "f", "Environment": {"Variables": {"Role": ROLE}}}),
        (
            "apigateway",
            "PutIntegration",
            {"restApiId": "a", "resourceId": "r", "httpMethod": "GET", "credentials": "arn:aws:iam::*:user/*"},
        ),
        ("apigateway", "ImportRestApi", {"body": b"[: no document"}),
        ("sns", "SetTopicAttributes", {"TopicArn": "t", "AttributeName": "DisplayName", "AttributeValue": ROLE}),
        ("sns", "Publish", {"TopicArn": "t", "Message": ROLE}),
    ],
)
def test_a_request_without_a_role_for_its_service_passes_none(
    service: str, operation: str, parameters: dict[str, Any]
) -> None:
    assert passes(service, operation, parameters) == []


def test_the_action_of_a_function_is_on_the_function_that_the_body_names() -> None:
    function = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f"
    request = sent("lambda", "CreateFunction", {"FunctionName": "f", "Role": ROLE})
    scope = signed(request, "us-east-1")
    assert scope
    assert (asked(request, scope, ACCOUNT) or [])[0] == Asked("lambda:CreateFunction", function)
    mapping = sent("lambda", "CreateEventSourceMapping", {"FunctionName": "f"})
    assert asked(mapping, scope, ACCOUNT) == [
        Asked("lambda:CreateEventSourceMapping", "*", {"lambda:FunctionArn": (function,)})
    ]


@pytest.mark.parametrize("service", SERVICES)
def test_each_operation_with_a_role_is_looked_at_or_known_to_be_unsupported(service: str) -> None:
    looked_at = TAKERS.get(SIGNED_FOR.get(service, service), {})
    found = {name for name in operations_with_roles(service) if name not in looked_at}
    found -= {operation for of, operation in NOT_PASSED if of == service} | {"PutBucketReplication"}
    assert found == {operation for of, operation in UNSUPPORTED if of == service}
