"""Limits of queues and messages that moto doesn't check.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-quotas.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from moto.sqs import models, responses
from moto.sqs.exceptions import (
    BatchEntryIdsNotDistinct,
    BatchRequestTooLong,
    EmptyBatchRequest,
    InvalidAttributeName,
    InvalidAttributeValue,
    SQSException,
    TooManyEntriesInBatchRequest,
)

from localaws import message_attributes
from localaws.moto_patches import MotoPatches

_RANGES = {
    "DelaySeconds": (0, 900),
    "KmsDataKeyReusePeriodSeconds": (60, 86_400),
    "MaximumMessageSize": (1024, 1_048_576),
    "MessageRetentionPeriod": (60, 1_209_600),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
    "VisibilityTimeout": (0, 43_200),
}
_OTHERS = frozenset(
    {
        "ContentBasedDeduplication",
        "DeduplicationScope",
        "FifoQueue",
        "FifoThroughputLimit",
        "KmsMasterKeyId",
        "Policy",
        "RedriveAllowPolicy",
        "RedrivePolicy",
        "SqsManagedSseEnabled",
    }
)
_MOST_RECEIVES = 1000
_MOST_ATTRIBUTES = 10
_MOST_ENTRIES = 10
_MOST_RESULTS = 1000
_IDENTITY = re.compile(r"""[A-Za-z0-9!"#$%&'()*+,./:;<=>?@\[\\\]^_`{|}~-]{1,128}""")
_NO_QUEUE = "AWS.SimpleQueueService.NonExistentQueue"
_LARGEST_BATCH = 1_048_576
# Characters that XML doesn't allow.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def install(patches: MotoPatches) -> None:
    """Check the attributes of queues, and the messages that are sent."""
    patches.replace(models.Queue, "_set_attributes", _checked_attributes)
    patches.replace(models.SQSBackend, "set_queue_attributes", _checked_changes)
    patches.replace(responses.SQSResponse, "change_message_visibility_batch", _checked_visibilities)
    patches.replace(responses.SQSResponse, "list_queues", _checked_listing)
    patches.replace(models.SQSBackend, "create_queue", _checked_queue)
    patches.replace(models.Queue, "_setup_dlq", _checked_dead_letters)
    patches.replace(models.SQSBackend, "send_message", _checked_message)
    patches.replace(models.SQSBackend, "send_message_batch", _checked_batch)


def check_attributes(attributes: Mapping[str, Any]) -> None:
    """Raise for an attribute that SQS doesn't have, and for a value outside of its range."""
    for name, value in attributes.items():
        if name in _RANGES:
            least, most = _RANGES[name]
            if not re.fullmatch(r"-?\d+", str(value)) or not least <= int(value) <= most:
                raise InvalidAttributeValue(name)
        elif name not in _OTHERS:
            raise InvalidAttributeName(name)
        elif name == "Policy" and isinstance(value, str) and value and not _decoded(value):
            raise InvalidAttributeValue(name)
    policy = attributes.get("RedrivePolicy")
    redrive = _decoded(policy) if isinstance(policy, str) and policy else policy
    count = str((redrive or {}).get("maxReceiveCount", 1))
    if not count.isdigit() or not 1 <= int(count) <= _MOST_RECEIVES:
        raise _invalid(
            f"Value {policy} for parameter RedrivePolicy is invalid. Reason: Invalid value for maxReceiveCount: "
            f"{count}, valid values are from 1 to {_MOST_RECEIVES} both inclusive."
        )


def check_message(queue: Any, body: str, attributes: Mapping[str, Any]) -> None:
    """Raise for a message that SQS refuses."""
    if not body:
        raise SQSException("MissingParameter", "The request must contain the parameter MessageBody.")
    if _FORBIDDEN.search(body):
        raise SQSException("InvalidMessageContents", "Message contents cannot contain characters that XML forbids.")
    if len(attributes) > _MOST_ATTRIBUTES:
        raise _invalid(
            f"Number of message attributes [{len(attributes)}] exceeds the allowed maximum [{_MOST_ATTRIBUTES}]."
        )
    for name, attribute in attributes.items():
        value = attribute.get("BinaryValue") or attribute.get("StringValue")
        wrong = message_attributes.problem(name, attribute.get("DataType"), value)
        if wrong:
            raise _invalid(wrong)
    largest = int(queue.maximum_message_size)
    if size_of(body, attributes) > largest:
        raise _invalid(f"One or more parameters are invalid. Reason: Message must be shorter than {largest} bytes.")


def check_identity(identity: str | None, parameter: str) -> None:
    """Raise for an id of a message group or of deduplication that SQS refuses."""
    if identity is not None and not _IDENTITY.fullmatch(identity):
        raise _invalid(
            f"Value {identity} for parameter {parameter} is invalid. Reason: {parameter} can only include alphanumeric "
            "and punctuation characters. 1 to 128 in length."
        )


def check_system_attributes(attributes: Mapping[str, Any]) -> None:
    """Raise for a system attribute that a sender can't give: there's but one that it can."""
    for name in attributes:
        if name != "AWSTraceHeader":
            raise _invalid(f"Message system attribute name '{name}' is invalid.")


