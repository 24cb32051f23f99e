"""Every command of the README works as it stands there."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import ROOT, Loop

README = (ROOT / "README.md").read_text(encoding="utf-8")
# The loop's own fixture runs the first, CI the second, test_tour.py the tours; the others want an AWS account.
TOURS = {"./scripts/tour", "./scripts/tour shop"}
ELSEWHERE = {"./scripts/start", "./scripts/test", *TOURS, "sam build", "sam deploy --config-env dev"}


def commands() -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks for line in block.splitlines() if line.strip()]
    return [line for line in lines if shlex.join(shlex.split(line, comments=True)) not in ELSEWHERE]


def test_the_commands_work_in_the_order_they_stand(loop: Loop, tmp_path: Path) -> None:
    assert len(commands()) >= 8
    work = tmp_path / "checkout"
    work.mkdir()
    for entry in ROOT.iterdir():
        (work / entry.name).symlink_to(entry)
    script = "\n".join(["set -euo pipefail", *commands()])
    environment = {**os.environ, "PATH": f"{ROOT / '.venv/bin'}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", script], cwd=work, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.fail(f"{done.stdout}\n{done.stderr}")
    assert "champion" in done.stdout
    assert "unchanged" in done.stdout or "promoted" in done.stdout
    assert loop.started.process.poll() is None
