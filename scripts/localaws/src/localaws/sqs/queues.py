"""Patches moto's SQS: a store that doesn't slow down, FIFO queues, deduplication, dead letters and the clock."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from functools import partial, partialmethod
from typing import Any, NamedTuple

from moto.sqs import models, responses
from moto.sqs.exceptions import ReceiptHandleIsInvalid, SQSException

from localaws.clock import Clock
from localaws.moto_patches import MotoPatches
from localaws.sqs import deleted_names, limits, move_tasks, redrive_permissions
from localaws.sqs.store import MessageStore

# The clock can be moved while a receiver waits, which notifies no one.
_POLL_SECONDS = 0.2
_LONGEST_INVISIBLE = 43_200
_SOURCE = "DeadLetterQueueSourceArn"


class _Seen(NamedTuple):
    """The first message with a deduplication id: when it was sent (ms since the epoch), and what it's known by."""

    sent: float
    message_id: str
    sequence_number: str


def install(patches: MotoPatches, clock: Clock) -> None:
    """Replace the messages of moto's queues; delays, visibility timeouts and retention follow `clock`."""

    def constructed(original: Callable[..., None]) -> Callable[..., None]:
        def construct(queue: Any, *args: Any, **options: Any) -> None:
            original(queue, *args, **options)
            queue._messages = MessageStore(queue.name, queue.fifo_queue, lambda: clock.now() * 1000)

        return construct

    queue, backend = models.Queue, models.SQSBackend
    patches.replace(models, "unix_time", lambda _: clock.now)
    patches.replace(models, "unix_time_millis", lambda _: lambda: clock.now() * 1000)
    patches.replace(queue, "__init__", constructed)
    patches.replace(queue, "add_message", lambda _: _add)
    patches.replace(queue, "delete_message", lambda _: _delete)
    for name, count in (("", "ready"), ("_delayed", "delayed"), ("_not_visible", "in_flight")):
        patches.replace(queue, f"approximate_number_of_messages{name}", partial(_counted, count))
    patches.replace(backend, "receive_message", lambda _: _receiver(clock))
    patches.replace(backend, "change_message_visibility", lambda _: partialmethod(_change_visibility, clock))
    patches.replace(backend, "purge_queue", _purging)
    patches.replace(responses.SQSResponse, "receive_message", _with_sources)
    patches.replace(responses.SQSResponse, "receive_message", _new_attempts(clock))
    deleted_names.install(patches, clock)
    limits.install(patches)
    redrive_permissions.install(patches)
    move_tasks.install(patches, clock)


def _counted(name: str, _: property) -> property:
    def count(queue: Any) -> int:
        with queue._messages_lock:
            return int(getattr(queue._messages, name))

    return property(count)


def _add(queue: Any, message: Any) -> None:
    with queue._messages_lock:
        if queue.fifo_queue and _is_duplicate(queue, message):
            return
        queue._messages.append(message)
        queue._messages_lock.notify_all()


def _delete(queue: Any, receipt_handle: str) -> None:
    with queue._messages_lock:
        identifier = queue._messages.identifier(receipt_handle)
        if identifier is None:
            raise ReceiptHandleIsInvalid
        message = queue._messages.get(identifier)
        if message is not None:
            queue._messages.remove(message)


def _receiver(clock: Clock) -> Callable[..., list[Any]]:
    def receive_message(
        backend: Any,
        queue_name: str,
        count: int,
        wait_seconds_timeout: float,
        visibility_timeout: float,
        message_attribute_names: list[str] | None = None,
    ) -> list[Any]:
        end = time.monotonic() + wait_seconds_timeout
        while True:
            queue = backend.get_queue(queue_name)
            letters: list[Any] = []
            with queue._messages_lock:
                accepts = _accepting(queue, clock.now(), letters)
                found = queue._messages.receive(count, float(visibility_timeout or 0), accepts)
                # Copies, since a message may change while it's sent.
                received = [copy.copy(message) for message in found]
                left = end - time.monotonic()
                if not found and not letters and left > 0:
                    queue._messages_lock.wait(min(left, _POLL_SECONDS))
            for letter in letters:
                _dead_letter(queue, letter)
            if received or left <= 0:
                break
        for message in received:
            models._filter_message_attributes(message, message_attribute_names or [])
        return received

    return receive_message


def _accepting(queue: Any, now: float, letters: list[Any]) -> Callable[[Any], bool]:
    """A function that decides whether a message is received; one that was too often is added to `letters`."""
    policy, target = queue.redrive_policy, queue.dead_letter_queue
    most = policy["maxReceiveCount"] if policy and target is not None else None

    def accepts(message: Any) -> bool:
        if message.sent_timestamp / 1000 + queue.message_retention_period <= now:
            return False
        if most is None or message.approximate_receive_count < most:
            return True
        letters.append(message)
        return False

    return accepts


