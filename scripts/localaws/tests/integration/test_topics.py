"""What SNS publishes, to functions and queues."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

STACK = """
Resources:
  News: {Type: AWS::SNS::Topic, Properties: {Subscription: [{Protocol: sqs, Endpoint: !GetAtt Inline.Arn}]}}
  Inline: {Type: AWS::SQS::Queue}
  Raw: {Type: AWS::SQS::Queue}
  RawNews:
    Type: AWS::SNS::Subscription
    Properties:
      TopicArn: !Ref News
      Protocol: sqs
      Endpoint: !GetAtt Raw.Arn
      RawMessageDelivery: true
      FilterPolicy: {colour: [red, {prefix: bl}]}
  Lost:
    Type: AWS::SNS::Subscription
    Properties:
      TopicArn: !Ref News
      Protocol: sqs
      Endpoint: arn:aws:sqs:us-east-1:123456789012:nowhere
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Letters.Arn}
  Letters: {Type: AWS::SQS::Queue}
  Policy:
    Type: AWS::SNS::TopicPolicy
    Properties: {Topics: [!Ref News], PolicyDocument: {Statement: []}}
  Ordered: {Type: AWS::SNS::Topic, Properties: {FifoTopic: true, ContentBasedDeduplication: true}}
  OrderedQueue: {Type: AWS::SQS::Queue, Properties: {FifoQueue: true}}
  OrderedNews:
    Type: AWS::SNS::Subscription
    Properties: {TopicArn: !Ref Ordered, Protocol: sqs, Endpoint: !GetAtt OrderedQueue.Arn, RawMessageDelivery: true}
  Reader:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        import json
        def handler(event, context):
            print(json.dumps(event))
      Events:
        News: {Type: SNS, Properties: {Topic: !Ref News, FilterPolicyScope: MessageBody, FilterPolicy: {kind: [a]}}}
        Queued:
          Type: SNS
          Properties:
            Topic: !Ref News
            SqsSubscription: {BatchSize: 1, QueueArn: !GetAtt Via.Arn, QueueUrl: !Ref Via}
  Via: {Type: AWS::SQS::Queue}
Outputs:
  News: {Value: !Ref News}
  Ordered: {Value: !Ref Ordered}
  Inline: {Value: !Ref Inline}
  Raw: {Value: !Ref Raw}
  Letters: {Value: !Ref Letters}
  OrderedQueue: {Value: !Ref OrderedQueue}
  Reader: {Value: !Ref Reader}
