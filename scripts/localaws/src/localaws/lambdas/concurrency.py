"""How many calls may run at once, and what the one too many is told.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from moto.awslambda.exceptions import LambdaClientError


class TooManyRequests(LambdaClientError):
    """The function, or the account, runs as many calls as it may."""

    code = 429

    def __init__(self, reason: str) -> None:
        super().__init__("TooManyRequestsException", "Rate Exceeded.")
        self.description = json.dumps(
            {"__type": self.error_type, "message": self.message, "Reason": reason, "Type": "User"}
        )


class Concurrency:
    """Counts the calls in flight. `reservations` gives the reserved concurrency of each function that has one.

    A function with a reservation may run that many calls; the others share what's left of the account's `limit`.
    `counted` is told a function's calls, and all, whenever one begins.
    """

    def __init__(
        self,
        limit: int,
        reservations: Callable[[], Mapping[str, int]],
        counted: Callable[[str, int, int], None] = lambda *_: None,
    ) -> None:
        self._limit, self._reservations, self._counted = limit, reservations, counted
        self._lock = threading.Lock()
        self._running: Counter[str] = Counter()

    @contextmanager
    def call(self, function: str) -> Iterator[None]:
        """Hold a place for one call of `function`, all its versions together; raises TooManyRequests."""
        reserved = self._reservations()
        with self._lock:
            if function in reserved:
                if self._running[function] >= reserved[function]:
                    raise TooManyRequests("ReservedFunctionConcurrentInvocationLimitExceeded")
            else:
                shared = sum(count for name, count in self._running.items() if name not in reserved)
                if shared >= self._limit - sum(reserved.values()):
                    raise TooManyRequests("ConcurrentInvocationLimitExceeded")
            self._running[function] += 1
            running = self._running[function], self._running.total()
        self._counted(function, *running)
        try:
            yield
        finally:
            with self._lock:
                self._running[function] -= 1