def size_of(body: str, attributes: Mapping[str, Any]) -> int:
    """The size of a message in bytes: its body, and the names, types and values of its attributes."""
    total = len(body.encode("utf-8", "surrogatepass"))
    for name, attribute in attributes.items():
        value = attribute.get("StringValue") or attribute.get("BinaryValue") or ""
        content = value if isinstance(value, bytes) else str(value).encode()
        total += len(name.encode()) + len(str(attribute.get("DataType", "")).encode()) + len(content)
    return total


def _checked_attributes(original: Callable[..., None]) -> Callable[..., None]:
    def set_attributes(queue: Any, attributes: dict[str, Any], now: float | None = None) -> None:
        check_attributes(attributes)
        original(queue, attributes, now)

    return set_attributes


def _checked_changes(original: Callable[..., Any]) -> Callable[..., Any]:
    def set_queue_attributes(backend: Any, queue_name: str, attributes: dict[str, Any]) -> Any:
        """Refuse to make another kind of queue of one."""
        queue = backend.get_queue(queue_name)
        kind = attributes.get("FifoQueue")
        if kind is not None and (str(kind).lower() == "true") != bool(queue.fifo_queue):
            raise InvalidAttributeName("FifoQueue")
        return original(backend, queue_name, attributes)

    return set_queue_attributes


def _checked_visibilities(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def change_message_visibility_batch(request: Any) -> Any:
        ids = [entry["Id"] for entry in request._get_param("Entries", [])]
        if not ids:
            raise EmptyBatchRequest("ChangeMessageVisibility")
        if len(ids) > _MOST_ENTRIES:
            raise TooManyEntriesInBatchRequest(len(ids))
        for identity in ids:
            if ids.count(identity) > 1:
                raise BatchEntryIdsNotDistinct(identity)
        return original(request)

    return change_message_visibility_batch


def _checked_listing(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def list_queues(request: Any) -> Any:
        most = request._get_param("MaxResults")
        if most is not None and not 1 <= int(most) <= _MOST_RESULTS:
            raise _invalid(
                f"Value {most} for parameter MaxResults is invalid. Reason: Must be an integer from 1 to "
                f"{_MOST_RESULTS}."
            )
        return original(request)

    return list_queues


def _checked_queue(original: Callable[..., Any]) -> Callable[..., Any]:
    def create_queue(backend: Any, name: str, *args: Any, **options: Any) -> Any:
        """Refuse a FIFO queue without the end of their names, and another queue with it."""
        if (str(options.get("FifoQueue")).lower() == "true") != name.endswith(".fifo"):
            raise _invalid(
                "The name of a FIFO queue must end with the .fifo suffix, and that of another queue must not."
            )
        return original(backend, name, *args, **options)

    return create_queue


def _checked_dead_letters(original: Callable[..., Any]) -> Callable[..., Any]:
    def set_up(queue: Any, policy: Any) -> None:
        try:
            original(queue, policy)
        except SQSException as error:
            if error.code != _NO_QUEUE:
                raise
            queue.dead_letter_queue = queue.redrive_policy = None
            raise _invalid(
                f"Value {policy} for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist."
            ) from None
        letters = queue.dead_letter_queue
        if letters is not None and bool(letters.fifo_queue) != bool(queue.fifo_queue):
            queue.dead_letter_queue = queue.redrive_policy = None
            raise _invalid("Dead-letter queue must be same type of queue as the source.")

    return set_up


def _checked_message(original: Callable[..., Any]) -> Callable[..., Any]:
    def send_message(backend: Any, queue_name: str, message_body: str, *args: Any, **options: Any) -> Any:
        attributes = options.get("message_attributes") or (args[0] if args else None) or {}
        check_message(backend.get_queue(queue_name), message_body, attributes)
        check_system_attributes(options.get("system_attributes") or {})
        for name, parameter in (("group_id", "MessageGroupId"), ("deduplication_id", "MessageDeduplicationId")):
            check_identity(options.get(name), parameter)
        return original(backend, queue_name, message_body, *args, **options)

    return send_message


def _checked_batch(original: Callable[..., Any]) -> Callable[..., Any]:
    def send_message_batch(backend: Any, queue_name: str, entries: dict[str, dict[str, Any]]) -> Any:
        """Send the messages that are valid; SQS reports the others one by one."""
        queue = backend.get_queue(queue_name)
        sizes = [size_of(entry["MessageBody"], entry.get("MessageAttributes") or {}) for entry in entries.values()]
        if sum(sizes) > _LARGEST_BATCH:
            raise BatchRequestTooLong(sum(sizes))
        failed: list[dict[str, Any]] = []
        valid: dict[str, dict[str, Any]] = {}
        for key, entry in entries.items():
            try:
                check_message(queue, entry["MessageBody"], entry.get("MessageAttributes") or {})
                check_system_attributes(entry.get("MessageSystemAttributes") or {})
                for parameter in ("MessageGroupId", "MessageDeduplicationId"):
                    check_identity(entry.get(parameter), parameter)
            except SQSException as error:
                told = {"Code": error.code, "Message": error.message}
                failed.append({"Id": entry["Id"], "SenderFault": True, **told})
            else:
                valid[key] = entry
        sent, others = original(backend, queue_name, valid)
        return sent, [*failed, *others]

    return send_message_batch


def _invalid(message: str) -> SQSException:
    return SQSException("InvalidParameterValue", message)


def _decoded(text: str) -> Mapping[str, Any]:
    """A policy, or nothing if it isn't JSON, which moto refuses."""
    try:
        policy = json.loads(text)
    except ValueError:
        return {}
    return policy if isinstance(policy, Mapping) else {}
