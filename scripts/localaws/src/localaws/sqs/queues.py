"""Makes moto's SQS fit for several threads, true in its order, and leaves delivery to the event source mappings."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from moto.sqs import models

from localaws.clock import Clock
from localaws.moto_patches import MotoPatches

# A message whose visibility timeout ends wakes nobody, so a waiting receiver looks this often.
_LOOK_EVERY = 0.2


def install(patches: MotoPatches, clock: Clock) -> None:
    """Guard each queue's messages with its lock, without which a send during a delete loses a message.

    Delays, visibility and retention go by `clock`.
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
                    _forget_returned(queue)
                    found = original(self, queue_name, count, 0, visibility_timeout, message_attribute_names)
                    left = end - time.monotonic()
                    if found or left <= 0:
                        return found
                    queue._messages_lock.wait(min(left, _LOOK_EVERY))

        return receive_message

    patches.replace(models, "unix_time", lambda _: clock.now)
    patches.replace(models, "unix_time_millis", lambda _: lambda: clock.now() * 1000)
    patches.replace(models.Queue, "add_message", added)
    patches.replace(models.Queue, "delete_message", locked)
    patches.replace(models.SQSBackend, "receive_message", received)


def _forget_returned(queue: Any) -> None:
    """Free the groups of a FIFO queue whose messages are visible again, all at once.

    moto frees them message by message as it hands them out, and so passes over a group's first for its second.
    """
    queue.pending_messages.difference_update([message for message in queue.pending_messages if message.visible])


def _is_duplicate(queue: Any, message: Any) -> bool:
    """Whether a FIFO queue got this deduplication id in the last five minutes, even if that message is gone."""
    if not queue.fifo_queue or not message.deduplication_id:
        return False
    seen: dict[str, float] = vars(queue).setdefault("localaws_deduplication", {})
    known = seen.get(message.deduplication_id)
    if known is not None and message.sent_timestamp - known < models.DEDUPLICATION_TIME_IN_SECONDS * 1000:
        return True
    seen[message.deduplication_id] = message.sent_timestamp
    return False
