"""Requests to CloudFormation that have an effect on AWS and none here, and change sets that can't be executed."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

BODY = json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}})


@pytest.fixture
def name() -> str:
    return f"checked-{uuid.uuid4().hex[:12]}"


@pytest.mark.proves("cloudformation refused operations")
@pytest.mark.parametrize(
    "options",
    [
        {"StackPolicyBody": "{}"},
        {"NotificationARNs": ["arn:aws:sns:us-east-1:123456789012:topic"]},
        {"RetainExceptOnCreate": True},
        {"RollbackConfiguration": {"RollbackTriggers": [{"Arn": "arn", "Type": "AWS::CloudWatch::Alarm"}]}},
    ],
)
def test_what_a_deployment_would_do_on_aws_only_is_refused_by_name(
    cloud: Any, name: str, options: dict[str, Any]
) -> None:
    cloudformation = cloud.client("cloudformation")

    with pytest.raises(ClientError, match=f"ValidationError.*{next(iter(options))}"):
        cloudformation.create_stack(StackName=name, TemplateBody=BODY, **options)

    assert name not in [stack["StackName"] for stack in cloudformation.describe_stacks()["Stacks"]]


@pytest.mark.proves("cloudformation invalid templates")
def test_a_name_that_a_stack_cant_have_is_refused(cloud: Any, name: str) -> None:
    for bad in (f"1{name}", f"{name}_x", "x" * 129):
        with pytest.raises(ClientError, match="ValidationError"):
            cloud.client("cloudformation").create_stack(StackName=bad, TemplateBody=BODY)


@pytest.mark.proves("cloudformation failed change sets")
def test_a_change_set_without_changes_isnt_executed(cloud: Any, name: str) -> None:
    cloudformation = cloud.client("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=BODY)
    cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    made = cloudformation.create_change_set(StackName=name, ChangeSetName="same", TemplateBody=BODY)["Id"]

    with pytest.raises(ClientError, match="InvalidChangeSetStatus"):
        cloudformation.execute_change_set(ChangeSetName=made)
    with pytest.raises(ClientError, match="ChangeSetNotFound"):
        cloudformation.describe_change_set(StackName=name, ChangeSetName="absent")
    with pytest.raises(ClientError, match="RetainResources"):
        cloudformation.delete_stack(StackName=name, RetainResources=["Queue"])
    cloudformation.delete_stack(StackName=name)
