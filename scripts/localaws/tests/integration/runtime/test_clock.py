"""Functions have the clock of local AWS: that of the machine until it's moved."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from localaws.clock import Clock
from localaws.runtime import FunctionConfig, FunctionPool, Launcher, find_emulator

DAY = 86_400
SOURCE = """
    import datetime, json, logging, sys, time
    from datetime import datetime as moment
    from time import time as seconds

    STARTED = seconds()

    def handler(event, context):
        steady = time.monotonic()
        print(json.dumps({"_aws": {"Timestamp": int(time.time() * 1000)}}))
        logging.getLogger().warning("logged")
        return {
            "started": STARTED,
            "time": [seconds(), time.time_ns() / 1e9, time.clock_gettime(time.CLOCK_REALTIME)],
            "datetime": [moment.now(datetime.UTC).timestamp(), moment.now().timestamp()],
            "today": str(datetime.date.today()),
            "gmtime": time.strftime("%Y-%m-%d", time.gmtime()),
            "record": logging.makeLogRecord({}).created,
            "left": context.get_remaining_time_in_millis(),
            "steady": steady,
            "naive": str(type(moment.now()) is datetime.datetime),
            "replaced": "time_machine" in sys.modules,
        }
"""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pool(home: Path, launcher: Launcher, write_code: Callable[[str], Path], clock: Clock) -> Any:
    config = FunctionConfig(
        name="fn",
        environment={},
        timeout=5,
        memory=128,
        region="eu-west-1",
        handler="app.handler",
        in_place=True,
        code=write_code(SOURCE),
    )
    pool = FunctionPool(config, home, find_emulator(home), launcher, 1, clock=clock)
    yield pool
    pool.close()


def call(pool: FunctionPool) -> dict[str, Any]:
    invocation = pool.invoke(b"{}")
    assert invocation.error is None, invocation
    result: dict[str, Any] = json.loads(invocation.payload)
    result["log"] = [line.timestamp / 1000 for line in invocation.log]
    return result


def times(answer: dict[str, Any]) -> list[float]:
    return [*answer["time"], *answer["datetime"], answer["record"], *answer["log"]]


def test_a_clock_that_was_not_moved_is_the_machines_and_replaces_nothing(pool: FunctionPool) -> None:
    before, answer, after = time.time(), call(pool), time.time()
    assert all(before - 0.01 <= found <= after + 0.01 for found in times(answer))
    assert not answer["replaced"]


def test_a_warm_function_has_the_clocks_time_from_its_next_call_on(pool: FunctionPool, clock: Clock) -> None:
    first = call(pool)
    for days in (30, 31):
        clock.forward_to(time.time() + days * DAY)
        before, answer, after = clock.now(), call(pool), clock.now()
        assert all(before - 0.01 <= found <= after + 0.01 for found in times(answer))
        assert answer["started"] == first["started"]
        assert answer["today"] == answer["gmtime"] == str(datetime.fromtimestamp(before, UTC).date())
        assert answer["naive"] == "True"


def test_a_function_that_starts_later_has_it_from_the_start(pool: FunctionPool, clock: Clock) -> None:
    clock.forward_to(time.time() + DAY)
    before, answer, after = clock.now(), call(pool), clock.now()
    assert before - 0.01 <= answer["started"] <= after + 0.01
    assert all(before - 0.01 <= found <= after + 0.01 for found in times(answer))


def test_timers_and_the_time_that_is_left_do_not_jump(pool: FunctionPool, clock: Clock) -> None:
    first = call(pool)
    clock.forward_to(time.time() + DAY)
    second = call(pool)
    assert second["steady"] - first["steady"] < DAY / 2
    assert 0 < second["left"] <= 5000
