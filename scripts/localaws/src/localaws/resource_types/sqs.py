"""SQS: queues, their redrive policies, and queue policies."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from localaws.resource_types.base import Deployed, Properties, Scope, tag_map, truth
from localaws.resource_types.support import DONE, NOT_ENCRYPTED, Rules, done
from localaws.sqs import deleted_names

_NUMBERS = (
    "DelaySeconds",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds",
    "VisibilityTimeout",
)
_FIFO = ("DeduplicationScope", "FifoThroughputLimit")


class Queue:
    """AWS::SQS::Queue: standard and FIFO queues with redrive to a dead-letter queue."""

    name = "AWS::SQS::Queue"
    replaced_by = frozenset({"QueueName", "FifoQueue"})
    attributes = ("Arn", "QueueName", "QueueUrl")
    properties: ClassVar[Rules] = {
        **done(
            "ContentBasedDeduplication",
            "DelaySeconds",
            "FifoQueue",
            "MaximumMessageSize",
            "MessageRetentionPeriod",
            "QueueName",
            "ReceiveMessageWaitTimeSeconds",
            "Tags",
            "VisibilityTimeout",
        ),
        "DeduplicationScope": ["queue"],
        "FifoThroughputLimit": ["perQueue"],
        "KmsDataKeyReusePeriodSeconds": NOT_ENCRYPTED,
        "KmsMasterKeyId": NOT_ENCRYPTED,
        "RedriveAllowPolicy": done("redrivePermission", "sourceQueueArns"),
        "RedrivePolicy": done("deadLetterTargetArn", "maxReceiveCount"),
        "SqsManagedSseEnabled": NOT_ENCRYPTED,
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the queue, named as given or after the stack."""
        fifo = truth(properties.get("FifoQueue", False))
        name = properties.get("QueueName") or scope.generated_name(75) + (".fifo" if fifo else "")
        sqs = scope.clients("sqs")
        url = sqs.create_queue(
            QueueName=name, Attributes=_attributes(properties, {}), tags=tag_map(properties.get("Tags"))
        )["QueueUrl"]
        return _deployed(url, name, scope)

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update the queue's attributes and tags; attributes removed from the template are reset to their defaults."""
        sqs = scope.clients("sqs")
        sqs.set_queue_attributes(QueueUrl=physical_id, Attributes=_attributes(new, old))
        before, after = tag_map(old.get("Tags")), tag_map(new.get("Tags"))
        if dropped := sorted(before.keys() - after.keys()):
            sqs.untag_queue(QueueUrl=physical_id, TagKeys=dropped)
        if after:
            sqs.tag_queue(QueueUrl=physical_id, Tags=after)
        return _deployed(physical_id, physical_id.rsplit("/", 1)[1], scope)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the queue and its messages."""
        sqs = scope.clients("sqs")
        try:
            sqs.delete_queue(QueueUrl=physical_id)
        except sqs.exceptions.QueueDoesNotExist:
            return
        deleted_names.free(physical_id.rsplit("/", 1)[1], scope.region)


class QueuePolicy:
    """AWS::SQS::QueuePolicy."""

    name = "AWS::SQS::QueuePolicy"
    replaced_by = frozenset({"Queues"})
    attributes: ClassVar[tuple[str, ...]] = ()
    properties: ClassVar[Rules] = {
        "PolicyDocument": DONE,
        "Queues": DONE,
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Set the policy of each queue."""
        self._put(properties["Queues"], json.dumps(properties["PolicyDocument"]), scope)
        return Deployed(scope.generated_name())

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Replace the policy."""
        self._put(new["Queues"], json.dumps(new["PolicyDocument"]), scope)
        return Deployed(physical_id)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Remove the policy from each queue."""
        sqs = scope.clients("sqs")
        try:
            self._put(properties["Queues"], "", scope)
        except sqs.exceptions.QueueDoesNotExist:
            return

    @staticmethod
    def _put(queues: Any, policy: str, scope: Scope) -> None:
        for url in queues:
            scope.clients("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})


_DEFAULTS = {
    "DelaySeconds": "0",
    "MaximumMessageSize": "1048576",
    "MessageRetentionPeriod": "345600",
    "ReceiveMessageWaitTimeSeconds": "0",
    "VisibilityTimeout": "30",
}


def _attributes(properties: Properties, old: Properties) -> dict[str, str]:
    attributes = {name: _DEFAULTS[name] for name in _NUMBERS if name in old}
    attributes |= {name: str(properties[name]) for name in _NUMBERS if name in properties}
    if truth(properties.get("FifoQueue", False)):
        if not old:
            attributes["FifoQueue"] = "true"
        attributes["ContentBasedDeduplication"] = str(truth(properties.get("ContentBasedDeduplication"))).lower()
        attributes |= {
            name: properties[name] for name in ("DeduplicationScope", "FifoThroughputLimit") if name in properties
        }
    for policy in ("RedrivePolicy", "RedriveAllowPolicy"):
        redrive = properties.get(policy)
        if redrive:
            attributes[policy] = redrive if isinstance(redrive, str) else json.dumps(redrive)
        elif old.get(policy):
            attributes[policy] = ""
    if "SqsManagedSseEnabled" in properties:
        attributes["SqsManagedSseEnabled"] = str(truth(properties["SqsManagedSseEnabled"])).lower()
    return attributes


def _deployed(url: str, name: str, scope: Scope) -> Deployed:
    arn = f"arn:aws:sqs:{scope.region}:{scope.account}:{name}"
    return Deployed(url, {"Arn": arn, "QueueName": name, "QueueUrl": url})
