"""What 100,000 requests leave behind in the memory of our server."""

import time
from pathlib import Path
from typing import Any

from localaws_testing.ports import free_port
from tests.bench.fixture import Fixture
from tests.bench.load import press
from tests.bench.processes import memory_mb, running, wait_for_answer
from tests.bench.servers import Server

CLIENTS = 8
STEP_SECONDS = 5
MAX_SECONDS = 300

type Measured = dict[str, Any]


def measure_memory(server: Server, fixture: Fixture, requests: int, scratch: Path) -> list[Measured]:
    """Requests answered so far and memory in MB, from the first thousands to the last."""
    port = free_port()
    door = server.doors[0]
    body = door.body(fixture.rows(1))
    seen: list[Measured] = []
    answered = 0
    until = time.monotonic() + MAX_SECONDS
    with running(server.command(port), server.environ, server.folder) as process:
        wait_for_answer(process, port, door.path, body, "application/json")
        while answered < requests and time.monotonic() < until:
            load = press(port, door.path, body, CLIENTS, STEP_SECONDS, scratch)
            answered += round(load.rate * STEP_SECONDS)
            seen.append({"requests": answered, "memory_mb": memory_mb(process.pid)})
    return seen
