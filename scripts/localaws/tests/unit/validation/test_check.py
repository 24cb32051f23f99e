"""What local AWS refuses, and what it accepts with a note."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from localaws.errors import TemplateRefused
from localaws.resource_types import registry
from localaws.template.load import parse
from localaws.validation.check import check, notes

SAM = "Transform: AWS::Serverless-2016-10-31\n"
FUNCTION = "Type: AWS::Serverless::Function\n    Properties: {Handler: a.b, Runtime: python3.13, CodeUri: src"


def refusal(text: str, parameters: dict[str, Any] | None = None) -> str:
    with pytest.raises(TemplateRefused) as caught:
        check(parse(text, "template.yaml"), parameters or {})
    return str(caught.value)


def one(kind: str, properties: dict[str, Any]) -> str:
    return yaml.safe_dump({"Resources": {"It": {"Type": kind, "Properties": properties}}})


@pytest.mark.parametrize(
    ("kind", "properties", "names"),
    [
        ("AWS::RDS::DBInstance", {}, "resource type AWS::RDS::DBInstance"),
        ("AWS::StepFunctions::Activity", {"EncryptionConfiguration": {}}, "It.EncryptionConfiguration"),
        ("AWS::StepFunctions::StateMachine", {"EncryptionConfiguration": {}}, "It.EncryptionConfiguration"),
        (
            "AWS::StepFunctions::StateMachineAlias",
            {"DeploymentPreference": {"Type": "ALL"}},
            "It.DeploymentPreference.Type",
        ),
        ("AWS::Serverless::StateMachine", {"Events": {"A": {"Type": "HttpApi"}}}, "It.Events.A"),
        (
            "AWS::Serverless::StateMachine",
            {"Events": {"A": {"Type": "Api", "Properties": {"Auth": {"AuthorizationScopes": ["s"]}}}}},
            "It.Events.A.Properties.Auth.AuthorizationScopes",
        ),
        ("AWS::Serverless::Api", {"CanarySetting": {}}, "It.CanarySetting"),
        ("AWS::Serverless::Api", {"Auth": {"Authorizers": {"A": {"UserPoolArn": "x"}}}}, "Authorizers.A.UserPoolArn"),
        ("AWS::ApiGateway::VpcLink", {}, "resource type AWS::ApiGateway::VpcLink"),
        ("AWS::ApiGateway::Method", {"AuthorizationType": "COGNITO_USER_POOLS"}, "not COGNITO_USER_POOLS"),
        ("AWS::ApiGateway::Method", {"Integration": {"ConnectionType": "VPC_LINK"}}, "not VPC_LINK"),
        (
            "AWS::ApiGateway::Method",
            {"Integration": {"Type": "MOCK", "RequestTemplates": {"application/json": "{}\n$input.explode()"}}},
            "RequestTemplates.application/json: line 2 of the mapping template: $input.explode(): the method explode",
        ),
        (
            "AWS::ApiGateway::Method",
            {"Integration": {"IntegrationResponses": [{"ResponseParameters": {"x": "y"}}]}},
            "Integration.IntegrationResponses[0].ResponseParameters.x: x isn't a header of a method's response",
        ),
        ("AWS::ApiGateway::Authorizer", {"Type": "COGNITO_USER_POOLS"}, "not COGNITO_USER_POOLS"),
        ("AWS::ApiGateway::Authorizer", {"IdentitySource": "$request.header.X"}, "isn't an identity source"),
        ("AWS::ApiGateway::Stage", {"CanarySetting": {}}, "It.CanarySetting"),
        ("AWS::ApiGatewayV2::VpcLink", {}, "resource type AWS::ApiGatewayV2::VpcLink"),
        ("AWS::Kinesis::StreamConsumer", {}, "resource type AWS::Kinesis::StreamConsumer"),
        ("AWS::KinesisFirehose::DeliveryStream", {}, "streams with ExtendedS3DestinationConfiguration only"),
        ("AWS::ECS::Service", {}, "resource type AWS::ECS::Service"),
        ("AWS::Serverless::GraphQLApi", {}, "resource type AWS::Serverless::GraphQLApi"),
        ("AWS::Serverless::Application", {"Location": {"ApplicationId": "a"}}, "Serverless Application Repository"),
        ("AWS::CloudFormation::WaitCondition", {}, "resource type AWS::CloudFormation::WaitCondition"),
        ("AWS::Glue::Job", {}, "resource type AWS::Glue::Job"),
        ("AWS::S3::Bucket", {"WebsiteConfiguration": {}}, "It.WebsiteConfiguration"),
        (
            "AWS::S3::Bucket",
            {"NotificationConfiguration": {"SomeConfigurations": []}},
            "It.NotificationConfiguration.SomeConfigurations",
        ),
        ("AWS::S3::Bucket", {"VersioningConfiguration": {"Status": "Perhaps"}}, "not Perhaps"),
        ("AWS::SQS::Queue", {"KmsMasterKey": "x"}, "It.KmsMasterKey"),
        ("AWS::SQS::Queue", {"DeduplicationScope": "messageGroup"}, "not messageGroup"),
        ("AWS::Events::Rule", {"ScheduleExpression": "rate(1 days)"}, "not valid: rate(1 days)"),
        ("AWS::Scheduler::Schedule", {"ScheduleExpression": "cron(0 0 * * *)"}, "has 5 fields"),
        ("AWS::Scheduler::Schedule", {"Target": {"EcsParameters": {}}}, "It.Target.EcsParameters"),
        ("AWS::Events::Rule", {"EventPattern": {"source": [{"like": "x"}]}}, "'like'"),
        ("AWS::Events::Rule", {"EventPattern": {"source": ["x"]}, "State": "SOMETIMES"}, "not SOMETIMES"),
        (
            "AWS::Events::Rule",
            {"Targets": [{"Id": "a", "Arn": {"Fn::Sub": "arn:aws:events:${AWS::Region}:1:target/create-snapshot"}}]},
            "It.Targets[0].Arn: local AWS delivers to",
        ),
        (
            "AWS::Events::Rule",
            {"Targets": [{"Id": "a", "Arn": "arn:aws:kinesis:us-east-1:1:stream/s"}]},
            "not to arn:",
        ),
        ("AWS::Events::EventBus", {"Name": "x", "EventSourceName": "aws.partner/x"}, "It.EventSourceName"),
        (
            "AWS::Events::Rule",
            {"EventPattern": {"source": ["x"]}, "Targets": [{"Id": "a", "Arn": "b", "EcsParameters": {}}]},
            r"It.Targets[0].EcsParameters",
        ),
        ("AWS::Lambda::Function", {"Runtime": "nodejs22.x"}, "not nodejs22.x"),
        ("AWS::Lambda::Function", {"FileSystemConfigs": []}, "It.FileSystemConfigs"),
        (
            "AWS::Serverless::Function",
            {"DeploymentPreference": {"Hooks": {"Before": "x"}}},
            "It.DeploymentPreference.Hooks.Before",
        ),
        ("AWS::CodeDeploy::Application", {"ComputePlatform": "ECS"}, "not ECS"),
        ("AWS::CodeDeploy::DeploymentGroup", {"AutoScalingGroups": ["a"]}, "It.AutoScalingGroups"),
        ("AWS::CodeDeploy::DeploymentConfig", {"MinimumHealthyHosts": {}}, "It.MinimumHealthyHosts"),
        ("AWS::Lambda::Function", {"FileSystemConfigs": [{"Arn": "x"}]}, "It.FileSystemConfigs"),
        ("AWS::Lambda::EventSourceMapping", {"TumblingWindowInSeconds": 9}, "It.TumblingWindowInSeconds"),
        ("AWS::ApiGatewayV2::Api", {"ProtocolType": "WEBSOCKET"}, "not WEBSOCKET"),
        ("AWS::ApiGatewayV2::Api", {"ProtocolType": "HTTP", "RouteKey": "$default"}, "It.RouteKey"),
        ("AWS::ApiGatewayV2::Route", {"AuthorizationType": "OTHER"}, "not OTHER"),
        ("AWS::ApiGatewayV2::Integration", {"IntegrationType": "HTTP_PROXY"}, "not HTTP_PROXY"),
        ("AWS::ApiGatewayV2::Integration", {"PayloadFormatVersion": "3.0"}, "not 3.0"),
        ("AWS::Lambda::Url", {"AuthType": "OTHER"}, "not OTHER"),
        ("AWS::Lambda::Url", {"InvokeMode": "RESPONSE_STREAM"}, "not RESPONSE_STREAM"),
        ("AWS::SNS::Topic", {"DataProtectionPolicy": {}}, "It.DataProtectionPolicy"),
        ("AWS::SNS::Subscription", {"Protocol": "https"}, "not https"),
        ("AWS::SQS::Queue", {"QueueName": {"Fn::ValueOf": ["Vpc", "Tags.Name"]}}, "Fn::ValueOf"),
        ("AWS::SQS::Queue", {"QueueName": {"Fn::Contains": [["a"], "a"]}}, "Fn::Contains is for Rules only"),
        ("AWS::SQS::Queue", {"QueueName": {"Fn::Transform": {}}}, "Fn::Transform"),
        ("AWS::SQS::Queue", {"QueueName": "{{resolve:acm:name}}"}, "dynamic references to acm"),
        ("AWS::SQS::Queue", {"QueueName": {"Fn::GetAtt": ["It", "Colour"]}}, "attribute Colour"),
        ("AWS::Serverless::Function", {}, "needs Transform"),
    ],
)
def test_unsupported_parts_are_named(kind: str, properties: dict[str, Any], names: str) -> None:
    assert names in refusal(one(kind, properties))


def test_everything_is_listed_at_once_with_its_line() -> None:
    text = f"""{SAM}Resources:
  Db: {{Type: AWS::RDS::DBInstance}}
  F:
    {FUNCTION}, FileSystemConfigs: [], Events: {{
      T: {{Type: MSK}}, A: {{Type: AlexaSkill}}}}}}
  R:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {{source: [x]}}
      Targets: [{{Id: a, Arn: !GetAtt Bucket.Arn}}]
  Bucket: {{Type: AWS::S3::Bucket, CreationPolicy: {{}}}}
