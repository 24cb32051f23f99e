"""Stacks that meet: names that are taken, exports in use, nested stacks, and what becomes of failed ones."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

ROLE: dict[str, Any] = {"Statement": []}
FUNCTION = {"Handler": "index.handler", "Runtime": "python3.13", "Role": "arn:aws:iam::123456789012:role/stack-tests"}
PATTERN = {"source": ["test.names"]}
GROUP = {"LogGroupName": "/taken/group"}
METRIC = {"MetricName": "m", "MetricNamespace": "n", "MetricValue": "1"}
ALARM = {
    "ComparisonOperator": "GreaterThanThreshold",
    "EvaluationPeriods": 1,
    "MetricName": "m",
    "Namespace": "n",
    "Period": 60,
    "Statistic": "Sum",
    "Threshold": 1,
}


def template(resources: dict[str, Any], **sections: Any) -> str:
    return json.dumps({"Resources": resources, **sections})


def one(kind: str, **properties: Any) -> dict[str, Any]:
    return {"It": {"Type": kind, "Properties": properties}}


@pytest.fixture
def stacks(cloud: Any) -> Any:
    """Creates stacks, which are deleted at the end, the newest first."""
    client, made = cloud.client("cloudformation"), list[str]()

    def create(name: str, body: str, **options: Any) -> str:
        client.create_stack(StackName=name, TemplateBody=body, **options)
        made.append(name)
        return str(cloud.status(name))

    yield create
    for name in reversed(made):
        if name in {stack["StackName"] for stack in client.describe_stacks()["Stacks"]}:
            client.update_termination_protection(StackName=name, EnableTerminationProtection=False)
            client.delete_stack(StackName=name)


@pytest.fixture(scope="module", autouse=True)
def role(cloud: Any) -> Any:
    """The role of the functions."""
    cloud.client("iam").create_role(RoleName="stack-tests", AssumeRolePolicyDocument=json.dumps(ROLE))
    yield
    cloud.client("iam").delete_role(RoleName="stack-tests")


@pytest.mark.proves("cloudformation taken names")
@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::SQS::Queue", {"QueueName": "case-taken"}),
        ("AWS::S3::Bucket", {"BucketName": "case-taken"}),
        ("AWS::SNS::Topic", {"TopicName": "case-taken"}),
        ("AWS::SSM::Parameter", {"Name": "case-taken", "Type": "String", "Value": "v"}),
        ("AWS::Events::Rule", {"Name": "case-taken", "EventPattern": PATTERN}),
        ("AWS::Events::EventBus", {"Name": "case-taken"}),
        ("AWS::CloudWatch::Alarm", {"AlarmName": "case-taken", **ALARM}),
        ("AWS::CloudWatch::CompositeAlarm", {"AlarmName": "case-taken", "AlarmRule": "FALSE"}),
        ("AWS::CloudWatch::Dashboard", {"DashboardName": "case-taken", "DashboardBody": '{"widgets": []}'}),
        ("AWS::Logs::LogGroup", {"LogGroupName": "case-taken"}),
        ("AWS::IAM::Role", {"RoleName": "case-taken", "AssumeRolePolicyDocument": ROLE}),
        ("AWS::Lambda::Function", {"FunctionName": "case-taken", "Code": {"ZipFile": "pass"}, **FUNCTION}),
        ("AWS::SecretsManager::Secret", {"Name": "case-taken", "SecretString": "s"}),
        (
            "AWS::DynamoDB::Table",
            {
                "TableName": "case-taken",
                "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
            },
        ),
        (
            "AWS::Scheduler::Schedule",
            {
                "Name": "case-taken",
                "ScheduleExpression": "cron(0 0 1 1 ? 2199)",
                "FlexibleTimeWindow": {"Mode": "OFF"},
                "Target": {
                    "Arn": "arn:aws:sqs:us-east-1:123456789012:q",
                    "RoleArn": "arn:aws:iam::123456789012:role/r",
                },
            },
        ),
    ],
)
def test_a_name_that_is_taken_fails_the_second_stack_and_stays_with_the_first(
    cloud: Any, stacks: Any, kind: str, properties: dict[str, Any]
) -> None:
    body = template({**one(kind, **properties), "Made": {"Type": "AWS::SQS::Queue"}})
    assert stacks("taken-one", body) == "CREATE_COMPLETE"
    first = cloud.client("cloudformation").describe_stack_resources(StackName="taken-one")["StackResources"]
    assert stacks("taken-two", body) == "ROLLBACK_COMPLETE"
    assert "case-taken already exists in stack arn:aws:cloudformation:" in cloud.reasons("taken-two")
    cloud.client("cloudformation").delete_stack(StackName="taken-two")
    # The first stack still has its resource: an update finds it unchanged, and it can't be created again.
    assert stacks("taken-three", body) == "ROLLBACK_COMPLETE"
    again = cloud.client("cloudformation").describe_stack_resources(StackName="taken-one")["StackResources"]
    assert [item["PhysicalResourceId"] for item in again] == [item["PhysicalResourceId"] for item in first]


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        (
            "AWS::Logs::MetricFilter",
            {"FilterName": "taken", "FilterPattern": "", "MetricTransformations": [METRIC], **GROUP},
        ),
        ("AWS::S3::BucketPolicy", {"Bucket": "taken-policy", "PolicyDocument": {"Statement": []}}),
    ],
)
def test_a_part_of_a_shared_resource_is_taken_too(
    cloud: Any, stacks: Any, kind: str, properties: dict[str, Any]
) -> None:
    shared = {
        "Group": {"Type": "AWS::Logs::LogGroup", "Properties": GROUP},
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "taken-policy"}},
    }
    assert stacks("shared", template(shared)) == "CREATE_COMPLETE"
    assert stacks("part-one", template(one(kind, **properties))) == "CREATE_COMPLETE"
    assert stacks("part-two", template(one(kind, **properties))) == "ROLLBACK_COMPLETE"
    assert "already exists in stack arn:aws:cloudformation:" in cloud.reasons("part-two")


def test_a_resource_that_no_stack_owns_is_not_taken_over(cloud: Any, stacks: Any) -> None:
    url = cloud.client("sqs").create_queue(QueueName="by-hand")["QueueUrl"]
    assert stacks("adopts", template(one("AWS::SQS::Queue", QueueName="by-hand"))) == "ROLLBACK_COMPLETE"
    assert "by-hand already exists" in cloud.reasons("adopts")
    cloud.client("cloudformation").delete_stack(StackName="adopts")
    cloud.client("sqs").delete_queue(QueueUrl=url)


def test_a_custom_named_resource_is_not_replaced_under_its_name(cloud: Any, stacks: Any) -> None:
    def table(key: str) -> str:
        return template(
            one(
                "AWS::DynamoDB::Table",
                TableName="named",
                AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
                KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            )
        )

    stacks("replaces", table("a"))
    cloud.client("cloudformation").update_stack(StackName="replaces", TemplateBody=table("b"))
    assert cloud.status("replaces") == "UPDATE_ROLLBACK_COMPLETE"
    assert "Rename named and update the stack again" in cloud.reasons("replaces")


def exporting(value: str | None) -> str:
    exported = {"Shared": {"Value": value, "Export": {"Name": "shared-value"}}} if value else {}
    return template(one("AWS::SQS::Queue"), Outputs={"Other": {"Value": "o"}, **exported})


@pytest.mark.proves("cloudformation exports in use")
def test_an_export_in_use_is_neither_deleted_nor_changed(cloud: Any, stacks: Any) -> None:
    client = cloud.client("cloudformation")
    stacks("exporter", exporting("one"))
    with pytest.raises(ClientError, match="Export 'shared-value' is not imported by any stack"):
        client.list_imports(ExportName="shared-value")
    uses = {"Fn::Sub": ["x-${v}", {"v": {"Fn::ImportValue": {"Fn::Sub": "shared-value"}}}]}
    stacks("importer", template(one("AWS::SQS::Queue", QueueName=uses)))
    assert client.list_imports(ExportName="shared-value")["Imports"] == ["importer"]

    client.delete_stack(StackName="exporter")
    assert cloud.status("exporter") == "CREATE_COMPLETE"
    refused = "Delete canceled. Cannot delete export shared-value as it is in use by importer."
    assert refused in cloud.reasons("exporter")
    for value, reason in (
        ("two", "Export shared-value cannot be updated as it is in use by importer"),
        (None, refused),
    ):
        client.update_stack(StackName="exporter", TemplateBody=exporting(value))
        assert cloud.status("exporter") == "UPDATE_ROLLBACK_COMPLETE"
        assert reason in cloud.reasons("exporter")
    assert client.list_exports()["Exports"][-1]["Value"] in ("one", "a-hi")

    client.update_stack(StackName="importer", TemplateBody=template(one("AWS::SQS::Queue")))
    client.update_stack(StackName="exporter", TemplateBody=exporting("two"))
    assert cloud.status("exporter") == "UPDATE_COMPLETE"


@pytest.mark.proves("cloudformation missing code")
@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::Lambda::Function", {"Code": {"S3Bucket": "code-bucket", "S3Key": "missing.zip"}, **FUNCTION}),
        ("AWS::Lambda::LayerVersion", {"Content": {"S3Bucket": "code-bucket", "S3Key": "missing.zip"}}),
    ],
)
def test_code_whose_object_does_not_exist_fails_the_creation(
    cloud: Any, stacks: Any, kind: str, properties: dict[str, Any]
) -> None:
    assert stacks("no-bucket", template(one(kind, **properties))) == "ROLLBACK_COMPLETE"
    assert "S3 Error Code: NoSuchBucket" in cloud.reasons("no-bucket")
    cloud.client("s3").create_bucket(Bucket="code-bucket")
    assert stacks("no-key", template(one(kind, **properties))) == "ROLLBACK_COMPLETE"
    assert "S3 Error Code: NoSuchKey" in cloud.reasons("no-key")
    cloud.client("s3").delete_bucket(Bucket="code-bucket")


def test_code_whose_object_does_not_exist_fails_the_update(cloud: Any, stacks: Any, archive: Any) -> None:
    s3, client = cloud.client("s3"), cloud.client("lambda")
    s3.create_bucket(Bucket="code-versions")
    s3.put_object(Bucket="code-versions", Key="1", Body=archive("index.py", "def handler(e, c): return 1"))

    def body(key: str) -> str:
        code = {"S3Bucket": "code-versions", "S3Key": key}
        return template(one("AWS::Lambda::Function", FunctionName="versions", Code=code, **FUNCTION))

    assert stacks("versions", body("1")) == "CREATE_COMPLETE"
    cloud.client("cloudformation").update_stack(StackName="versions", TemplateBody=body("2"))
    assert cloud.status("versions") == "UPDATE_ROLLBACK_COMPLETE"
    assert cloud.call("versions") == 1
    with pytest.raises(client.exceptions.InvalidParameterValueException, match="NoSuchKey"):
        client.update_function_code(FunctionName="versions", S3Bucket="code-versions", S3Key="2")
    assert cloud.call("versions") == 1
    s3.delete_object(Bucket="code-versions", Key="1")
    s3.delete_bucket(Bucket="code-versions")


@pytest.mark.parametrize(
    ("name", "value"), [("AWS_REGION", "eu-west-1"), ("_HANDLER", "h"), ("1ST", "x"), ("LONG", "x" * 5000)]
)
def test_variables_that_lambda_refuses_fail_the_stack(cloud: Any, stacks: Any, name: str, value: str) -> None:
    function = one(
        "AWS::Lambda::Function", Code={"ZipFile": "pass"}, Environment={"Variables": {name: value}}, **FUNCTION
    )
    assert stacks("variables", template(function)) == "ROLLBACK_COMPLETE"
    reasons = cloud.reasons("variables")
    assert name in reasons or "4KB" in reasons or "Map keys must satisfy constraint" in reasons


def test_the_api_refuses_settings_that_a_template_refuses(cloud: Any, archive: Any) -> None:
    client, code = cloud.client("lambda"), {"ZipFile": archive("index.py", "def handler(e, c): return 1")}
    with pytest.raises(ClientError, match="Value '901' at 'timeout'"):
        client.create_function(FunctionName="limits", Code=code, Timeout=901, **FUNCTION)
    client.create_function(FunctionName="limits", Code=code, **FUNCTION)
    for settings, names in (
        ({"MemorySize": 10241}, "memorySize"),
        ({"Environment": {"Variables": {"AWS_REGION": "x"}}}, "AWS_REGION"),
    ):
        with pytest.raises(ClientError, match=names):
            client.update_function_configuration(FunctionName="limits", **settings)
    assert client.get_function_configuration(FunctionName="limits")["MemorySize"] == 128
    client.delete_function(FunctionName="limits")


def upload(cloud: Any, name: str, body: str) -> str:
    cloud.client("s3").create_bucket(Bucket="templates-of-tests")
    cloud.client("s3").put_object(Bucket="templates-of-tests", Key=name, Body=body.encode())
    return f"{cloud.endpoint}/templates-of-tests/{name}"


@pytest.mark.proves(
    "AWS::CloudFormation::Stack",
    "AWS::CloudFormation::Stack.Parameters",
    "AWS::CloudFormation::Stack.Tags",
    "AWS::CloudFormation::Stack.TemplateURL",
    "!GetAtt AWS::CloudFormation::Stack.Outputs.*",
)
def test_a_nested_stack_is_created_updated_and_deleted_with_its_parent(cloud: Any, stacks: Any) -> None:
    client = cloud.client("cloudformation")

    def inner(delay: int) -> str:
        return template(
            {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Ref": "Name"}, "DelaySeconds": delay}}},
            Parameters={"Name": {"Type": "String"}, "Many": {"Type": "CommaDelimitedList"}},
            Outputs={"Url": {"Value": {"Ref": "Q"}}, "Second": {"Value": {"Fn::Select": [1, {"Ref": "Many"}]}}},
        )

    url = upload(cloud, "inner", inner(1))
    outer = template(
        one(
            "AWS::CloudFormation::Stack",
            TemplateURL=url,
            Parameters={"Name": {"Ref": "Name"}, "Many": ["a", "b"]},
            Tags=[{"Key": "k", "Value": "v"}],
        ),
        Parameters={"Name": {"Type": "String", "Default": "nested-queue"}},
        Outputs={name: {"Value": {"Fn::GetAtt": ["It", f"Outputs.{name}"]}} for name in ("Url", "Second")},
    )
    assert stacks("outer", outer) == "CREATE_COMPLETE"
    outputs = cloud.outputs("outer")
    assert (outputs["Url"].rsplit("/", 1)[1], outputs["Second"]) == ("nested-queue", "b")
    (resource,) = client.describe_stack_resources(StackName="outer")["StackResources"]
    (child,) = client.describe_stacks(StackName=resource["PhysicalResourceId"])["Stacks"]
    parent = client.describe_stacks(StackName="outer")["Stacks"][0]["StackId"]
    assert (child["ParentId"], child["RootId"], child["Tags"]) == (parent, parent, [{"Key": "k", "Value": "v"}])
    assert child["StackName"].startswith("outer-It-")

    upload(cloud, "inner", inner(2))
    client.update_stack(StackName="outer", UsePreviousTemplate=True)
    assert cloud.status("outer") == "UPDATE_COMPLETE"
    sqs = cloud.client("sqs")
    assert sqs.get_queue_attributes(QueueUrl=outputs["Url"], AttributeNames=["DelaySeconds"])["Attributes"] == {
        "DelaySeconds": "2"
    }
    client.delete_stack(StackName="outer")
    with pytest.raises(ClientError, match="does not exist"):
        client.describe_stacks(StackName=child["StackName"])
    assert outputs["Url"] not in sqs.list_queues().get("QueueUrls", [])


@pytest.mark.proves(
    "AWS::Serverless::Application",
    "AWS::Serverless::Application.Location",
    "AWS::Serverless::Application.Parameters",
    "AWS::Serverless::Application.Tags",
    "!GetAtt AWS::Serverless::Application.Outputs.*",
)
def test_an_application_of_sam_is_a_nested_stack(cloud: Any, stacks: Any) -> None:
    inner = template(
        one("AWS::SQS::Queue", QueueName={"Ref": "Name"}),
        Parameters={"Name": {"Type": "String"}},
        Outputs={"Url": {"Value": {"Ref": "It"}}},
    )
    location = upload(cloud, "application", inner)
    application = one(
        "AWS::Serverless::Application", Location=location, Parameters={"Name": "of-an-application"}, Tags={"k": "v"}
    )
    outputs = {"Url": {"Value": {"Fn::GetAtt": ["It", "Outputs.Url"]}}}
    body = template(application, Transform="AWS::Serverless-2016-10-31", Outputs=outputs)
    assert stacks("application", body) == "CREATE_COMPLETE"
    assert cloud.outputs("application")["Url"].endswith("/of-an-application")
    (resource,) = cloud.client("cloudformation").describe_stack_resources(StackName="application")["StackResources"]
    (child,) = cloud.client("cloudformation").describe_stacks(StackName=resource["PhysicalResourceId"])["Stacks"]
    assert {"Key": "k", "Value": "v"} in child["Tags"]


def test_a_failed_nested_stack_rolls_its_parent_back(cloud: Any, stacks: Any) -> None:
    broken = template({"Q": {"Type": "AWS::SQS::Queue"}, **one("AWS::Lambda::Version", FunctionName="nobody")})
    nested = one("AWS::CloudFormation::Stack", TemplateURL=upload(cloud, "broken", broken))
    assert stacks("outer-fails", template(nested)) == "ROLLBACK_COMPLETE"
    assert "was not successfully created: Function not found" in cloud.reasons("outer-fails")
    names = [stack["StackName"] for stack in cloud.client("cloudformation").describe_stacks()["Stacks"]]
    assert not [name for name in names if name.startswith("outer-fails-")]


@pytest.mark.parametrize("url", ["{endpoint}/templates-of-tests/nowhere", "https://elsewhere.s3.amazonaws.com/t"])
def test_a_template_that_does_not_exist_is_an_error_of_s3(cloud: Any, url: str) -> None:
    upload(cloud, "present", "{}")
    with pytest.raises(ClientError, match=r"S3 error: The specified (key|bucket) does not exist"):
        cloud.client("cloudformation").create_stack(
            StackName="nowhere", TemplateURL=url.format(endpoint=cloud.endpoint)
        )


def test_an_include_is_read_from_s3(cloud: Any, stacks: Any) -> None:
    upload(cloud, "part", '{"QueueName": "from-an-include"}')
    location = {"Name": "AWS::Include", "Parameters": {"Location": "s3://templates-of-tests/part"}}
    body = template({"Q": {"Type": "AWS::SQS::Queue", "Properties": {"Fn::Transform": location}}})
    assert stacks("includes", body) == "CREATE_COMPLETE"
    assert cloud.client("sqs").get_queue_url(QueueName="from-an-include")["QueueUrl"]


BROKEN = {"Q": {"Type": "AWS::SQS::Queue"}, **one("AWS::Lambda::Version", FunctionName="nobody")}
BROKEN["It"]["DependsOn"] = "Q"


@pytest.mark.proves("cloudformation failed creations")
def test_a_failed_creation_can_be_kept_or_deleted(cloud: Any, stacks: Any) -> None:
    client = cloud.client("cloudformation")
    for name, options in (("kept", {"OnFailure": "DO_NOTHING"}), ("kept-too", {"DisableRollback": True})):
        assert stacks(name, template(BROKEN), **options) == "CREATE_FAILED"
        resources = client.describe_stack_resources(StackName=name)["StackResources"]
        assert [item["LogicalResourceId"] for item in resources] == ["Q"]
    client.create_stack(StackName="gone", TemplateBody=template(BROKEN), OnFailure="DELETE")
    with pytest.raises(ClientError, match="does not exist"):
        client.describe_stacks(StackName="gone")
    with pytest.raises(ClientError, match="not both"):
        client.create_stack(StackName="gone", TemplateBody=template(BROKEN), OnFailure="DELETE", DisableRollback=True)


@pytest.mark.proves("cloudformation protection")
def test_a_protected_stack_is_not_deleted(cloud: Any, stacks: Any) -> None:
    client = cloud.client("cloudformation")
    stacks("protected", template(one("AWS::SQS::Queue")), EnableTerminationProtection=True)
    assert client.describe_stacks(StackName="protected")["Stacks"][0]["EnableTerminationProtection"] is True
    with pytest.raises(ClientError, match="cannot be deleted while TerminationProtection is enabled"):
        client.delete_stack(StackName="protected")
    assert cloud.status("protected") == "CREATE_COMPLETE"


def test_a_hidden_parameter_is_masked(cloud: Any, stacks: Any) -> None:
    parameters = {"Secret": {"Type": "String", "NoEcho": True, "Default": "s3cr3t"}}
    stacks("hides", template(one("AWS::SQS::Queue"), Parameters=parameters))
    (stack,) = cloud.client("cloudformation").describe_stacks(StackName="hides")["Stacks"]
    assert stack["Parameters"] == [{"ParameterKey": "Secret", "ParameterValue": "****"}]


def test_imports_of_resources_are_refused(cloud: Any) -> None:
    with pytest.raises(ClientError, match="doesn't import resources"):
        cloud.client("cloudformation").create_change_set(
            StackName="imports-resources", ChangeSetName="c", ChangeSetType="IMPORT", TemplateBody=template({})
        )
