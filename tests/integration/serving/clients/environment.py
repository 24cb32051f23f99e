"""Environments of clients: made once, from the package index, and kept under .localaws/clients."""

import json
import os
import subprocess
import sys
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Any

from tests.integration.serving.conftest import ROOT

KEPT = ROOT / ".localaws" / "clients"
UV = Path(sys.executable).with_name("uv")


def make_environment(requirement: str) -> Path:
    """The folder of the programs of an environment with a package, `name==version`."""
    KEPT.mkdir(parents=True, exist_ok=True)
    folder = KEPT / requirement
    done = folder / "complete"
    with (KEPT / f"{requirement}.lock").open("w") as lock:
        flock(lock, LOCK_EX)  # tests may run in several processes
        if not done.exists():
            run(UV, "venv", "--quiet", "--clear", "--python", sys.executable, folder)
            run(UV, "pip", "install", "--quiet", "--python", folder / "bin" / "python", requirement)
            done.touch()
    return folder / "bin"


def run(*command: str | Path, given: Any = None) -> subprocess.CompletedProcess[str]:
    """Run a program, whose standard input is a document in JSON. It must succeed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL"))}
    done = subprocess.run(command, env=kept, input=json.dumps(given), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done
