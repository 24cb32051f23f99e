"""Messages that SNS refuses and moto accepts.

https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from moto.core.exceptions import ServiceException
from moto.sns import models
from moto.sns.exceptions import (
    BatchEntryIdsNotDistinct,
    InvalidParameterValue,
    SNSException,
    SNSInvalidParameter,
    TooManyEntriesInBatchRequest,
)

from localaws import message_attributes
from localaws.moto_patches import MotoPatches
from localaws.sns import fifo

_LARGEST = 262_144
_MOST_ENTRIES = 10
_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")


class EmptyBatch(ServiceException):
    """A batch has no messages."""

    code = "EmptyBatchRequest"
    message = "The batch request doesn't contain any entries."


class BatchTooLong(ServiceException):
    """The messages of a batch are too large together."""

    code = "BatchRequestTooLong"


class InvalidBatchEntryId(ServiceException):
    """The id of an entry of a batch has other characters, or is too long."""

    code = "InvalidBatchEntryId"
    message = "The Id of a batch entry in a batch request doesn't abide by the specification."


def install(patches: MotoPatches) -> None:
    """Check messages before moto publishes them."""
    patches.replace(models.SNSBackend, "publish", _publishing)
    patches.replace(models.SNSBackend, "publish_batch", _publishing_batch)


def check(message: str, subject: str | None, attributes: Mapping[str, Any]) -> None:
    """Raise SNSInvalidParameter for a message that SNS refuses."""
    if not message:
        raise SNSInvalidParameter("Invalid parameter: Empty message")
    if size_of(message, attributes) > _LARGEST:
        raise SNSInvalidParameter("Invalid parameter: Message too long")
    for name, attribute in attributes.items():
        kind, value = attribute.get("Type"), attribute.get("Value")
        wrong = message_attributes.problem(name, kind, value if isinstance(value, bytes) else str(value or ""))
        if not wrong and kind == "String.Array":
            wrong = message_attributes.array_problem(name, str(value))
        if wrong:
            raise InvalidParameterValue(wrong)
    if subject is not None and ("\n" in subject or not 1 <= len(subject) <= 100):
        raise SNSInvalidParameter("Invalid parameter: Subject")


def size_of(message: str, attributes: Mapping[str, Any]) -> int:
    """The bytes of a message and of the names, types and values of its attributes."""
    parts = (part for name, attribute in attributes.items() for part in (name, *attribute.values()))
    return len(message.encode()) + sum(len(part if isinstance(part, bytes) else str(part).encode()) for part in parts)


def check_structure(message: str) -> None:
    """Raise for a message of MessageStructure `json` that isn't an object with a default text."""
    try:
        texts = json.loads(message)
    except ValueError:
        texts = None
    if not isinstance(texts, dict):
        raise SNSInvalidParameter(
            "Invalid parameter: Message Structure - JSON message body failed to parse Reason: it must be an object"
        )
    if not isinstance(texts.get("default"), str):
        raise SNSInvalidParameter("Invalid parameter: Message Structure - No default entry in JSON message body")


def _publishing(original: Callable[..., str]) -> Callable[..., str]:
    def publish(backend: Any, message: str, arn: str | None, *args: Any, **options: Any) -> str:
        topic = backend.topics.get(arn)
        if topic is not None:
            check(message, options.get("subject"), options.get("message_attributes") or {})
            if options.get("message_structure") == "json":
                check_structure(message)
            fifo.check(topic, options.get("group_id"), options.get("deduplication_id"))
        return original(backend, message, arn, *args, **options)

    return publish


def _publishing_batch(_: Callable[..., Any]) -> Callable[..., Any]:
    def publish_batch(backend: Any, topic_arn: str, publish_batch_request_entries: Sequence[Mapping[str, Any]]) -> Any:
        """Publish the entries that are valid; the others are reported one by one."""
        topic = backend.get_topic(topic_arn)
        check_batch(publish_batch_request_entries)
        successful: list[dict[str, Any]] = []
        failed: list[dict[str, Any]] = []
        for entry in publish_batch_request_entries:
            identity = {"Id": entry["Id"]}
            try:
                message_id = backend.publish(
                    entry["Message"],
                    arn=topic_arn,
                    subject=entry.get("Subject"),
                    message_attributes=entry.get("MessageAttributes") or {},
                    group_id=entry.get("MessageGroupId"),
                    deduplication_id=entry.get("MessageDeduplicationId"),
                    message_structure=entry.get("MessageStructure"),
                )
            except SNSException as error:
                failed.append({**identity, "Code": error.code, "Message": error.message, "SenderFault": True})
            else:
                successful.append({**identity, "MessageId": message_id, **fifo.sequence_number(topic)})
        return successful, failed

    return publish_batch


def check_batch(entries: Sequence[Mapping[str, Any]]) -> None:
    """Raise for a batch that SNS refuses as a whole."""
    if not entries:
        raise EmptyBatch
    if len(entries) > _MOST_ENTRIES:
        raise TooManyEntriesInBatchRequest
    ids = [entry["Id"] for entry in entries]
    if not all(map(_ID.fullmatch, ids)):
        raise InvalidBatchEntryId
    if len(set(ids)) < len(ids):
        raise BatchEntryIdsNotDistinct
    total = sum(size_of(entry["Message"], entry.get("MessageAttributes") or {}) for entry in entries)
    if total > _LARGEST:
        raise BatchTooLong(f"Batch requests cannot be longer than {_LARGEST} bytes. You have sent {total} bytes.")
