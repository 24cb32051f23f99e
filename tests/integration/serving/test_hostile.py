"""A refused request costs less than an answered one, whatever its body is."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx
import pytest

from localaws_testing.ports import free_port
from mlops.registry.store import open_store
from tests.integration.serving.conftest import BUCKET, ROOT
from tests.integration.serving.hostile import Hostile, bodies, numbers
from tests.unit.mlops.serving.artifacts import promote, put_version, regression

MEGABYTES = 100  # above idle
LOGGED = 20_000  # bytes that a refusal may write to the log
ANSWERED = 64_000  # bytes of a problem document
LONGEST_WAIT = 0.5  # seconds that another client may wait meanwhile

FUZZED = 20_000  # requests
SEED = 11


@pytest.mark.parametrize(
    ("kind", "seconds", "megabytes"),
    # A flat list of three million numbers may be an honest matrix of 500 columns, and is parsed.
    [("30", 0.25, MEGABYTES), ("500", 0.5, 150), ("mixed", 0.25, MEGABYTES)],
    ids=["30 numbers", "500 numbers", "mixed columns"],
)
def test_every_hostile_body_is_refused_for_little_time_and_memory(
    kind: str, seconds: float, megabytes: int, tmp_path: Path
) -> None:
    def measure() -> dict[tuple[str, str], dict[str, Any]]:
        costs = [*_measure(kind, tmp_path / "log")]
        assert len(costs) >= 40
        found = [cost for cost in costs if not _is_cheap(cost, seconds, megabytes)]
        return {(cost["name"], cost["path"]): cost for cost in found}

    offences = measure()
    # On a core that's shared, processor time is dearer at moments: a body that costs too much does each time.
    for _ in range(2):
        if offences:
            again = measure()
            offences = {body: cost for body, cost in offences.items() if body in again}
    assert offences == {}


def test_fuzzed_requests_are_answered_or_refused_within_the_same_bounds(tmp_path: Path) -> None:
    (seen,) = _run("fuzz_process", str(FUZZED), str(SEED), tmp_path / "log")
    assert seen["offences"] == []
    assert sum(seen["statuses"].values()) == FUZZED
    assert seen["statuses"].keys() >= {"200", "400", "422"}
    assert seen["megabytes"] <= MEGABYTES


def test_other_clients_do_not_wait_while_hostile_bodies_are_refused(s3: str) -> None:
    contract = numbers(30)
    store = open_store(f"s3://{BUCKET}")
    graph, golden_rows = regression(contract)
    put_version(store, 1, model="target", contract=contract, graph=graph, golden_rows=golden_rows)
    promote(store, 1, "target")
    good = {"rows": [dict.fromkeys(contract.names, 1.0)]}
    with _server() as address, httpx.Client(base_url=address, timeout=60) as client:
        _wait_until_up(client, good)
        with _bystander(address, good) as waits:
            statuses = dict[tuple[str, str], int]()
            longest = dict[tuple[str, str], float]()
            for hostile in bodies("target", contract, is_default=True):
                name = hostile.name, hostile.path
                # A machine that is busy with something else makes anybody wait: a body that does it does it each time.
                longest[name] = _wait_meanwhile(waits, client, hostile, statuses)
                for _ in range(5):
                    if longest[name] > LONGEST_WAIT:
                        longest[name] = min(longest[name], _wait_meanwhile(waits, client, hostile, statuses))
    assert {body: status for body, status in statuses.items() if not 400 <= status < 500} == {}
    assert len(waits) > 100
    assert {body: wait for body, wait in longest.items() if wait > LONGEST_WAIT} == {}


@contextmanager
def _bystander(address: str, good: dict[str, Any]) -> Iterator[list[float]]:
    """Another client that asks on and on: how long it waited each time, in seconds."""
    over, waits = Event(), list[float]()

    def ask_on() -> None:
        with httpx.Client(base_url=address, timeout=60) as other:
            while not over.is_set():
                started = time.perf_counter()
                assert other.post("/predict", json=good).status_code == 200
                waits.append(time.perf_counter() - started)

    thread = Thread(target=ask_on)
    thread.start()
    try:
        yield waits
    finally:
        over.set()
        thread.join()


def _wait_meanwhile(
    waits: list[float], client: httpx.Client, hostile: Hostile, statuses: dict[tuple[str, str], int]
) -> float:
    """Send a body, and return the longest that the bystander waited meanwhile; its answer's status is noted."""
    before = len(waits)
    headers = {"content-type": hostile.content_type, **hostile.headers}
    answer = client.post(hostile.path, content=hostile.body, headers=headers)
    statuses[hostile.name, hostile.path] = answer.status_code
    count, end = len(waits), time.monotonic() + 60
    while len(waits) == count:  # the request that was under way belongs to it
        assert time.monotonic() < end, "the other client gets no answer"
        time.sleep(0.001)
    return max(waits[before:])


def _measure(kind: str, log: Path) -> Iterator[dict[str, Any]]:
    return iter(_run("hostile_process", kind, log))


def _run(module: str, *arguments: str | Path) -> list[dict[str, Any]]:
    """The JSON lines that one of the modules next to this one prints."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.integration.serving.{module}", *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (ROOT / "functions", ROOT / "scripts", ROOT)))},
        capture_output=True,
        text=True,
        check=False,
    )
    seen = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, f"after {len(seen)} lines it ended: {done.stderr[-2_000:]}"
    return seen


def _is_cheap(cost: dict[str, Any], seconds: float, megabytes: int) -> bool:
    return bool(
        400 <= cost["status"] < 500
        and cost["seconds"] <= seconds
        and cost["megabytes"] <= megabytes
        and cost["logged"] <= LOGGED
        and cost["answered"] <= ANSWERED
    )


@contextmanager
def _server() -> Iterator[str]:
    """`serve.py` as a container starts it, for the models in the bucket."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "serve.py", "--port", str(port)],
        cwd=ROOT / "functions",
        env={
            **os.environ,
            "AUTHORIZATION": "open",
            "MODELS_BUCKET": BUCKET,
            "DEFAULT_MODEL": "target",
            "PYTHONPATH": str(ROOT / "functions"),
        },
        stdout=subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}"
        assert server.poll() is None, "it ended"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=20)


def _wait_until_up(client: httpx.Client, good: dict[str, Any]) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            if client.post("/predict", json=good).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError("the server doesn't answer")
