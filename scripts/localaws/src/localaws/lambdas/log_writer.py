"""Writes the logs of functions to CloudWatch Logs, in order, without blocking the caller."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from typing import Any

from moto.logs.models import logs_backends

from localaws.clock import CLOCKED
from localaws.runtime.output import LogLine

logger = logging.getLogger(__name__)
# Lines are written in batches after this delay, so that writing doesn't compete with the next call for the processor.
_BATCH_SECONDS = 0.05


class LogWriter:
    """Puts log lines into moto's log groups after a short delay, or at `flush`."""

    def __init__(self, account: str, region: str) -> None:
        self._account, self._region = account, region
        self._pending: dict[tuple[str, str], list[LogLine]] = {}
        self._lock = threading.Lock()
        # moto's log groups aren't thread-safe. The lock is reentrant: a subscription may write to another log group.
        self._turn = threading.RLock()
        self._written = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self._thread.start()

    def write(self, group: str, stream: str, lines: Iterable[LogLine]) -> None:
        """Add lines to a stream, creating group and stream as Lambda does."""
        added = list(lines)
        if added:
            with self._lock:
                self._pending.setdefault((group, stream), []).extend(added)
            self._written.set()

    def flush(self) -> None:
        """Return when everything written so far can be read."""
        with self._turn:
            with self._lock:
                pending, self._pending = self._pending, {}
            for (group, stream), lines in pending.items():
                try:
                    self._put(group, stream, lines)
                except Exception:
                    # A failed stream must not affect the others.
                    logger.exception("Log lines of %s could not be written.", group)

    def close(self) -> None:
        """Write the remaining lines and stop."""
        self._closing.set()
        self._written.set()
        self._thread.join()
        self.flush()

    def _run(self) -> None:
        while not self._closing.is_set():
            self._written.wait()
            self._closing.wait(_BATCH_SECONDS)
            self._written.clear()
            self.flush()

    def _put(self, group: str, stream: str, lines: list[LogLine]) -> None:
        backend: Any = logs_backends[self._account][self._region]  # a reset replaces it
        backend.ensure_log_group(group)
        backend.ensure_log_stream(group, stream)
        ordered = sorted(lines, key=lambda line: line.timestamp)
        events = [{"timestamp": line.timestamp, "message": line.message, CLOCKED: True} for line in ordered]
        # Not by the backend, which refuses what is two hours ahead of the machine's time.
        backend.groups[group].put_log_events(stream, events)
