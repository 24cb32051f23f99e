"""Measures a request."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Answered:
    """The status, size and durations (ms) of a request; `function_ms` is None until its function was called."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self.stage = "$default"
        self.function_ms: float | None = None
        self.latency_ms = 0.0
        self.status = 0
        self.size = 0

    @contextmanager
    def integration(self) -> Iterator[None]:
        """Measure the call of the function."""
        began = time.perf_counter()
        yield
        self.function_ms = (time.perf_counter() - began) * 1000

    def end(self, status: int, size: int) -> None:
        """Record the end of the request; `size` is the size of both bodies in bytes."""
        self.status, self.size = status, size
        self.latency_ms = (time.perf_counter() - self._began) * 1000
