"""An MLflow server with SQLite for local AWS: runs, versions, and a web page of them."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import httpx

from localaws.runtime.reaper import Reaper
from loop.errors import LoopFailed

READY_SECONDS = 90


class MlflowServer:
    """A server that starts in the background; `wait` returns once it answers."""

    def __init__(self, state: Path, port: int, aws: dict[str, str], reaper: Reaper, *, fresh: bool) -> None:
        """Start it with the runs of the last start on this port; `fresh`, with an empty database.

        Local AWS starts empty then too, and numbers versions from 1. Each port has a folder of its own in `state`, so
        that a second server doesn't touch the first one's.
        """
        folder = state / str(port)
        self.url = f"http://127.0.0.1:{port}"
        self._log = folder / "server.log"
        if fresh:
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        command = [
            sys.executable,
            "-m",
            "mlflow",
            "server",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--workers",
            "1",
        ]
        command += ["--backend-store-uri", f"sqlite:///{folder / 'mlflow.db'}", "--serve-artifacts"]
        command += ["--artifacts-destination", str(folder / "artifacts")]
        # Containers reach this machine by the last name.
        command += ["--allowed-hosts", f"localhost:{port},127.0.0.1:{port},host.docker.internal:{port}"]
        # Without the job runner the server is 2 processes in place of 15.
        environment = {**os.environ, **aws, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "PYTHONPATH": ""}
        with self._log.open("wb") as log:
            self._process = reaper.spawn(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
        self._reaper = reaper

    def wait(self) -> None:
        """Return once the server responds. Raises LoopFailed with the end of its log if it doesn't within 90 s."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                if httpx.get(f"{self.url}/health", timeout=2).is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        tail = "\n".join(self._log.read_text(errors="replace").splitlines()[-15:])
        raise LoopFailed(f"The MLflow server didn't start; the end of {self._log}:\n{tail}")

    def close(self) -> None:
        """Stop it."""
        self._reaper.stop(self._process)
