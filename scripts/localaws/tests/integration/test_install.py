"""Local AWS for somebody who has nothing but a SAM project: installed by itself, run from the project's folder."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from email import message_from_bytes
from pathlib import Path

import httpx
import pytest
import uv

from localaws_testing.ports import free_port

DISTRIBUTION = Path(__file__).parents[2]
PROJECT = Path(__file__).parent / "templates" / "installed"
# The interpreter that this environment was made of, which has none of its packages.
PYTHON = sys._base_executable  # type: ignore[attr-defined]
# What belongs to the project that this distribution is developed in.
OF_THE_PROJECT = re.compile(rb"mlops|diagnosis|recommender", re.IGNORECASE)


def outside(**added: str | Path) -> dict[str, str]:
    """The variables of a shell that knows neither this checkout nor its environment."""
    ours = ("AWS_", "PYTHON", "VIRTUAL_ENV", "UV_PROJECT")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | {"PATH": os.defpath} | {name: str(value) for name, value in added.items()}


def run(*command: str | Path, environment: dict[str, str], folder: Path) -> None:
    done = subprocess.run(
        list(map(str, command)), env=environment, cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command that `uv tool install` makes, everything of it in a folder of its own."""
    home = tmp_path_factory.mktemp("tools")
    environment = outside(UV_TOOL_DIR=home / "tools", UV_TOOL_BIN_DIR=home / "bin")
    run(uv.find_uv_bin(), "tool", "install", "--python", PYTHON, DISTRIBUTION, environment=environment, folder=home)
    return home / "bin" / "localaws"


def test_a_project_runs_from_its_folder_with_the_installed_command(installed: Path, tmp_path: Path) -> None:
    project = shutil.copytree(PROJECT, tmp_path / "project", ignore=shutil.ignore_patterns("__pycache__"))
    http_port = free_port()
    process = subprocess.Popen(
        [installed, "up", "--port", str(free_port()), "--http-port", str(http_port)],
        cwd=project,
        env=outside(),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    with process:
        assert process.stdout
        printed = []
        for line in process.stdout:
            printed.append(line)
            if line.startswith("  export "):
                break
        try:
            assert process.poll() is None, "".join(printed)
            assert printed[0] == "Starting local AWS for template.yaml …\n"
            answer = httpx.get(f"http://localhost:{http_port}/hello/world", timeout=60)
            assert (answer.status_code, answer.text) == (200, "hello world")
        finally:
            process.send_signal(signal.SIGTERM)
            end = process.stdout.read()
    assert (process.returncode, end) == (0, "Stopping …\nstopped\n")
    assert sorted(path.name for path in project.iterdir()) == [".localaws", "src", "template.yaml"]


def test_pip_builds_a_wheel_that_has_all_of_it_and_nothing_of_the_project_around_it(tmp_path: Path) -> None:
    run(PYTHON, "-m", "venv", tmp_path / "venv", environment=outside(), folder=tmp_path)
    build = ("-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path, DISTRIBUTION)
    run(tmp_path / "venv/bin/python", *build, environment=outside(), folder=tmp_path)
    (wheel,) = tmp_path.glob("localaws-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        content = {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
    source = DISTRIBUTION / "src"
    wanted = {path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()}
    wanted = {name for name in wanted if "__pycache__" not in name}
    inside = {name: text for name, text in content.items() if ".dist-info/" not in name}
    assert inside.keys() == wanted
    assert {"localaws/py.typed", "localaws/samlocal/image/bootstrap"} <= wanted
    assert [name for name, text in content.items() if OF_THE_PROJECT.search(text)] == []
    (metadata,) = (text for name, text in content.items() if name.endswith(".dist-info/METADATA"))
    declared = message_from_bytes(metadata)
    (moto,) = (need for need in declared.get_all("Requires-Dist", []) if need.startswith("moto"))
    assert "==" in moto
    assert declared["License-Expression"] == "Apache-2.0"
