"""Publishes the metrics of SQS queues.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from moto.sqs import models

from localaws.clock import Clock
from localaws.metrics.series import Metric
from localaws.metrics.store import MetricStore
from localaws.moto_patches import MotoPatches
from localaws.settings import ACCOUNT

_NAMESPACE, _MINUTE = "AWS/SQS", 60


class QueueMeter:
    """Counts sent, received and deleted messages as it happens, and visible ones once a minute."""

    def __init__(self, store: MetricStore, clock: Clock, region: str) -> None:
        self._store, self._clock, self._region = store, clock, region

    def install(self, patches: MotoPatches) -> None:
        """Count the messages of moto's queues."""
        patches.replace(models.SQSBackend, "send_message", self._sent)
        patches.replace(models.SQSBackend, "receive_message", self._received)
        patches.replace(models.Queue, "delete_message", self._deleted)

    def next_due(self, after: float) -> float | None:
        """The end of each minute, minus a moment, so that the counts belong to that minute."""
        return (after // _MINUTE + 1) * _MINUTE

    def run(self, moment: float) -> None:
        """Publish the numbers of messages of each queue."""
        backend: Any = models.sqs_backends[ACCOUNT][self._region]
        for queue in list(backend.queues.values()):
            # The minute that has just ended.
            at = moment - _MINUTE
            self._count(queue.name, "ApproximateNumberOfMessagesVisible", queue.approximate_number_of_messages, at)
            hidden = queue.approximate_number_of_messages_not_visible
            self._count(queue.name, "ApproximateNumberOfMessagesNotVisible", hidden, at)
            delayed = queue.approximate_number_of_messages_delayed
            self._count(queue.name, "ApproximateNumberOfMessagesDelayed", delayed, at)
            waiting = [message.sent_timestamp for message in list(queue._messages)]
            # moto's timestamps of messages are in the machine's time.
            age = time.time() + self._clock.offset - min(waiting) / 1000 if waiting else 0.0
            self._count(queue.name, "ApproximateAgeOfOldestMessage", max(age, 0.0), at, "Seconds")

    def _count(self, queue: str, name: str, value: float, moment: float, unit: str = "Count") -> None:
        self._store.count(Metric.of(_NAMESPACE, name, {"QueueName": queue}), float(value), moment, unit)

    def _sent(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def send_message(backend: Any, queue_name: str, message_body: str, *rest: Any, **options: Any) -> Any:
            message = original(backend, queue_name, message_body, *rest, **options)
            now = self._clock.now()
            name = _name(queue_name)
            self._count(name, "NumberOfMessagesSent", 1, now)
            self._count(name, "SentMessageSize", len(message_body.encode()), now, "Bytes")
            return message

        return send_message

    def _received(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def receive_message(backend: Any, queue_name: str, *rest: Any, **options: Any) -> Any:
            messages = original(backend, queue_name, *rest, **options)
            name = "NumberOfMessagesReceived" if messages else "NumberOfEmptyReceives"
            self._count(_name(queue_name), name, len(messages) or 1, self._clock.now())
            return messages

        return receive_message

    def _deleted(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def delete_message(queue: Any, receipt_handle: str) -> None:
            original(queue, receipt_handle)
            self._count(queue.name, "NumberOfMessagesDeleted", 1, self._clock.now())

        return delete_message


def _name(queue: str) -> str:
    """The name of a queue, given its URL or name."""
    return queue.rsplit("/", 1)[-1]
