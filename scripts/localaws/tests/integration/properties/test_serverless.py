"""What SAM's own resources add to plain ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

STACK = """
Resources:
  Role: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}}}
  Shared:
    Type: AWS::Serverless::LayerVersion
    Properties:
      LayerName: sam-layer
      Description: a layer
      LicenseInfo: MIT
      CompatibleRuntimes: [python3.13]
      CompatibleArchitectures: [x86_64]
      RetentionPolicy: Delete
      ContentUri: s3://sam-code/layer.zip
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      Name: full-api
      Description: some API
      FailOnWarnings: true
      PropagateTags: true
      Tags: {team: ml}
  Full:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: sam-full
      Description: everything
      PackageType: Zip
      Runtime: python3.13
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Layers: [!Ref Shared]
      ReservedConcurrentExecutions: 4
      Timeout: 5
      PropagateTags: true
      Tags: {team: ml}
      AutoPublishAlias: live
      AutoPublishAliasAllProperties: true
      AutoPublishCodeSha256: "1111111111111111111111111111111111111111111111111111111111111111"
      VersionDescription: the first
      EventInvokeConfig: {MaximumEventAgeInSeconds: 90}
      FunctionUrlConfig:
        AuthType: NONE
        InvokeMode: BUFFERED
        Cors:
          AllowOrigins: ["https://a.example"]
          AllowCredentials: true
          AllowHeaders: [x-mine]
          AllowMethods: [GET]
          ExposeHeaders: [x-yours]
          MaxAge: 60
      InlineCode: |
        import shared
        def handler(event, context):
            return {"layer": shared.NAME}
Outputs:
  Full: {Value: !Ref Full}
  FullArn: {Value: !GetAtt Full.Arn}
  Role: {Value: !GetAtt Role.Arn}
  Layer: {Value: !GetAtt Shared.LayerVersionArn}
  Api: {Value: !GetAtt Api.ApiEndpoint}
  ApiId: {Value: !GetAtt Api.ApiId}
  Url: {Value: !GetAtt FullUrl.FunctionUrl}
  UrlOf: {Value: !GetAtt FullUrl.FunctionArn}
