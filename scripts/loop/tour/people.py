"""What people get: a queue that is subscribed to the stack's topic, in place of a person's mail."""

from dataclasses import dataclass, field
from json import dumps, loads
from typing import Any

import boto3

from cli.stack import Stack


def make_queue(name: str, service: str, source: str) -> tuple[str, str]:
    """A queue to which `service` may send what comes from `source` (an ARN); its URL and ARN."""
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": source}},
    }
    policy = dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    return url, arn


@dataclass
class Inbox:
    """The messages of AlarmTopic; `incidents` counts those about incidents of models."""

    queue: str
    incidents: int = 0
    texts: list[str] = field(default_factory=list)

    @classmethod
    def subscribe(cls, target: Stack) -> "Inbox":
        """A queue of its own, subscribed to the topic, which may send to it."""
        sns, topic = boto3.client("sns"), target.outputs["AlarmTopicArn"]
        url, arn = make_queue("tour-people", "sns.amazonaws.com", topic)
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        return cls(url)

    def read(self) -> list[str]:
        """The subjects of the new messages."""
        sqs = boto3.client("sqs")
        subjects = []
        while found := sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages"):
            for message in found:
                body: dict[str, Any] = loads(message["Body"])
                subjects.append(str(body.get("Subject")))
                self.texts.append(str(body["Message"]))
                sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        self.incidents += len(subjects)
        return subjects
