"""The ingestion function next to S3 as moto has it, loaded as Lambda would load it."""

import importlib.util
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

import boto3
import pytest
from obstore.store import ObjectStore

from mlops.registry.store import open_store
from tests.integration.records.conftest import CONTRACT, MODEL, RECEIVED
from tests.moto_server import moto_server
from tests.unit.mlops.serving.artifacts import promote, put_version

ROOT = Path(__file__).parents[3]
EVENTS = ROOT / "tests" / "events"
_numbers = count()
MESSAGE = "059f36b4-87a3-44ab-83d2-661975830a7d"


@dataclass
class Function:
    """The function with the buckets it works on. It's loaded at its first delivery, so that the test sees its log."""

    s3: Any
    records: ObjectStore

    @cached_property
    def handler(self) -> Callable[[dict[str, Any], Any], Any]:
        source = importlib.util.spec_from_file_location("ingest", ROOT / "functions" / "ingest.py")
        assert source
        assert source.loader
        module: Any = importlib.util.module_from_spec(source)
        source.loader.exec_module(module)
        module.intake = replace(module.intake, files=replace(module.intake.files, now=lambda: RECEIVED))
        handler: Callable[[dict[str, Any], Any], Any] = module.handler
        return handler

    def put(self, content: bytes, key: str = f"feedback/{MODEL}/truths.csv", bucket: str = "data") -> dict[str, Any]:
        """Upload an object; returns the event that S3 sends of it."""
        uploaded = self.s3.put_object(Bucket=bucket, Key=key, Body=content)
        return self.event(key, bucket, uploaded.get("VersionId"))

    def event(self, key: str, bucket: str = "data", version: str | None = None) -> dict[str, Any]:
        """The event that S3 sends of an object."""
        event: dict[str, Any] = json.loads((EVENTS / "eventbridge-object-created.json").read_text())
        event["detail"]["bucket"]["name"] = bucket
        event["detail"]["object"] |= {"key": key, "version-id": version}
        return event

    def deliver(self, event: Any) -> list[str]:
        """Deliver an event through SQS; returns the ids of the messages that are to be tried again."""
        batch = json.loads((EVENTS / "sqs-dataset-uploaded.json").read_text())
        batch["Records"][0]["body"] = event if isinstance(event, str) else json.dumps(event)
        answer = self.handler(batch, None)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def report(self, key: str = f"feedback/{MODEL}/truths.csv") -> dict[str, Any]:
        """The report next to a file."""
        report: dict[str, Any] = json.load(self.s3.get_object(Bucket="data", Key=f"{key}.report.json")["Body"])
        return report


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch) -> Iterator[Function]:
    """The function, with a champion of `churn` in the models bucket."""
    settings = {
        "MODELS_BUCKET": "models",
        "DATA_BUCKET": "data",
        "RECORDS_BUCKET": "records",
        # Powertools keeps one logger a service, bound to the standard output of the test that made it.
        "POWERTOOLS_SERVICE_NAME": f"ingest-{next(_numbers)}",
        "POWERTOOLS_METRICS_NAMESPACE": "mlops",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with moto_server(monkeypatch):
        s3 = boto3.client("s3")
        for bucket in ("data", "models", "records"):
            s3.create_bucket(Bucket=bucket)
        s3.put_bucket_versioning(Bucket="data", VersioningConfiguration={"Status": "Enabled"})
        registry = open_store("s3://models")
        put_version(registry, 1, model=MODEL, contract=CONTRACT)
        promote(registry, 1, MODEL)
        yield Function(s3, open_store("s3://records"))
