"""An assembly as `cdk synth` writes it: an API, a queue, a schedule and a layer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from localaws_testing.waiting import wait_until

WEB = """
import json, os, boto3, shared
def handler(event, context):
    if event["httpMethod"] == "POST":
        boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody=event["body"])
    found = boto3.client("s3").list_objects_v2(Bucket=os.environ["BUCKET"]).get("Contents", [])
    return {"statusCode": 200, "body": json.dumps([shared.GREETING, *[item["Key"] for item in found]])}
"""
WORKER = """
import os, boto3, shared
def handler(event, context):
    for record in event.get("Records", [{"body": "scheduled"}]):
        boto3.client("s3").put_object(Bucket=os.environ["BUCKET"], Key=record["body"], Body=shared.GREETING.encode())
"""
BUCKET = {"Fn::Sub": "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"}


def code(name: str) -> dict[str, Any]:
    return {"S3Bucket": BUCKET, "S3Key": f"{name}.zip"}


def function(handler: str, **environment: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Code": code("source"),
            "Handler": handler,
            "Runtime": "python3.13",
            "Layers": [{"Ref": "Shared"}],
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "Environment": {"Variables": {"BUCKET": {"Ref": "Data"}, **environment}},
        },
        "Metadata": {"aws:cdk:path": f"MyStack/{handler}", "aws:asset:path": "asset.source"},
    }


def method(path: Any) -> dict[str, Any]:
    uri = [
        "arn:",
        {"Ref": "AWS::Partition"},
        ":apigateway:",
        {"Ref": "AWS::Region"},
        ":lambda:path/2015-03-31/functions/",
        {"Fn::GetAtt": ["Web", "Arn"]},
        "/invocations",
    ]
    return {
        "Type": "AWS::ApiGateway::Method",
        "Properties": {
            "RestApiId": {"Ref": "Api"},
            "ResourceId": path,
            "HttpMethod": "ANY",
            "AuthorizationType": "NONE",
            "Integration": {"Type": "AWS_PROXY", "IntegrationHttpMethod": "POST", "Uri": {"Fn::Join": ["", uri]}},
        },
    }


TEMPLATE: dict[str, Any] = {
    "Resources": {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Action": "sts:AssumeRole",
                            "Effect": "Allow",
                            "Principal": {"Service": "lambda.amazonaws.com"},
                        }
                    ],
                }
            },
        },
        "Shared": {"Type": "AWS::Lambda::LayerVersion", "Properties": {"Content": code("layer")}},
        "Jobs": {"Type": "AWS::SQS::Queue", "DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete"},
        "Data": {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete"},
        "Web": function("web.handler", QUEUE={"Ref": "Jobs"}),
        "Permission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "Action": "lambda:InvokeFunction",
                "FunctionName": {"Fn::GetAtt": ["Web", "Arn"]},
                "Principal": "apigateway.amazonaws.com",
                "SourceArn": {
                    "Fn::Sub": "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/${Prod}/*/"
                },
            },
        },
        "Worker": function("worker.handler"),
        "Source": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "BatchSize": 1,
                "EventSourceArn": {"Fn::GetAtt": ["Jobs", "Arn"]},
                "FunctionName": {"Ref": "Worker"},
            },
        },
        "Every": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "ScheduleExpression": "rate(5 minutes)",
                "State": "ENABLED",
                "Targets": [{"Arn": {"Fn::GetAtt": ["Worker", "Arn"]}, "Id": "Target0"}],
            },
        },
        "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "Api"}},
        "Root": method({"Fn::GetAtt": ["Api", "RootResourceId"]}),
        "Deployment": {
            "Type": "AWS::ApiGateway::Deployment",
            "Properties": {"RestApiId": {"Ref": "Api"}},
            "DependsOn": ["Root"],
        },
        "Prod": {
            "Type": "AWS::ApiGateway::Stage",
            "Properties": {
                "RestApiId": {"Ref": "Api"},
                "DeploymentId": {"Ref": "Deployment"},
                "StageName": "prod",
            },
        },
        "CDKMetadata": {
            "Type": "AWS::CDK::Metadata",
            "Properties": {"Analytics": "v2:deflate64:x"},
            "Condition": "CDKMetadataAvailable",
        },
    },
    "Conditions": {"CDKMetadataAvailable": {"Fn::Or": [{"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}, False]}},
    "Outputs": {
        "Endpoint": {
            "Value": {
                "Fn::Join": [
                    "",
                    ["https://", {"Ref": "Api"}, ".execute-api.", {"Ref": "AWS::Region"}, ".amazonaws.com/prod/"],
                ]
            }
        }
    },
    "Parameters": {
        "BootstrapVersion": {
            "Type": "AWS::SSM::Parameter::Value<String>",
            "Default": "/cdk-bootstrap/hnb659fds/version",
        }
    },
    "Rules": {
        "CheckBootstrapVersion": {
            "Assertions": [
                {
                    "Assert": {"Fn::Not": [{"Fn::Contains": [["1", "2", "3", "4", "5"], {"Ref": "BootstrapVersion"}]}]},
                    "AssertDescription": "CDK bootstrap stack version 6 required.",
                }
            ]
        }
    },
}


@pytest.fixture
def assembly(tmp_path: Path) -> Path:
    """The folder that the CDK would have written."""
    folder = tmp_path / "cdk.out"
    (folder / "asset.layer" / "python").mkdir(parents=True)
    (folder / "asset.layer" / "python" / "shared.py").write_text("GREETING = 'hello'")
    (folder / "asset.source").mkdir()
    (folder / "asset.source" / "web.py").write_text(WEB)
    (folder / "asset.source" / "worker.py").write_text(WORKER)
    (folder / "MyStack.template.json").write_text(json.dumps(TEMPLATE))
    files = {
        name: {
            "source": {"path": f"asset.{name}", "packaging": "zip"},
            "destinations": {"here": {"bucketName": BUCKET["Fn::Sub"], "objectKey": f"{name}.zip"}},
        }
        for name in ("layer", "source")
    }
    (folder / "MyStack.assets.json").write_text(json.dumps({"files": files, "dockerImages": {}}))
    parameter = {"bootstrapStackVersionSsmParameter": "/cdk-bootstrap/hnb659fds/version"}
    artifacts = {
        "MyStack.assets": {"type": "cdk:asset-manifest", "properties": {"file": "MyStack.assets.json", **parameter}},
        "MyStack": {
            "type": "aws:cloudformation:stack",
            "properties": {"templateFile": "MyStack.template.json", "stackName": "my-stack"},
            "dependencies": ["MyStack.assets"],
        },
    }
    (folder / "manifest.json").write_text(json.dumps({"version": "55.0.0", "artifacts": artifacts}))
    return folder


@pytest.mark.proves("cdk assemblies", "AWS::CDK::Metadata")
def test_an_assembly_is_deployed_with_its_assets(cloud: Any, assembly: Path) -> None:
    done = cloud.run("localaws", "deploy", str(assembly), "--port", str(cloud.port))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Stack my-stack: CREATE_COMPLETE" in done.stdout
    url = cloud.outputs("my-stack")["Endpoint"]

    def found() -> list[str]:
        return list(httpx.get(url, timeout=30).json())

    assert httpx.post(url, content="job", timeout=30).json()[0] == "hello"
    assert wait_until(lambda: "job" in found(), 30)
    cloud.tick("5m")
    assert wait_until(lambda: "scheduled" in found(), 30)
    cloud.client("cloudformation").delete_stack(StackName="my-stack")


@pytest.mark.proves(
    "AWS::ECR::Repository", "!GetAtt AWS::ECR::Repository.Arn", "!GetAtt AWS::ECR::Repository.RepositoryUri"
)
def test_a_repository_of_images_is_described(cloud: Any, deploy: Any) -> None:
    resource = "Repository: {Type: AWS::ECR::Repository, Properties: {RepositoryName: cdk-images}}"
    values = "Arn: {Value: !GetAtt Repository.Arn}, Uri: {Value: !GetAtt Repository.RepositoryUri}"
    outputs = deploy("repository", f"Resources: {{{resource}}}\nOutputs: {{{values}}}")
    [repository] = cloud.client("ecr").describe_repositories(repositoryNames=["cdk-images"])["repositories"]
    assert (repository["repositoryArn"], repository["repositoryUri"]) == (outputs["Arn"], outputs["Uri"])