Hooks: {{}}
"""
    refused = refusal(text)
    for part in (
        "line 3: Db.Type",
        "F.FileSystemConfigs",
        "Type MSK isn't supported",
        "Type AlexaSkill isn't supported",
        "R.Targets[0].Arn: rules don't deliver to AWS::S3::Bucket",
        "Bucket.CreationPolicy",
        "line 14: Hooks",
    ):
        assert part in refused
    assert "7 parts" in refused


def test_update_policies_are_those_of_aliases() -> None:
    text = """Resources:
  Alias:
    Type: AWS::Lambda::Alias
    UpdatePolicy: {CodeDeployLambdaAliasUpdate: {Application: a}, UseOnlineResharding: true}
  Queue: {Type: AWS::SQS::Queue, UpdatePolicy: {}}
"""
    refused = refusal(text)
    for part in (
        "Alias.UpdatePolicy.CodeDeployLambdaAliasUpdate.Application",
        "Alias.UpdatePolicy.UseOnlineResharding",
        "Queue.UpdatePolicy: UpdatePolicy of AWS::SQS::Queue isn't supported",
    ):
        assert part in refused


def test_globals_and_other_transforms_are_checked_too() -> None:
    text = "Transform: [AWS::Serverless-2016-10-31, AWS::Include]\n"
    text += "Globals: {Function: {Tracing: Active, FileSystemConfigs: []}, Api: {}}\n"
    text += "Parameters: {P: {Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>'}}\n"
    text += "Resources: {Q: {Type: AWS::SQS::Queue}}"
    refused = refusal(text)
    for part in ("AWS::Include", "Function.FileSystemConfigs", "P.Type"):
        assert part in refused
    assert "Api" not in refused


def test_the_value_of_a_parameter_is_checked() -> None:
    text = one("AWS::Lambda::Function", {"Runtime": {"Ref": "Runtime"}})
    text += "Parameters: {Runtime: {Type: String, Default: python3.13}}"
    check(parse(text, "t"), {})
    assert "not ruby3.4" in refusal(text, {"Runtime": "ruby3.4"})


def test_both_branches_of_an_if_are_checked() -> None:
    chosen = {"Fn::If": ["C", {"Status": "Enabled"}, {"Status": "Nonsense"}]}
    assert "not Nonsense" in refusal(one("AWS::S3::Bucket", {"VersioningConfiguration": chosen}))


def test_what_has_no_effect_is_noted_once() -> None:
    text = "Resources:\n" + "".join(
        f"  Q{index}: {{Type: AWS::SQS::Queue, Properties: {{SqsManagedSseEnabled: true}}}}\n" for index in range(5)
    )
    (line,) = notes(parse(text, "t"))
    assert line.startswith("note: nothing is encrypted at rest (Q0.SqsManagedSseEnabled")
    assert line.endswith("and 2 more)")


def accepted(rule: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each place of a table of properties whose value is accepted without effect, and the note."""
    for key, inner in rule.items():
        here = (*path, "Any" if key == "*" else key)
        if isinstance(inner, dict) and "$by" in inner:
            for kind, variant in inner.items():
                if isinstance(variant, dict):
                    yield from accepted(variant, (*here, f"{inner['$by']}={kind}"))
        elif isinstance(inner, dict):
            yield from accepted(inner, here)
        elif isinstance(inner, str) and not key.startswith("$"):
            yield here, inner


