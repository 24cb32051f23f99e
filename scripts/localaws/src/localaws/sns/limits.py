"""Messages that SNS refuses and moto accepts.

https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from moto.core.exceptions import ServiceException
from moto.sns import models
from moto.sns.exceptions import SNSInvalidParameter

from localaws.moto_patches import MotoPatches

_LARGEST = 262_144


class EmptyBatch(ServiceException):
    """A batch has no messages."""

    code = "EmptyBatchRequest"
    message = "The batch request doesn't contain any entries."


class BatchTooLong(ServiceException):
    """The messages of a batch are too large together."""

    code = "BatchRequestTooLong"


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
    if subject is not None and ("\n" in subject or not 1 <= len(subject) <= 100):
        raise SNSInvalidParameter("Invalid parameter: Subject")


def size_of(message: str, attributes: Mapping[str, Any]) -> int:
    """The bytes of a message and of the names, types and values of its attributes."""
    parts = (part for name, attribute in attributes.items() for part in (name, *attribute.values()))
    return len(message.encode()) + sum(len(part if isinstance(part, bytes) else str(part).encode()) for part in parts)


def _publishing(original: Callable[..., str]) -> Callable[..., str]:
    def publish(backend: Any, message: str, arn: str | None, *args: Any, **options: Any) -> str:
        topic = backend.topics.get(arn)
        if topic is not None:
            check(message, options.get("subject"), options.get("message_attributes") or {})
            if str(topic.fifo_topic).lower() == "true" and not options.get("group_id"):
                raise SNSInvalidParameter("Invalid parameter: The MessageGroupId parameter is required for FIFO topics")
        return original(backend, message, arn, *args, **options)

    return publish


def _publishing_batch(original: Callable[..., Any]) -> Callable[..., Any]:
    def publish_batch(backend: Any, topic_arn: str, publish_batch_request_entries: Sequence[Mapping[str, Any]]) -> Any:
        if not publish_batch_request_entries:
            raise EmptyBatch
        sizes = [
            size_of(entry["Message"], entry.get("MessageAttributes") or {}) for entry in publish_batch_request_entries
        ]
        if sum(sizes) > _LARGEST:
            raise BatchTooLong(
                f"Batch requests cannot be longer than {_LARGEST} bytes. You have sent {sum(sizes)} bytes."
            )
        return original(backend, topic_arn, publish_batch_request_entries)

    return publish_batch
