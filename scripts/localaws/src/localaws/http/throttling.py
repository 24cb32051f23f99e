"""Throttling of the routes of an HTTP API: a token bucket for each route of a stage.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Limit:
    """Requests per second, and the number that may come at once."""

    rate: float
    burst: float


# The quota of an account, which is the limit of a route whose stage has none.
ACCOUNT_LIMIT = Limit(10_000, 5_000)
NO_LIMIT = Limit(math.inf, math.inf)


def route_limit(stage: Any, key: str) -> Limit:
    """The limit of a route: its own settings, then the stage's default ones, then the account's quota."""
    settings: list[Mapping[str, Any]] = [stage.route_settings.get(key) or {}, stage.default_route_settings or {}]
    rates = [given["throttlingRateLimit"] for given in settings if given.get("throttlingRateLimit") is not None]
    bursts = [given["throttlingBurstLimit"] for given in settings if given.get("throttlingBurstLimit") is not None]
    return Limit(float(rates[0]) if rates else ACCOUNT_LIMIT.rate, float(bursts[0]) if bursts else ACCOUNT_LIMIT.burst)


class Throttle:
    """The buckets of one API; `now` returns the time in seconds. It isn't safe for threads."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def admits(self, stage: str, route: str, limit: Limit) -> bool:
        """Whether a request may pass; takes a token if so. A changed limit begins with a full bucket."""
        if limit == NO_LIMIT:
            return True
        now = self._now()
        bucket = self._buckets.get((stage, route))
        if bucket is None or bucket.limit != limit:
            bucket = self._buckets[(stage, route)] = _Bucket(limit, limit.burst, now)
        return bucket.take(now)


@dataclass
class _Bucket:
    limit: Limit
    tokens: float
    filled: float

    def take(self, now: float) -> bool:
        self.tokens = min(self.limit.burst, self.tokens + (now - self.filled) * self.limit.rate)
        self.filled = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True
