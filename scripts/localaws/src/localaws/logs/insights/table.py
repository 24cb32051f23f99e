"""The table of log events of a query."""

from collections.abc import Iterable, Sequence
from itertools import batched

import pyarrow as pa

from localaws.logs.documents import document_of
from localaws.logs.insights.events import Event

_CHUNK = 20_000
_SCHEMA = pa.schema(
    {
        "ts": pa.int64(),
        "ingested": pa.int64(),
        "message": pa.string(),
        "stream": pa.string(),
        "log": pa.string(),
        "ptr": pa.string(),
        "doc": pa.string(),
        "seq": pa.int64(),
    }
)


def arrow_reader(events: Iterable[Event]) -> pa.RecordBatchReader:
    """The events as columns ts, ingested, message, stream, log, ptr, doc and seq (the order given), chunk by chunk.

    `doc` may contain JSON fields: it's the message, or the first JSON object in a Lambda function's message.
    """
    chunks = enumerate(batched(events, _CHUNK, strict=False))
    batches = (_record_batch(chunk, position * _CHUNK) for position, chunk in chunks)
    return pa.RecordBatchReader.from_batches(_SCHEMA, batches)


def _record_batch(events: Sequence[Event], begin: int) -> pa.RecordBatch:
    return pa.record_batch(
        {
            "ts": pa.array([event.timestamp for event in events], pa.int64()),
            "ingested": pa.array([event.ingested for event in events], pa.int64()),
            "message": pa.array([event.message for event in events], pa.string()),
            "stream": pa.array([event.stream for event in events], pa.string()),
            "log": pa.array([event.log for event in events], pa.string()),
            "ptr": pa.array([event.pointer for event in events], pa.string()),
            "doc": pa.array([_document(event) for event in events], pa.string()),
            "seq": pa.array(range(begin, begin + len(events)), pa.int64()),
        },
        schema=_SCHEMA,
    )


def _document(event: Event) -> str | None:
    return document_of(event.message, event.log.partition(":")[2], event.stream)
