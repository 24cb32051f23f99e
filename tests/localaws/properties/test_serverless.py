"""What SAM's own resources and events add to plain ones, and the sections of a template."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

STACK = """
Description: every property of SAM
Metadata: {Purpose: tests}
Resources:
  Role: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}}}
  Seen: {Type: AWS::SQS::Queue}
  Missed: {Type: AWS::SQS::Queue}
  Bus: {Type: AWS::Events::EventBus, Properties: {Name: own-bus, Description: a bus, Tags: [{Key: team, Value: ml}]}}
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
    Metadata: {Kept: true}
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
        import json, shared, time
        def handler(event, context):
            print(json.dumps({"seen": event}))
            time.sleep(float((event.get("queryStringParameters") or {}).get("sleep", 0)))
            return {"layer": shared.NAME}
      Events:
        Ruled:
          Type: EventBridgeRule
          Properties:
            RuleName: sam-rule
            State: ENABLED
            Pattern: {source: [sam.rule]}
            InputPath: $.detail
            Target: {Id: chosen}
            DeadLetterConfig: {Arn: !GetAtt Missed.Arn}
        Constant: {Type: EventBridgeRule, Properties: {Pattern: {source: [sam.rule]}, Input: '{"constant": "eb"}'}}
        Made:
          Type: EventBridgeRule
          Properties:
            Pattern: {source: [sam.rule]}
            InputTransformer: {InputPathsMap: {n: $.detail.marker}, InputTemplate: '{"made": <n>}'}
        Asleep:
          Type: EventBridgeRule
          Properties: {State: DISABLED, Pattern: {source: [sam.rule]}, Input: '{"asleep": 1}'}
        Bussed:
          Type: EventBridgeRule
          Properties: {EventBusName: !Ref Bus, Pattern: {source: [sam.bus]}, Input: '{"bus": "own"}'}
        Old:
          Type: CloudWatchEvent
          Properties: {State: ENABLED, Pattern: {source: [sam.old]}, InputPath: $.detail}
        OldConstant:
          Type: CloudWatchEvent
          Properties: {Pattern: {source: [sam.old]}, Input: '{"constant": "cw"}'}
        OldBus:
          Type: CloudWatchEvent
          Properties: {EventBusName: !Ref Bus, Pattern: {source: [sam.bus]}, Input: '{"bus": "old"}'}
        Slow:
          Type: HttpApi
          Properties: {ApiId: !Ref Api, Method: GET, Path: /slow, TimeoutInMillis: 300}
  Paused:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Timeout: 5
      InlineCode: "def handler(event, context): return None"
      Events:
        Jobs: {Type: SQS, Properties: {Queue: !GetAtt Seen.Arn, Enabled: false}}
Outputs:
  Full: {Value: !Ref Full}
  FullArn: {Value: !GetAtt Full.Arn}
  Role: {Value: !GetAtt Role.Arn}
  Layer: {Value: !GetAtt Shared.LayerVersionArn}
  Api: {Value: !GetAtt Api.ApiEndpoint}
  ApiId: {Value: !GetAtt Api.ApiId}
  BusArn: {Value: !GetAtt Bus.Arn}
  BusName: {Value: !GetAtt Bus.Name}
  Url: {Value: !GetAtt FullUrl.FunctionUrl}
  UrlOf: {Value: !GetAtt FullUrl.FunctionArn}
  Paused: {Value: !Ref Paused}
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


def put(cloud: Any, source: str, marker: str, bus: str = "default") -> None:
    entry = {"Source": source, "DetailType": "d", "Detail": json.dumps({"marker": marker}), "EventBusName": bus}
    assert cloud.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0


def seen(cloud: Any, wanted: str) -> list[Any]:
    lines = cloud.logged("/aws/lambda/sam-full", wanted)
    return [json.loads(line)["seen"] for line in lines]


@pytest.mark.proves("Description", "Metadata", "resource Metadata")
def test_what_is_said_about_a_template_is_kept(cloud: Any, stack: dict[str, str]) -> None:
    client = cloud.client("cloudformation")
    assert client.describe_stacks(StackName="serverless")["Stacks"][0]["Description"] == "every property of SAM"
    body = client.get_template(StackName="serverless")["TemplateBody"]
    text = body if isinstance(body, str) else json.dumps(body)
    assert "Purpose" in text and "Kept" in text


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
def test_a_function_is_what_lambda_says(cloud: Any, stack: dict[str, str]) -> None:
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
    # SAM names the version after the digest that the template gives.
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
def test_a_layer_is_what_lambda_says_and_the_function_has_it(cloud: Any, stack: dict[str, str]) -> None:
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
def test_an_api_is_what_api_gateway_says(cloud: Any, stack: dict[str, str]) -> None:
    api = cloud.client("apigatewayv2").get_api(ApiId=stack["ApiId"])
    assert (api["Name"], api["Description"], api["ApiEndpoint"]) == ("full-api", "some API", stack["Api"])
    assert api["Tags"]["team"] == "ml"


