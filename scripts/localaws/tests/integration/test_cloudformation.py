"""Stacks and change sets, through the real client."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError


def template(resources: dict[str, Any], **sections: Any) -> str:
    return json.dumps({"Resources": resources, **sections})


def queue(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::SQS::Queue", "Properties": properties}


def attribute(cloud: Any, url: str, name: str) -> str:
    answer = cloud.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=[name])
    return str(answer["Attributes"][name])


@pytest.mark.proves(
    "Parameters",
    "Outputs",
    "Resources",
    "Transform",
    "AWSTemplateFormatVersion",
    "resource Condition",
    "resource Type",
    "resource Properties",
    "AWS::Serverless::HttpApi",
)
def test_a_stack_describes_its_parameters_outputs_resources_and_template(cloud: Any, outputs: dict[str, str]) -> None:
    client = cloud.client("cloudformation")
    stack = client.describe_stacks(StackName="local")["Stacks"][0]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    parameters = {item["ParameterKey"]: item["ParameterValue"] for item in stack["Parameters"]}
    assert parameters == {"Greeting": "hi", "WithExtra": "no"}
    assert outputs["Setting"] == "a-hi"
    assert "ExtraQueue" not in outputs
    resources = client.list_stack_resources(StackName="local")["StackResourceSummaries"]
    types = {item["LogicalResourceId"]: item["ResourceType"] for item in resources}
    assert types["Jobs"] == "AWS::SQS::Queue"
    assert types["EchoAliaslive"] == "AWS::Lambda::Alias"
    assert "ExtraQueue" not in types
    summary = client.get_template_summary(StackName="local")
    assert "AWS::Serverless::HttpApi" in summary["ResourceTypes"]
    assert client.describe_stack_resource(StackName="local", LogicalResourceId="Jobs")["StackResourceDetail"]


@pytest.mark.proves(
    "Globals",
    "AWS::Serverless::Function.Timeout",
    "AWS::Serverless::Function.MemorySize",
)
def test_the_services_describe_the_resources_as_in_the_template(cloud: Any, outputs: dict[str, str]) -> None:
    s3 = cloud.client("s3")
    assert s3.get_bucket_versioning(Bucket=outputs["Inbox"])["Status"] == "Enabled"
    assert "EventBridgeConfiguration" in s3.get_bucket_notification_configuration(Bucket=outputs["Inbox"])
    assert json.loads(attribute(cloud, outputs["Jobs"], "RedrivePolicy"))["maxReceiveCount"] == 2
    group = cloud.client("logs").describe_log_groups(logGroupNamePrefix=outputs["EchoLogs"])["logGroups"][0]
    assert group["retentionInDays"] == 7
    echo = cloud.client("lambda").get_function_configuration(FunctionName=outputs["Echo"])
    assert (echo["Timeout"], echo["MemorySize"]) == (2, 256)
    assert echo["LoggingConfig"]["LogGroup"] == outputs["EchoLogs"]
    assert cloud.client("ssm").get_parameter(Name="/local/setting")["Parameter"]["Value"] == "a-hi"


def test_an_update_changes_replaces_adds_and_removes_resources(cloud: Any) -> None:
    client = cloud.client("cloudformation")
    first = {"Kept": queue(VisibilityTimeout=40), "Renamed": queue(QueueName="before"), "Gone": queue()}
    client.create_stack(StackName="updated", TemplateBody=template(first))
    before = {item["LogicalResourceId"]: item["PhysicalResourceId"] for item in _resources(client, "updated")}
    second = {"Kept": queue(VisibilityTimeout=50), "Renamed": queue(QueueName="after"), "New": queue()}
    client.update_stack(StackName="updated", TemplateBody=template(second))
    after = {item["LogicalResourceId"]: item["PhysicalResourceId"] for item in _resources(client, "updated")}
    assert cloud.status("updated") == "UPDATE_COMPLETE"
    assert set(after) == {"Kept", "Renamed", "New"}
    assert after["Kept"] == before["Kept"]
    assert attribute(cloud, after["Kept"], "VisibilityTimeout") == "50"
    assert after["Renamed"].endswith("/after")
    urls = cloud.client("sqs").list_queues()["QueueUrls"]
    assert not {before["Renamed"], before["Gone"]} & set(urls)
    with pytest.raises(ClientError, match="No updates are to be performed"):
        client.update_stack(StackName="updated", TemplateBody=template(second))
    client.delete_stack(StackName="updated")
    assert not set(after.values()) & set(cloud.client("sqs").list_queues().get("QueueUrls", []))


def _resources(client: Any, name: str) -> list[Any]:
    return list(client.describe_stack_resources(StackName=name)["StackResources"])


BROKEN = {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": "nobody"}}


@pytest.mark.proves(
    "resource DependsOn",
)
def test_a_failed_creation_is_rolled_back_and_its_events_have_the_reason(cloud: Any) -> None:
    client = cloud.client("cloudformation")
    resources = {"Made": queue(QueueName="rolled-back"), "Broken": BROKEN | {"DependsOn": "Made"}}
    client.create_stack(StackName="fails", TemplateBody=template(resources))
    assert cloud.status("fails") == "ROLLBACK_COMPLETE"
    assert "Function not found" in cloud.reasons("fails")
    assert not [url for url in cloud.client("sqs").list_queues()["QueueUrls"] if url.endswith("/rolled-back")]
    client.delete_stack(StackName="fails")


@pytest.mark.parametrize(
    ("kind", "properties", "message"),
    [
        ("AWS::S3::Bucket", {"BucketName": "Not_A_Bucket"}, "The specified bucket is not valid: Not_A_Bucket"),
        ("AWS::Lambda::Function", {"FunctionName": "f" * 65}, "is not valid (1 to 64 letters"),
        ("AWS::Lambda::Function", {"Timeout": 901}, "Timeout must be from 1 to 900, not 901."),
        ("AWS::Lambda::Function", {"MemorySize": "64"}, "MemorySize must be from 128 to 10240, not 64."),
        (
            "AWS::Lambda::Function",
            {"EphemeralStorage": {"Size": 511}},
            "EphemeralStorage.Size must be from 512 to 10240, not 511.",
        ),
    ],
)
def test_an_invalid_value_is_rejected(cloud: Any, kind: str, properties: dict[str, Any], message: str) -> None:
    client = cloud.client("cloudformation")
    function = {"Handler": "index.handler", "Runtime": "python3.13", "Role": "r", "Code": {"ZipFile": "pass"}}
    given = {**function, **properties} if kind == "AWS::Lambda::Function" else properties
    client.create_stack(StackName="limits", TemplateBody=template({"It": {"Type": kind, "Properties": given}}))
    assert cloud.status("limits") == "ROLLBACK_COMPLETE"
    assert message in cloud.reasons("limits")
    client.delete_stack(StackName="limits")


def test_a_failed_update_is_rolled_back(cloud: Any) -> None:
    client = cloud.client("cloudformation")
    client.create_stack(StackName="stays", TemplateBody=template({"Q": queue(VisibilityTimeout=40)}))
    url = _resources(client, "stays")[0]["PhysicalResourceId"]
    changed = {
        "Q": queue(VisibilityTimeout=99),
        "Added": queue(QueueName="added-then-gone"),
        "Broken": BROKEN | {"DependsOn": ["Q", "Added"]},
    }
    client.update_stack(StackName="stays", TemplateBody=template(changed))
    assert cloud.status("stays") == "UPDATE_ROLLBACK_COMPLETE"
    assert attribute(cloud, url, "VisibilityTimeout") == "40"
    assert not [found for found in cloud.client("sqs").list_queues()["QueueUrls"] if "added-then-gone" in found]
    client.delete_stack(StackName="stays")


@pytest.mark.proves(
    "resource DeletionPolicy",
)
def test_a_retained_resource_outlives_its_stack(cloud: Any) -> None:
    client = cloud.client("cloudformation")
    resources = {"Kept": queue(QueueName="retained") | {"DeletionPolicy": "Retain"}}
    client.create_stack(StackName="retains", TemplateBody=template(resources))
    client.delete_stack(StackName="retains")
    assert [url for url in cloud.client("sqs").list_queues()["QueueUrls"] if url.endswith("/retained")]


def test_a_bucket_with_objects_in_it_is_not_deleted(cloud: Any) -> None:
    client, s3 = cloud.client("cloudformation"), cloud.client("s3")
    client.create_stack(StackName="full", TemplateBody=template({"B": {"Type": "AWS::S3::Bucket"}}))
    bucket = _resources(client, "full")[0]["PhysicalResourceId"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    client.delete_stack(StackName="full")
    assert cloud.status("full") == "DELETE_FAILED"
    s3.delete_object(Bucket=bucket, Key="k")
    client.delete_stack(StackName="full")
    with pytest.raises(ClientError, match="does not exist"):
        cloud.status("full")


def test_a_stack_can_import_what_another_exports(cloud: Any) -> None:
    client = cloud.client("cloudformation")
    imported = {"Fn::ImportValue": "local-setting"}
    body = template({"Q": queue()}, Outputs={"Imported": {"Value": imported}})
    client.create_stack(StackName="imports", TemplateBody=body)
    assert cloud.outputs("imports") == {"Imported": "a-hi"}
    client.delete_stack(StackName="imports")


@pytest.mark.proves("cloudformation invalid templates")
@pytest.mark.parametrize(
    ("body", "names"),
    [
        (
            template({"Db": {"Type": "AWS::RDS::DBInstance"}, "Q": queue(Colour="red")}),
            "AWS::RDS::DBInstance.*Q.Colour",
        ),
        (template({"A": queue(QueueName={"Ref": "B"}), "B": queue(QueueName={"Ref": "A"})}), "Circular.*A.*B|B.*A"),
        (template({"A": queue(QueueName={"Fn::Sub": "${A.Arn}"})}), r"Circular dependency between resources: \[A\]"),
        (template({"A": queue(QueueName={"Ref": "Nobody"})}), "Nobody"),
        (template({"A": queue()}, Conditions={"C": {"Fn::Equals": [{"Ref": "A"}, 1]}}), "Conditions.*A is neither"),
        (template({"A": queue(QueueName={"Fn::Join": ["a", "b"]})}), "Fn::Join takes a list of a delimiter"),
        (
            template(
                {"A": queue() | {"Condition": "No"}, "B": queue(QueueName={"Fn::GetAtt": ["A", "QueueName"]})},
                Conditions={"No": {"Fn::Equals": [1, 2]}},
            ),
            r"Unresolved resource dependencies \[A\] in the Resources block",
        ),
        (
            template(
                {"A": queue() | {"Condition": "No"}, "B": queue()},
                Conditions={"No": {"Fn::Equals": [1, 2]}},
                Outputs={"O": {"Value": {"Ref": "A"}}},
            ),
            r"Unresolved resource dependencies \[A\] in the Outputs block",
        ),
        (
            template(
                {"A": queue(QueueName={"Fn::Sub": "x-${Many}"})},
                Parameters={"Many": {"Type": "CommaDelimitedList", "Default": "a,b"}},
            ),
            "variable Many in Fn::Sub expression does not resolve to a string",
        ),
        ("{", "valid YAML"),
        ("Description: no resources", "no Resources"),
    ],
)
def test_an_invalid_template_leaves_no_stack(cloud: Any, body: str, names: str) -> None:
    client = cloud.client("cloudformation")
    with pytest.raises(ClientError, match=f"(?s){names}") as refused:
        client.create_stack(StackName="invalid", TemplateBody=body)
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    with pytest.raises(ClientError, match=f"(?s){names}"):
        client.create_change_set(StackName="invalid", ChangeSetName="c", ChangeSetType="CREATE", TemplateBody=body)
    with pytest.raises(ClientError, match="does not exist"):
        client.describe_stacks(StackName="invalid")


def test_an_invalid_update_leaves_the_stack_as_it_is(cloud: Any) -> None:
    client = cloud.client("cloudformation")
    client.create_stack(StackName="unchanged", TemplateBody=template({"Q": queue()}))
    with pytest.raises(ClientError, match=r"Q\.Colour"):
        client.update_stack(StackName="unchanged", TemplateBody=template({"Q": queue(Colour="red")}))
    assert cloud.status("unchanged") == "CREATE_COMPLETE"
    client.delete_stack(StackName="unchanged")


def test_a_value_known_only_at_deployment_is_checked_before_its_resource_is_created(cloud: Any) -> None:
    runtime = {"Fn::Join": ["", ["ruby", "3.4"]]}
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {"Runtime": runtime, "Role": "r", "Handler": "h.h", "Code": {"S3Bucket": "b", "S3Key": "k"}},
    }
    client = cloud.client("cloudformation")
    client.create_stack(StackName="late", TemplateBody=template({"F": function}))
    assert "F.Runtime: local AWS supports only python3.13, not ruby3.4" in cloud.reasons("late")
    client.delete_stack(StackName="late")


def test_change_sets_list_the_changes_or_report_that_there_are_none(cloud: Any) -> None:
    client = cloud.client("cloudformation")

    def change(name: str, kind: str, resources: dict[str, Any]) -> Any:
        client.create_change_set(
            StackName="planned", ChangeSetName=name, ChangeSetType=kind, TemplateBody=template(resources)
        )
        return client.describe_change_set(StackName="planned", ChangeSetName=name)

    first = change("first", "CREATE", {"Q": queue(), "R": queue()})
    assert first["Status"] == "CREATE_COMPLETE"
    assert cloud.status("planned") == "REVIEW_IN_PROGRESS"
    client.execute_change_set(StackName="planned", ChangeSetName="first")
    assert cloud.status("planned") == "CREATE_COMPLETE"
    second = change("second", "UPDATE", {"Q": queue(QueueName="other"), "S": queue()})
    changes = [item["ResourceChange"] for item in second["Changes"]]
    told = {(item["Action"], item["LogicalResourceId"], item.get("Replacement")) for item in changes}
    assert told == {("Modify", "Q", "True"), ("Add", "S", None), ("Remove", "R", None)}
    same = change("same", "UPDATE", {"Q": queue(), "R": queue()})
    assert same["Status"] == "FAILED"
    assert "didn't contain changes" in same["StatusReason"]
    client.delete_stack(StackName="planned")


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        ([], "Size.*must have values"),
        ([{"ParameterKey": "Size", "ParameterValue": "x"}], "must be a number"),
        ([{"ParameterKey": "Size", "ParameterValue": "99"}], "at most 10"),
        (
            [{"ParameterKey": "Size", "ParameterValue": "1"}, {"ParameterKey": "Oops", "ParameterValue": "1"}],
            "Oops.*do not exist",
        ),
    ],
)
def test_bad_parameters_are_named_and_leave_no_stack(cloud: Any, parameters: list[Any], names: str) -> None:
    declared = {"Size": {"Type": "Number", "MaxValue": 10}}
    client = cloud.client("cloudformation")
    body = template({"Q": queue()}, Parameters=declared)
    with pytest.raises(ClientError, match=names) as refused:
        client.create_stack(StackName="parameters", TemplateBody=body, Parameters=parameters)
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    with pytest.raises(ClientError, match="does not exist"):
        client.describe_stacks(StackName="parameters")
