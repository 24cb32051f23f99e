"""Services deliver what policies let them deliver, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from localaws.cloud import LocalCloud
from localaws.commands.remote import call
from localaws.settings import Settings
from localaws_testing.ports import free_port
from localaws_testing.waiting import wait_until

ACCOUNT = "123456789012"
PREFIX = f"us-east-1:{ACCOUNT}"
QUEUE, TOPIC = f"arn:aws:sqs:{PREFIX}:inbox", f"arn:aws:sns:{PREFIX}:news"
STACK = """
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Inbox: {Type: AWS::SQS::Queue, Properties: {QueueName: inbox}}
  Lost: {Type: AWS::SQS::Queue, Properties: {QueueName: lost}}
  LostPolicy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Lost]
      PolicyDocument:
        Version: "2012-10-17"
        Statement: {Effect: Allow, Principal: "*", Action: "sqs:SendMessage", Resource: !GetAtt Lost.Arn}
  News: {Type: AWS::SNS::Topic, Properties: {TopicName: news}}
  Mute:
    Type: AWS::IAM::Role
    Properties:
      RoleName: mute
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          Effect: Allow
          Principal: {Service: [lambda.amazonaws.com, scheduler.amazonaws.com]}
          Action: sts:AssumeRole
  Echo:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: echo
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        def handler(event, context):
            print("called", event)
            if event == {"fail": True}:
                raise ValueError("no")
            return "echo"
      EventInvokeConfig: {MaximumRetryAttempts: 0}
      Events:
        Any: {Type: HttpApi}
Outputs:
  Api: {Value: !Sub "${ServerlessHttpApi.ApiEndpoint}"}
