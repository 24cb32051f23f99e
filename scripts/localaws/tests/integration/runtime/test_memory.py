"""A function's memory: the reported maximum, and the limit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import MakePool

HOLDS = """
    import subprocess, sys, time
    def handler(event, context):
        if event["by"] == "child":
            source = f"held = bytearray({event['megabytes']} << 20); import time; time.sleep({event['seconds']})"
            subprocess.run([sys.executable, "-c", source])
        else:
            held = bytearray(event["megabytes"] << 20)
            time.sleep(event["seconds"])
        return "held"
"""


def event(megabytes: int, by: str = "itself", seconds: float = 0) -> bytes:
    return json.dumps({"megabytes": megabytes, "by": by, "seconds": seconds}).encode()


def test_the_report_has_the_maximum_memory(make_pool: MakePool) -> None:
    pool = make_pool(HOLDS, memory=512)
    small, large = pool.invoke(event(1)), pool.invoke(event(200))
    assert 200 <= large.max_memory_mb - small.max_memory_mb + 1 <= 210
    assert f"Max Memory Used: {large.max_memory_mb} MB" in large.log[-1].message


@pytest.mark.parametrize(("by", "seconds"), [("itself", 0), ("itself", 4), ("child", 4)])
def test_a_function_that_exceeds_its_memory_is_killed(make_pool: MakePool, by: str, seconds: float) -> None:
    pool = make_pool(HOLDS, memory=128, timeout=10)
    invocation = pool.invoke(event(200, by, seconds))
    payload = json.loads(invocation.payload)
    assert invocation.error == "Unhandled"
    assert payload["errorType"] == "Runtime.OutOfMemory"
    assert payload["errorMessage"].endswith("Error: Runtime exited with error: signal: killed")
    report = invocation.log[-1].message
    assert "Memory Size: 128 MB\tMax Memory Used: 128 MB" in report
    assert report.endswith("Status: error\tError Type: Runtime.OutOfMemory")
    assert invocation.duration_ms < 3000
    after = pool.invoke(event(1))
    assert (after.payload, after.init_ms is not None) == (b'"held"', True)


def test_the_memory_of_children_counts(make_pool: MakePool) -> None:
    assert make_pool(HOLDS, memory=512).invoke(event(100, "child", 0.5)).max_memory_mb > 110
