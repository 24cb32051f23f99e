"""Patches moto's SQS: thread safety, the order of FIFO queues, deduplication and the clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from moto.sqs import models

from localaws.clock import Clock
from localaws.moto_patches import MotoPatches

# The end of a visibility timeout doesn't notify anyone, so a waiting receiver polls at this interval.
_POLL_SECONDS = 0.2


def install(patches: MotoPatches, clock: Clock) -> None:
    """Lock each queue's messages: without the lock, a send during a delete loses a message.

    Delays, visibility timeouts and retention follow `clock`.
    """

    def added(_: Callable[..., None]) -> Callable[..., None]:
        def add_message(self: Any, message: Any) -> None:
            with self._messages_lock:
                if _is_duplicate(self, message):
                    return
                self._messages.append(message)
                self._messages_lock.notify_all()

        return add_message

    def locked(original: Callable[..., Any]) -> Callable[..., Any]:
        def delete_message(self: Any, receipt_handle: str) -> None:
            with self._messages_lock:
                original(self, receipt_handle)

        return delete_message

    def received(original: Callable[..., Any]) -> Callable[..., Any]:
        def receive_message(
            self: Any,
            queue_name: str,
            count: int,
            wait_seconds_timeout: int,
            visibility_timeout: int,
            message_attribute_names: list[str] | None = None,
        ) -> Any:
            queue = self.get_queue(queue_name)
            end = time.monotonic() + wait_seconds_timeout
            while True:
                with queue._messages_lock:
                    _free_visible(queue)
                    found = original(self, queue_name, count, 0, visibility_timeout, message_attribute_names)
                    left = end - time.monotonic()
                    if found or left <= 0:
                        return found
                    queue._messages_lock.wait(min(left, _POLL_SECONDS))

        return receive_message

    patches.replace(models, "unix_time", lambda _: clock.now)
    patches.replace(models, "unix_time_millis", lambda _: lambda: clock.now() * 1000)
    patches.replace(models.Queue, "add_message", added)
    patches.replace(models.Queue, "delete_message", locked)
    patches.replace(models.SQSBackend, "receive_message", received)


def _free_visible(queue: Any) -> None:
    """Unblock the message groups of a FIFO queue whose messages are visible again.

    moto unblocks them one message at a time while it receives, and so skips a group's first message for its second.
    """
    queue.pending_messages.difference_update([message for message in queue.pending_messages if message.visible])


def _is_duplicate(queue: Any, message: Any) -> bool:
    """Whether a FIFO queue received this deduplication id in the last five minutes, even if the message was deleted."""
    if not queue.fifo_queue or not message.deduplication_id:
        return False
    seen: dict[str, float] = vars(queue).setdefault("localaws_deduplication", {})
    known = seen.get(message.deduplication_id)
    if known is not None and message.sent_timestamp - known < models.DEDUPLICATION_TIME_IN_SECONDS * 1000:
        return True
    seen[message.deduplication_id] = message.sent_timestamp
    return False
