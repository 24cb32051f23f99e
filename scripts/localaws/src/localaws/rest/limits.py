"""Throttling and quotas, on local AWS's clock.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from localaws.http.throttling import Limit, Throttle
from localaws.rest.store import Document


class Limits:
    """The token buckets of methods and keys, and the requests of each key by day."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self.throttle = Throttle(now)
        # Plan, key → day → requests.
        self._used: dict[tuple[str, str], dict[date, int]] = defaultdict(lambda: defaultdict(int))

    def forget_all(self) -> None:
        """Forget all requests."""
        with self._lock:
            self.throttle = Throttle(self._now)
            self._used.clear()

    def within_quota(self, plan: Mapping[str, Any], key: str) -> bool:
        """Count a request of a key, unless the plan's quota is used up."""
        quota = plan.get("quota")
        with self._lock:
            days = self._used[(plan["id"], key)]
            today = self._today()
            if quota and sum(days[day] for day in _period(quota["period"], today)) >= _allowed(quota, days, today):
                return False
            days[today] += 1
            return True

    def counted(self) -> int:
        """How many requests were counted, of all keys."""
        with self._lock:
            return sum(sum(days.values()) for days in self._used.values())

    def usage(self, plan: Mapping[str, Any], keys: Iterable[str], first: str, last: str) -> dict[str, list[list[int]]]:
        """For each key the used and the remaining requests of each day from `first` to `last`."""
        begin, end = date.fromisoformat(first), date.fromisoformat(last)
        days = [begin + timedelta(days=count) for count in range((end - begin).days + 1)]
        limit = int((plan.get("quota") or {}).get("limit", 0))
        with self._lock:
            used = {key: self._used.get((plan["id"], key), {}) for key in keys}
        return {key: [[of.get(day, 0), self._left(plan, of, day, limit)] for day in days] for key, of in used.items()}

    @staticmethod
    def _left(plan: Mapping[str, Any], used: Mapping[date, int], day: date, limit: int) -> int:
        if not plan.get("quota"):
            return 0
        period = [other for other in _period(plan["quota"]["period"], day) if other <= day]
        return max(0, limit - sum(used.get(other, 0) for other in period))

    def _today(self) -> date:
        return datetime.fromtimestamp(self._now(), UTC).date()


def _period(kind: str, day: date) -> list[date]:
    """The days of the quota period that a day is in; weeks begin on Sunday."""
    if kind == "DAY":
        return [day]
    if kind == "WEEK":
        first = day - timedelta(days=(day.weekday() + 1) % 7)
        return [first + timedelta(days=count) for count in range(7)]
    first = day.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return [first + timedelta(days=count) for count in range((following - first).days)]


def _allowed(quota: Document, used: Mapping[date, int], today: date) -> int:
    """The limit of the current period: less `offset` in the first one."""
    limit, offset = int(quota.get("limit", 0)), int(quota.get("offset") or 0)
    before = [day for day, count in used.items() if count and day < min(_period(quota["period"], today))]
    return limit - (0 if before else offset)


def throttling(plan: Mapping[str, Any], api: str, stage: str, method: str) -> Limit | None:
    """The rate and burst of a usage plan for a method, such as `/items/GET`: its own, or the plan's; None without."""
    found: Mapping[str, Any] = next(
        (item for item in plan["apiStages"] if (item["apiId"], item["stage"]) == (api, stage)), {}
    )
    own = (found.get("throttle") or {}).get(method) or plan.get("throttle")
    if not own or not own.get("rateLimit"):
        return None
    return Limit(float(own["rateLimit"]), float(own.get("burstLimit") or own["rateLimit"]))
