"""An intake with its three buckets in memory, and a champion of `churn` by whose contract files are read."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO, TextIOWrapper
from itertools import count
from typing import Any

import obstore
import pytest
from obstore.store import MemoryStore

from mlops.contract import Contract
from mlops.events import ObjectCreated
from mlops.ingestion.feedback_file import REPORT, FeedbackFiles
from mlops.ingestion.intake import Intake
from mlops.ingestion.log import IngestionLog
from mlops.telemetry import make_logger
from tests.unit.mlops.records.bucket import CONTRACT, MODEL, NOON, contents, make_id
from tests.unit.mlops.serving.artifacts import promote, put_version

KEY = f"feedback/{MODEL}/truths.csv"
AT = "2026-11-29T11:00:00Z"
YESTERDAY = NOON - timedelta(days=1)
_numbers = count()


def make_csv(count: int, bad: int = 0, header: str = "prediction_id,truth,at") -> bytes:
    """A feedback file about predictions of yesterday; every so many-th truth is no label."""
    truths = ["maybe" if bad and number % bad == 0 else "yes" for number in range(count)]
    rows = [f"{make_id(YESTERDAY, number)},{truth},{AT}" for number, truth in enumerate(truths)]
    return "\n".join([header, *rows, ""]).encode()


@dataclass
class Desk:
    """Buckets and an intake over them. `clock` says what time it is."""

    monkeypatch: pytest.MonkeyPatch
    data: MemoryStore = field(default_factory=MemoryStore)
    registry: MemoryStore = field(default_factory=MemoryStore)
    records: MemoryStore = field(default_factory=MemoryStore)
    clock: Callable[[], datetime] = lambda: NOON
    privacy_key: bytes = b"secret"
    printed: BytesIO = field(default_factory=BytesIO)

    def __post_init__(self) -> None:
        # Powertools keeps one logger a service.
        self.monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", f"ingest-unit-{next(_numbers)}")
        self._log = IngestionLog(make_logger(TextIOWrapper(self.printed, write_through=True)))

    def train(self, contract: Contract = CONTRACT, key: tuple[str, ...] = (), number: int = 1) -> None:
        """Make a version of `churn` the champion."""
        put_version(self.registry, number, model=MODEL, contract=contract, key=key)
        promote(self.registry, number, MODEL)

    def put(self, content: bytes, key: str = KEY, version: str | None = None) -> ObjectCreated:
        """Upload a file; returns what S3 reports of it."""
        obstore.put(self.data, key, content)
        return ObjectCreated(bucket="data", key=key, s3_version=version)

    def take(self, created: ObjectCreated) -> dict[str, Any]:
        """Take an object in; returns the report on it, empty if there is none."""
        self.deliver(created)
        return self.report(created.key)

    def deliver(self, created: ObjectCreated) -> None:
        """Take an object in."""
        files = FeedbackFiles(
            data=self.data,
            registry=self.registry,
            records=self.records,
            records_bucket="records",
            privacy_key=self.privacy_key,
            now=self.clock,
        )
        intake = Intake(files=files, log=self._log, data_bucket="data", records_bucket="records")
        intake.take(created)

    def report(self, key: str = KEY) -> dict[str, Any]:
        """The report next to a file."""
        found = contents(self.data).get(key + REPORT, b"{}")
        report: dict[str, Any] = json.loads(found)
        return report

    def lines(self) -> list[Mapping[str, Any]]:
        """What was logged."""
        return [json.loads(line) for line in self.printed.getvalue().decode().splitlines()]