"""
ORIGIN = {"Origin": "https://a.example"}


@pytest.fixture(scope="module")
def stack(
    cloud: Any, deploy: Callable[[str, str], dict[str, str]], archive: Callable[[str, str], bytes]
) -> dict[str, str]:
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="sam-code")
    s3.put_object(Bucket="sam-code", Key="layer.zip", Body=archive("python/shared.py", "NAME = 'sam'"))
    return deploy("serverless", STACK)


@pytest.mark.proves(
    "AWS::Serverless::Function.AutoPublishAliasAllProperties",
    "AWS::Serverless::Function.AutoPublishCodeSha256",
    "AWS::Serverless::Function.Description",
    "AWS::Serverless::Function.EventInvokeConfig.MaximumEventAgeInSeconds",
    "AWS::Serverless::Function.FunctionName",
    "AWS::Serverless::Function.PackageType",
    "AWS::Serverless::Function.PropagateTags",
    "AWS::Serverless::Function.ReservedConcurrentExecutions",
    "AWS::Serverless::Function.Role",
    "AWS::Serverless::Function.Tags",
    "AWS::Serverless::Function.VersionDescription",
    "!GetAtt AWS::Serverless::Function.Arn",
)
def test_a_function_is_as_lambda_describes_it(cloud: Any, stack: dict[str, str]) -> None:
    client = cloud.client("lambda")
    found = client.get_function_configuration(FunctionName="sam-full")
    # SAM itself writes the digest of all properties behind the description.
    assert found["Description"].split() == ["everything", "1" * 64]
    assert (found["PackageType"], found["Role"]) == ("Zip", stack["Role"])
    assert (stack["Full"], found["FunctionArn"]) == ("sam-full", stack["FullArn"])
    assert client.list_tags(Resource=stack["FullArn"])["Tags"]["team"] == "ml"
    assert client.get_function_concurrency(FunctionName="sam-full")["ReservedConcurrentExecutions"] == 4
    version = client.get_alias(FunctionName="sam-full", Name="live")["FunctionVersion"]
    assert client.get_function_configuration(FunctionName="sam-full", Qualifier=version)["Description"] == "the first"
    age = client.get_function_event_invoke_config(FunctionName="sam-full", Qualifier="live")["MaximumEventAgeInSeconds"]
    assert age == 90
    resources = cloud.client("cloudformation").list_stack_resources(StackName="serverless")["StackResourceSummaries"]
    names = [item["LogicalResourceId"] for item in resources if item["ResourceType"] == "AWS::Lambda::Version"]
    # SAM names the version after the digest in the template.
    assert names == ["FullVersion1111111111"]


@pytest.mark.proves(
    "AWS::Serverless::Function.Layers",
    "AWS::Serverless::LayerVersion",
    "AWS::Serverless::LayerVersion.CompatibleArchitectures",
    "AWS::Serverless::LayerVersion.CompatibleRuntimes",
    "AWS::Serverless::LayerVersion.ContentUri",
    "AWS::Serverless::LayerVersion.Description",
    "AWS::Serverless::LayerVersion.LayerName",
    "AWS::Serverless::LayerVersion.LicenseInfo",
    "!GetAtt AWS::Serverless::LayerVersion.LayerVersionArn",
)
def test_a_layer_is_as_lambda_describes_it_and_the_function_has_it(cloud: Any, stack: dict[str, str]) -> None:
    (layer,) = cloud.client("lambda").list_layer_versions(LayerName="sam-layer")["LayerVersions"]
    assert (layer["LayerVersionArn"], layer["Description"], layer["LicenseInfo"]) == (stack["Layer"], "a layer", "MIT")
    assert (layer["CompatibleRuntimes"], layer["CompatibleArchitectures"]) == (["python3.13"], ["x86_64"])
    assert httpx.get(stack["Url"]).json() == {"layer": "sam"}


@pytest.mark.proves(
    "AWS::Serverless::HttpApi.Description",
    "AWS::Serverless::HttpApi.FailOnWarnings",
    "AWS::Serverless::HttpApi.Name",
    "AWS::Serverless::HttpApi.PropagateTags",
    "AWS::Serverless::HttpApi.Tags",
    "AWS::ApiGatewayV2::Api.FailOnWarnings",
    "AWS::ApiGatewayV2::Api.Tags",
    "!GetAtt AWS::Serverless::HttpApi.ApiId",
    "!GetAtt AWS::ApiGatewayV2::Api.ApiId",
)
def test_an_api_is_as_api_gateway_describes_it(cloud: Any, stack: dict[str, str]) -> None:
    api = cloud.client("apigatewayv2").get_api(ApiId=stack["ApiId"])
    assert (api["Name"], api["Description"], api["ApiEndpoint"]) == ("full-api", "some API", stack["Api"])
    assert api["Tags"]["team"] == "ml"


@pytest.mark.proves(
    "AWS::Serverless::Function.FunctionUrlConfig.Cors.AllowCredentials",
    "AWS::Serverless::Function.FunctionUrlConfig.Cors.AllowHeaders",
    "AWS::Serverless::Function.FunctionUrlConfig.Cors.AllowMethods",
    "AWS::Serverless::Function.FunctionUrlConfig.Cors.ExposeHeaders",
    "AWS::Serverless::Function.FunctionUrlConfig.Cors.MaxAge",
    "AWS::Serverless::Function.FunctionUrlConfig.InvokeMode",
    "AWS::Lambda::Url.Cors.AllowCredentials",
    "AWS::Lambda::Url.Cors.AllowHeaders",
    "AWS::Lambda::Url.Cors.AllowMethods",
    "AWS::Lambda::Url.Cors.ExposeHeaders",
    "AWS::Lambda::Url.Cors.MaxAge",
    "AWS::Lambda::Url.InvokeMode",
    "!GetAtt AWS::Lambda::Url.FunctionArn",
)
def test_a_function_url_is_as_in_the_template(cloud: Any, stack: dict[str, str]) -> None:
    preflight = httpx.options(stack["Url"], headers=ORIGIN | {"Access-Control-Request-Method": "GET"})
    told = {name: value for name, value in preflight.headers.items() if name.startswith("access-control-")}
    assert told["access-control-allow-origin"] == "https://a.example"
    assert told["access-control-allow-credentials"] == "true"
    assert (told["access-control-allow-headers"], told["access-control-allow-methods"]) == ("x-mine", "GET")
    assert told["access-control-max-age"] == "60"
    assert httpx.get(stack["Url"], headers=ORIGIN).headers["access-control-expose-headers"] == "x-yours"
    found = cloud.client("lambda").get_function_url_config(FunctionName="sam-full", Qualifier="live")
    assert found["InvokeMode"] == "BUFFERED"
    assert stack["UrlOf"].endswith(":function:sam-full:live")
