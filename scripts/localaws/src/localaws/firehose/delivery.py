"""Collects the records of streams in batches, and delivers each by size, or by time on local AWS's clock.

https://docs.aws.amazon.com/firehose/latest/dev/basic-deliver.html
"""

from __future__ import annotations

import json
import logging
import math
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from localaws.clock import Clock
from localaws.firehose.batch import Batch, Stream
from localaws.firehose.prefixes import LONGEST
from localaws.firehose.processing import PROCESSING, Failure, Part
from localaws.iam.sender import Sender
from localaws.metrics.series import Metric
from localaws.metrics.store import MetricStore

logger = logging.getLogger(__name__)
# The default quota of a stream's active partitions; a record of one more fails.
MOST_PARTITIONS = 500
_RETRY_SECONDS = 30.0
# "If data delivery fails for more than 24 hours, your data is lost."
_KEPT_SECONDS = 86_400.0

type _Place = tuple[str, str, tuple[tuple[str, str], ...], str]


class Write(Protocol):
    """Writes an object; returns the reason if that fails, else None."""

    def __call__(self, sender: Sender, bucket: str, key: str, content: bytes) -> str | None: ...


class Report(Protocol):
    """Writes a message to a log group and stream."""

    def __call__(self, sender: Sender, group: str, stream: str, message: str) -> None: ...


