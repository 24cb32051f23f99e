"""The training function against S3 as moto has it, and against a real MLflow server."""

import importlib.util
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest

from examples import write_diagnosis
from models import diagnosis
from tests.moto_server import moto_server

ROOT = Path(__file__).parents[3]
EVENTS = ROOT / "tests" / "events"
MLFLOW_SECONDS = 120


@dataclass
class Context:
    """The part of Lambda's context that training reads."""

    memory_limit_in_mb: str = "10240"

    def get_remaining_time_in_millis(self) -> int:
        return 300_000


@dataclass(frozen=True)
class Function:
    """The training function as Lambda would have loaded it, with the buckets it works on."""

    handler: Callable[[dict[str, Any], Any], Any]
    s3: Any

    def put(self, content: bytes, key: str = "datasets/diagnosis/diagnosis.csv") -> dict[str, Any]:
        """Upload a dataset; returns the event that tells of it."""
        uploaded = self.s3.put_object(Bucket="data", Key=key, Body=content)
        event: dict[str, Any] = json.loads((EVENTS / "eventbridge-object-created.json").read_text())
        event["detail"]["object"] |= {"key": key, "size": len(content), "version-id": uploaded["VersionId"]}
        return event

    def deliver(self, event: dict[str, Any]) -> list[str]:
        """Deliver the event through SQS; returns the ids of the messages that are to be tried again."""
        batch = json.loads((EVENTS / "sqs-dataset-uploaded.json").read_text())
        batch["Records"][0]["body"] = json.dumps(event)
        answer = self.handler(batch, Context())
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def report(self, event: dict[str, Any]) -> dict[str, Any]:
        """The report beside the dataset."""
        found = self.s3.get_object(Bucket="data", Key=f"{event['detail']['object']['key']}.report.json")
        report: dict[str, Any] = json.loads(found["Body"].read())
        return report


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The example dataset."""
    return write_diagnosis(tmp_path_factory.mktemp("examples")).read_bytes()


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Function]]:
    """Loads the function with an environment, beside an S3 with its two versioned buckets."""
    with moto_server(monkeypatch) as address:
        settings = {
            # MLflow keeps its S3 clients by this address, and would use that of an earlier test's server.
            "MLFLOW_S3_ENDPOINT_URL": address,
            "MODELS_BUCKET": "models",
            "DATA_BUCKET": "data",
            "POWERTOOLS_SERVICE_NAME": "train",
            "POWERTOOLS_METRICS_NAMESPACE": "mlops",
        }
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        s3 = boto3.client("s3")
        for bucket in ("data", "models"):
            s3.create_bucket(Bucket=bucket)
            s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})

        def load(**environment: str) -> Function:
            for name, value in environment.items():
                monkeypatch.setenv(name, value)
            source = importlib.util.spec_from_file_location("train", ROOT / "functions" / "train.py")
            assert source
            assert source.loader
            module = importlib.util.module_from_spec(source)
            source.loader.exec_module(module)
            return Function(module.handler, s3)

        yield load


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """One candidate of diagnosis, as it stands, in place of the search: most of a training's time."""
    given = diagnosis.spec
    candidates = {name: given.candidates[name].estimator for name in ["logistic-regression"]}
    monkeypatch.setattr(diagnosis, "spec", replace(given, candidates=candidates))


@pytest.fixture(scope="session")
def mlflow_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real MLflow server on SQLite."""
    folder, port = tmp_path_factory.mktemp("mlflow"), _free_port()
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", f"sqlite:///{folder / 'mlflow.db'}"]
    environment = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    uri = f"http://127.0.0.1:{port}"
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + MLFLOW_SECONDS
        while not _answers(uri):
            assert process.poll() is None, (folder / "server.log").read_text()
            assert time.monotonic() < deadline, (folder / "server.log").read_text()
            time.sleep(0.2)
        yield uri
    finally:
        process.terminate()
        process.wait(30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(uri: str) -> bool:
    try:
        return httpx.get(f"{uri}/health", timeout=2).is_success
    except httpx.TransportError:
        return False
