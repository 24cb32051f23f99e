"""The event for a batch of messages, and the batch item failures of a function's result.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from typing import Any


def sqs_event(messages: Sequence[Any], queue_arn: str, region: str) -> bytes:
    """The event for messages from `queue_arn`."""
    return json.dumps({"Records": [sqs_record(message, queue_arn, region) for message in messages]}).encode()


def failed_ids(payload: bytes, sent: Iterable[str]) -> set[str]:
    """The message ids of `sent` that failed according to a ReportBatchItemFailures result.

    An empty result, null or an empty list means success. A malformed result, or one with a missing or unknown id, fails
    the whole batch, as on AWS.
    """
    everything = set(sent)
    answer = json.loads(payload) if payload.strip() else None
    if answer is None or answer == {}:
        return set()
    failures = answer.get("batchItemFailures", everything) if isinstance(answer, dict) else everything
    if failures is None:
        return set()
    if not isinstance(failures, list):
        return everything
    failed: set[str] = set()
    for failure in failures:
        identifier = failure.get("itemIdentifier") if isinstance(failure, dict) else None
        if not isinstance(identifier, str) or identifier not in everything:
            return everything
        failed.add(identifier)
    return failed


def sqs_record(message: Any, queue_arn: str, region: str) -> dict[str, Any]:
    """A message as a record of the event."""
    attributes = {
        "ApproximateReceiveCount": str(message.approximate_receive_count),
        "SentTimestamp": str(message.sent_timestamp),
        "SenderId": message.sender_id,
        "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
    }
    if message.group_id:
        attributes["MessageGroupId"] = message.group_id
    if message.sequence_number:
        attributes["SequenceNumber"] = str(message.sequence_number)
        attributes["MessageDeduplicationId"] = str(message.deduplication_id)
    if message.dead_letter_source:
        attributes["DeadLetterQueueSourceArn"] = message.dead_letter_source
    trace = message.system_attributes.get("AWSTraceHeader")
    if trace:
        attributes["AWSTraceHeader"] = trace["StringValue"]
    record = {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": attributes,
        "messageAttributes": {name: _attribute(value) for name, value in message.message_attributes.items()},
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": region,
    }
    return record | ({"md5OfMessageAttributes": message.attribute_md5} if message.message_attributes else {})


def _attribute(value: dict[str, Any]) -> dict[str, Any]:
    binary = value.get("BinaryValue")
    if isinstance(binary, bytes):
        binary = base64.b64encode(binary).decode()
    content = {"binaryValue": binary} if binary is not None else {"stringValue": value.get("StringValue")}
    return {**content, "stringListValues": [], "binaryListValues": [], "dataType": value["DataType"]}
