"""The API in a long-running server of its own, as a container would start it."""

import json
import os
import signal
import subprocess
import sys
import time

import httpx

from localaws_testing.ports import free_port
from mlops.registry.store import open_store
from tests.integration.serving.conftest import BUCKET, ROOT
from tests.unit.mlops.serving.artifacts import ROWS, promote, put_version


def test_the_server_answers_logs_and_ends_when_it_is_told_to(s3: str) -> None:
    store = open_store(f"s3://{BUCKET}")
    put_version(store, 1)
    promote(store, 1)
    port = free_port()
    options = ["--loop", "uvloop", "--http", "httptools", "--lifespan", "off", "--no-access-log"]
    server = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "serve:app", "--port", str(port), *options],
        cwd=ROOT / "functions",
        env={
            **os.environ,
            "AUTHORIZATION": "open",
            "MODELS_BUCKET": BUCKET,
            "PYTHONPATH": str(ROOT / "functions"),
        },
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            answer = _ask_when_up(client, server)
        assert answer.status_code == 200
        assert len(answer.json()["predictions"]) == len(ROWS)
    finally:
        server.send_signal(signal.SIGTERM)
        printed, _ = server.communicate(timeout=20)
    assert server.returncode in (0, -signal.SIGTERM)
    records = [json.loads(line).get("record") for line in printed.splitlines()]
    assert records.count("adoption") == 1
    assert records.count("prediction") == len(ROWS)


def _ask_when_up(client: httpx.Client, server: subprocess.Popen[str]) -> httpx.Response:
    while True:
        assert server.poll() is None, "it ended"
        try:
            return client.post("/predict", json={"rows": ROWS})
        except httpx.ConnectError:
            time.sleep(0.05)
