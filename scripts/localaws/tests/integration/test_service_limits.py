"""Limits of EventBridge, the Scheduler, Step Functions, CloudFormation and API Gateway, through AWS clients."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from localaws_testing.refusals import refused
from localaws_testing.tags import own_tags

QUEUE = {"Type": "AWS::SQS::Queue"}
ACCOUNT = "arn:aws:{}:us-east-1:123456789012:{}"


@pytest.fixture
def name() -> str:
    return f"limits-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def rule(cloud: Any, name: str) -> Iterator[str]:
    events = cloud.client("events")
    events.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))
    yield name
    targets = [target["Id"] for target in events.list_targets_by_rule(Rule=name)["Targets"]]
    if targets:
        events.remove_targets(Rule=name, Ids=targets)
    events.delete_rule(Name=name)


def queue_targets(count: int, first: int = 0) -> list[dict[str, str]]:
    return [{"Id": str(number), "Arn": ACCOUNT.format("sqs", "absent")} for number in range(first, first + count)]


@pytest.mark.proves("events limits")
def test_a_request_of_events_over_1_mb_is_refused(cloud: Any) -> None:
    events, entry = cloud.client("events"), {"Source": "a", "DetailType": "t"}

    def entries(*sizes: int) -> list[dict[str, str]]:
        # `{"x":""}` and the source and type are ten bytes.
        return [{**entry, "Detail": '{"x":"%s"}' % ("y" * (size - 10))} for size in sizes]

    assert refused(events.put_events, Entries=entries(600_000, 448_577)) == "ValidationException"
    assert events.put_events(Entries=entries(600_000, 448_576))["FailedEntryCount"] == 0
    assert refused(events.put_events, Entries=entries(*[100] * 11)) == "ValidationException"


@pytest.mark.proves("events limits")
def test_entries_fail_one_by_one_and_count_together(cloud: Any) -> None:
    events, entry = cloud.client("events"), {"Source": "a", "DetailType": "t", "Detail": "{}"}
    wrong = [
        {"Detail": "[1]"},
        {"Detail": "{"},
        {"Source": ""},
        {"Source": "aws.s3"},
        {"Detail": "[1]", "DetailType": ""},
    ]
    answer = events.put_events(Entries=[entry, *({**entry, **changed} for changed in wrong)])
    codes = ["MalformedDetail", "MalformedDetail", "InvalidArgument", "NotAuthorizedForSourceException"]
    assert [each.get("ErrorCode") for each in answer["Entries"]] == [None, *codes, "InvalidArgument"]
    many = [{**entry, "Source": "aws.s3"}] * 5 + [entry] * 6
    assert refused(events.put_events, Entries=many) == "ValidationException"


@pytest.mark.proves("events limits")
@pytest.mark.parametrize("wrong", ["a b", "ä", "a/b", "x" * 65], ids=["space", "letter", "slash", "long"])
def test_the_name_of_a_rule_has_certain_characters(cloud: Any, wrong: str) -> None:
    put = cloud.client("events").put_rule
    assert refused(put, Name=wrong, EventPattern='{"source": ["a"]}') == "ValidationException"


@pytest.mark.proves("events limits")
def test_a_rule_has_five_targets(cloud: Any, rule: str) -> None:
    events = cloud.client("events")
    assert refused(events.put_targets, Rule=rule, Targets=queue_targets(6)) == "LimitExceededException"
    events.put_targets(Rule=rule, Targets=queue_targets(5))
    # Targets that are there already are replaced.
    events.put_targets(Rule=rule, Targets=queue_targets(2))
    assert refused(events.put_targets, Rule=rule, Targets=queue_targets(1, first=5)) == "LimitExceededException"
    assert len(events.list_targets_by_rule(Rule=rule)["Targets"]) == 5


@pytest.mark.proves("events limits")
@pytest.mark.parametrize(
    "given",
    [
        {"Input": "{}", "InputPath": "$.a"},
        {"Input": "{}", "InputTransformer": {"InputTemplate": '"a"'}},
        {"InputPath": "$.a", "InputTransformer": {"InputTemplate": '"a"'}},
    ],
    ids=lambda given: "+".join(given),
)
def test_a_target_has_one_kind_of_input(cloud: Any, rule: str, given: dict[str, Any]) -> None:
    (target,) = queue_targets(1)
    put = cloud.client("events").put_targets
    assert refused(put, Rule=rule, Targets=[{**target, **given}]) == "ValidationException"


@pytest.mark.proves("events archives")
def test_archives_and_replays_are_refused_by_name(cloud: Any, name: str) -> None:
    events, bus = cloud.client("events"), ACCOUNT.format("events", "event-bus/default")
    with pytest.raises(ClientError, match="CreateArchive") as caught:
        events.create_archive(ArchiveName=name, EventSourceArn=bus)
    assert caught.value.response["Error"]["Code"] == "UnsupportedByLocalAws"
    assert [each["Name"] for each in events.list_rules()["Rules"] if name in each["Name"]] == []
    options = {"EventSourceArn": bus, "EventStartTime": 0, "EventEndTime": 1, "Destination": {"Arn": bus}}
    assert refused(events.start_replay, ReplayName=name, **options) == "UnsupportedByLocalAws"


@pytest.mark.proves("events limits")
def test_a_flexible_window_needs_its_minutes(cloud: Any, name: str) -> None:
    target = {"Arn": ACCOUNT.format("sqs", "absent"), "RoleArn": "arn:aws:iam::123456789012:role/r"}
    given = {"Name": name, "ScheduleExpression": "rate(1 day)", "Target": target}
    scheduler = cloud.client("scheduler")
    assert refused(scheduler.create_schedule, FlexibleTimeWindow={"Mode": "FLEXIBLE"}, **given) == "ValidationException"
    window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 1441}
    assert refused(scheduler.create_schedule, FlexibleTimeWindow=window, **given) == "ValidationException"
    for policy in ({"MaximumRetryAttempts": 186}, {"MaximumEventAgeInSeconds": 86_401}):
        options = given | {"FlexibleTimeWindow": {"Mode": "OFF"}, "Target": {**target, "RetryPolicy": policy}}
        assert refused(scheduler.create_schedule, **options) == "ValidationException"
    absent = {"FlexibleTimeWindow": {"Mode": "OFF"}, "GroupName": f"absent-{name}"}
    assert refused(scheduler.create_schedule, **given, **absent) == "ResourceNotFoundException"
    scheduler.create_schedule(FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5}, **given)
    assert refused(scheduler.update_schedule, **given, **absent) == "ResourceNotFoundException"
    assert refused(scheduler.update_schedule, FlexibleTimeWindow={"Mode": "FLEXIBLE"}, **given) == "ValidationException"
    scheduler.delete_schedule(Name=name)


def template(resources: Any, **sections: Any) -> str:
    return json.dumps({"Resources": resources, **sections})


@pytest.mark.proves("cloudformation limits")
@pytest.mark.parametrize(
    ("body", "names"),
    [
        (template({"A-b": QUEUE}), "Resource name A-b is non alphanumeric"),
        (template({"A": QUEUE}, Parameters={"P_1": {"Type": "String", "Default": ""}}), "name P_1 is non alphanumeric"),
        (template({"A": QUEUE}, Outputs={"O.1": {"Value": "x"}}), "Output name O.1 is non alphanumeric"),
        (
            template({"A": QUEUE}, AWSTemplateFormatVersion="2011-01-01"),
            "unsupported value for AWSTemplateFormatVersion",
        ),
        (template({"A": QUEUE}, Outputs={"O": {}}), "must contain a Value object"),
        (template({"A": QUEUE}, Outputs={"O": {"Value": ["x"]}}), "Output O is malformed"),
        (template({"A": QUEUE}, Outputs={"O": {"Value": {"x": "y"}}}), "Output O is malformed"),
        (template({"A": QUEUE}, Outputs={"O": {"Value": {"Fn::Split": [",", "a,b"]}}}), "Output O is malformed"),
        (template({f"A{number}": QUEUE for number in range(501)}), "Number of resources, 501"),
        (
            template({"A": QUEUE}, Outputs={f"O{number}": {"Value": ""} for number in range(201)}),
            "Number of outputs, 201",
        ),
        (template({"A": QUEUE}, Description="x" * 1025), "'Description' length is greater than 1024"),
        (template({"A": QUEUE}, Description="ü" * 513), "'Description' length is greater than 1024"),
        (template({"A": QUEUE}, Metadata={"x": "y" * 51_200}), "templateBody"),
        (
            template({"A": QUEUE}, Outputs={"O": {"Value": {"Fn::Select": ["5", ["a"]]}}}),
            "nonexistent value at index 5",
        ),
        (template({"A": QUEUE}, Outputs={"O": {"Value": {"Fn::Select": ["x", ["a"]]}}}), "invalid arguments"),
        (
            template(
                {"A": {**QUEUE, "Properties": {"QueueName": {"Fn::Select": [2, {"Ref": "Names"}]}}}},
                Parameters={"Names": {"Type": "CommaDelimitedList", "Default": "a,b"}},
            ),
            "nonexistent value at index 2",
        ),
    ],
    ids=[
        "resource",
        "parameter",
        "output",
        "version",
        "no value",
        "list",
        "object",
        "split",
        "resources",
        "outputs",
        "description",
        "bytes",
        "body",
        "select",
        "index",
        "select of a parameter",
    ],
)
def test_a_template_outside_of_the_limits_leaves_no_stack(cloud: Any, name: str, body: str, names: str) -> None:
    client = cloud.client("cloudformation")
    with pytest.raises(ClientError, match=names) as caught:
        client.create_stack(StackName=name, TemplateBody=body)
    assert caught.value.response["Error"]["Code"] == "ValidationError"
    with pytest.raises(ClientError, match="does not exist"):
        client.describe_stacks(StackName=name)


@pytest.mark.proves("cloudformation limits")
def test_a_larger_template_is_taken_from_a_bucket_up_to_1_mb(cloud: Any, name: str) -> None:
    client, s3 = cloud.client("cloudformation"), cloud.client("s3")
    s3.create_bucket(Bucket=name)
    url = f"https://{name}.s3.us-east-1.amazonaws.com/t.json"

    def put(size: int) -> None:
        empty = template({"A": QUEUE}, Metadata={"x": ""})
        s3.put_object(Bucket=name, Key="t.json", Body=empty.replace('"x": ""', f'"x": "{"y" * (size - len(empty))}"'))

    put(60_000)
    client.validate_template(TemplateURL=url)
    put(1_000_001)
    assert refused(client.validate_template, TemplateURL=url) == "ValidationError"
    s3.delete_object(Bucket=name, Key="t.json")
    s3.delete_bucket(Bucket=name)


@pytest.mark.proves("cloudformation stack tags")
def test_the_tags_of_a_stack_are_those_of_its_resources(cloud: Any, name: str) -> None:
    client, sqs = cloud.client("cloudformation"), cloud.client("sqs")
    own = {**QUEUE, "Properties": {"Tags": [{"Key": "team", "Value": "own"}]}}
    outputs = {key: {"Value": {"Ref": key}} for key in ("Plain", "Own")}
    body = template({"Plain": QUEUE, "Own": own}, Outputs=outputs)

    def tags() -> dict[str, Any]:
        urls = cloud.outputs(name)
        return {key: own_tags(sqs.list_queue_tags(QueueUrl=url)["Tags"]) for key, url in urls.items()}

    given = [{"Key": "team", "Value": "ml"}, {"Key": "stage", "Value": "dev"}]
    client.create_stack(StackName=name, TemplateBody=body, Tags=given)
    assert tags() == {"Plain": {"team": "ml", "stage": "dev"}, "Own": {"team": "own", "stage": "dev"}}
    client.update_stack(StackName=name, TemplateBody=body, Tags=given[:1])
    assert tags() == {"Plain": {"team": "ml"}, "Own": {"team": "own"}}
    assert refused(client.update_stack, StackName=name, TemplateBody=body) == "ValidationError"
    client.delete_stack(StackName=name)


STACK = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Callable:
    Type: AWS::Lambda::Permission
    Properties: {Action: "lambda:InvokeFunction", FunctionName: !Ref Echo, Principal: apigateway.amazonaws.com}
  Direct:
    Type: AWS::Serverless::Api
    Properties:
      StageName: live
      DefinitionBody:
        openapi: "3.0.1"
        info: {title: direct, version: "1"}
        paths:
          /:
            get:
              responses: {"200": {description: ok}}
              x-amazon-apigateway-integration:
                type: aws
                httpMethod: POST
                uri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Echo.Arn}/invocations"
                responses: {default: {statusCode: "200"}}
  Echo:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      FunctionUrlConfig: {AuthType: NONE}
      InlineCode: |
        def handler(event, context):
            if not event:
                return "empty"
            if event.get("rawPath") == "/object":
                return {"statusCode": 200, "body": {"a": 1}}
            return {"statusCode": 200, "body": "echo"}
      Events:
        Http: {Type: HttpApi, Properties: {Path: "/{proxy+}", Method: ANY}}
        Rest: {Type: Api, Properties: {Path: /echo, Method: GET}}
Outputs:
  HttpId: {Value: !Ref ServerlessHttpApi}
  Http: {Value: !Sub "https://${ServerlessHttpApi}.execute-api.${AWS::Region}.amazonaws.com/echo"}
  Rest: {Value: !Sub "https://${ServerlessRestApi}.execute-api.${AWS::Region}.amazonaws.com/Prod/echo"}
  Direct: {Value: !Sub "https://${Direct}.execute-api.${AWS::Region}.amazonaws.com/live/"}
  Url: {Value: !GetAtt EchoUrl.FunctionUrl}
"""