def _dead_letter(queue: Any, message: Any) -> None:
    """Move a message to the queue's dead-letter queue, which tells where it's from."""
    target = queue.dead_letter_queue
    message.dead_letter_source = queue.queue_arn
    message.visible_at = message.delayed_until = 0.0
    with target._messages_lock:
        target._messages.append(message)
        target._messages_lock.notify_all()


def _change_visibility(
    backend: Any, clock: Clock, queue_name: str, receipt_handle: str, visibility_timeout: float
) -> None:
    queue = backend.get_queue(queue_name)
    with queue._messages_lock:
        identifier = queue._messages.identifier(receipt_handle)
        if identifier is None:
            raise ReceiptHandleIsInvalid
        message = queue._messages.get(identifier)
        timeout = int(visibility_timeout)
        received = message.approximate_first_receive_timestamp if message else 0
        if message and 1000 * (clock.now() + timeout) - received > _LONGEST_INVISIBLE * 1000:
            raise SQSException(
                "InvalidParameterValue",
                f"Value {timeout} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the "
                f"message is beyond the limit [{_LONGEST_INVISIBLE} seconds]",
            )
        if message is None or not queue._messages.hide(message, timeout):
            raise SQSException(
                "MessageNotInflight" if message else "InvalidParameterValue",
                f"Value {receipt_handle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is "
                "not available for visibility timeout change.",
            )
        queue._messages_lock.notify_all()


def _purging(original: Callable[..., None]) -> Callable[..., None]:
    def purge_queue(backend: Any, queue_name: str) -> None:
        queue = backend.get_queue(queue_name)
        with queue._messages_lock:
            store = queue._messages
            original(backend, queue_name)
            queue._messages = store
            for message in store:
                store.remove(message)

    return purge_queue


def _with_sources(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def receive_message(request: Any) -> Any:
        """Add the attribute that moto lacks."""
        answer = original(request)
        wanted = {*request._get_param("AttributeNames", []), *request._get_param("MessageSystemAttributeNames", [])}
        if wanted & {"All", _SOURCE}:
            queue = request.sqs_backend.get_queue(request._get_queue_name())
            for received in answer.result.get("Messages", []):
                message = queue._messages.get(received["MessageId"])
                if message is not None and message.dead_letter_source:
                    received.setdefault("Attributes", {})[_SOURCE] = message.dead_letter_source
        return answer

    return receive_message


def _new_attempts(clock: Clock) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    def wrapped(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def receive_message(request: Any) -> Any:
            """Refuse to repeat an attempt of the last five minutes, which SQS answers with the same messages."""
            identity = request._get_param("ReceiveRequestAttemptId")
            queue = request.sqs_backend.get_queue(request._get_queue_name())
            if identity and queue.fifo_queue:
                now = clock.now()
                attempts: dict[str, float] = vars(queue).setdefault("localaws_attempts", {})
                while attempts and next(iter(attempts.values())) <= now - models.DEDUPLICATION_TIME_IN_SECONDS:
                    del attempts[next(iter(attempts))]
                if identity in attempts:
                    raise SQSException(
                        "UnsupportedByLocalAws",
                        f"Local AWS doesn't repeat the receive request attempt {identity} of the last five minutes.",
                    )
                attempts[identity] = now
            return original(request)

        return receive_message

    return wrapped


def _is_duplicate(queue: Any, message: Any) -> bool:
    """Whether a FIFO queue received this deduplication id in the last five minutes, even if the message was deleted.

    The message gets its sequence number, or the ids of the first one.
    """
    seen: dict[str, _Seen] = vars(queue).setdefault("localaws_deduplication", {})
    since = message.sent_timestamp - models.DEDUPLICATION_TIME_IN_SECONDS * 1000
    while seen and next(iter(seen.values())).sent <= since:
        del seen[next(iter(seen))]
    by_group = getattr(queue, "deduplication_scope", None) == "messageGroup"
    identity = f"{message.group_id}\n{message.deduplication_id}" if by_group else message.deduplication_id
    first = seen.get(identity) if message.deduplication_id else None
    if first is not None:
        message.id, message.sequence_number = first.message_id, first.sequence_number
        return True
    # By the time, so that they grow over restarts too.
    queue.localaws_sequence = max(vars(queue).get("localaws_sequence", 0) + 1, int(message.sent_timestamp) * 1_000_000)
    message.sequence_number = f"{queue.localaws_sequence:020}"
    if message.deduplication_id:
        seen[identity] = _Seen(message.sent_timestamp, message.id, message.sequence_number)
    return False
