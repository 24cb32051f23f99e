"""`python serve.py` in a process of its own, as a container starts it, and clients that are as slow as they like."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPResponse
from tempfile import TemporaryFile
from typing import Any

import httpx

from localaws_testing.ports import free_port
from mlops.registry.store import open_store
from tests.integration.serving.conftest import BUCKET, ROOT
from tests.unit.mlops.serving.artifacts import ROWS, promote, put_version

BODY = json.dumps({"rows": ROWS}).encode()
HEAD = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


@dataclass
class Container:
    """A server that is up. When it has ended `lines` has what it printed, and connections to it are closed."""

    port: int
    process: subprocess.Popen[bytes]
    lines: list[dict[str, Any]] = field(default_factory=list)
    connections: list[socket.socket] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self, *parts: bytes, timeout: float = 30) -> socket.socket:
        """An open connection that has sent these bytes."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=timeout)
        self.connections.append(connection)
        for part in parts:
            connection.sendall(part)
        return connection

    def refusals(self) -> list[tuple[int, str]]:
        """Status and metric of each refusal that the server logged and counted, in pairs of a line and a metric."""
        names = ("Overloaded", "RequestTooSlow", "HeadersTooLarge")
        statuses = [line["status"] for line in self.lines if line.get("record") == "overload"]
        counted = [name for line in self.lines if "_aws" in line for name in names if name in line]
        return list(zip(statuses, counted, strict=True))


@contextmanager
def container(*flags: str, **environ: str) -> Iterator[Container]:
    """Serve version 1 of diagnosis from the bucket behind AWS_ENDPOINT_URL; SIGTERM ends it."""
    store = open_store(f"s3://{BUCKET}")
    put_version(store, 1)
    promote(store, 1)
    port = free_port()
    with TemporaryFile() as printed:  # a pipe would stop the server once it is full
        process = subprocess.Popen(
            [sys.executable, "serve.py", "--port", str(port), *flags],
            cwd=ROOT / "functions",
            env={**os.environ, "AUTHORIZATION": "open", "MODELS_BUCKET": BUCKET, **environ},
            stdout=printed,
        )
        found = Container(port, process)
        try:
            _wait(found)
            yield found
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=40)
            for connection in found.connections:
                connection.close()
        printed.seek(0)
        found.lines += map(json.loads, printed)


def _wait(found: Container) -> None:
    while True:
        assert found.process.poll() is None, "it ended"
        try:
            assert httpx.post(f"{found.url}/predict", json={"rows": ROWS}).status_code == 200
            return
        except httpx.ConnectError:
            time.sleep(0.05)


def read_status(connection: socket.socket) -> int:
    """The status of the next answer, which is read whole; the connection stays open."""
    answer = HTTPResponse(connection)
    answer.begin()
    answer.read()
    answer.close()
    return answer.status


def read_to_end(connection: socket.socket) -> tuple[bytes, float]:
    """What comes until the server closes the connection, and how long that takes in seconds."""
    started = time.monotonic()
    parts = []
    try:
        while part := connection.recv(65_536):
            parts.append(part)
    except ConnectionResetError:
        pass
    connection.close()
    return b"".join(parts), time.monotonic() - started
