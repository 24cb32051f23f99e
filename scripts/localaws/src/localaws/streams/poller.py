"""Reads a stream for a function: each shard in order, one batch after the other.

A failed batch is tried again until it succeeds, its retries are used up or its records are too old; the shard waits.
https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException

from localaws.events.source_filters import compile_filters
from localaws.iam.sender import Sender
from localaws.identifiers import new_request_id
from localaws.lambdas.concurrency import TooManyRequests
from localaws.lambdas.functions import Functions
from localaws.runtime.errors import PoolClosed
from localaws.streams.batch import Failure, event_of, failed_from, given_up
from localaws.streams.source import Entry, Source
from localaws.targets import Targets

_WAIT = 0.2
_PAYLOAD_LIMIT = 6 * 1024 * 1024
# Seconds before the first retry, and at most; each waits twice as long as the one before.
_FIRST_DELAY, _LONGEST_DELAY = 0.5, 60.0


class StreamPoller:
    """Reads the stream of one mapping: a thread looks for new shards, and each shard has a thread of its own."""

    def __init__(self, mapping: Any, source: Source, functions: Functions, targets: Targets) -> None:
        self.mapping = mapping
        self._source, self._functions, self._targets = source, functions, targets
        self._stopping = threading.Event()
        self._threads: dict[str, threading.Thread] = {}
        start, at = mapping.starting_position or "TRIM_HORIZON", mapping.starting_position_timestamp
        self._positions = {shard: source.position(shard, start, at) for shard in source.shards()}
        self._thread = threading.Thread(target=self._watch, name=f"stream-{mapping.uuid}", daemon=True)
        self._thread.start()

    def serves(self, arn: str, function: str) -> bool:
        """Whether this is the mapping of a stream and a function."""
        return bool(self.mapping.event_source_arn == arn and self.mapping.function_name == function)

    def stop(self) -> None:
        """Stop reading; a running batch is finished."""
        self._stopping.set()
        self._thread.join()
        for thread in self._threads.values():
            thread.join()

    def _watch(self) -> None:
        while not self._stopping.is_set():
            for shard in self._source.shards():
                if shard not in self._threads:
                    thread = threading.Thread(target=self._follow, args=(shard,), name=f"shard-{shard}", daemon=True)
                    self._threads[shard] = thread
                    thread.start()
            self._stopping.wait(1.0)

    def _follow(self, shard: str) -> None:
        # A shard that came later is read from its beginning.
        position = self._positions.get(shard, self._source.position(shard, "TRIM_HORIZON", None))
        while not self._stopping.is_set():
            if not self.mapping.enabled or shard not in self._source.shards():
                self._stopping.wait(_WAIT)
                continue
            batch = self._collect(shard, position)
            if not batch:
                self._stopping.wait(_WAIT)
                continue
            matches = compile_filters(self.mapping.filter_criteria, self._source.form)
            wanted = [entry for entry in batch if matches(entry.filtered)]
            if wanted and not self._process(shard, wanted):
                return  # it's stopping
            position = batch[-1].sequence

    def _collect(self, shard: str, position: int) -> list[Entry]:
        """The records of one batch: those there are, or with a batching window those until its end."""
        size, ends = int(self.mapping.batch_size), time.monotonic() + float(self.mapping.max_batch_window or 0)
        while True:
            batch = self._fitting(self._source.read(shard, position, size))
            if len(batch) >= size or time.monotonic() >= ends or self._stopping.is_set():
                return batch
            self._stopping.wait(min(_WAIT, max(0.0, ends - time.monotonic())))

    @staticmethod
    def _fitting(entries: list[Entry]) -> list[Entry]:
        """As many of the records as an event may have: 6 MB."""
        total = 0
        for index, entry in enumerate(entries):
            total += len(event_of([entry]))
            if total > _PAYLOAD_LIMIT and index:
                return entries[:index]
        return entries

    def _process(self, shard: str, entries: Sequence[Entry]) -> bool:
        """Run the function until the batch is done or given up; False if it's stopping."""
        attempts, delay = 0, _FIRST_DELAY
        while entries and not self._stopping.is_set():
            young, old = self._by_age(entries)
            if old:
                self._give_up(shard, old, "RecordAgeExceeded", "", "$LATEST", attempts)
                entries = young
                continue
            request_id = new_request_id()
            try:
                outcome = self._functions.invoke(
                    self.mapping.function_name, None, event_of(entries), request_id=request_id
                )
            except (PoolClosed, TooManyRequests, UnknownFunctionException):
                # A throttled call is no attempt.
                self._stopping.wait(delay)
                continue
            failed = self._failed(outcome.invocation, entries)
            if failed is None:
                return True
            attempts += 1
            if failed:
                entries, attempts, delay = entries[failed:], 1, _FIRST_DELAY
            if self._is_exhausted(attempts):
                self._give_up(shard, entries, "RetryAttemptsExhausted", request_id, outcome.version, attempts)
                return True
            self._stopping.wait(delay)
            delay = min(2 * delay, _LONGEST_DELAY)
            if self.mapping.bisect_on_error and outcome.invocation.error and len(entries) > 1:
                middle = len(entries) // 2
                return self._process(shard, entries[:middle]) and self._process(shard, entries[middle:])
        return not self._stopping.is_set()

    def _failed(self, invocation: Any, entries: Sequence[Entry]) -> int | None:
        """The index of the first failed record, or None."""
        if invocation.error:
            return 0
        if "ReportBatchItemFailures" in (self.mapping.function_response_types or []):
            return failed_from(invocation.payload, entries)
        return None

    def _is_exhausted(self, attempts: int) -> bool:
        most = self.mapping.max_retry_attempts
        return most is not None and int(most) >= 0 and attempts > int(most)

    def _by_age(self, entries: Sequence[Entry]) -> tuple[list[Entry], list[Entry]]:
        """The records that are young enough, and those that are too old."""
        most = self.mapping.max_record_age
        if most is None or int(most) < 0:
            return list(entries), []
        oldest = time.time() - int(most)
        return [e for e in entries if e.at >= oldest], [e for e in entries if e.at < oldest]

    def _give_up(
        self, shard: str, entries: Sequence[Entry], condition: str, request_id: str, version: str, attempts: int
    ) -> None:
        destination = ((self.mapping.destination_config or {}).get("OnFailure") or {}).get("Destination")
        if destination:
            failure = Failure(condition, self.mapping.function_arn, version, request_id, attempts)
            function: Any = self._functions.resolve(self.mapping.function_name)
            sender = Sender("lambda.amazonaws.com", function.function_arn, function.role)
            # Targets log what they can't deliver.
            self._targets.send(sender, destination, given_up(self._source, shard, entries, failure), {})
