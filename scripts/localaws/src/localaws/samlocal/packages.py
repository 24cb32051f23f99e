"""Installs system packages that are needed for containers, on Debian."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from localaws.samlocal.errors import DockerUnavailable

_POLICY = Path("/usr/sbin/policy-rc.d")


def install_missing(programs: Mapping[str, str], progress: Callable[[str], None]) -> None:
    """Install the Debian packages of missing programs. Raises DockerUnavailable if that isn't possible."""
    packages = sorted({package for program, package in programs.items() if shutil.which(program) is None})
    if not packages:
        return
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise DockerUnavailable(
            f"{', '.join(packages)} must be installed first; this command can do that only as root on Debian."
        )
    progress(f"installing {', '.join(packages)}")
    with _no_service_starts():
        for words in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
            _apt(words)


@contextmanager
def _no_service_starts() -> Iterator[None]:
    """Prevent Debian from starting the services of packages: status 101 of policy-rc.d forbids it."""
    if _POLICY.exists():
        yield
        return
    _POLICY.write_text("#!/bin/sh\nexit 101\n")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink()


def _apt(words: list[str]) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    ran = subprocess.run(
        ["apt-get", "-qq", *words],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if ran.returncode:
        raise DockerUnavailable(f"`apt-get {' '.join(words)}` failed:\n{ran.stdout}{ran.stderr}")