class DeliveryStreams:
    """All streams with their undelivered records. It's safe for threads."""

    def __init__(self, clock: Clock, store: MetricStore, write: Write, report: Report) -> None:
        self._clock, self._store, self._write, self._report = clock, store, write, report
        # Called when a batch is opened, since it may be due before anything else.
        self.changed: Callable[[], None] = lambda: None
        self._streams: dict[str, Stream] = {}
        self._open: dict[_Place, Batch] = {}
        self._opened = 0
        # Being delivered, or to be retried.
        self._closed: list[Batch] = []
        self._lock = threading.RLock()

    def configure(self, stream: Stream) -> None:
        """Add a stream or replace its configuration; what has arrived is delivered with the earlier one."""
        with self._lock:
            self._streams[stream.name] = stream

    def names(self) -> set[str]:
        """The names of the streams."""
        return set(self._streams)

    def find(self, name: str) -> Stream | None:
        """The stream with this name, if there is one."""
        return self._streams.get(name)

    def remove(self, name: str) -> None:
        """Delete a stream; what it has buffered is tried once more."""
        with self._lock:
            self._streams.pop(name, None)
            left = self._take(lambda batch: batch.stream.name == name)
        for batch in left:
            self._deliver(batch)
        with self._lock:
            lost = [batch for batch in self._closed if batch in left]
            self._closed = [batch for batch in self._closed if batch not in lost]
        for batch in lost:
            logger.error("%s records of the deleted stream %s are lost.", len(batch.records), name)

    def forget_all(self) -> None:
        """Delete all streams and records without delivering them."""
        with self._lock:
            self._streams.clear()
            self._open.clear()
            self._closed.clear()

    def put(self, stream: Stream, records: Iterable[bytes]) -> None:
        """Process and buffer records; full batches are delivered."""
        full: list[Batch] = []
        with self._lock:
            now, before = self._clock.now(), self._opened
            for record in records:
                self._count(stream, {"IncomingRecords": 1, "IncomingBytes": len(record)}, now)
                for outcome in stream.destination.pipeline.run(record):
                    full += self._buffer(stream, outcome, now)
            for batch in full:
                batch.due = math.inf
            self._closed += full
            opened = self._opened > before
        for batch in full:
            self._deliver(batch)
        if opened:
            self.changed()

    def next_due(self, after: float) -> float | None:
        """When the next batch is due."""
        with self._lock:
            due = min((batch.due for batch in (*self._open.values(), *self._closed)), default=math.inf)
        return None if due == math.inf else max(due, after)

    def run(self, moment: float) -> None:
        """Deliver the batches that are due."""
        with self._lock:
            due = self._take(lambda batch: batch.due <= moment)
        for batch in due:
            self._deliver(batch)

    def read(self) -> list[dict[str, Any]]:
        """The undelivered batches of each stream, to save them."""
        with self._lock:
            batches = [*self._open.values(), *self._closed]
            return [
                {"name": name, "batches": [batch.state() for batch in batches if batch.stream.name == name]}
                for name in self._streams
            ]

    def fill(self, kept: Mapping[str, Any]) -> None:
        """Restore the batches of a stream."""
        with self._lock:
            stream = self._streams[kept["name"]]
            # The clock may have been ahead when the batch was opened.
            latest = self._clock.now() + stream.destination.interval
            for state in kept["batches"]:
                batch = Batch.restored(stream, state)
                batch.due = min(batch.due, latest)
                self._closed.append(batch)
        self.changed()

    def _buffer(self, stream: Stream, outcome: Part | Failure, now: float) -> list[Batch]:
        """Add a processed record to its batch; returns the batch if that's full now."""
        if isinstance(outcome, Failure):
            self._log(stream, outcome.code, outcome.message)
            return self._add(stream, {}, outcome.kind, outcome.document(now), now)
        place = (stream.name, stream.version, tuple(outcome.keys.items()), "")
        if place not in self._open:
            problem = self._no_partition(stream, outcome.keys, now)
            if problem:
                raw = stream.destination.pipeline.packed(outcome.data)
                return self._buffer(stream, Failure(PROCESSING, *problem, raw), now)
        return self._add(stream, outcome.keys, "", outcome.data, now)

    def _no_partition(self, stream: Stream, keys: Mapping[str, str], now: float) -> tuple[str, str] | None:
        """The code and cause if no batch can be opened for these keys, else None."""
        if not stream.destination.is_partitioned:
            return None
        active = sum(name == stream.name and not error_type for name, _, _, error_type in self._open)
        if active >= MOST_PARTITIONS:
            return "DynamicPartitioning.ActivePartitionLimitExceeded", f"{MOST_PARTITIONS} partitions are active"
        if len(Batch.open(stream, keys, "", now).prefix) > LONGEST:
            return "DynamicPartitioning.MetadataExtractionFailed", f"The prefix is longer than {LONGEST} characters"
        return None

    def _add(self, stream: Stream, keys: Mapping[str, str], error_type: str, data: bytes, now: float) -> list[Batch]:
        place = (stream.name, stream.version, tuple(keys.items()), error_type)
        batch = self._open.get(place)
        if batch is None:
            batch = self._open[place] = Batch.open(stream, keys, error_type, now)
            self._opened += 1
        batch.add(data)
        return [self._open.pop(place)] if batch.is_full else []

    def _take(self, wanted: Callable[[Batch], bool]) -> list[Batch]:
        """Close the wanted batches, so that one thread delivers each."""
        opened = {place: batch for place, batch in self._open.items() if wanted(batch)}
        for place in opened:
            del self._open[place]
        taken = [*(batch for batch in self._closed if batch.due < math.inf and wanted(batch)), *opened.values()]
        for batch in taken:
            batch.due = math.inf
        self._closed += opened.values()
        return taken

    def _deliver(self, batch: Batch) -> None:
        to = batch.stream.destination
        try:
            problem = self._write(_sender(batch.stream), to.bucket, batch.key, batch.content())
        except Exception:
            # A bug must not cost the records; the caller reports it.
            with self._lock:
                batch.due = self._clock.now() + _RETRY_SECONDS
            raise
        now = self._clock.now()
        values = {"DeliveryToS3.Success": float(problem is None)}
        if problem is None:
            values |= {
                "DeliveryToS3.Records": len(batch.records),
                "DeliveryToS3.Bytes": batch.size,
                "DeliveryToS3.DataFreshness": now - batch.opened,
            }
        self._count(batch.stream, values, now)
        late = problem is not None and now - batch.opened - to.interval > _KEPT_SECONDS
        with self._lock:
            if problem is None or late:
                self._closed = [other for other in self._closed if other is not batch]
            else:
                batch.due = now + _RETRY_SECONDS
        if problem:
            logger.warning("Stream %s could not write %s: %s", batch.stream.name, batch.key, problem)
            self._log(batch.stream, "S3.DeliveryFailed", problem)
        if late:
            logger.error("%s records of %s are lost after 24 hours.", len(batch.records), batch.stream.name)

    def _log(self, stream: Stream, code: str, message: str) -> None:
        """Log an error where the stream's CloudWatchLoggingOptions say."""
        if stream.destination.log is None:
            return
        document = {
            "deliveryStreamARN": stream.arn,
            "destination": f"arn:aws:s3:::{stream.destination.bucket}",
            "deliveryStreamVersionId": int(stream.version),
            "message": message,
            "errorCode": code,
        }
        self._report(_sender(stream), *stream.destination.log, json.dumps(document))

    def _count(self, stream: Stream, values: Mapping[str, float], moment: float) -> None:
        for name, value in values.items():
            metric = Metric.of("AWS/Firehose", name, {"DeliveryStreamName": stream.name})
            self._store.count(metric, value, moment)


def _sender(stream: Stream) -> Sender:
    return Sender("firehose.amazonaws.com", stream.arn, stream.destination.role)