"""


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    folder = tmp_path_factory.mktemp("deliveries")
    (folder / "template.yaml").write_text(STACK)
    settings = Settings(state=folder / "state", port=free_port(), http_port=free_port(), iam="enforce")
    with LocalCloud(settings, folder / "template.yaml", lambda _: None) as running:
        yield running


@pytest.fixture(autouse=True)
def fresh(cloud: LocalCloud) -> None:
    """No policy and no message is left of the test before."""
    sqs = cloud.clients("sqs")
    sqs.set_queue_attributes(QueueUrl=url(cloud), Attributes={"Policy": ""})
    for name in ("inbox", "lost"):
        while received(cloud, name):
            pass


def url(cloud: LocalCloud, name: str = "inbox") -> str:
    found: str = cloud.clients("sqs").get_queue_url(QueueName=name)["QueueUrl"]
    return found


def received(cloud: LocalCloud, name: str = "inbox", *, wait: bool = False) -> dict[str, Any] | None:
    """A message of a queue, with its attributes."""
    sqs, found = cloud.clients("sqs"), []

    def arrived() -> bool:
        answer = sqs.receive_message(QueueUrl=url(cloud, name), MessageAttributeNames=["All"])
        found.extend(answer.get("Messages", []))
        return bool(found)

    if not (wait_until(arrived) if wait else arrived()):
        return None
    message: dict[str, Any] = found[0]
    sqs.delete_message(QueueUrl=url(cloud, name), ReceiptHandle=message["ReceiptHandle"])
    return message


def permit(cloud: LocalCloud, service: str, **source: str) -> None:
    """Let a service send to the queue, for a source if one is named."""
    condition = {"Condition": {"ArnLike": {"aws:SourceArn": source["source"]}}} if source else {}
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sqs:SendMessage",
        "Resource": QUEUE,
        **condition,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    cloud.clients("sqs").set_queue_attributes(QueueUrl=url(cloud), Attributes={"Policy": policy})


def grant(cloud: LocalCloud, role: str, action: str, resource: str, name: str = "granted") -> None:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    cloud.clients("iam").put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=document)


def revoke(cloud: LocalCloud, role: str, name: str = "granted") -> None:
    cloud.clients("iam").delete_role_policy(RoleName=role, PolicyName=name)


@pytest.mark.proves("iam deliveries", "iam delivery sources")
def test_a_rule_needs_the_policy_of_its_queue(cloud: LocalCloud) -> None:
    events = cloud.clients("events")
    rule = events.put_rule(Name="mail", EventPattern=json.dumps({"source": ["post"]}))["RuleArn"]
    target = {"Id": "1", "Arn": QUEUE, "DeadLetterConfig": {"Arn": QUEUE.replace("inbox", "lost")}}
    events.put_targets(Rule="mail", Targets=[target])

    def post() -> None:
        events.put_events(Entries=[{"Source": "post", "DetailType": "letter", "Detail": "{}"}])

    post()
    lost = received(cloud, "lost", wait=True)
    assert lost
    assert lost["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"
    assert "events.amazonaws.com may not sqs:SendMessage" in lost["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"]
    permit(cloud, "events.amazonaws.com", source=rule.replace("mail", "other"))
    post()
    assert received(cloud, "lost", wait=True)
    permit(cloud, "events.amazonaws.com", source=rule)
    post()
    assert received(cloud, wait=True)
    assert received(cloud, "lost") is None
    events.remove_targets(Rule="mail", Ids=["1"])


@pytest.mark.proves("iam deliveries", "iam delivery sources")
def test_a_topic_needs_the_policy_of_its_queue(cloud: LocalCloud) -> None:
    sns = cloud.clients("sns")
    made = sns.subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=QUEUE, ReturnSubscriptionArn=True)["SubscriptionArn"]
    redrive = json.dumps({"deadLetterTargetArn": QUEUE.replace("inbox", "lost")})
    sns.set_subscription_attributes(SubscriptionArn=made, AttributeName="RedrivePolicy", AttributeValue=redrive)
    sns.publish(TopicArn=TOPIC, Message="1")
    assert received(cloud, "lost", wait=True)
    assert received(cloud) is None
    permit(cloud, "sns.amazonaws.com", source=TOPIC)
    sns.publish(TopicArn=TOPIC, Message="2")
    found = received(cloud, wait=True)
    assert found
    assert json.loads(found["Body"])["Message"] == "2"
    sns.unsubscribe(SubscriptionArn=made)


@pytest.mark.proves("iam deliveries", "iam delivery sources")
def test_a_bucket_needs_the_policy_of_its_queue(cloud: LocalCloud) -> None:
    s3 = cloud.clients("s3")
    s3.create_bucket(Bucket="letters")
    configuration = {"QueueConfigurations": [{"QueueArn": QUEUE, "Events": ["s3:ObjectCreated:*"]}]}
    permit(cloud, "s3.amazonaws.com", source="arn:aws:s3:::letters")
    s3.put_bucket_notification_configuration(Bucket="letters", NotificationConfiguration=configuration)
    s3.put_object(Bucket="letters", Key="1", Body=b"1")
    assert received(cloud, wait=True)
    while received(cloud):
        pass
    permit(cloud, "s3.amazonaws.com", source="arn:aws:s3:::others")
    s3.put_object(Bucket="letters", Key="2", Body=b"2")
    assert received(cloud) is None


@pytest.mark.proves("iam deliveries")
def test_a_schedule_needs_a_role_that_trusts_it_and_may_send(cloud: LocalCloud) -> None:
    scheduler, iam = cloud.clients("scheduler"), cloud.clients("iam")
    role = iam.get_role(RoleName="mute")["Role"]["Arn"]
    target = {"Arn": QUEUE, "RoleArn": role, "Input": "1"}
    options = {"FlexibleTimeWindow": {"Mode": "OFF"}, "ScheduleExpression": "rate(1 minute)"}
    scheduler.create_schedule(Name="often", Target=target, **options)
    clock = Clock(cloud)
    clock.tick("60s")
    assert received(cloud) is None
    grant(cloud, "mute", "sqs:SendMessage", QUEUE)
    clock.tick("60s")
    assert received(cloud, wait=True)
    trust = iam.get_role(RoleName="mute")["Role"]["AssumeRolePolicyDocument"]
    other = json.loads(json.dumps(trust).replace("scheduler.amazonaws.com", "events.amazonaws.com"))
    iam.update_assume_role_policy(RoleName="mute", PolicyDocument=json.dumps(other))
    clock.tick("60s")
    assert received(cloud) is None
    iam.update_assume_role_policy(RoleName="mute", PolicyDocument=json.dumps(trust))
    scheduler.delete_schedule(Name="often")
    revoke(cloud, "mute")


@pytest.mark.proves("iam deliveries")
def test_destinations_and_dead_letters_need_the_functions_role(cloud: LocalCloud) -> None:
    client = cloud.clients("lambda")
    role = client.get_function(FunctionName="echo")["Configuration"]["Role"].rpartition("/")[2]
    config = {"DestinationConfig": {"OnFailure": {"Destination": QUEUE}}, "MaximumRetryAttempts": 0}
    grant(cloud, role, "sqs:SendMessage", QUEUE)
    client.put_function_event_invoke_config(FunctionName="echo", **config)
    client.invoke(FunctionName="echo", InvocationType="Event", Payload=b'{"fail": true}')
    assert received(cloud, wait=True)
    revoke(cloud, role)
    client.invoke(FunctionName="echo", InvocationType="Event", Payload=b'{"fail": true}')
    assert wait_until(lambda: any(f"{role}/lambda may not sqs:SendMessage" in str(each) for each in missing(cloud)))
    assert received(cloud) is None
    client.delete_function_event_invoke_config(FunctionName="echo")


@pytest.mark.proves("iam event source mappings")
def test_an_event_source_mapping_needs_the_functions_role(cloud: LocalCloud) -> None:
    client = cloud.clients("lambda")
    role = client.get_function(FunctionName="echo")["Configuration"]["Role"].rpartition("/")[2]
    with pytest.raises(ClientError, match="does not have permissions to call ReceiveMessage on SQS"):
        client.create_event_source_mapping(FunctionName="echo", EventSourceArn=QUEUE)
    grant(cloud, role, "sqs:*", QUEUE)
    made = client.create_event_source_mapping(FunctionName="echo", EventSourceArn=QUEUE)
    client.delete_event_source_mapping(UUID=made["UUID"])
    revoke(cloud, role)


@pytest.mark.proves("iam logs")
def test_a_function_without_the_right_to_log_has_no_logs(cloud: LocalCloud) -> None:
    client, logs = cloud.clients("lambda"), cloud.clients("logs")
    role = client.get_function(FunctionName="echo")["Configuration"]["Role"]

    def lines(mark: str) -> list[Any]:
        client.invoke(FunctionName="echo", Payload=json.dumps({"mark": mark}))
        found = logs.filter_log_events(logGroupName="/aws/lambda/echo", filterPattern=f'"{mark}"')["events"]
        return list(found)

    assert lines("first")
    mute = cloud.clients("iam").get_role(RoleName="mute")["Role"]["Arn"]
    client.update_function_configuration(FunctionName="echo", Role=mute)
    assert not lines("second")
    client.update_function_configuration(FunctionName="echo", Role=role)
    assert lines("third")


@pytest.mark.proves("iam HTTP APIs")
def test_an_api_without_permission_to_invoke_its_function_answers_500(cloud: LocalCloud) -> None:
    client = cloud.clients("lambda")
    assert httpx.get(f"{cloud.outputs['Api']}/x").text == "echo"
    policy = json.loads(client.get_policy(FunctionName="echo")["Policy"])
    (statement,) = policy["Statement"]
    client.remove_permission(FunctionName="echo", StatementId=statement["Sid"])
    refused = httpx.get(f"{cloud.outputs['Api']}/x")
    assert (refused.status_code, refused.json()) == (500, {"message": "Internal Server Error"})
    source = statement["Condition"]["ArnLike"]["AWS:SourceArn"]
    options = {"FunctionName": "echo", "Action": "lambda:InvokeFunction", "Principal": "apigateway.amazonaws.com"}
    assert source.endswith("/*")
    client.add_permission(StatementId="other", SourceArn=f"{source}/more", **options)
    assert httpx.get(f"{cloud.outputs['Api']}/x").status_code == 500
    client.add_permission(StatementId="again", SourceArn=source, **options)
    assert httpx.get(f"{cloud.outputs['Api']}/x").text == "echo"


@pytest.mark.proves("iam deliveries", "iam delivery sources")
def test_an_alarm_and_a_rule_need_the_policy_of_a_function(cloud: LocalCloud) -> None:
    client, events, logs = cloud.clients("lambda"), cloud.clients("events"), cloud.clients("logs")
    arn = client.get_function(FunctionName="echo")["Configuration"]["FunctionArn"]
    rule = events.put_rule(Name="call", EventPattern=json.dumps({"source": ["bell"]}))["RuleArn"]
    events.put_targets(Rule="call", Targets=[{"Id": "1", "Arn": arn}])

    def rung(mark: str) -> bool:
        events.put_events(Entries=[{"Source": "bell", "DetailType": mark, "Detail": "{}"}])
        group = {"logGroupName": "/aws/lambda/echo", "filterPattern": f'"{mark}"'}
        return wait_until(lambda: bool(logs.filter_log_events(**group)["events"]), 3)

    assert not rung("unheard")
    options = {"FunctionName": "echo", "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com"}
    client.add_permission(StatementId="rule", SourceArn=rule, **options)
    assert rung("heard")
    client.remove_permission(FunctionName="echo", StatementId="rule")


def missing(cloud: LocalCloud) -> list[str]:
    found: list[str] = call(cloud._settings.port, "iam", {})["missing"]
    return found


class Clock:
    """Local AWS's clock."""

    def __init__(self, cloud: LocalCloud) -> None:
        self._port = cloud._settings.port

    def tick(self, duration: str) -> None:
        call(self._port, "tick", {"duration": duration})