@pytest.mark.proves("HttpApi event.TimeoutInMillis", "AWS::ApiGatewayV2::Integration.TimeoutInMillis")
def test_a_route_waits_no_longer_than_it_may(stack: dict[str, str]) -> None:
    assert httpx.get(f"{stack['Api']}/slow", timeout=30).status_code in (200, 503)  # the first call starts a sandbox
    assert httpx.get(f"{stack['Api']}/slow", timeout=30).status_code == 200
    assert httpx.get(f"{stack['Api']}/slow?sleep=2", timeout=30).status_code == 503


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
def test_a_function_url_is_what_the_template_asks_for(cloud: Any, stack: dict[str, str]) -> None:
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


@pytest.mark.proves(
    "EventBridgeRule event",
    "EventBridgeRule event.DeadLetterConfig.Arn",
    "EventBridgeRule event.EventBusName",
    "EventBridgeRule event.Input",
    "EventBridgeRule event.InputPath",
    "EventBridgeRule event.InputTransformer",
    "EventBridgeRule event.Pattern",
    "EventBridgeRule event.RuleName",
    "EventBridgeRule event.State",
    "EventBridgeRule event.Target.Id",
    "AWS::Events::EventBus.Description",
    "AWS::Events::EventBus.Tags",
    "!GetAtt AWS::Events::EventBus.Arn",
    "!GetAtt AWS::Events::EventBus.Name",
)
def test_rules_of_a_function_give_it_what_they_ask_for(cloud: Any, stack: dict[str, str]) -> None:
    events = cloud.client("events")
    put(cloud, "sam.rule", "ruled")
    put(cloud, "sam.bus", "bussed", bus="own-bus")
    assert seen(cloud, '"marker": "ruled"') == [{"marker": "ruled"}]
    assert seen(cloud, '"constant": "eb"') and seen(cloud, '"made": "ruled"') and seen(cloud, '"bus": "own"')
    assert cloud.logged("/aws/lambda/sam-full", '"asleep"', 0) == []
    (target,) = events.list_targets_by_rule(Rule="sam-rule")["Targets"]
    assert target["Id"] == "chosen"
    assert target["DeadLetterConfig"]["Arn"].split(":")[5].startswith("serverless-Missed")
    bus = events.describe_event_bus(Name="own-bus")
    assert (bus["Name"], bus["Arn"], bus["Description"]) == (stack["BusName"], stack["BusArn"], "a bus")
    assert events.list_tags_for_resource(ResourceARN=stack["BusArn"])["Tags"] == [{"Key": "team", "Value": "ml"}]


@pytest.mark.proves(
    "CloudWatchEvent event",
    "CloudWatchEvent event.EventBusName",
    "CloudWatchEvent event.Input",
    "CloudWatchEvent event.InputPath",
    "CloudWatchEvent event.Pattern",
    "CloudWatchEvent event.State",
)
def test_rules_by_their_old_name_do_the_same(cloud: Any, stack: dict[str, str]) -> None:
    put(cloud, "sam.old", "old")
    put(cloud, "sam.bus", "bussed", bus="own-bus")
    assert seen(cloud, '"marker": "old"') == [{"marker": "old"}]
    assert seen(cloud, '"constant": "cw"') and seen(cloud, '"bus": "old"')


@pytest.mark.proves("SQS event.Enabled")
def test_a_queue_whose_event_is_not_enabled_is_left_alone(cloud: Any, stack: dict[str, str]) -> None:
    mappings = cloud.client("lambda").list_event_source_mappings(FunctionName=stack["Paused"])["EventSourceMappings"]
    assert [mapping["State"] for mapping in mappings] == ["Disabled"]


@pytest.mark.proves("resource UpdateReplacePolicy")
def test_a_replaced_resource_is_kept_where_its_policy_says_so(cloud: Any) -> None:
    client, sqs = cloud.client("cloudformation"), cloud.client("sqs")

    def body(suffix: str) -> str:
        def queue(name: str, **keys: str) -> dict[str, Any]:
            return {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": f"{name}-{suffix}"}, **keys}

        return json.dumps({"Resources": {"Kept": queue("kept", UpdateReplacePolicy="Retain"), "Gone": queue("gone")}})

    client.create_stack(StackName="replaces", TemplateBody=body("one"))
    client.update_stack(StackName="replaces", TemplateBody=body("two"))
    names = {url.rsplit("/", 1)[1] for url in sqs.list_queues()["QueueUrls"]}
    assert {"kept-one", "kept-two", "gone-two"} <= names
    assert "gone-one" not in names
    client.delete_stack(StackName="replaces")
