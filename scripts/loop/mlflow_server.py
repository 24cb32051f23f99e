"""An MLflow server with SQLite beside local AWS: runs, versions, and a page to look at them."""

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

    def __init__(self, state: Path, port: int, aws: dict[str, str], reaper: Reaper) -> None:
        """Start it with an empty database: local AWS starts empty as well, and numbers versions from 1.

        Each port has a folder of its own in `state`, so that a second server leaves the first one's alone.
        """
        folder = state / str(port)
        self.url = f"http://127.0.0.1:{port}"
        self._log = folder / "server.log"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
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
        # By the last name containers reach this machine.
        command += ["--allowed-hosts", f"localhost:{port},127.0.0.1:{port},host.docker.internal:{port}"]
        # Without the job runner the server is 2 processes in place of 15.
        environment = {**os.environ, **aws, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "PYTHONPATH": ""}
        with self._log.open("wb") as log:
            self._process = reaper.spawn(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
        self._reaper = reaper

    def wait(self) -> None:
        """Return once the server answers. Raises LoopFailed with the end of its log if it doesn't."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                if httpx.get(f"{self.url}/health", timeout=2).is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        tail = "\n".join(self._log.read_text(errors="replace").splitlines()[-15:])
        raise LoopFailed(f"the MLflow server didn't come up; the end of {self._log}:\n{tail}")

    def close(self) -> None:
        """Stop it."""
        self._reaper.stop(self._process)
