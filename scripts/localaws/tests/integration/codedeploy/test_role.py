"""CodeDeploy acts by the service role of its group, within what policies allow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localaws.cloud import LocalCloud
from localaws.commands.remote import call
from localaws.settings import Settings
from localaws_testing.deliveries import APPLICATION, Delivery
from localaws_testing.ports import free_port

_TRUST = {"Effect": "Allow", "Principal": {"Service": "codedeploy.amazonaws.com"}, "Action": "sts:AssumeRole"}
_STACK = """
Transform: AWS::Serverless-2016-10-31
Resources:
  App:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        def handler(event, context):
            return context.function_version
Outputs:
  App: {Value: !Ref App}
"""


class Cloud:
    """What a delivery needs of a local AWS."""

    def __init__(self, running: LocalCloud) -> None:
        self.running, self.endpoint = running, running.endpoint_url

    def client(self, service: str) -> Any:
        return self.running.clients(service)


@pytest.fixture(scope="module")
def enforcing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    folder: Path = tmp_path_factory.mktemp("role")
    (folder / "template.yaml").write_text(_STACK)
    settings = Settings(state=folder / "state", port=free_port(), http_port=free_port(), iam="enforce")
    with LocalCloud(settings, folder / "template.yaml", lambda _: None) as running:
        functions = running.clients("lambda")
        functions.publish_version(FunctionName=running.outputs["App"])
        functions.update_function_configuration(FunctionName=running.outputs["App"], Description="changed")
        functions.publish_version(FunctionName=running.outputs["App"])
        running.clients("codedeploy").create_application(applicationName=APPLICATION, computePlatform="Lambda")
        yield Cloud(running)


def role(cloud: Cloud, name: str, trust: dict[str, Any], policy: str | None) -> str:
    iam = cloud.client("iam")
    document = json.dumps({"Version": "2012-10-17", "Statement": trust})
    arn = str(iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"])
    if policy:
        iam.attach_role_policy(RoleName=name, PolicyArn=f"arn:aws:iam::aws:policy/service-role/{policy}")
    return arn


@pytest.mark.proves("codedeploy role")
def test_the_role_must_be_trusted_and_may_call_only_what_it_may(enforcing: Cloud) -> None:
    untrusted = role(enforcing, "untrusted", {**_TRUST, "Principal": {"Service": "lambda.amazonaws.com"}}, None)
    delivery = Delivery(enforcing, enforcing.running.outputs["App"], untrusted, "untrusted")
    with pytest.raises(ClientError, match="permissions required to assume the role"):
        delivery.prepare()

    without = Delivery(enforcing, delivery.function, role(enforcing, "without", _TRUST, None), "without")
    without.prepare()
    failed = without.reaches(without.start(), "Failed")
    assert failed["errorInformation"]["code"] == "IAM_ROLE_PERMISSIONS"
    assert without.traffic() == ("1", {})

    managed = role(enforcing, "managed", _TRUST, "AWSCodeDeployRoleForLambda")
    delivery = Delivery(enforcing, delivery.function, managed, "managed")
    delivery.prepare()
    failed = delivery.reaches(delivery.start(before="a_hook_of_another_name"), "Failed")
    assert failed["errorInformation"]["code"] == "IAM_ROLE_PERMISSIONS"
    assert "lambda:InvokeFunction" in failed["errorInformation"]["message"]
    delivery.start()
    delivery.shifts_to("1", {"2": 0.1})
    call(enforcing.running._settings.port, "tick", {"duration": "5m"})
    assert delivery.traffic() == ("2", {})


def test_a_hook_needs_permission_to_answer(enforcing: Cloud) -> None:
    managed = role(enforcing, "answering", _TRUST, "AWSCodeDeployRoleForLambda")
    delivery = Delivery(enforcing, enforcing.running.outputs["App"], managed, "answering")
    delivery.prepare()
    deployment = delivery.start()
    delivery.shifts_to("1", {"2": 0.1})
    iam = enforcing.client("iam")
    iam.create_user(UserName="hook")
    key = iam.create_access_key(UserName="hook")["AccessKey"]
    answering: Any = boto3.client(
        "codedeploy",
        endpoint_url=enforcing.endpoint,
        region_name="us-east-1",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    answer = {"deploymentId": deployment, "lifecycleEventHookExecutionId": "none", "status": "Succeeded"}
    with pytest.raises(ClientError, match="AccessDenied"):
        answering.put_lifecycle_event_hook_execution_status(**answer)
    statement = {
        "Effect": "Allow",
        "Action": "codedeploy:PutLifecycleEventHookExecutionStatus",
        "Resource": f"arn:aws:codedeploy:us-east-1:123456789012:deploymentgroup:{APPLICATION}/*",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": statement})
    iam.put_user_policy(UserName="hook", PolicyName="answer", PolicyDocument=document)
    with pytest.raises(ClientError, match="no hook execution none"):
        answering.put_lifecycle_event_hook_execution_status(**answer)
