"""`doctor`: check whether this machine can run local AWS, and print how to fix what's missing."""

from __future__ import annotations

import argparse
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from localaws.errors import LocalAwsError
from localaws.folders import demand_writable
from localaws.ports import demand_free

HELP = "check whether this machine can run local AWS, and print how to fix what's missing"
_MIN_FREE_GIB = 2


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("--port", type=int, default=4566, help="port of the AWS endpoint (4566)")
    parser.add_argument("--http-port", type=int, default=3000, help="port of the first HTTP API (3000)")
    parser.add_argument("--state-dir", type=Path, default=Path(".localaws"), help="folder for builds (.localaws)")


def run(options: argparse.Namespace) -> int:
    """Print one line per check; the exit code is 1 if a check failed."""
    checks: dict[str, Callable[[], str]] = {
        "Python": lambda: f"{platform.python_version()} on {platform.machine()}",
        "AWS's runtime emulator": _emulator,
        "AWS's Python runtime": _runtime,
        "make": _make,
        f"port {options.port}": lambda: _port(options.port, "--port"),
        f"port {options.http_port}": lambda: _port(options.http_port, "--http-port"),
        "state folder": lambda: _folder(options.state_dir),
        "disk": lambda: _disk(options.state_dir),
        "functions' files": _file_system,
        "moto": _moto,
    }
    width, failed = max(map(len, checks)), 0
    for name, check in checks.items():
        try:
            result, mark = check(), "ok"
        except LocalAwsError as error:
            result, mark, failed = str(error), "FAILED", failed + 1
        print(f"  {mark:<6}  {name:<{width}}  {result}")
    print("This machine can run local AWS." if not failed else f"{failed} of {len(checks)} checks failed.")
    return 1 if failed else 0


# Each check imports what it needs: at the top of the module, it would slow down the other commands.
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
    demand_writable(folder)
    return str(folder.resolve())


def _disk(folder: Path) -> str:
    free = shutil.disk_usage(folder if folder.is_dir() else folder.resolve().parent).free / 2**30
    if free < _MIN_FREE_GIB:
        raise LocalAwsError(f"{free:.1f} GiB free; layers and images need {_MIN_FREE_GIB} GiB")
    return f"{free:.0f} GiB free"


def _file_system() -> str:
    """Whether functions get a root file system of their own; they run without it, too."""
    from localaws.runtime import Launcher, Reaper
    from localaws.runtime.isolation import consequences, find_obstacle

    with tempfile.TemporaryDirectory() as home, Reaper() as reaper, Launcher(reaper) as launcher:
        obstacle = find_obstacle(launcher, Path(home))
    return consequences(obstacle) if obstacle else "in a root of their own, as on AWS"


def _moto() -> str:
    """Apply all patches to moto and undo them."""
    from localaws.cloud import LocalCloud
    from localaws.settings import Settings

    with tempfile.TemporaryDirectory() as state:
        LocalCloud(Settings(state=Path(state))).check_moto()
    return f"{sys.modules['moto'].__version__}, can be patched"
