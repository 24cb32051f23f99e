"""A batch of a stream's records: its event, what failed of it, and the message about a batch that was given up."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from localaws.streams.source import Entry, Source


@dataclass(frozen=True)
class Failure:
    """A failed attempt: the function's ARN and version, the request, and how often the batch was tried."""

    condition: str
    function_arn: str
    version: str
    request_id: str
    attempts: int


def event_of(entries: Sequence[Entry]) -> bytes:
    """The event of a batch."""
    return json.dumps({"Records": [entry.record for entry in entries]}, default=str).encode()


def failed_from(payload: bytes, entries: Sequence[Entry]) -> int | None:
    """The index of the first failed record, by the function's batchItemFailures; None if none failed.

    A result that isn't valid fails the whole batch.
    """
    try:
        result = json.loads(payload)
    except ValueError:
        return 0
    failures = result.get("batchItemFailures") if isinstance(result, dict) else None
    if not failures:
        return None
    sequences = [str(entry.sequence) for entry in entries]
    try:
        return min(sequences.index(str(failure["itemIdentifier"])) for failure in failures)
    except (KeyError, TypeError, ValueError):
        return 0


def given_up(source: Source, shard: str, entries: Sequence[Entry], failure: Failure) -> str:
    """The message to the destination of failures."""
    message: dict[str, Any] = {
        "requestContext": {
            "requestId": failure.request_id,
            "functionArn": failure.function_arn,
            "condition": failure.condition,
            "approximateInvokeCount": failure.attempts,
        },
        "responseContext": {
            "statusCode": 200,
            "executedVersion": failure.version,
            "functionError": "Unhandled",
        },
        "version": "1.0",
        "timestamp": _time(datetime.now(UTC).timestamp()),
        source.batch_info: {
            "shardId": shard,
            "startSequenceNumber": str(entries[0].sequence),
            "endSequenceNumber": str(entries[-1].sequence),
            "approximateArrivalOfFirstRecord": _time(entries[0].at),
            "approximateArrivalOfLastRecord": _time(entries[-1].at),
            "batchSize": len(entries),
            "streamArn": source.arn,
        },
    }
    return json.dumps(message)


def _time(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
