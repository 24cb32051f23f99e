"""The servers over HTTP: start-up, memory, requests a second with 1 and 8 clients, and payloads of 100 and 10,000 rows.

In each round every server is started, measured alone and ended, so that a slow minute of the machine hits them all.
"""

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from localaws_testing.ports import free_port
from tests.bench.fixture import Fixture
from tests.bench.load import press
from tests.bench.processes import ask, memory_mb, running, wait_for_answer
from tests.bench.servers import Door, Server

CLIENTS = (1, 8)
SIZES = (100, 10_000)
TOLERANCE = 1e-6
_JSON = "application/json"

type Measured = dict[str, Any]


def measure_servers(
    servers: Sequence[Server],
    fixture: Fixture,
    rounds: int,
    seconds: float,
    scratch: Path,
    say: Callable[[str], None],
) -> list[Measured]:
    """One entry a round and server."""
    found = []
    for number in range(1, rounds + 1):
        for server in servers:
            entry = _measure(server, fixture, seconds, scratch)
            found.append({"round": number, "server": server.key, "name": server.name, **entry})
            one = entry["load"][server.doors[0].protocol]["1"]
            say(
                f"round {number}/{rounds}: {server.key:9} start {entry['start_s']:.2f} s, {entry['memory_mb']:.0f} MB, "
                f"1 client {one['rate']:,.0f} requests/s"
            )
    return found


def _measure(server: Server, fixture: Fixture, seconds: float, scratch: Path) -> Measured:
    port = free_port()
    server.prepare(port)
    usual = server.doors[0]
    body = usual.body(fixture.rows(1))
    started = time.perf_counter()
    with running(server.command(port), server.environ, server.folder) as process:
        answer = wait_for_answer(process, port, usual.path, body, _JSON)
        start_s = time.perf_counter() - started
        _check(usual, answer, fixture, 1)
        for door in server.doors:
            press(port, door.path, door.body(fixture.rows(1)), 1, 1, scratch)
        load = {
            door.protocol: {
                str(clients): vars(press(port, door.path, door.body(fixture.rows(1)), clients, seconds, scratch))
                for clients in (CLIENTS if door is usual else CLIENTS[:1])
            }
            for door in server.doors
        }
        memory = memory_mb(process.pid)
        rows = {
            door.protocol: {str(size): _measure_rows(port, door, fixture, size) for size in SIZES}
            for door in server.doors
        }
        return {"start_s": start_s, "memory_mb": memory, "load": load, "rows": rows}


def _measure_rows(port: int, door: Door, fixture: Fixture, size: int) -> float:
    """Rows a second: the best of a few requests, after one whose answer is checked against the estimator."""
    body = door.body(fixture.rows(size))
    _, answer = ask(port, door.path, body, _JSON)
    _check(door, answer, fixture, size)
    spent = []
    for _ in range(20 if size <= 100 else 2):
        started = time.perf_counter()
        status, _ = ask(port, door.path, body, _JSON)
        spent.append(time.perf_counter() - started)
        assert status == 200
    return size / min(spent)


def _check(door: Door, answer: bytes, fixture: Fixture, count: int) -> None:
    said = np.array(door.read(json.loads(answer)))
    off = float(np.max(np.abs(said - fixture.expected(count)))) if len(said) == count else np.inf
    if not off <= TOLERANCE:
        raise RuntimeError(f"{door.path} answered {count} rows wrongly, by {off}: {answer[:200]!r}")
