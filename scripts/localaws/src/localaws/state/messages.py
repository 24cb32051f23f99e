"""Saves and restores queues and their messages."""

from __future__ import annotations

from typing import Any

from moto.sqs.models import Message, sqs_backends

from localaws.settings import ACCOUNT

_KEPT = (
    "message_attributes",
    "sender_id",
    "sent_timestamp",
    "approximate_first_receive_timestamp",
    "approximate_receive_count",
    "deduplication_id",
    "group_id",
    "sequence_number",
    "delayed_until",
    "dead_letter_source",
)
_ATTRIBUTES = (
    "ContentBasedDeduplication",
    "DelaySeconds",
    "FifoQueue",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "RedrivePolicy",
    "ReceiveMessageWaitTimeSeconds",
    "VisibilityTimeout",
)


class Messages:
    """Reads and fills moto's queues. Messages in flight become visible again, as if their receiver had died."""

    def __init__(self, region: str) -> None:
        self._backend: Any = sqs_backends[ACCOUNT][region]

    def read(self) -> list[dict[str, Any]]:
        """Every queue with its messages."""
        return [
            {
                "name": queue.name,
                "attributes": {
                    name: str(value)
                    for name, value in queue.attributes.items()
                    if name in _ATTRIBUTES and value is not None
                },
                "messages": [self._message(message) for message in list(queue._messages)],
            }
            for queue in list(self._backend.queues.values())
        ]

    def names(self) -> set[str]:
        """The names of existing queues."""
        return set(self._backend.queues)

    def fill(self, kept: dict[str, Any]) -> None:
        """Restore a queue's messages."""
        queue = self._backend.get_queue(kept["name"])
        with queue._messages_lock:
            for message in kept["messages"]:
                restored: Any = Message(message["id"], message["body"], message["system_attributes"])
                for field in _KEPT:
                    setattr(restored, field, message.get(field, getattr(restored, field, None)))
                queue._messages.append(restored)
            queue._messages_lock.notify_all()

    @staticmethod
    def _message(message: Any) -> dict[str, Any]:
        common = {"id": message.id, "body": message.body, "system_attributes": message.system_attributes}
        return common | {field: getattr(message, field) for field in _KEPT}
