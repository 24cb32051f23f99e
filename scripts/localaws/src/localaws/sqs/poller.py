"""Polls a queue for a function: batches, filters, concurrency and retries.

A message is deleted once its function has succeeded. A failed one stays in the queue: it's retried when its visibility
timeout ends, and the queue's redrive policy moves it to the dead-letter queue after `maxReceiveCount` attempts.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from moto.sqs.exceptions import QueueDoesNotExist
from moto.sqs.models import sqs_backends

from localaws.events.source_filters import compile_filters
from localaws.lambdas.concurrency import TooManyRequests
from localaws.lambdas.functions import Functions
from localaws.runtime.errors import PoolClosed
from localaws.settings import ACCOUNT
from localaws.sqs.batch import failed_ids, sqs_event, sqs_record

logger = logging.getLogger(__name__)
_WAIT = 0.5
# The largest event of a function, of which the envelope of the records takes some bytes.
_PAYLOAD_LIMIT = 6 * 1024 * 1024 - 100


class Poller:
    """Polls the queue of one mapping in a thread, and invokes the function with its batches concurrently."""

    def __init__(self, mapping: Any, functions: Functions, region: str) -> None:
        self.mapping = mapping
        self._functions, self._region = functions, region
        self._queues: Any = sqs_backends[ACCOUNT][region]
        self._queue_name = mapping.event_source_arn.rsplit(":", 1)[1]
        self._stopping = threading.Event()
        self._running = 0
        # Messages that were received but didn't fit in their batch.
        self._left: list[Any] = []
        self._freed = threading.Condition()
        self._workers = ThreadPoolExecutor(max_workers=64, thread_name_prefix=f"poll-{self._queue_name}")
        self._thread = threading.Thread(target=self._run, name=f"poller-{self._queue_name}", daemon=True)
        self._thread.start()

    def serves(self, arn: str, function: str) -> bool:
        """Whether this is the mapping of a queue and a function."""
        return bool(self.mapping.event_source_arn == arn and self.mapping.function_name == function)

    def stop(self) -> None:
        """Stop polling; a running batch is finished."""
        self._stopping.set()
        with self._freed:
            self._freed.notify_all()
        self._thread.join()
        self._workers.shutdown(wait=False)

    def _run(self) -> None:
        while not self._stopping.is_set():
            if not self.mapping.enabled:
                self._stopping.wait(_WAIT)
                continue
            if not self._reserve():
                continue
            try:
                batch = self._collect()
            except QueueDoesNotExist:
                self._release()
                self._stopping.wait(_WAIT)
                continue
            if batch:
                self._workers.submit(self._process, batch)
            else:
                self._release()
        self._return_left()

    def _return_left(self) -> None:
        """Make the messages visible again that were received for the next batch."""
        try:
            for message in self._left:
                self._queues.change_message_visibility(self._queue_name, message.receipt_handle, 0)
        except QueueDoesNotExist:
            return

    def _reserve(self) -> bool:
        limit = (self.mapping.scaling_config or {}).get("MaximumConcurrency") or 2 * (os.cpu_count() or 1)
        with self._freed:
            if not self._freed.wait_for(lambda: self._running < int(limit) or self._stopping.is_set(), _WAIT):
                return False
            self._running += 1
        return True

    def _release(self) -> None:
        with self._freed:
            self._running -= 1
            self._freed.notify_all()

    def _collect(self) -> list[Any]:
        """Receive the messages of one batch: those available, or with a batching window those until its end.

        A batch is closed before its event gets too large; the messages that don't fit begin the next one.
        """
        batch: list[Any] = []
        size = 0
        closes: float | None = None
        while len(batch) < self.mapping.batch_size and not self._stopping.is_set():
            wait = _WAIT if closes is None else min(_WAIT, closes - time.monotonic())
            found, self._left = self._left, []
            if not found and wait > 0:
                found = self._receive(min(10, self.mapping.batch_size - len(batch)), wait)
            for index, message in enumerate(found):
                size += len(json.dumps(self._record(message))) + 2
                if batch and (size > _PAYLOAD_LIMIT or len(batch) == self.mapping.batch_size):
                    self._left = found[index:]
                    return batch
                batch.append(message)
            if closes is None:
                if not found:
                    break
                closes = time.monotonic() + int(self.mapping.max_batch_window or 0)
            elif wait <= 0:
                break
        return batch

    def _receive(self, count: int, wait: float) -> list[Any]:
        visibility = self._queues.get_queue(self._queue_name).visibility_timeout
        messages: list[Any] = self._queues.receive_message(self._queue_name, count, wait, visibility, ["All"])
        return messages

    def _matching(self, batch: list[Any]) -> list[Any]:
        """The messages that match the mapping's filters; the others are deleted, as on AWS."""
        matches = compile_filters(self.mapping.filter_criteria)
        kept = [message for message in batch if matches(self._record(message))]
        for message in batch:
            if message not in kept:
                self._queues.delete_message(self._queue_name, message.receipt_handle)
        return kept

    def _record(self, message: Any) -> dict[str, Any]:
        return sqs_record(message, self.mapping.event_source_arn, self._region)

    def _process(self, received: list[Any]) -> None:
        try:
            batch = self._matching(received)
            if not batch:
                return
            payload = sqs_event(batch, self.mapping.event_source_arn, self._region)
            invocation = self._functions.invoke(self.mapping.function_name, None, payload).invocation
            if invocation.error:
                return
            failed: set[str] = set()
            if "ReportBatchItemFailures" in (self.mapping.function_response_types or []):
                failed = failed_ids(invocation.payload, [message.id for message in batch])
            for message in batch:
                if message.id not in failed:
                    self._queues.delete_message(self._queue_name, message.receipt_handle)
        except (PoolClosed, TooManyRequests):
            return  # local AWS is stopping, or the messages become visible again after their timeout
        except Exception:
            # The messages become visible again after their timeout, as when AWS can't invoke a function.
            logger.exception("The function of queue %s could not be invoked.", self._queue_name)
        finally:
            self._release()