ACCEPTED_PLACES = [
    (kind, path, note)
    for kind, declared in sorted(registry.TYPES.items())
    for path, note in accepted(declared.properties, ())
]


@pytest.mark.proves("every accepted property")
@pytest.mark.parametrize(
    ("kind", "path", "note"), ACCEPTED_PLACES, ids=[f"{kind}.{'.'.join(path)}" for kind, path, _ in ACCEPTED_PLACES]
)
def test_each_property_that_is_accepted_without_effect_has_a_note(kind: str, path: tuple[str, ...], note: str) -> None:
    value: Any = "given"
    for step in reversed(path):
        name, chosen, variant = step.partition("=")
        value = {name: variant, **value} if chosen else {step: value}
    template = SAM + one(kind, value) if "Serverless" in kind else one(kind, value)
    place = ".".join(step for step in path if "=" not in step)
    assert f"note: {note} (It.{place})" in notes(parse(template, "t"))


def test_an_openapi_document_is_checked() -> None:
    integration = "x-amazon-apigateway-integration"
    text = f"""{SAM}Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      DefinitionBody:
        security: [{{key: []}}]
        paths:
          /open:
            summary: no method
            get: {{security: [], {integration}: {{type: aws_proxy, payloadFormatVersion: 2.0, uri: u}}}}
          /other:
            get: {{security: [{{key: []}}]}}
            post: {{{integration}: {{type: http_proxy, payloadFormatVersion: "3.0", uri: u}}}}
"""
    refused = refusal(text)
    for part in (
        "line 7: Api.DefinitionBody.security: there is no security scheme key",
        "line 13: Api.DefinitionBody.paths./other.get.security: there is no security scheme key",
        f"line 14: Api.DefinitionBody.paths./other.post.{integration}.type: local AWS supports only aws_proxy",
        "payloadFormatVersion: local AWS supports only 2.0, 1.0, not 3.0",
    ):
        assert part in refused
    assert "4 parts" in refused


