"""Measures a request."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from localaws.identifiers import new_request_id


class Answered:
    """The id, status, size and durations (ms) of a request that arrived `at` (epoch seconds).

    `function_ms` is None until its function was called, `function_status` is the status that it gave, None if it gave
    none; then `function_error` says why. `authorizer` are the log variables of its authorizer.
    """

    def __init__(self, at: float) -> None:
        self.at = at
        self.request_id = new_request_id()
        self._began = time.perf_counter()
        self.stage = "$default"
        self.function_ms: float | None = None
        self.latency_ms = 0.0
        self.status = 0
        self.size = 0
        self.function_status: int | None = None
        self.function_error: str | None = None
        self.authorizer: Mapping[str, str] = {}

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
