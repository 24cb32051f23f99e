"""Event source mappings: a poller for each queue that invokes a function.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from moto.awslambda import models
from moto.awslambda.exceptions import InvalidParameterValueException
from moto.core.exceptions import JsonRESTError
from moto.sqs.exceptions import QueueDoesNotExist
from moto.sqs.models import sqs_backends

from localaws.events.batch import failed_ids, sqs_event, sqs_record
from localaws.events.filters import compile_filters
from localaws.events.pattern import PatternError
from localaws.lambdas.concurrency import TooManyRequests
from localaws.lambdas.functions import Functions
from localaws.runtime.errors import PoolClosed
from localaws.seams import Seams
from localaws.settings import ACCOUNT

logger = logging.getLogger(__name__)
_WAIT = 0.5
_PAYLOAD_LIMIT = 6 * 1024 * 1024
_UNSUPPORTED = (
    "DestinationConfig",
    "ProvisionedPollerConfig",
    "KMSKeyArn",
    "StartingPosition",
    "SelfManagedEventSource",
    "SourceAccessConfigurations",
    "MetricsConfig",
)


class Mappings:
    """The pollers of all event source mappings."""

    def __init__(self, functions: Functions, region: str) -> None:
        self._functions, self._region = functions, region
        self._pollers: dict[str, _Poller] = {}

    def start(self, mapping: Any) -> None:
        """Poll the mapping's queue from now on."""
        poller = _Poller(mapping, self._functions, self._region)
        self._pollers[mapping.uuid] = poller

    def stop(self, uuid: str) -> None:
        """Stop polling; a batch that's being worked on is finished."""
        poller = self._pollers.pop(uuid, None)
        if poller:
            poller.stop()

    def close(self) -> None:
        """Stop all pollers."""
        for poller in self._pollers.values():
            poller.stop()
        self._pollers.clear()

    def check(self, spec: dict[str, Any]) -> None:
        """Raise as AWS does for a mapping that can't work, and by name for what local AWS doesn't do."""
        arn = str(spec.get("EventSourceArn", ""))
        if ":sqs:" not in arn:
            raise InvalidParameterValueException(f"Local AWS polls SQS queues, not {arn}.")
        self.check_options(spec, arn.endswith(".fifo"))
        queues: Any = sqs_backends[ACCOUNT][self._region]
        try:
            queue = queues.get_queue(arn.rsplit(":", 1)[1])
        except QueueDoesNotExist:
            raise InvalidParameterValueException(
                f"Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue: {arn}"
            ) from None
        function: Any = self._functions.resolve(spec["FunctionName"])
        if int(queue.visibility_timeout) < int(function.timeout):
            raise InvalidParameterValueException(
                f"Queue visibility timeout: {queue.visibility_timeout} seconds is less than "
                f"Function timeout: {function.timeout} seconds"
            )
        for known in self._pollers.values():
            if known.serves(arn, spec["FunctionName"]):
                raise _Conflict(known.mapping.uuid)

    @staticmethod
    def check_options(spec: dict[str, Any], fifo: bool) -> None:
        """Raise for options that local AWS doesn't do, or that AWS doesn't take."""
        for name in _UNSUPPORTED:
            if spec.get(name):
                raise InvalidParameterValueException(f"Local AWS doesn't do {name} on an event source mapping.")
        try:
            compile_filters(spec.get("FilterCriteria"))
        except PatternError as error:
            raise InvalidParameterValueException(f"Invalid filter pattern definition: {error}.") from None
        limit = (spec.get("ScalingConfig") or {}).get("MaximumConcurrency")
        if limit is not None and not 2 <= int(limit) <= 1000:
            raise InvalidParameterValueException(f"MaximumConcurrency must be from 2 to 1000, not {limit}.")
        size, window = int(spec.get("BatchSize") or 10), int(spec.get("MaximumBatchingWindowInSeconds") or 0)
        if fifo and (window or size > 10):
            raise InvalidParameterValueException(
                "Batching window is not supported for FIFO queues, whose batches have at most 10 messages."
            )
        if size > 10 and not window:
            raise InvalidParameterValueException(
                "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
            )


class _Conflict(JsonRESTError):
    code = 409

    def __init__(self, uuid: str) -> None:
        super().__init__(
            "ResourceConflictException",
            "The event source arn and function provided mapping already exists. "
            f"Please update or delete the existing mapping with UUID {uuid}",
        )