def test_integrations_of_http_apis_are_checked() -> None:
    refused = refusal("""\
Resources:
  Mapped:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      {ApiId: a, IntegrationType: AWS_PROXY, IntegrationUri: u, RequestParameters: {MessageBody: b}}
  Called:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: a
      IntegrationType: AWS_PROXY
      IntegrationSubtype: SQS-SendMessage
      PayloadFormatVersion: "2.0"
      RequestParameters: {QueueUrl: u}
""")
    for part in (
        "line 5: Mapped.RequestParameters: the parameters of a function's requests aren't changed",
        "line 8: Called: SQS-SendMessage needs the parameter MessageBody",
        "line 12: Called.PayloadFormatVersion: that of a service is 1.0, not 2.0",
    ):
        assert part in refused


def test_the_openapi_document_of_a_rest_api_is_checked() -> None:
    integration = "x-amazon-apigateway-integration"
    text = f"""{SAM}Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: a
      DefinitionBody:
        components:
          securitySchemes:
            iam: {{type: apiKey, x-amazon-apigateway-authtype: awsSigv4}}
            pool: {{type: apiKey, x-amazon-apigateway-authorizer: {{type: cognito_user_pools}}}}
            oauth: {{type: oauth2}}
        paths:
          /open:
            summary: no method
            get: {{{integration}: {{type: aws_proxy, uri: !Sub "${{F.Arn}}"}}}}
          /other:
            get: {{{integration}: {{type: http_proxy, connectionType: VPC_LINK, uri: "https://a"}}}}
            post:
              {integration}:
                type: mock
                responses:
                  default:
                    statusCode: "200"
                    responseTemplates: {{application/json: "#foreach($x in $y)"}}
  F: {{Type: AWS::Serverless::Function, Properties: {{Runtime: python3.13, Handler: a.b, InlineCode: "1"}}}}
"""
    refused = refusal(text)
    for part in (
        "line 11: Api.DefinitionBody.components.securitySchemes.pool.x-amazon-apigateway-authorizer.type: local AWS",
        f"line 18: Api.DefinitionBody.paths./other.get.{integration}.connectionType: VPC links aren't supported",
        "line 25: Api.DefinitionBody.paths./other.post",
        "responseTemplates.application/json: line 1 of the mapping template: #end is missing",
    ):
        assert part in refused
    assert "3 parts" in refused
    assert "securitySchemes.iam" not in refused
