"""Code runs in place: an edit is live at the next request."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from localaws_testing.ports import free_port
from localaws_testing.waiting import wait_until
from tests.e2e.conftest import ROOT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what is deployed, so that the test edits nobody's work."""
    for name in ("functions", "layers"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "template.yaml", tmp_path)
    return tmp_path


@pytest.fixture
def api(checkout: Path, tmp_path: Path) -> Iterator[str]:
    port, http_port = free_port(), free_port()
    words = ["up", str(checkout / "template.yaml"), "--port", str(port), "--http-port", str(http_port)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
    command = [sys.executable, "-m", "localaws", *words, "--state-dir", str(ROOT / ".localaws")]
    log = tmp_path / "localaws.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.STDOUT)
    url = f"http://localhost:{http_port}"
    try:
        deadline = time.monotonic() + 120
        while True:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline
            try:
                httpx.get(f"{url}/health", timeout=30)
                break
            except httpx.TransportError:
                time.sleep(0.2)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def test_editing_a_line_changes_the_next_response(checkout: Path, api: str) -> None:
    file = checkout / "functions/mlops/serving/app.py"
    assert wait_until(lambda: httpx.get(f"{api}/openapi.json", timeout=30).is_success, 60)
    before = httpx.get(f"{api}/openapi.json", timeout=30).json()["info"]["title"]
    source = file.read_text()
    assert source.count(f'title="{before}"') == 1
    file.write_text(source.replace(f'title="{before}"', 'title="Edited"'))
    assert httpx.get(f"{api}/openapi.json", timeout=30).json()["info"]["title"] == "Edited"

    file.write_text("this is no Python")
    assert httpx.get(f"{api}/openapi.json", timeout=30).status_code == 500

    file.write_text(source)
    assert httpx.get(f"{api}/openapi.json", timeout=30).json()["info"]["title"] == before
