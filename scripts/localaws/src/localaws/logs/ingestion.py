"""Processes arriving log events: embedded metrics, metric filters, subscriptions, and retention."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from moto.logs.models import LogEvent, LogGroup, LogsBackend, LogStream, logs_backends

from localaws.clock import CLOCKED, Clock
from localaws.logs import metric_filters, subscriptions
from localaws.logs.insights.events import document_of
from localaws.metrics.emf import InvalidMetrics, is_embedded, read_metrics
from localaws.metrics.series import Metric
from localaws.metrics.store import Datum, MetricStore

logger = logging.getLogger(__name__)
_HOUR, _DAY = 3600, 86_400


class Send(Protocol):
    """Delivers a message to an ARN; returns the reason if that fails, else None."""

    def __call__(self, arn: str, body: str, attributes: Mapping[str, str]) -> str | None: ...


class Ingestion:
    """Processes every log event once, when it's put.

    `send` delivers to subscribed functions, `put_record` to Firehose streams.
    """

    def __init__(
        self, store: MetricStore, clock: Clock, send: Send, put_record: Callable[[str, bytes], str | None]
    ) -> None:
        self._store, self._clock = store, clock
        self._send = subscriptions.Deliver(lambda arn, body: send(arn, body, {}), put_record)
        self.reporter = metric_filters.Reporter(store)
        self._lock = threading.RLock()

    def wrap(self, original: Callable[[LogStream, list[dict[str, Any]]], str]) -> Callable[..., str]:
        """Wrap LogStream.put_log_events to process the events."""

        def put_log_events(stream: LogStream, log_events: list[dict[str, Any]]) -> str:
            with self._lock:
                before = len(stream.events)
                token = original(stream, log_events)
                events = stream.events[before:]
                for event, given in zip(events, log_events, strict=True):
                    # Clients have the machine's time: the age of their events counts from their arrival.
                    vars(event)["clock_offset"] = 0.0 if given.get(CLOCKED) else self._clock.offset
            if events:
                self._arrived(stream.log_group, stream.log_stream_name, events)
            return token

        return put_log_events

    def _arrived(self, group: LogGroup, stream: str, events: Sequence[LogEvent]) -> None:
        now = self._clock.now()
        size = sum(len(event.message.encode()) + 26 for event in events)
        self._count(group, "IncomingLogEvents", len(events), now)
        self._count(group, "IncomingBytes", size, now)
        backend: LogsBackend = logs_backends[group.account_id][group.region]
        filters = [kept for kept in metric_filters.filters(backend).values() if kept.group == group.name]
        for event in events:
            moment = _moment(event)
            if is_embedded(event.message):
                self._embedded(group, stream, event)
            for filter_ in filters:
                self.reporter.report(filter_, event.message, moment)
        subscriptions.deliver(group, stream, list(events), lambda *message: self._forward(group, *message))

    def _embedded(self, group: LogGroup, stream: str, event: LogEvent) -> None:
        document = document_of(event.message, group.name, stream)
        try:
            data = read_metrics(document) if document else []
        except InvalidMetrics as error:
            logger.warning("A log event of %s isn't valid in the embedded metric format: %s.", group.name, error)
            self._count(group, "EMFValidationErrors", 1, self._clock.now())
            return
        for datum in data:
            moment = datum.timestamp + _offset(event)
            self._store.put(Datum(datum.metric, moment, datum.values, datum.unit, datum.resolution))

    def _forward(self, group: LogGroup, arn: str, packed: bytes, events: int) -> None:
        problem = self._send(arn, packed)
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
        for stream in list(group.streams.values()):
            with self._lock:
                stream.events = [event for event in stream.events if _moment(event) >= oldest]


def _moment(event: LogEvent) -> float:
    """The time of an event, in epoch seconds of the clock."""
    return float(event.timestamp) / 1000 + _offset(event)


def _offset(event: LogEvent) -> float:
    """The seconds by which the clock was ahead of the event's."""
    offset: float = vars(event).get("clock_offset", 0.0)
    return offset
