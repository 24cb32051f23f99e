"""Writes what functions log to CloudWatch Logs, in order, without making the caller wait."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from moto.logs.models import logs_backends

from localaws.runtime.output import LogLine


@dataclass(frozen=True)
class _Lines:
    group: str
    stream: str
    lines: tuple[LogLine, ...]


class LogWriter:
    """One thread that puts log lines into moto's log groups, which aren't made for several writers."""

    def __init__(self, account: str, region: str) -> None:
        self._backend: Any = logs_backends[account][region]
        self._queue: queue.SimpleQueue[_Lines | threading.Event | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self._thread.start()

    def write(self, group: str, stream: str, lines: Iterable[LogLine]) -> None:
        """Add lines to a stream, creating group and stream as Lambda does."""
        self._queue.put(_Lines(group, stream, tuple(lines)))

    def flush(self) -> None:
        """Wait until everything written so far can be read."""
        done = threading.Event()
        self._queue.put(done)
        done.wait()

    def close(self) -> None:
        """Write what's left and stop."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            if isinstance(item, threading.Event):
                item.set()
            elif item.lines:
                self._backend.ensure_log_group(item.group)
                self._backend.ensure_log_stream(item.group, item.stream)
                ordered = sorted(item.lines, key=lambda line: line.timestamp)
                events = [{"timestamp": line.timestamp, "message": line.message} for line in ordered]
                self._backend.put_log_events(item.group, item.stream, events)
