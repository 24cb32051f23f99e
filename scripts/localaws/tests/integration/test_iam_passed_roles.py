"""Who gives a role to a service without the right to pass it is refused by that service's own error."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.loaders import create_loader

from localaws.cloud import LocalCloud
from localaws.settings import Settings
from localaws_testing.ports import free_port
from localaws_testing.roles import UNSUPPORTED, least

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/given"
PREFIX = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function"
SCHEDULE = {
    "Name": "passed",
    "ScheduleExpression": "cron(0 3 1 1 ? 2100)",
    "FlexibleTimeWindow": {"Mode": "OFF"},
    "Target": {"Arn": f"{PREFIX}:made", "RoleArn": ROLE},
}
# Each of a service that has no place in the other tests of what IAM looks at.
CALLS: list[tuple[str, str, dict[str, Any]]] = [
    (
        "lambda",
        "create_function",
        {"FunctionName": "made", "Role": ROLE, "Runtime": "python3.13", "Handler": "a.b", "Code": {"ZipFile": b"x"}},
    ),
    ("lambda", "update_function_configuration", {"FunctionName": "made", "Role": ROLE}),
    ("scheduler", "create_schedule", SCHEDULE),
    ("scheduler", "update_schedule", SCHEDULE),
    (
        "codedeploy",
        "create_deployment_group",
        {"applicationName": "a", "deploymentGroupName": "g", "serviceRoleArn": ROLE},
    ),
    (
        "firehose",
        "create_delivery_stream",
        {
            "DeliveryStreamName": "d",
            "ExtendedS3DestinationConfiguration": {"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::b"},
        },
    ),
    (
        "logs",
        "put_subscription_filter",
        {"logGroupName": "g", "filterName": "f", "filterPattern": "", "destinationArn": ROLE, "roleArn": ROLE},
    ),
    (
        "apigateway",
        "update_account",
        {"patchOperations": [{"op": "replace", "path": "/cloudwatchRoleArn", "value": ROLE}]},
    ),
    ("apigatewayv2", "create_integration", {"ApiId": "a", "IntegrationType": "AWS_PROXY", "CredentialsArn": ROLE}),
    ("cloudformation", "create_stack", {"StackName": "s", "TemplateBody": "{}", "RoleARN": ROLE}),
    ("stepfunctions", "test_state", {"definition": "{}", "roleArn": ROLE}),
    ("sns", "create_topic", {"Name": "t", "Attributes": {"SQSFailureFeedbackRoleArn": ROLE}}),
    ("s3", "put_bucket_replication", {"Bucket": "b", "ReplicationConfiguration": {"Role": ROLE, "Rules": []}}),
    ("iam", "add_role_to_instance_profile", {"InstanceProfileName": "p", "RoleName": "given"}),
]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    folder: Path = tmp_path_factory.mktemp("passed")
    settings = Settings(state=folder, port=free_port(), http_port=free_port(), iam="enforce")
    with LocalCloud(settings, None, lambda _: None) as running:
        yield running


@pytest.fixture(scope="module")
def user(cloud: LocalCloud) -> Any:
    """Makes clients of a user who may do everything but pass roles."""
    iam = cloud.clients("iam")
    iam.create_user(UserName="ann")
    everything = {"Effect": "Allow", "NotAction": "iam:PassRole", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": everything})
    iam.put_user_policy(UserName="ann", PolicyName="everything-else", PolicyDocument=policy)
    key = iam.create_access_key(UserName="ann")["AccessKey"]

    def client(service: str) -> Any:
        return boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=cloud.endpoint_url,
            region_name="us-east-1",
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
            config=Config(retries={"max_attempts": 0}, inject_host_prefix=False, s3={"addressing_style": "path"}),
        )

    return client


@pytest.mark.proves("iam pass role")
@pytest.mark.parametrize(("service", "operation", "parameters"), CALLS)
def test_giving_a_role_takes_the_right_to_pass_it(
    user: Any, service: str, operation: str, parameters: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(user(service), operation)(**parameters)
    error = refused.value.response["Error"]
    assert error["Code"] in ("AccessDenied", "AccessDeniedException", "AuthorizationError"), error
    assert f"is not authorized to perform: iam:PassRole on resource: {ROLE}" in error["Message"]


def test_a_right_for_one_service_is_none_for_another(cloud: LocalCloud, user: Any) -> None:
    iam, lambdas = cloud.clients("iam"), user("lambda")
    iam.create_role(
        RoleName="given",
        AssumeRolePolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": {
                    "Effect": "Allow",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                },
            }
        ),
    )

    def allow(service: str) -> None:
        statement = {
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": ROLE,
            "Condition": {"StringEquals": {"iam:PassedToService": service}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
        iam.put_user_policy(UserName="ann", PolicyName="passing", PolicyDocument=policy)

    try:
        allow("lambda.amazonaws.com")
        with pytest.raises(ClientError, match="iam:PassRole"):
            user("scheduler").create_schedule(**SCHEDULE)
        allow("scheduler.amazonaws.com")
        user("scheduler").create_schedule(**SCHEDULE)
        with pytest.raises(ClientError, match="iam:PassRole"):
            lambdas.update_function_configuration(FunctionName="made", Role=ROLE)
    finally:
        iam.delete_user_policy(UserName="ann", PolicyName="passing")


@pytest.mark.proves("iam pass role")
@pytest.mark.parametrize(("service", "operation"), sorted(UNSUPPORTED))
def test_an_operation_with_a_role_that_is_not_looked_at_is_refused_by_name(
    cloud: LocalCloud, service: str, operation: str
) -> None:
    model = create_loader().load_service_model(service, "service-2")
    parameters = least(model, model["operations"][operation]["input"]["shape"])
    client = boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=cloud.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"max_attempts": 0}, parameter_validation=False, inject_host_prefix=False),
    )
    with pytest.raises(ClientError) as refused:
        client._make_api_call(operation, parameters)
    assert refused.value.response["Error"]["Message"].startswith("Local AWS doesn't support "), refused.value
