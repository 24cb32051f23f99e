"""Processes arriving log events: embedded metrics, metric filters, subscriptions, and retention."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from moto.core.utils import unix_time_millis, utcnow
from moto.logs.models import LogGroup, LogsBackend, LogStream, logs_backends

from localaws.clock import CLOCKED, Clock
from localaws.iam.sender import Sender
from localaws.logs import metric_filters, subscriptions
from localaws.logs.documents import document_of
from localaws.logs.store import EVER, Batch, EventStore, StreamSummary
from localaws.metrics.emf import InvalidMetrics, is_embedded, read_metrics
from localaws.metrics.series import Metric
from localaws.metrics.store import Datum, MetricStore

logger = logging.getLogger(__name__)
_HOUR, _DAY = 3600, 86_400
# AWS counts these bytes for each event, besides its message.
_OVERHEAD = 26


class Send(Protocol):
    """Delivers a message to an ARN; returns the reason if that fails, else None."""

    def __call__(self, sender: Sender, arn: str, body: str, attributes: Mapping[str, str]) -> object: ...


class Ingestion:
    """Processes every log event once, when it's put.

    `send` delivers to subscribed functions, `put_record` to Firehose streams.
    """

    def __init__(
        self,
        store: MetricStore,
        events: EventStore,
        clock: Clock,
        send: Send,
        put_record: Callable[[Sender, str, bytes], str | None],
    ) -> None:
        self.events = events
        self._store, self._clock = store, clock
        self._send = subscriptions.Deliver(lambda sender, arn, body: send(sender, arn, body, {}), put_record)
        self.reporter = metric_filters.Reporter(store)
        self._lock = threading.Lock()

    def put(self, stream: LogStream, log_events: list[dict[str, Any]]) -> str:
        """Store events and process them; replaces LogStream.put_log_events and returns the next sequence token."""
        arrival = utcnow()
        # Clients have the machine's time: the age of their events counts from their arrival.
        clocked = any(given.get(CLOCKED) for given in log_events)
        offset = 0.0 if clocked else self._clock.offset
        group = stream.log_group
        batches = self.events.group(group.account_id, group.region, group.name).put(
            stream.log_stream_name,
            [(int(given["timestamp"]), given["message"]) for given in log_events],
            int(unix_time_millis(arrival)),
            round(offset * 1000),
        )
        with self._lock:
            token = _count_in(stream, batches, arrival)
        if batches:
            self._process(stream, log_events, offset, sum(len(batch.packed.messages) for batch in batches))
            if group.subscription_filters:
                arrived = [event for batch in batches for event in batch.events(*EVER)]
                subscriptions.deliver(
                    group, stream.log_stream_name, arrived, lambda *message: self._forward(group, *message)
                )
        return token

    def _process(self, stream: LogStream, log_events: list[dict[str, Any]], offset: float, size: int) -> None:
        group, now = stream.log_group, self._clock.now()
        self._count(group, "IncomingLogEvents", len(log_events), now)
        self._count(group, "IncomingBytes", size + _OVERHEAD * len(log_events), now)
        backend: LogsBackend = logs_backends[group.account_id][group.region]
        filters = [kept for kept in metric_filters.filters(backend).values() if kept.group == group.name]
        for given in log_events:
            message = given["message"]
            if is_embedded(message):
                self._embedded(stream, message, offset)
            for filter_ in filters:
                self.reporter.report(filter_, message, given["timestamp"] / 1000 + offset)

    def _embedded(self, stream: LogStream, message: str, offset: float) -> None:
        group = stream.log_group
        document = document_of(message, group.name, stream.log_stream_name)
        try:
            data = read_metrics(document) if document else []
        except InvalidMetrics as error:
            logger.warning("A log event of %s isn't valid in the embedded metric format: %s.", group.name, error)
            self._count(group, "EMFValidationErrors", 1, self._clock.now())
            return
        for datum in data:
            moment = datum.timestamp + offset
            self._store.put(Datum(datum.metric, moment, datum.values, datum.unit, datum.resolution))

    def _forward(self, group: LogGroup, sender: Sender, arn: str, packed: bytes, events: int) -> None:
        problem = self._send(sender, arn, packed)
        if problem:
            logger.warning("Log events of %s could not be sent to %s: %s", group.name, arn, problem)
        self._count(group, "DeliveryErrors" if problem else "ForwardedLogEvents", events, self._clock.now())

    def _count(self, group: LogGroup, name: str, value: float, moment: float) -> None:
        self._store.count(Metric.of("AWS/Logs", name, {"LogGroupName": group.name}), value, moment)

    def next_due(self, after: float) -> float | None:
        """The next deletion of expired events, each hour."""
        return (after // _HOUR + 1) * _HOUR

    def run(self, moment: float) -> None:
        """Delete the events that are older than the retention of their group."""
        for region in logs_backends.values():
            for backend in region.values():
                for group in list(backend.groups.values()):
                    if group.retention_in_days:
                        self._expire(group, moment - int(group.retention_in_days) * _DAY)

    def _expire(self, group: LogGroup, oldest: float) -> None:
        file = self.events.find(group.account_id, group.region, group.name)
        if file and file.expire(int(oldest * 1000)):
            for summary in file.streams():
                if summary.name in group.streams:
                    describe(group.streams[summary.name], summary)


def _count_in(stream: Any, batches: Sequence[Batch], arrival: datetime) -> str:
    """Update what DescribeLogStreams returns by arrived events; returns the next sequence token."""
    stream.last_ingestion_time = arrival
    stream.upload_sequence_token += 1
    for times, messages in ((batch.packed.times, batch.packed.messages) for batch in batches):
        stream.stored_bytes += len(messages)
        first, last = stream.first_event_timestamp, stream.last_event_timestamp
        stream.first_event_timestamp = times[0] if first is None else min(first, times[0])
        stream.last_event_timestamp = times[-1] if last is None else max(last, times[-1])
    return f"{stream.upload_sequence_token:056d}"


def describe(stream: LogStream, summary: StreamSummary) -> None:
    """Set what DescribeLogStreams returns of a stream's events."""
    stored: Any = stream
    stored.first_event_timestamp, stored.last_event_timestamp = summary.first, summary.last
    stored.stored_bytes = summary.size
    if summary.ingested is not None:
        stored.last_ingestion_time = datetime.fromtimestamp(summary.ingested / 1000, UTC).replace(tzinfo=None)
