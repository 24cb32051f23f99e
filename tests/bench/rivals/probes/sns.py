"""Probes of SNS."""

from __future__ import annotations

import json
from typing import Any

from tests.bench.rivals.cloud import Cloud, refused
from tests.bench.rivals.probe import expect, probe

_GUIDE = "sns/latest/dg"


def _subscribed(cloud: Cloud, policy: object = None, **attributes: str) -> tuple[str, str]:
    """A topic, and the URL of a queue that is subscribed to it."""
    url, arn = cloud.queue()
    topic = cloud("sns").create_topic(Name=cloud.name())["TopicArn"]
    if policy is not None:
        attributes["FilterPolicy"] = json.dumps(policy)
    cloud("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)
    return topic, url


def _attribute(value: object) -> dict[str, str]:
    kind = "String" if isinstance(value, str) else "Number"
    return {"DataType": kind, "StringValue": str(value)}


def _passed(cloud: Cloud, policy: object, messages: list[dict[str, object]]) -> list[str]:
    """The numbers of the messages, given by their attributes, that pass a policy."""
    topic, url = _subscribed(cloud, policy, RawMessageDelivery="true")
    for number, message in enumerate(messages):
        attributes: dict[str, Any] = {name: _attribute(value) for name, value in message.items()}
        cloud("sns").publish(TopicArn=topic, Message=str(number), MessageAttributes=attributes)
    return sorted(message["Body"] for message in cloud.messages(url, len(messages), 3))


@probe(f"{_GUIDE}/numeric-value-matching.html")
def numeric_filter(cloud: Cloud) -> None:
    """A numeric range of a filter policy passes the numbers within it only."""
    policy = {"price": [{"numeric": [">", 0, "<=", 150]}]}
    expect(_passed(cloud, policy, [{"price": 150}, {"price": 0}, {"price": 150.5}, {"other": 1}]), ["0"])


@probe(f"{_GUIDE}/string-value-matching.html")
def text_filters(cloud: Cloud) -> None:
    """A filter policy knows anything-but with a prefix, equals-ignore-case and suffix."""
    policy = {"a": [{"anything-but": {"prefix": "x-"}}], "b": [{"equals-ignore-case": "Tennis"}, {"suffix": "ball"}]}
    messages: list[dict[str, object]] = [
        {"a": "1", "b": "TENNIS"},
        {"a": "x-1", "b": "tennis"},
        {"a": "1", "b": "football"},
        {"a": "1", "b": "golf"},
    ]
    expect(_passed(cloud, policy, messages), ["0", "2"])


@probe(f"{_GUIDE}/string-value-matching.html")
def address_filter(cloud: Cloud) -> None:
    """A filter policy knows cidr."""
    policy = {"ip": [{"cidr": "10.0.0.0/24"}]}
    expect(_passed(cloud, policy, [{"ip": "10.0.0.255"}, {"ip": "10.0.1.0"}]), ["0"])


@probe(f"{_GUIDE}/sns-message-filtering-scope.html")
def body_filter(cloud: Cloud) -> None:
    """With the scope MessageBody a policy applies to nested properties of the message."""
    topic, url = _subscribed(
        cloud, {"order": {"state": ["paid"]}}, FilterPolicyScope="MessageBody", RawMessageDelivery="true"
    )
    for state in ("paid", "open"):
        cloud("sns").publish(TopicArn=topic, Message=json.dumps({"order": {"state": state}}))
    expect([body["order"]["state"] for body in cloud.bodies(url, 1)], ["paid"])
    expect(cloud.messages(url, 1, 1), [])


@probe(f"{_GUIDE}/sns-large-payload-raw-message-delivery.html")
def raw_delivery(cloud: Cloud) -> None:
    """Raw delivery makes the message's attributes those of the SQS message."""
    topic, url = _subscribed(cloud, RawMessageDelivery="true")
    cloud("sns").publish(TopicArn=topic, Message="plain", MessageAttributes={"kind": _attribute("x")})
    found = cloud.messages(url)[0]
    expect((found["Body"], found["MessageAttributes"]["kind"]["StringValue"]), ("plain", "x"))


@probe(f"{_GUIDE}/sns-message-and-json-formats.html")
def envelope(cloud: Cloud) -> None:
    """A message to SQS is JSON with Type, MessageId, TopicArn, Subject, Message and Timestamp."""
    topic, url = _subscribed(cloud)
    sent = cloud("sns").publish(TopicArn=topic, Message="text", Subject="about")["MessageId"]
    found = cloud.bodies(url)[0]
    names = ("Type", "MessageId", "TopicArn", "Subject", "Message")
    expect([found.get(name) for name in names], ["Notification", sent, topic, "about", "text"])
    expect("Timestamp" in found and "UnsubscribeURL" in found, True, "Timestamp and UnsubscribeURL")


@probe("sns/latest/api/API_PublishBatch.html")
def batch_of_eleven(cloud: Cloud) -> None:
    """A batch of eleven is refused with TooManyEntriesInBatchRequest."""
    topic, _ = _subscribed(cloud)
    entries = [{"Id": str(number), "Message": "a"} for number in range(11)]
    publish = cloud("sns").publish_batch
    codes = "TooManyEntriesInBatchRequest|TooManyEntriesInBatchRequestException"
    refused(codes, publish, TopicArn=topic, PublishBatchRequestEntries=entries)


@probe("sns/latest/api/API_Publish.html")
def message_structure(cloud: Cloud) -> None:
    """With the structure json each protocol gets its own message."""
    topic, url = _subscribed(cloud, RawMessageDelivery="true")
    message = json.dumps({"default": "for all", "sqs": "for queues"})
    cloud("sns").publish(TopicArn=topic, Message=message, MessageStructure="json")
    expect([found["Body"] for found in cloud.messages(url)], ["for queues"])


@probe(f"{_GUIDE}/sns-dead-letter-queues.html")
def dead_letter(cloud: Cloud) -> None:
    """What can't be delivered to a deleted queue is in the subscription's dead-letter queue."""
    dead_url, dead_arn = cloud.queue()
    topic, url = _subscribed(cloud, RedrivePolicy=json.dumps({"deadLetterTargetArn": dead_arn}))
    cloud("sqs").delete_queue(QueueUrl=url)
    cloud("sns").publish(TopicArn=topic, Message="lost")
    expect(["lost" in message["Body"] for message in cloud.messages(dead_url)], [True])