"""


@pytest.fixture(scope="module")
def stack(deploy: Callable[[str, str], dict[str, str]]) -> dict[str, str]:
    return deploy("topics", STACK)


def publish(cloud: Any, stack: dict[str, str], message: Any, **attributes: str) -> str:
    typed = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
    text = json.dumps(message)
    answer = cloud.client("sns").publish(TopicArn=stack["News"], Message=text, Subject="s", MessageAttributes=typed)
    return str(answer["MessageId"])


@pytest.mark.proves(
    "AWS::SNS::Topic",
    "AWS::SNS::Topic.Subscription.Endpoint",
    "AWS::SNS::Topic.Subscription.Protocol",
    "AWS::SNS::Subscription",
    "AWS::SNS::Subscription.Endpoint",
    "AWS::SNS::Subscription.Protocol",
    "AWS::SNS::Subscription.TopicArn",
    "AWS::SNS::Subscription.RawMessageDelivery",
    "AWS::SNS::Subscription.FilterPolicy",
)
def test_queues_get_matching_messages_in_an_envelope_or_raw(cloud: Any, stack: dict[str, str]) -> None:
    sent = publish(cloud, stack, {"n": 1}, colour="blue")
    publish(cloud, stack, {"n": 2}, colour="green")
    publish(cloud, stack, {"n": 3})
    envelopes = cloud.drain(stack["Inline"], lambda found: len(found) == 3)
    assert [json.loads(envelope["Message"])["n"] for envelope in envelopes] == [1, 2, 3]
    first = envelopes[0]
    assert (first["Type"], first["MessageId"], first["TopicArn"]) == ("Notification", sent, stack["News"])
    assert (first["Subject"], first["MessageAttributes"]["colour"]["Value"]) == ("s", "blue")
    assert cloud.drain(stack["Raw"], bool) == [{"n": 1}]


@pytest.mark.proves(
    "SNS event", "SNS event.Topic", "SNS event.FilterPolicy", "SNS event.FilterPolicyScope", "SNS event.SqsSubscription"
)
def test_a_function_gets_awss_event_if_the_body_passes_its_filter(cloud: Any, stack: dict[str, str]) -> None:
    publish(cloud, stack, {"kind": "b", "marker": "filtered"})
    sent = publish(cloud, stack, {"kind": "a", "marker": "wanted"}, colour="red")
    log = f"/aws/lambda/{stack['Reader']}"
    seen = [json.loads(line) for line in cloud.logged(log, '"EventSource": "aws:sns"')]
    (record,) = [event["Records"][0] for event in seen]
    assert record["EventVersion"] == "1.0"
    assert record["Sns"]["MessageId"] == sent
    assert json.loads(record["Sns"]["Message"]) == {"kind": "a", "marker": "wanted"}
    assert record["Sns"]["MessageAttributes"] == {"colour": {"Type": "String", "Value": "red"}}
    assert (record["Sns"]["TopicArn"], record["Sns"]["Subject"]) == (stack["News"], "s")
    # Through the queue it gets all of them.
    assert cloud.logged(log, "aws:sqs", count=2)


@pytest.mark.proves("AWS::SNS::Subscription.RedrivePolicy.deadLetterTargetArn", "topic dead letters")
def test_an_undeliverable_message_goes_to_the_subscriptions_dead_letter_queue(
    cloud: Any, stack: dict[str, str]
) -> None:
    sent = publish(cloud, stack, {"lost": True}, colour="red")

    def lost(found: list[Any]) -> list[Any]:
        return [letter for letter in found if letter["MessageId"] == sent]

    (letter,) = lost(cloud.drain(stack["Letters"], lambda found: bool(lost(found))))
    assert json.loads(letter["Message"]) == {"lost": True}
    assert (letter["Type"], letter["TopicArn"], letter["Subject"]) == ("Notification", stack["News"], "s")
    assert letter["MessageAttributes"] == {"colour": {"Type": "String", "Value": "red"}}


@pytest.mark.proves("topic dead letters")
@pytest.mark.parametrize("protocol", ["sqs", "lambda"])
def test_a_dead_letter_is_what_a_subscribed_queue_gets_with_the_error(cloud: Any, protocol: str) -> None:
    sns, sqs = cloud.client("sns"), cloud.client("sqs")
    kind = "sqs:us-east-1:123456789012:" if protocol == "sqs" else "lambda:us-east-1:123456789012:function:"
    topic = sns.create_topic(Name=f"raw-letters-{protocol}")["TopicArn"]
    url = sqs.create_queue(QueueName=f"raw-letters-{protocol}")["QueueUrl"]
    policy = {"deadLetterTargetArn": f"arn:aws:sqs:us-east-1:123456789012:raw-letters-{protocol}"}
    attributes = {"RedrivePolicy": json.dumps(policy), "FilterPolicy": '{"colour": ["red"]}'}
    attributes |= {"RawMessageDelivery": "true"} if protocol == "sqs" else {}
    sns.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=f"arn:aws:{kind}gone", Attributes=attributes)
    for colour in ("blue", "red"):
        sns.publish(
            TopicArn=topic,
            Message=json.dumps({"default": f"{colour} for all", protocol: f"{colour} for {protocol}"}),
            MessageStructure="json",
            MessageAttributes={"colour": {"DataType": "String", "StringValue": colour}},
        )
    asked: dict[str, Any] = {"QueueUrl": url, "MessageAttributeNames": ["All"]}
    (letter,) = sqs.receive_message(WaitTimeSeconds=10, MaxNumberOfMessages=10, **asked)["Messages"]
    found = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
    assert found.pop("RequestID")
    assert found.pop("ErrorMessage")
    missing = "AWS.SimpleQueueService.NonExistentQueue" if protocol == "sqs" else "ResourceNotFoundException"
    assert found.pop("ErrorCode") == missing
    if protocol == "sqs":
        assert letter["Body"] == "red for sqs"
        assert found == {"colour": "red"}
    else:
        assert found == {}
        notification = json.loads(letter["Body"])
        assert notification["Message"] == "red for lambda"
        assert notification["MessageAttributes"]["colour"]["Value"] == "red"
    sns.delete_topic(TopicArn=topic)
    sqs.delete_queue(QueueUrl=url)


@pytest.mark.proves(
    "AWS::SNS::Topic.FifoTopic", "AWS::SNS::Topic.ContentBasedDeduplication", "AWS::SQS::Queue.FifoQueue"
)
def test_a_fifo_topic_keeps_the_order_and_drops_duplicates(cloud: Any, stack: dict[str, str]) -> None:
    for number in (1, 2, 2, 3):
        cloud.client("sns").publish(TopicArn=stack["Ordered"], Message=json.dumps(number), MessageGroupId="g")
    assert cloud.drain(stack["OrderedQueue"], lambda found: len(found) >= 3) == [1, 2, 3]
    assert cloud.drain(stack["OrderedQueue"], bool, seconds=0.5) == []


@pytest.mark.parametrize("protocol", ["http", "https", "firehose", "application"])
def test_a_protocol_that_leaves_this_machine_is_refused(cloud: Any, stack: dict[str, str], protocol: str) -> None:
    with pytest.raises(ClientError, match=f"protocol {protocol}"):
        cloud.client("sns").subscribe(TopicArn=stack["News"], Protocol=protocol, Endpoint="http://example.com")


def test_a_subscription_with_an_invalid_policy_is_not_made(cloud: Any, stack: dict[str, str]) -> None:
    sns = cloud.client("sns")
    before = sns.list_subscriptions_by_topic(TopicArn=stack["News"])["Subscriptions"]
    for policy in ('{"a": [{"sounds-like": "x"}]}', "{"):
        with pytest.raises(sns.exceptions.InvalidParameterException):
            sns.subscribe(
                TopicArn=stack["News"],
                Protocol="sqs",
                Endpoint="arn:aws:sqs:us-east-1:123456789012:other",
                Attributes={"FilterPolicy": policy},
            )
    assert sns.list_subscriptions_by_topic(TopicArn=stack["News"])["Subscriptions"] == before


def test_a_changed_scope_applies_to_the_present_policy(cloud: Any) -> None:
    sns, sqs = cloud.client("sns"), cloud.client("sqs")
    topic = sns.create_topic(Name="scoped")["TopicArn"]
    url = sqs.create_queue(QueueName="scoped")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    attributes = {"FilterPolicy": '{"ip": [{"cidr": "10.0.0.0/8"}]}', "RawMessageDelivery": "true"}
    subscription = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)["SubscriptionArn"]
    sns.publish(TopicArn=topic, Message='{"ip": "10.1.1.1", "n": 1}')
    sns.set_subscription_attributes(
        SubscriptionArn=subscription, AttributeName="FilterPolicyScope", AttributeValue="MessageBody"
    )
    sns.publish(TopicArn=topic, Message='{"ip": "10.1.1.1", "n": 2}')
    assert cloud.drain(url, bool) == [{"ip": "10.1.1.1", "n": 2}]
    sns.delete_topic(TopicArn=topic)
    sqs.delete_queue(QueueUrl=url)