class _Poller:
    def __init__(self, mapping: Any, functions: Functions, region: str) -> None:
        self.mapping = mapping
        self._functions, self._region = functions, region
        self._queues: Any = sqs_backends[ACCOUNT][region]
        self._queue_name = mapping.event_source_arn.rsplit(":", 1)[1]
        self._stopping = threading.Event()
        self._running = 0
        self._freed = threading.Condition()
        self._workers = ThreadPoolExecutor(max_workers=64, thread_name_prefix=f"poll-{self._queue_name}")
        self._thread = threading.Thread(target=self._run, name=f"poller-{self._queue_name}", daemon=True)
        self._thread.start()

    def serves(self, arn: str, function: str) -> bool:
        return bool(self.mapping.event_source_arn == arn and self.mapping.function_name == function)

    def stop(self) -> None:
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
        """Messages for one call: what's there, or with a batching window what comes until it closes."""
        batch: list[Any] = []
        size = 0
        closes: float | None = None
        while len(batch) < self.mapping.batch_size and size < _PAYLOAD_LIMIT and not self._stopping.is_set():
            wait = _WAIT if closes is None else min(_WAIT, closes - time.monotonic())
            if wait <= 0:
                break
            found = self._receive(min(10, self.mapping.batch_size - len(batch)), wait)
            batch += found
            size += sum(len(message.body) for message in found)
            if closes is None:
                if not found:
                    break
                closes = time.monotonic() + int(self.mapping.max_batch_window or 0)
        return batch

    def _receive(self, count: int, wait: float) -> list[Any]:
        visibility = self._queues.get_queue(self._queue_name).visibility_timeout
        messages: list[Any] = self._queues.receive_message(self._queue_name, count, wait, visibility, ["All"])
        return messages

    def _wanted(self, batch: list[Any]) -> list[Any]:
        """The messages that the mapping's filters let through; the others are deleted, as on AWS."""
        wanted = compile_filters(self.mapping.filter_criteria)
        kept = [message for message in batch if wanted(self._record(message))]
        for message in batch:
            if message not in kept:
                self._queues.delete_message(self._queue_name, message.receipt_handle)
        return kept

    def _record(self, message: Any) -> dict[str, Any]:
        return sqs_record(message, self.mapping.event_source_arn, self._region)

    def _process(self, received: list[Any]) -> None:
        try:
            batch = self._wanted(received)
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
            return  # local AWS is stopping, or the messages come back after their visibility timeout
        except Exception:
            # The messages come back after their visibility timeout, as when AWS can't reach a function.
            logger.exception("A batch of %s could not be given to its function.", self._queue_name)
        finally:
            self._release()


def install(seams: Seams, mappings: Mappings) -> None:
    """Make moto's event source mappings poll."""

    def created(original: Callable[..., Any]) -> Callable[..., Any]:
        def create_event_source_mapping(self: Any, spec: dict[str, Any]) -> Any:
            mappings.check(spec)
            mapping = original(self, spec)
            mappings.start(mapping)
            return mapping

        return create_event_source_mapping

    def updated(original: Callable[..., Any]) -> Callable[..., Any]:
        def update_event_source_mapping(self: Any, uuid: str, spec: dict[str, Any]) -> Any:
            known = self.get_event_source_mapping(uuid)
            mappings.check_options(spec, known is not None and known.event_source_arn.endswith(".fifo"))
            mapping = original(self, uuid, spec)
            if mapping is not None and "FilterCriteria" in spec:
                mapping.filter_criteria = spec["FilterCriteria"]
            if mapping is not None and spec.get("FunctionName"):
                mapping.function_name = spec["FunctionName"]
            return mapping

        return update_event_source_mapping

    def deleted(original: Callable[..., Any]) -> Callable[..., Any]:
        def delete_event_source_mapping(self: Any, uuid: str) -> Any:
            mappings.stop(uuid)
            return original(self, uuid)

        return delete_event_source_mapping

    backend = models.LambdaBackend
    seams.replace(backend, "create_event_source_mapping", created)
    seams.replace(backend, "update_event_source_mapping", updated)
    seams.replace(backend, "delete_event_source_mapping", deleted)
