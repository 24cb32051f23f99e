"""Limits of concurrent executions, reserved concurrency and throttling.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from moto.awslambda.exceptions import InvalidParameterValueException, LambdaClientError


class TooManyRequests(LambdaClientError):
    """The function or the account has reached its limit of concurrent executions."""

    code = 429

    def __init__(self, reason: str) -> None:
        super().__init__("TooManyRequestsException", "Rate Exceeded.")
        self.description = json.dumps(
            {"__type": self.error_type, "message": self.message, "Reason": reason, "Type": "User"}
        )


# Of the account's concurrency, what functions without a reservation keep.
_LEAST_UNRESERVED = 100


def check_reservation(limit: int, others: int, count: int) -> None:
    """Raise if a reservation of `count` next to those of `others` leaves too little of the account's `limit`."""
    least = min(_LEAST_UNRESERVED, limit)
    if limit - others - count < least:
        raise InvalidParameterValueException(
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "
            f"below its minimum value of [{least}]."
        )


class Concurrency:
    """Counts running calls. `reservations` returns the reserved concurrency of each function that has one.

    A function with a reservation may run that many calls; the others share the rest of the account's `limit`.
    `counted` gets the number of running calls of a function, and of all functions, at the start of each call.
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
        """Count one call of `function` (all its versions together) while it runs; raises TooManyRequests."""
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
