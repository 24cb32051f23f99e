"""The Docker Engine for the containers: the running one, or one that's started for as long as it's needed."""

import fcntl
import hashlib
import os
import select
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import docker
from docker.errors import DockerException

from localaws.samlocal.errors import DockerUnavailable
from localaws.samlocal.packages import install_missing

type Progress = Callable[[str], None]
_USUAL = "unix:///var/run/docker.sock"
_READY_SECONDS = 90
_STOP_SECONDS = 60
# Program → Debian package.
_PROGRAMS = {"dockerd": "docker.io", "docker": "docker.io", "iptables": "iptables", "ip": "iproute2"}


@dataclass(frozen=True)
class Engine:
    """A running Docker Engine; `host` is its address, None for Docker's default."""

    host: str | None
    client: Any

    @property
    def own(self) -> bool:
        """Whether it was started here, and so is stopped here."""
        return self.host is not None

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables with its address."""
        return {"DOCKER_HOST": self.host} if self.host else {}


@contextmanager
def open_engine(state: Path, progress: Progress) -> Iterator[Engine]:
    """Use the running Docker Engine; if there's none and the user is root on Linux, run one until the end of the block.

    The images and build layers of that engine are kept under `state`. Raises DockerUnavailable.
    """
    client = _running()
    if client is not None:
        progress(f"using the running Docker Engine, {client.version()['Version']}")
        try:
            yield Engine(None, client)
        finally:
            client.close()
        return
    with _own_engine(state / "docker", progress) as host:
        client = docker.DockerClient(base_url=host)
        progress(
            f"started a Docker Engine, {client.version()['Version']}, at {host}; it stops at the end of this command"
        )
        try:
            yield Engine(host, client)
        finally:
            client.close()


def _running() -> Any | None:
    """A client of the engine at DOCKER_HOST or the default socket, or None if it doesn't respond."""
    if not _listens(os.environ.get("DOCKER_HOST") or _USUAL):
        return None
    try:
        client = docker.from_env()
    except DockerException:
        return None
    try:
        client.ping()
    except (DockerException, OSError):
        client.close()
        return None
    return client


def _listens(host: str) -> bool:
    """Whether a Unix socket accepts connections; True for other kinds of addresses."""
    if not host.startswith("unix://"):
        return True
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(host.removeprefix("unix://")) == 0


@contextmanager
def _own_engine(home: Path, progress: Progress) -> Iterator[str]:
    if sys.platform != "linux" or os.geteuid() != 0:
        raise DockerUnavailable(
            "No Docker Engine is running, and only root on Linux can start one. Start Docker, or run this as root."
        )
    install_missing(_PROGRAMS, progress)
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DockerUnavailable(
                f"Another command uses the Docker Engine in {home}. Wait for its end, or stop it."
            ) from None
        # The path of a socket is limited to 107 characters, and that of a checkout may be long.
        run = Path("/run") / f"localaws-docker-{hashlib.sha256(str(home).encode()).hexdigest()[:12]}"
        shutil.rmtree(run, ignore_errors=True)
        run.mkdir(mode=0o700)
        supervisor = _supervise(home / "data", run)
        try:
            _wait_until_ready(supervisor, home / "dockerd.log")
            yield f"unix://{run / 'docker.sock'}"
        finally:
            supervisor.communicate(timeout=_STOP_SECONDS)


def _supervise(data: Path, run: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "localaws.samlocal.supervisor", str(data), str(run)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # It must survive a Ctrl-C in the terminal, to stop the engine in order.
        start_new_session=True,
    )


def _wait_until_ready(supervisor: "subprocess.Popen[str]", log: Path) -> None:
    assert supervisor.stdout
    first_line = _first_line(supervisor.stdout)
    if first_line != "ready":
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:]) if log.exists() else first_line
        raise DockerUnavailable(f"dockerd didn't start; the end of {log}:\n{tail}")


def _first_line(stream: IO[str]) -> str:
    readable, _, _ = select.select([stream], [], [], _READY_SECONDS)
    return stream.readline().strip() if readable else ""
