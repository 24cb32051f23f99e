"""A local AWS in a process of its own, with its memory and its folder's size."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from localaws_testing.ports import free_port


@dataclass(frozen=True)
class Cloud:
    """A running local AWS."""

    process: subprocess.Popen[str]
    port: int
    http_port: int
    state: Path

    def client(self, service: str) -> Any:
        """A client that tries once."""
        return boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=f"http://localhost:{self.port}",
            region_name="us-east-1",
            aws_access_key_id="any",
            aws_secret_access_key="any",
            config=Config(retries={"max_attempts": 0}, read_timeout=600, max_pool_connections=32),
        )

    def memory_mb(self) -> float:
        """The memory of local AWS itself, without its functions: pages that it shares count by its share (PSS)."""
        lines = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024

    def logs_mb(self) -> float:
        """The size of the log events on disk."""
        sizes = (path.stat().st_size for path in self.state.glob("logs/*/*"))
        return sum(sizes) / 1_000_000


@contextmanager
def running(template: str | None = None) -> Iterator[Cloud]:
    """A local AWS with a template's stack, in temporary folders."""
    with tempfile.TemporaryDirectory(prefix="localaws-bench-") as name:
        folder, port, http_port = Path(name), free_port(), free_port()
        arguments = ["--port", str(port), "--http-port", str(http_port), "--state-dir", str(folder / "state")]
        if template:
            (folder / "template.yaml").write_text(template, encoding="utf-8")
            arguments.insert(0, "template.yaml")
        process = subprocess.Popen(
            [sys.executable, "-m", "localaws", "up", *arguments],
            cwd=folder,
            env={key: value for key, value in os.environ.items() if not key.startswith("AWS_")},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait(process)
            yield Cloud(process, port, http_port, folder / "state")
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)


def _wait(process: subprocess.Popen[str]) -> None:
    printed: list[str] = []
    for line in process.stdout or ():
        printed.append(line)
        if line.startswith("  export "):
            return
    raise RuntimeError("local AWS didn't start:\n" + "".join(printed))
