"""The whole loop, started once as a person would start it, and used from outside."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest

from cli.reports import wait_for_report
from cli.stack import Stack
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
READY = "Ctrl-C stops everything."
START_SECONDS = 240


@dataclass
class Started:
    """A running `scripts/start`, with what it printed so far."""

    process: subprocess.Popen[str]
    ports: dict[str, int]
    lines: list[str] = field(default_factory=list)

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def wait_for(self, text: str, seconds: float = START_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while text not in self.output:
            assert self.process.poll() is None, f"ended with {self.process.returncode}:\n{self.output}"
            assert time.monotonic() < deadline, f"no {text!r} after {seconds} s:\n{self.output}"
            time.sleep(0.05)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(60)


def start(*options: str, ports: dict[str, int] | None = None) -> Started:
    """Run scripts/start on free ports, in a process of its own."""
    ports = ports or {name: free_port() for name in ("port", "http-port", "mlflow-port")}
    arguments = [word for name, port in ports.items() for word in (f"--{name}", str(port))]
    process = subprocess.Popen(
        [ROOT / "scripts/start", *arguments, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "160"},
    )
    started = Started(process, ports)

    def collect() -> None:
        assert process.stdout
        with process.stdout:
            for line in process.stdout:
                started.lines.append(line)

    threading.Thread(target=collect, daemon=True).start()
    return started


@dataclass(frozen=True)
class Loop:
    """The live loop: where its API, its AWS and its MLflow are."""

    started: Started
    api: httpx.Client
    stack: Stack
    mlflow_url: str

    def put(self, name: str, content: bytes, model: str = "diagnosis") -> dict[str, Any]:
        """Upload a dataset, wait for its report, return it with the key it lies at."""
        bucket, key = self.stack.outputs["DataBucketName"], f"datasets/{model}/{name}"
        version = self.stack.s3.put_object(Bucket=bucket, Key=key, Body=content).get("VersionId")
        return {"key": key, **wait_for_report(self.stack, bucket, key, version, 120)}

    def champion(self) -> int:
        version: int = self.api.get("/models/diagnosis").json()["version"]
        return version

    def versions(self) -> list[int]:
        """The complete versions that lie in the models bucket."""
        pages = self.stack.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.stack.outputs["ModelsBucketName"], Prefix="diagnosis/versions/"
        )
        keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
        return sorted(int(key.split("/")[2]) for key in keys if key.endswith("/manifest.json"))


@pytest.fixture(scope="session")
def loop() -> Iterator[Loop]:
    started = start()
    try:
        started.wait_for(READY)
        settings = {
            "AWS_ENDPOINT_URL": f"http://localhost:{started.ports['port']}",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
        }
        with pytest.MonkeyPatch.context() as patch:
            for name, value in settings.items():
                patch.setenv(name, value)
            boto3.setup_default_session()
            stack = Stack("mlops")
            with httpx.Client(base_url=stack.outputs["ApiUrl"], timeout=30) as api:
                yield Loop(started, api, stack, f"http://127.0.0.1:{started.ports['mlflow-port']}")
        assert started.process.poll() is None, f"the loop ended during the tests:\n{started.output}"
    finally:
        started.stop()


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The example dataset, as `scripts/mlops data example diagnosis` writes it."""
    folder = tmp_path_factory.mktemp("dataset")
    subprocess.run([ROOT / "scripts/mlops", "data", "example", "diagnosis", folder], check=True, capture_output=True)
    return (folder / "diagnosis.csv").read_bytes()


@pytest.fixture
def row(loop: Loop) -> dict[str, Any]:
    """One good row, the one that the API's own documentation shows."""
    document = loop.api.get("/openapi.json").json()
    body = document["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]["example"]
    example: dict[str, Any] = body["rows"][0]
    return example
