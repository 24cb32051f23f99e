"""A real DVC resolves what `mlops data pull` writes, through local AWS, after another upload under the same key."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import uv

from tests.loops import ROOT, Loop

VERSION = "3.67.1"


@pytest.fixture(scope="module")
def dvc() -> Path:
    """The program, in an environment of its own: nothing here depends on it."""
    folder = ROOT / ".localaws" / f"dvc-{VERSION}"
    program = folder / "bin" / "dvc"
    if not program.exists():
        environ = {**os.environ, "VIRTUAL_ENV": ""}
        for words in (
            ("venv", "--clear", "--python", sys.executable, str(folder)),
            ("pip", "install", "--python", str(folder / "bin" / "python"), f"dvc[s3]=={VERSION}"),
        ):
            subprocess.run([uv.find_uv_bin(), *words, "--quiet"], check=True, env=environ)
    return program


@pytest.mark.timeout(1200)
def test_dvc_pull_fetches_the_exact_dataset_of_a_version(loop: Loop, dvc: Path, dataset: bytes, tmp_path: Path) -> None:
    def run(*command: str | Path) -> str:
        environ = {**os.environ, "DVC_NO_ANALYTICS": "1"}
        done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    lines = dataset.splitlines(keepends=True)
    content, later = (b"".join(line for row, line in enumerate(lines) if row != left_out) for left_out in (5, 7))
    report = loop.put("dvc.csv", content)
    assert loop.put("dvc.csv", later)["version"] == report["version"] + 1
    pulled = json.loads(run(ROOT / "scripts/mlops", "data", "pull", "diagnosis", str(report["version"]), "--json"))
    file, pointer = tmp_path / pulled["file"], tmp_path / pulled["pointer"]
    assert file.read_bytes() == content
    run("git", "init", "--quiet")
    run(dvc, "init", "--quiet")
    file.unlink()
    written = pointer.read_bytes()
    run(dvc, "pull", pointer.name)
    assert file.read_bytes() == content
    assert pointer.read_bytes() == written
    file.unlink()
    pointer.write_bytes(written.replace(pulled["s3_version"].encode(), b"0" * 8))
    (tmp_path / ".dvc" / "cache").rename(tmp_path / "cache")
    done = subprocess.run([dvc, "pull", pointer.name], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0, "a version that isn't there was resolved"
