"""What people get: a queue that is subscribed to the stack's topic, in place of a person's mail."""

from dataclasses import dataclass, field
from json import loads
from typing import Any

import boto3

from cli.stack import Stack


@dataclass
class Inbox:
    """The messages of AlarmTopic; `incidents` counts those about incidents of models."""

    queue: str
    incidents: int = 0
    texts: list[str] = field(default_factory=list)

    @classmethod
    def subscribe(cls, target: Stack) -> "Inbox":
        """A queue of its own, subscribed to the topic."""
        sqs, sns = boto3.client("sqs"), boto3.client("sns")
        url = sqs.create_queue(QueueName="tour-people")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=target.outputs["AlarmTopicArn"], Protocol="sqs", Endpoint=arn)
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
