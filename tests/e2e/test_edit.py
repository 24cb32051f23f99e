"""Code runs in place: an edit is live at the next request."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest

from cli.api import connect
from cli.key_table import KeyTable
from localaws_testing.ports import free_port
from localaws_testing.waiting import wait_until
from tests.e2e.conftest import ROOT
from tests.loops import stack_outputs


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what is deployed, so that the test edits nobody's work."""
    for name in ("functions", "layers"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "template.yaml", tmp_path)
    return tmp_path


@pytest.fixture
def api(checkout: Path, tmp_path: Path) -> Iterator[httpx.Client]:
    port, http_port = free_port(), free_port()
    words = ["up", str(checkout / "template.yaml"), "--port", str(port), "--http-port", str(http_port)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
    command = [sys.executable, "-m", "localaws", *words, "--state-dir", str(ROOT / ".localaws")]
    log = tmp_path / "localaws.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.STDOUT)
    url = f"http://localhost:{http_port}"
    try:
        # The last lines that it prints when the stack is complete. The API answers before that, as on AWS.
        assert wait_until(lambda: "\n  export " in log.read_text() or process.poll() is not None, 240), log.read_text()
        assert process.poll() is None, log.read_text()
        aws = {"endpoint_url": f"http://localhost:{port}", "region_name": "us-east-1"}
        session: Any = boto3.Session("local", "local")
        outputs = stack_outputs(session.client("cloudformation", **aws), "local")
        client = session.client("dynamodb", **aws)
        keys = KeyTable(client, outputs["KeysTableName"], lambda: datetime.now(UTC))
        with connect(url, 30, keys.issue("editor", ["read"])[0]) as api:
            yield api
    finally:
        process.terminate()
        process.wait(30)


def test_editing_a_line_changes_the_next_response(checkout: Path, api: httpx.Client) -> None:
    file = checkout / "functions/mlops/serving/app.py"
    assert wait_until(lambda: api.get("/openapi.json").is_success, 60)
    before = api.get("/openapi.json").json()["info"]["title"]
    source = file.read_text()
    assert source.count(f'title="{before}"') == 1
    file.write_text(source.replace(f'title="{before}"', 'title="Edited"'))
    assert api.get("/openapi.json").json()["info"]["title"] == "Edited"

    file.write_text("this is no Python")
    assert api.get("/openapi.json").status_code == 500

    file.write_text(source)
    assert api.get("/openapi.json").json()["info"]["title"] == before
