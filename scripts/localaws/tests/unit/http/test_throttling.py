"""Token buckets of routes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from localaws.http.throttling import ACCOUNT_LIMIT, NO_LIMIT, Limit, Throttle, route_limit


class Time:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def admitted(throttle: Throttle, limit: Limit, count: int, stage: str = "s", route: str = "GET /") -> int:
    return sum(throttle.admits(stage, route, limit) for _ in range(count))


def test_a_burst_passes_at_once_and_then_the_rate() -> None:
    time, limit = Time(), Limit(rate=2, burst=5)
    throttle = Throttle(time)
    assert admitted(throttle, limit, 10) == 5
    time.seconds += 1
    assert admitted(throttle, limit, 10) == 2
    time.seconds += 0.25
    assert admitted(throttle, limit, 10) == 0
    time.seconds += 0.25
    assert admitted(throttle, limit, 10) == 1
    time.seconds += 3600
    assert admitted(throttle, limit, 10) == 5


def test_each_route_of_each_stage_has_its_own_bucket() -> None:
    throttle, limit = Throttle(Time()), Limit(1, 1)
    for stage, route in (("a", "GET /"), ("a", "POST /"), ("b", "GET /")):
        assert admitted(throttle, limit, 3, stage, route) == 1


def test_a_changed_limit_applies_at_once_and_one_of_zero_refuses_everything() -> None:
    throttle = Throttle(Time())
    assert admitted(throttle, Limit(1, 1), 2) == 1
    assert admitted(throttle, Limit(1, 3), 5) == 3
    assert admitted(throttle, Limit(0, 0), 2) == 0
    assert admitted(throttle, NO_LIMIT, 100) == 100


def stage(default: dict[str, Any], **routes: dict[str, Any]) -> Any:
    return SimpleNamespace(default_route_settings=default, route_settings=routes)


def test_a_routes_own_limit_comes_before_the_stages_and_the_accounts() -> None:
    default = {"throttlingRateLimit": 10.0, "throttlingBurstLimit": 20}
    assert route_limit(stage(default, a={"throttlingRateLimit": 1.0}), "a") == Limit(1, 20)
    assert route_limit(stage(default, a={"throttlingRateLimit": 0.0}), "b") == Limit(10, 20)
    assert route_limit(stage({"throttlingBurstLimit": 0}), "b") == Limit(ACCOUNT_LIMIT.rate, 0)
    assert route_limit(stage({"detailedMetricsEnabled": False}), "b") == ACCOUNT_LIMIT
