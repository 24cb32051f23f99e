"""The table of log events of a query."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

_LAMBDA_STREAM = re.compile(r"\[(?:\$LATEST|\d+)\][0-9a-f]{32}$")


@dataclass(frozen=True, slots=True)
class Event:
    """One log event. Times are milliseconds since 1970; `log` is `<account>:<group>`; `pointer` identifies it."""

    timestamp: int
    message: str
    stream: str
    log: str
    ingested: int
    pointer: str


def arrow_table(events: Sequence[Event]) -> pa.Table:
    """The events as columns ts, ingested, message, stream, log, ptr, doc and seq (the order given).

    `doc` may contain JSON fields: it's the message, or the first JSON object in a Lambda function's message.
    """
    return pa.table(
        {
            "ts": pa.array([event.timestamp for event in events], pa.int64()),
            "ingested": pa.array([event.ingested for event in events], pa.int64()),
            "message": pa.array([event.message for event in events], pa.string()),
            "stream": pa.array([event.stream for event in events], pa.string()),
            "log": pa.array([event.log for event in events], pa.string()),
            "ptr": pa.array([event.pointer for event in events], pa.string()),
            "doc": pa.array([_document(event) for event in events], pa.string()),
            "seq": pa.array(range(len(events)), pa.int64()),
        }
    )


def document_of(message: str, group: str, stream: str) -> str | None:
    """The part of a message that may contain JSON fields, given its log group and stream."""
    if message.lstrip()[:1] == "{":
        return message
    if "{" not in message or not (group.startswith("/aws/lambda/") or _LAMBDA_STREAM.search(stream)):
        return None
    return _first_object(message)


def _document(event: Event) -> str | None:
    return document_of(event.message, event.log.partition(":")[2], event.stream)


def _first_object(message: str) -> str | None:
    decoder = json.JSONDecoder()
    start = message.find("{")
    while start >= 0:
        try:
            _, end = decoder.raw_decode(message, start)
        except json.JSONDecodeError:
            start = message.find("{", start + 1)
        else:
            return message[start:end]
    return None
