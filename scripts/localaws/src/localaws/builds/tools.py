"""Runs build tools and captures their output for errors."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import uv

from localaws.builds.errors import BuildFailed

type Progress = Callable[[str], None]


def run_tool(what: str, argv: Sequence[str], cwd: Path, environment: Mapping[str, str] | None = None) -> str:
    """Run a build tool; returns its output, which BuildFailed has too if it fails."""
    ran = subprocess.run(
        argv,
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    output = ran.stdout.decode(errors="replace").strip()
    if ran.returncode != 0:
        output = output or "(no output)"
        raise BuildFailed(f"{what} failed: `{' '.join(argv)}` exited with status {ran.returncode}:\n{output}")
    return output


def uv_install(what: str, target: Path, arguments: Sequence[str], cwd: Path) -> None:
    """Install packages for this Python into a folder; `arguments` are those of `uv pip install`."""
    argv = [uv.find_uv_bin(), "pip", "install", "--quiet", "--python", sys.executable, "--target", str(target)]
    run_tool(what, [*argv, *arguments], cwd)
    (target / ".lock").unlink(missing_ok=True)
