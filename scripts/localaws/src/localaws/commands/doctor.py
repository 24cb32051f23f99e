"""`doctor`: whether this machine can run a local AWS, and what to do where it can't."""

from __future__ import annotations

import argparse
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from localaws.errors import LocalAwsError
from localaws.ports import demand_free

HELP = "check whether this machine can run a local AWS, and say what to do where it can't"
_LEAST_FREE_GIB = 2


def add(parser: argparse.ArgumentParser) -> None:
    """Its options."""
    parser.add_argument("--port", type=int, default=4566, help="port of the AWS endpoint (4566)")
    parser.add_argument("--http-port", type=int, default=3000, help="port of the first HTTP API (3000)")
    parser.add_argument("--state-dir", type=Path, default=Path(".localaws"), help="where builds are kept (.localaws)")


def run(options: argparse.Namespace) -> int:
    """Print one line a check; the exit code is 1 if one failed."""
    checks: dict[str, Callable[[], str]] = {
        "Python": lambda: f"{platform.python_version()} on {platform.machine()}",
        "AWS's runtime emulator": _emulator,
        "AWS's Python runtime": _runtime,
        "make": _make,
        f"port {options.port}": lambda: _port(options.port, "--port"),
        f"port {options.http_port}": lambda: _port(options.http_port, "--http-port"),
        "state folder": lambda: _folder(options.state_dir),
        "disk": lambda: _disk(options.state_dir),
        "moto": _moto,
    }
    width, failed = max(map(len, checks)), 0
    for name, check in checks.items():
        try:
            said, mark = check(), "ok"
        except LocalAwsError as error:
            said, mark, failed = str(error), "FAILED", failed + 1
        print(f"  {mark:<6}  {name:<{width}}  {said}")
    print("This machine can run local AWS." if not failed else f"{failed} of {len(checks)} checks failed.")
    return 1 if failed else 0


# What each check needs is loaded by it: the other commands would wait for it too.
def _runtime() -> str:
    from localaws.builds.managed_runtime import pinned_with_dependencies

    return f"{len(pinned_with_dependencies(('awslambdaric', 'boto3')))} packages pinned"


def _emulator() -> str:
    from localaws.runtime.emulator import find_emulator

    with tempfile.TemporaryDirectory() as cache:
        return find_emulator(Path(cache)).name


def _make() -> str:
    found = shutil.which("make")
    if found is None:
        raise LocalAwsError("not found; layers with BuildMethod makefile need it (Debian: apt-get install make)")
    return found


def _port(port: int, option: str) -> str:
    demand_free(port, option)
    return "free"


def _folder(folder: Path) -> str:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return str(folder.resolve())
    except OSError as error:
        raise LocalAwsError(f"{folder} can't be written: {error.strerror}; name another with --state-dir") from None


def _disk(folder: Path) -> str:
    free = shutil.disk_usage(folder if folder.is_dir() else folder.resolve().parent).free / 2**30
    if free < _LEAST_FREE_GIB:
        raise LocalAwsError(f"{free:.1f} GiB free; layers and images need {_LEAST_FREE_GIB}")
    return f"{free:.0f} GiB free"


def _moto() -> str:
    """Whether each place where moto is changed is still there: the cloud itself changes them all and puts them back."""
    from localaws.cloud import LocalCloud
    from localaws.settings import Settings

    with tempfile.TemporaryDirectory() as state:
        LocalCloud(Settings(state=Path(state))).check_moto()
    return f"has all that local AWS changes of it ({sys.modules['moto'].__version__})"
