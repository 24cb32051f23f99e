"""Every property of Lambda's resources: Lambda describes and applies the values of the template."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

STACK = """
Resources:
  Dead: {Type: AWS::SQS::Queue}
  Good: {Type: AWS::SQS::Queue}
  Bad: {Type: AWS::SQS::Queue}
  Jobs: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: 60}}
  Group: {Type: AWS::Logs::LogGroup}
  Role: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}}}
  Shared:
    Type: AWS::Lambda::LayerVersion
    Properties:
      LayerName: shared
      Description: a layer
      LicenseInfo: MIT
      CompatibleRuntimes: [python3.13]
      CompatibleArchitectures: [x86_64]
      Content: {S3Bucket: code, S3Key: layer.zip}
  Full:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: full
      Description: everything
      Code: {S3Bucket: code, S3Key: function.zip}
      Handler: index.handler
      Runtime: python3.13
      PackageType: Zip
      Role: !GetAtt Role.Arn
      MemorySize: "192"
      Timeout: "7"
      Environment: {Variables: {WORD: hello, FLAG: true}}
      Layers: [!Ref Shared]
      DeadLetterConfig: {TargetArn: !GetAtt Dead.Arn}
      LoggingConfig: {LogGroup: !Ref Group}
      ReservedConcurrentExecutions: 5
      Tags: [{Key: team, Value: ml}]
  Published:
    Type: AWS::Lambda::Version
    Properties: {FunctionName: !Ref Full, Description: first}
  Live:
    Type: AWS::Lambda::Alias
    Properties:
      Name: live
      Description: the one
      FunctionName: !Ref Full
      FunctionVersion: !GetAtt Published.Version
  Handling:
    Type: AWS::Lambda::EventInvokeConfig
    DependsOn: Live
    Properties:
      FunctionName: !Ref Full
      Qualifier: live
      MaximumRetryAttempts: 0
      MaximumEventAgeInSeconds: 120
      DestinationConfig:
        OnSuccess: {Destination: !GetAtt Good.Arn}
        OnFailure: {Destination: !GetAtt Bad.Arn}
  Polling:
    Type: AWS::Lambda::EventSourceMapping
    DependsOn: Live
    Properties:
      EventSourceArn: !GetAtt Jobs.Arn
      FunctionName: !Ref Live
      BatchSize: 3
      Enabled: "false"
      FunctionResponseTypes: [ReportBatchItemFailures]
      MaximumBatchingWindowInSeconds: 1
      ScalingConfig: {MaximumConcurrency: 2}
  Allowed:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: !Ref Full, Action: lambda:InvokeFunction, Principal: s3.amazonaws.com}
  Inline:
    Type: AWS::Lambda::Function
    Properties:
      Handler: index.handler
      Runtime: python3.13
      Role: !GetAtt Role.Arn
      Code: {ZipFile: "def handler(event, context): return 'inline'"}
Outputs:
  Full: {Value: !Ref Full}
  Arn: {Value: !GetAtt Full.Arn}
  Inline: {Value: !Ref Inline}
  Group: {Value: !Ref Group}
  Version: {Value: !GetAtt Published.Version}
  VersionArn: {Value: !GetAtt Published.FunctionArn}
  Alias: {Value: !GetAtt Live.AliasArn}
  Role: {Value: !GetAtt Role.Arn}
  Layer: {Value: !GetAtt Shared.LayerVersionArn}
  Mapping: {Value: !GetAtt Polling.Id}
  Permission: {Value: !GetAtt Allowed.Id}
  JobsArn: {Value: !GetAtt Jobs.Arn}
  Dead: {Value: !Ref Dead}
  Good: {Value: !Ref Good}
  Bad: {Value: !Ref Bad}
"""
FUNCTION = """
import os, shared
def handler(event, context):
    if event.get("fail"):
        raise ValueError("as asked")
    word, flag = os.environ["WORD"], os.environ["FLAG"]
    return {"word": word, "flag": flag, "layer": shared.NAME, "version": context.function_version}
