"""Calls of functions are looked at by the policies of their roles, and of what they call."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError

from localaws.cloud import LocalCloud
from localaws.commands.remote import call as ask
from localaws.settings import IamMode, Settings
from localaws_testing.ports import free_port

ACCOUNT = "123456789012"
STACK = """
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: guarded}}
  BucketPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Sid: NoSecrets, Effect: Deny, Principal: "*", Action: "s3:*", Resource: "arn:aws:s3:::guarded/secret/*"}
          - {Effect: Allow, Principal: {AWS: !GetAtt WorkerRole.Arn}, Action: "s3:DeleteObject",
             Resource: "arn:aws:s3:::guarded/*"}
          - {Effect: Deny, Principal: "*", Action: "s3:*", Resource: "*",
             Condition: {Bool: {aws:SecureTransport: "false"}}}
  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: guarded}}
  Table:
    Type: AWS::Serverless::SimpleTable
    Properties: {TableName: guarded}
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: guarded}}
  Other:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: other
      Runtime: python3.13
      Handler: index.handler
      InlineCode: "def handler(event, context): return 1"
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: worker
      Runtime: python3.13
      Handler: index.handler
      Timeout: 30
      InlineCode: |
        import boto3, botocore.exceptions
        def handler(event, context):
            try:
                client = boto3.client(event["service"])
                answer = getattr(client, event["operation"])(**event["parameters"])
            except botocore.exceptions.ClientError as error:
                return {"code": error.response["Error"]["Code"], "message": error.response["Error"]["Message"]}
            return {"status": answer["ResponseMetadata"]["HTTPStatusCode"]}
      Policies:
        - Version: "2012-10-17"
          Statement:
            - {Sid: Read, Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::guarded/*"}
            - {Sid: Write, Effect: Allow, Action: "s3:PutObject", Resource: "arn:aws:s3:::guarded/out/*"}
            - {Sid: Send, Effect: Allow, Action: "sqs:SendMessage", Resource: !GetAtt Queue.Arn}
            - {Sid: Keep, Effect: Allow, Action: "dynamodb:PutItem", Resource: !GetAtt Table.Arn,
               Condition: {StringEquals: {"aws:RequestedRegion": us-east-1}}}
            - {Sid: Count, Effect: Allow, Action: "cloudwatch:PutMetricData", Resource: "*",
               Condition: {StringEquals: {"cloudwatch:namespace": mine}}}
            - {Sid: Never, Effect: Allow, Action: "sns:Publish", Resource: !Ref Topic}
"""
OBJECT = {"Bucket": "guarded", "Key": "in/1"}
ALLOWED = {"status": 200}
ROLE = f"arn:aws:iam::{ACCOUNT}:role/none"
EVENT = {"Source": "a", "DetailType": "b", "Detail": "{}"}


@pytest.fixture(scope="module")
def cloud(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    mode: IamMode = request.param
    folder = tmp_path_factory.mktemp("iam")
    (folder / "template.yaml").write_text(STACK)
    settings = Settings(state=folder / "state", port=free_port(), http_port=free_port(), iam=mode)
    with LocalCloud(settings, folder / "template.yaml", lambda _: None) as running:
        client = running.clients("s3")
        for key in ("in/1", "secret/1"):
            client.put_object(Bucket="guarded", Key=key, Body=b"1")
        yield running


IN_BOTH = pytest.mark.parametrize("cloud", ["enforce", "report"], indirect=True)
ENFORCED = pytest.mark.parametrize("cloud", ["enforce"], indirect=True)


def call(cloud: LocalCloud, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
    event = {"service": service, "operation": operation, "parameters": parameters}
    answer = cloud.clients("lambda").invoke(FunctionName="worker", Payload=json.dumps(event))
    found: dict[str, Any] = json.loads(answer["Payload"].read())
    return found


@pytest.mark.proves("iam enforced calls", "iam report")
@IN_BOTH
def test_a_call_needs_a_statement_that_allows_it(cloud: LocalCloud) -> None:
    assert call(cloud, "s3", "get_object", **OBJECT) == ALLOWED
    assert call(cloud, "s3", "put_object", Bucket="guarded", Key="out/1") == ALLOWED
    refused = call(cloud, "s3", "put_object", Bucket="guarded", Key="in/2")
    report = Admin(cloud).report()
    lines = [line for line in report["missing"] if "s3:PutObject" in line]
    (line,) = lines
    role = cloud.clients("lambda").get_function(FunctionName="worker")["Configuration"]["Role"]
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/{role.rpartition('/')[2]}/worker"
    assert line.startswith(f"{session} may not s3:PutObject on arn:aws:s3:::guarded/in/2, because no identity-based")
    assert '{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::guarded/in/2"}' in line
    assert role in line
    if report["mode"] == "enforce":
        assert refused["code"] == "AccessDenied"
        assert refused["message"] == (
            f"User: {session} is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::guarded/in/2 "
            "because no identity-based policy allows the s3:PutObject action"
        )
    else:
        assert refused == ALLOWED
    # It's told once.
    call(cloud, "s3", "put_object", Bucket="guarded", Key="in/2")
    assert Admin(cloud).report()["missing"] == report["missing"]


@pytest.mark.proves("iam unused statements")
@IN_BOTH
def test_statements_that_nothing_has_needed_are_listed(cloud: LocalCloud) -> None:
    call(cloud, "s3", "get_object", **OBJECT)
    unused = {each["statement"].partition(": ")[2] for each in Admin(cloud).report()["unused"]}
    assert "Never" in unused
    assert "Read" not in unused


@pytest.mark.proves("iam used statements")
@ENFORCED
def test_each_kind_of_call_is_listed_once_with_the_statements_that_allowed_it(cloud: LocalCloud) -> None:
    item = {"TableName": "guarded", "Item": {"id": {"S": "2"}}}
    for _ in range(2):
        assert call(cloud, "dynamodb", "put_item", **item) == ALLOWED
    call(cloud, "s3", "delete_object", Bucket="guarded", Key="gone/1")
    call(cloud, "s3", "delete_object", Bucket="guarded", Key="gone/2")
    role = cloud.clients("lambda").get_function(FunctionName="worker")["Configuration"]["Role"]
    used = Admin(cloud).report()["used"]
    (kept,) = [each for each in used if each["action"] == "dynamodb:PutItem"]
    assert (kept["caller"], kept["resource"]) == (role, f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/guarded")
    assert kept["context"] == {"aws:requestedregion": ["us-east-1"]}
    assert [each["sid"] for each in kept["statements"]] == ["Keep"]
    # Whichever object it is, it's the policy of the bucket that allows it.
    deleted = [each for each in used if each["action"] == "s3:DeleteObject" and each["caller"] == role]
    assert [each["statements"] for each in deleted] == [[{"policy": "arn:aws:s3:::guarded", "sid": "statement 2"}]]


@pytest.mark.proves("iam protocols")
@pytest.mark.parametrize(
    ("service", "operation", "parameters", "code"),
    [
        ("sqs", "receive_message", {"QueueUrl": f"http://localhost/{ACCOUNT}/guarded"}, "AccessDenied"),
        ("dynamodb", "get_item", {"TableName": "guarded", "Key": {"id": {"S": "1"}}}, "AccessDeniedException"),
        ("sns", "list_topics", {}, "AuthorizationError"),
        (
            "sts",
            "assume_role",
            {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/x", "RoleSessionName": "session"},
            "AccessDenied",
        ),
        ("lambda", "invoke", {"FunctionName": "other"}, "AccessDeniedException"),
        ("logs", "delete_log_group", {"logGroupName": "more"}, "AccessDeniedException"),
        (
            "events",
            "put_events",
            {"Entries": [{"Source": "a", "DetailType": "b", "Detail": "{}"}]},
            "AccessDeniedException",
        ),
        ("scheduler", "delete_schedule", {"Name": "none"}, "AccessDeniedException"),
        ("ssm", "get_parameter", {"Name": "/a"}, "AccessDeniedException"),
        ("cloudwatch", "put_metric_data", {"Namespace": "yours", "MetricData": [{"MetricName": "a"}]}, "AccessDenied"),
        ("s3", "head_object", OBJECT | {"Key": "secret/1"}, "403"),
    ],
)
@ENFORCED
def test_each_protocol_says_that_access_is_denied(
    cloud: LocalCloud, service: str, operation: str, parameters: dict[str, Any], code: str
) -> None:
    assert call(cloud, service, operation, **parameters)["code"] == code


@ENFORCED
def test_what_is_allowed_passes_in_each_protocol(cloud: LocalCloud) -> None:
    url = cloud.clients("sqs").get_queue_url(QueueName="guarded")["QueueUrl"]
    entries = [{"Id": "1", "MessageBody": "2"}]
    assert call(cloud, "sqs", "send_message", QueueUrl=url, MessageBody="1") == ALLOWED
    assert call(cloud, "sqs", "send_message_batch", QueueUrl=url, Entries=entries) == ALLOWED
    assert call(cloud, "dynamodb", "put_item", TableName="guarded", Item={"id": {"S": "1"}}) == ALLOWED
    metric = [{"MetricName": "a", "Value": 1.0}]
    assert call(cloud, "cloudwatch", "put_metric_data", Namespace="mine", MetricData=metric) == ALLOWED
    assert call(cloud, "sts", "get_caller_identity") == ALLOWED


@pytest.mark.proves("iam bucket policies")
@ENFORCED
def test_the_policy_of_a_bucket_denies_and_allows(cloud: LocalCloud) -> None:
    refused = call(cloud, "s3", "get_object", Bucket="guarded", Key="secret/1")
    assert refused["code"] == "AccessDenied"
    assert refused["message"].endswith("with an explicit deny in a resource-based policy")
    assert call(cloud, "s3", "delete_object", Bucket="guarded", Key="gone") == {"status": 204}


@pytest.mark.proves("iam missing objects")
@ENFORCED
def test_only_who_may_list_a_bucket_learns_that_an_object_is_missing(cloud: LocalCloud) -> None:
    assert call(cloud, "s3", "get_object", Bucket="guarded", Key="none")["code"] == "AccessDenied"
    iam = cloud.clients("iam")
    role = cloud.clients("lambda").get_function(FunctionName="worker")["Configuration"]["Role"].rpartition("/")[2]
    statement = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::guarded"}
    document = json.dumps({"Version": "2012-10-17", "Statement": statement})
    iam.put_role_policy(RoleName=role, PolicyName="list", PolicyDocument=document)
    assert call(cloud, "s3", "get_object", Bucket="guarded", Key="none")["code"] == "NoSuchKey"
    iam.delete_role_policy(RoleName=role, PolicyName="list")
    assert call(cloud, "s3", "get_object", Bucket="guarded", Key="none")["code"] == "AccessDenied"


@pytest.mark.proves("iam copies and batches")
@ENFORCED
def test_a_request_needs_all_of_its_actions(cloud: LocalCloud) -> None:
    source = {"Bucket": "guarded", "Key": "in/1"}
    assert call(cloud, "s3", "copy_object", Bucket="guarded", Key="out/2", CopySource=source) == ALLOWED
    secret = {"Bucket": "guarded", "Key": "secret/1"}
    assert call(cloud, "s3", "copy_object", Bucket="guarded", Key="out/2", CopySource=secret)["code"] == "AccessDenied"
    objects = {"Objects": [{"Key": "out/2"}, {"Key": "secret/1"}]}
    assert call(cloud, "s3", "delete_objects", Bucket="guarded", Delete=objects)["code"] == "AccessDenied"
    assert call(cloud, "s3", "delete_objects", Bucket="guarded", Delete={"Objects": [{"Key": "out/2"}]}) == ALLOWED


@pytest.mark.proves("iam assumed roles", "iam users")
@ENFORCED
def test_assumed_roles_and_users_are_looked_at_and_other_keys_are_the_accounts(cloud: LocalCloud) -> None:
    iam, sts = cloud.clients("iam"), cloud.clients("sts")
    document = json.dumps(
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}
    )
    trust = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    role = iam.create_role(
        RoleName="reader", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": trust})
    )["Role"]["Arn"]
    iam.put_role_policy(RoleName="reader", PolicyName="read", PolicyDocument=document)
    iam.create_user(UserName="ann")
    made = iam.create_access_key(UserName="ann")["AccessKey"]
    reader = sts.assume_role(RoleArn=role, RoleSessionName="one")["Credentials"]
    narrowed = sts.assume_role(
        RoleArn=role, RoleSessionName="two", Policy=document.replace("s3:GetObject", "s3:PutObject")
    )["Credentials"]

    def client(keys: dict[str, str]) -> Any:
        return boto3.Session(
            keys["AccessKeyId"], keys["SecretAccessKey"], keys.get("SessionToken"), region_name="us-east-1"
        ).client("s3", endpoint_url=cloud.endpoint_url)

    assert client(reader).get_object(**OBJECT)["ContentLength"] == 1
    for keys in (narrowed, made):
        with pytest.raises(ClientError, match="AccessDenied"):
            client(keys).get_object(**OBJECT)
    iam.put_user_policy(UserName="ann", PolicyName="read", PolicyDocument=document)
    assert client(made).get_object(**OBJECT)["ContentLength"] == 1
    url = client(reader).generate_presigned_url("put_object", Params=OBJECT)
    assert httpx.put(url, content=b"2").status_code == 403
    assert httpx.get(client(reader).generate_presigned_url("get_object", Params=OBJECT)).status_code == 200
    assert cloud.clients("s3").put_object(Bucket="guarded", Key="in/3")["ResponseMetadata"]["HTTPStatusCode"] == 200


class Admin:
    """Local AWS's own API."""

    def __init__(self, cloud: LocalCloud) -> None:
        self._port = cloud._settings.port

    def report(self) -> dict[str, Any]:
        found: dict[str, Any] = ask(self._port, "iam", {})
        return found
