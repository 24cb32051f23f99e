"""The servers of the SAM CLI: `sam local start-api` and `sam local start-lambda`."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from localaws.runtime.reaper import Reaper
from localaws.samlocal.errors import SamFailed

_READY_SECONDS = 120
_STOP_SECONDS = 20


def sam(*words: str | Path, environment: Mapping[str, str], folder: Path) -> None:
    """Run a SAM command. Raises SamFailed with its output."""
    ran = subprocess.run(
        _command(words),
        cwd=folder,
        env=_environment(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if ran.returncode:
        raise SamFailed(f"`sam {' '.join(map(str, words))}` failed:\n{ran.stdout}")


class SamServer:
    """A SAM server that listens on 127.0.0.1; `wait` returns once it does."""

    def __init__(
        self, words: Sequence[str | Path], port: int, log: Path, environment: Mapping[str, str], reaper: Reaper
    ) -> None:
        self._words, self._port, self._log, self._reaper = words, port, log, reaper
        with log.open("wb") as out:
            self._process = reaper.spawn(
                _command([*words, "--host", "127.0.0.1", "--port", str(port)]),
                env=_environment(environment),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def wait(self) -> None:
        """Return once the server listens. Raises SamFailed with the end of its log if it doesn't."""
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self._port)) == 0:
                    return
            time.sleep(0.05)
        tail = "\n".join(self._log.read_text(errors="replace").splitlines()[-20:])
        raise SamFailed(f"`sam {self._words[0]} {self._words[1]}` didn't start; the end of {self._log}:\n{tail}")

    def close(self) -> None:
        """Let it remove its containers, then kill it."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._log.open("ab").write(b"didn't stop, so it was killed\n")
        self._reaper.stop(self._process)


def _command(words: Sequence[str | Path]) -> list[str]:
    return [str(Path(sys.executable).parent / "sam"), *map(str, words)]


def _environment(added: Mapping[str, str]) -> dict[str, str]:
    tools = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return {**os.environ, "SAM_CLI_TELEMETRY": "0", "PYTHONPATH": "", "PATH": tools, **added}