@pytest.fixture(scope="module")
def stack(deploy: Callable[[str, str], dict[str, str]]) -> dict[str, str]:
    return deploy("service-limits", STACK)


@pytest.mark.proves("http head limits")
@pytest.mark.parametrize("kind", ["Http", "Rest"])
def test_a_head_over_10_240_bytes_is_refused(stack: dict[str, str], kind: str) -> None:
    url = stack[kind]
    assert httpx.get(url, headers={"x-a": "v" * 9_000}, timeout=60).text == "echo"
    for headers, query, status in (
        ({f"x-{number}": "v" * 2_000 for number in range(6)}, "", 431),
        ({"x-a": "v" * 6_000}, f"q={'v' * 6_000}", 431),
        ({}, f"q={'v' * 11_000}", 414),
    ):
        answer = httpx.get(f"{url}?{query}", headers=headers, timeout=60)
        assert (answer.status_code, list(answer.json())) == (status, ["message"])


@pytest.mark.proves("http malformed bodies")
def test_a_body_that_is_not_text_is_a_malformed_response(stack: dict[str, str]) -> None:
    api = httpx.get(stack["Http"].replace("/echo", "/object"), timeout=60)
    assert (api.status_code, api.json()) == (500, {"message": "Internal Server Error"})
    assert httpx.get(f"{stack['Url']}object", timeout=60).status_code == 502


@pytest.mark.proves("http refused settings")
@pytest.mark.parametrize("key", ["GET /{a}/{a}", "GET /{a}/x/{a+}", "ANY /{a+}/x"])
def test_path_parameters_have_names_of_their_own_and_a_greedy_one_is_last(
    cloud: Any, stack: dict[str, str], key: str
) -> None:
    create = cloud.client("apigatewayv2").create_route
    assert refused(create, ApiId=stack["HttpId"], RouteKey=key) == "BadRequestException"


@pytest.mark.proves("rest empty bodies")
def test_a_request_without_a_body_is_an_empty_event(stack: dict[str, str]) -> None:
    answer = httpx.get(stack["Direct"], timeout=60)
    assert (answer.status_code, answer.json()) == (200, "empty")