"""


@pytest.fixture(scope="module")
def stack(
    cloud: Any, deploy: Callable[[str, str], dict[str, str]], archive: Callable[[str, str], bytes]
) -> dict[str, str]:
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="code")
    s3.put_object(Bucket="code", Key="layer.zip", Body=archive("python/shared.py", "NAME = 'shared'"))
    s3.put_object(Bucket="code", Key="function.zip", Body=archive("index.py", FUNCTION))
    return deploy("functions", STACK)


@pytest.mark.proves(
    "AWS::Lambda::Function",
    "AWS::Lambda::Function.Code.S3Bucket",
    "AWS::Lambda::Function.Code.S3Key",
    "AWS::Lambda::Function.Handler",
    "AWS::Lambda::Function.Environment.Variables",
    "AWS::Lambda::Function.Layers",
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::LayerVersion.Content.S3Bucket",
    "AWS::Lambda::LayerVersion.Content.S3Key",
    "AWS::Lambda::Version",
    "AWS::Lambda::Version.FunctionName",
    "AWS::Lambda::Alias",
    "AWS::Lambda::Alias.FunctionName",
    "AWS::Lambda::Alias.FunctionVersion",
    "AWS::Lambda::Alias.Name",
    "!GetAtt AWS::Lambda::Alias.AliasArn",
)
def test_the_function_runs_with_its_code_layers_and_environment(cloud: Any, stack: dict[str, str]) -> None:
    answer = {"word": "hello", "flag": "true", "layer": "shared"}
    assert cloud.call(stack["Full"]) == answer | {"version": "$LATEST"}
    assert cloud.call(stack["Alias"]) == answer | {"version": stack["Version"]}


@pytest.mark.proves("AWS::Lambda::Function.Code.ZipFile")
def test_code_within_the_template_runs(cloud: Any, stack: dict[str, str]) -> None:
    assert cloud.call(stack["Inline"]) == "inline"


@pytest.mark.proves(
    "AWS::Lambda::Function.Description",
    "AWS::Lambda::Function.FunctionName",
    "AWS::Lambda::Function.MemorySize",
    "AWS::Lambda::Function.PackageType",
    "AWS::Lambda::Function.Role",
    "AWS::Lambda::Function.Runtime",
    "AWS::Lambda::Function.Tags",
    "AWS::Lambda::Function.Timeout",
    "AWS::Lambda::Function.ReservedConcurrentExecutions",
    "!GetAtt AWS::Lambda::Function.Arn",
)
def test_the_configuration_is_as_lambda_describes_it(cloud: Any, stack: dict[str, str]) -> None:
    client = cloud.client("lambda")
    told = client.get_function(FunctionName="full")
    found = told["Configuration"]
    assert (found["Description"], found["MemorySize"], found["Timeout"]) == ("everything", 192, 7)
    assert (found["Runtime"], found["PackageType"], found["FunctionName"]) == ("python3.13", "Zip", stack["Full"])
    assert found["Role"] == stack["Role"]
    assert found["FunctionArn"] == stack["Arn"]
    assert client.list_tags(Resource=stack["Arn"])["Tags"]["team"] == "ml"
    assert client.get_function_concurrency(FunctionName="full")["ReservedConcurrentExecutions"] == 5


@pytest.mark.proves(
    "AWS::Lambda::Function.LoggingConfig.LogGroup", "AWS::Logs::LogGroup", "AWS::Logs::LogGroup.LogGroupName"
)
def test_the_function_logs_to_its_log_group(cloud: Any, stack: dict[str, str]) -> None:
    cloud.call(stack["Full"])
    assert cloud.logged(stack["Group"], "REPORT RequestId")


@pytest.mark.proves(
    "AWS::Lambda::LayerVersion.CompatibleArchitectures",
    "AWS::Lambda::LayerVersion.CompatibleRuntimes",
    "AWS::Lambda::LayerVersion.Description",
    "AWS::Lambda::LayerVersion.LayerName",
    "AWS::Lambda::LayerVersion.LicenseInfo",
    "!GetAtt AWS::Lambda::LayerVersion.LayerVersionArn",
)
def test_the_layer_is_as_lambda_describes_it(cloud: Any, stack: dict[str, str]) -> None:
    (layer,) = cloud.client("lambda").list_layer_versions(LayerName="shared")["LayerVersions"]
    assert layer["LayerVersionArn"] == stack["Layer"]
    assert (layer["Description"], layer["LicenseInfo"]) == ("a layer", "MIT")
    assert (layer["CompatibleRuntimes"], layer["CompatibleArchitectures"]) == (["python3.13"], ["x86_64"])


@pytest.mark.proves(
    "AWS::Lambda::Version.Description",
    "!GetAtt AWS::Lambda::Version.Version",
    "!GetAtt AWS::Lambda::Version.FunctionArn",
    "AWS::Lambda::Alias.Description",
)
def test_the_version_and_its_alias_are_as_lambda_describes_them(cloud: Any, stack: dict[str, str]) -> None:
    client = cloud.client("lambda")
    version = client.get_function_configuration(FunctionName="full", Qualifier=stack["Version"])
    assert (version["Description"], version["FunctionArn"]) == ("first", stack["VersionArn"])
    alias = client.get_alias(FunctionName="full", Name="live")
    assert (alias["Description"], alias["FunctionVersion"]) == ("the one", stack["Version"])


@pytest.mark.proves(
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::EventInvokeConfig.FunctionName",
    "AWS::Lambda::EventInvokeConfig.Qualifier",
    "AWS::Lambda::EventInvokeConfig.MaximumRetryAttempts",
    "AWS::Lambda::EventInvokeConfig.DestinationConfig.OnFailure.Destination",
    "AWS::Lambda::EventInvokeConfig.DestinationConfig.OnSuccess.Destination",
    "AWS::Lambda::Function.DeadLetterConfig.TargetArn",
)
def test_events_of_the_alias_end_where_its_configuration_says(cloud: Any, stack: dict[str, str]) -> None:
    cloud.call(stack["Alias"], InvocationType="Event")
    cloud.call(stack["Alias"], {"fail": True}, InvocationType="Event")
    (good,) = cloud.drain(stack["Good"], bool)
    assert good["requestContext"]["condition"] == "Success"
    (bad,) = cloud.drain(stack["Bad"], bool)
    assert (bad["requestContext"]["approximateInvokeCount"], bad["requestPayload"]) == (1, {"fail": True})
    assert cloud.drain(stack["Dead"], bool) == [{"fail": True}]


@pytest.mark.proves("AWS::Lambda::EventInvokeConfig.MaximumEventAgeInSeconds")
def test_the_configuration_of_asynchronous_invocations_is_as_lambda_describes_it(
    cloud: Any, stack: dict[str, str]
) -> None:
    found = cloud.client("lambda").get_function_event_invoke_config(FunctionName=stack["Full"], Qualifier="live")
    assert (found["MaximumEventAgeInSeconds"], found["MaximumRetryAttempts"]) == (120, 0)


@pytest.mark.proves(
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::EventSourceMapping.BatchSize",
    "AWS::Lambda::EventSourceMapping.Enabled",
    "AWS::Lambda::EventSourceMapping.EventSourceArn",
    "AWS::Lambda::EventSourceMapping.FunctionName",
    "AWS::Lambda::EventSourceMapping.FunctionResponseTypes",
    "AWS::Lambda::EventSourceMapping.MaximumBatchingWindowInSeconds",
    "AWS::Lambda::EventSourceMapping.ScalingConfig.MaximumConcurrency",
    "!GetAtt AWS::Lambda::EventSourceMapping.Id",
)
def test_the_event_source_mapping_is_as_lambda_describes_it(cloud: Any, stack: dict[str, str]) -> None:
    found = cloud.client("lambda").get_event_source_mapping(UUID=stack["Mapping"])
    assert (found["BatchSize"], found["MaximumBatchingWindowInSeconds"]) == (3, 1)
    assert found["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert found["ScalingConfig"] == {"MaximumConcurrency": 2}
    assert (found["State"], found["EventSourceArn"]) == ("Disabled", stack["JobsArn"])
    assert found["FunctionArn"].startswith(stack["Arn"])


@pytest.mark.proves(
    "AWS::Lambda::Permission", "AWS::Lambda::Permission.FunctionName", "!GetAtt AWS::Lambda::Permission.Id"
)
def test_the_permission_is_in_the_functions_policy(cloud: Any, stack: dict[str, str]) -> None:
    policy = json.loads(cloud.client("lambda").get_policy(FunctionName="full")["Policy"])
    assert [statement["Sid"] for statement in policy["Statement"]] == [stack["Permission"]]
