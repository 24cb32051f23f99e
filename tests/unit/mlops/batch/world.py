"""Buckets in memory, a model in the registry, and a run of batch predictions as the state machine makes it."""

import gzip
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import obstore
import pyarrow as pa
import pyarrow.parquet as pq
from obstore.store import MemoryStore

from mlops.batch.log import BatchLog
from mlops.batch.places import Places
from mlops.batch.steps import Steps
from mlops.registry.store import Store
from mlops.serving.recording import Recording
from mlops.telemetry import make_logger
from tests.unit.mlops.serving.artifacts import promote, put_version

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
MODEL = "diagnosis"


def make_table(rows: int = 25) -> pa.Table:
    """Rows of the model `diagnosis`, with a column of their own ids."""
    return pa.table(
        {
            "patient": [f"p{number}" for number in range(rows)],
            "mean radius": [float(number % 5) for number in range(rows)],
            "mean texture": [float(number % 7) for number in range(rows)],
        }
    )


def write_parquet(table: pa.Table, group: int = 10) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file, row_group_size=group)
    return file.getvalue()


def write_csv(table: pa.Table) -> bytes:
    lines = [",".join(table.column_names)]
    for row in table.to_pylist():
        lines.append(",".join("" if cell is None else str(cell) for cell in row.values()))
    return "\n".join([*lines, ""]).encode()


FILES: dict[str, Callable[[pa.Table], bytes]] = {
    ".parquet": write_parquet,
    ".csv": write_csv,
    ".csv.gz": lambda table: gzip.compress(write_csv(table)),
}


@dataclass
class World:
    """A registry with the champion 1 of `diagnosis`, and the buckets of the batch function."""

    registry: Store = field(default_factory=MemoryStore)
    data: Store = field(default_factory=MemoryStore)
    answers: Store = field(default_factory=MemoryStore)
    records: Store = field(default_factory=MemoryStore)
    privacy_key: bytes = b""
    now: datetime = NOW

    @classmethod
    def with_champion(cls, **options: Any) -> "World":
        world = cls()
        put_version(world.registry, 1, **options)
        promote(world.registry, 1)
        return world

    def put(self, name: str, table: pa.Table) -> None:
        """Put a table under batch/, in the format of its name."""
        ending = next(each for each in FILES if name.endswith(each))
        obstore.put(self.data, f"batch/{name}", FILES[ending](table))

    @property
    def steps(self) -> Steps:
        """The function, in a process of its own."""
        places = Places(
            registry=self.registry,
            answers=self.answers,
            answers_bucket="answers",
            records=self.records,
            open_bucket={"data": self.data}.__getitem__,
            privacy_key=self.privacy_key,
            recording=Recording(),
            concurrency=2,
            now=lambda: self.now,
        )
        return Steps(places, BatchLog(make_logger(io.TextIOWrapper(io.BytesIO()))))

    def plan(self, place: str = "", **request: Any) -> dict[str, Any]:
        given = {"model": MODEL, "input": f"s3://data/batch/{place}", **request}
        return self.steps.run({"step": "plan", "request": given})

    def todo(self, planned: Mapping[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(bytes(obstore.get(self.answers, planned["todo"]).bytes()))
        return found

    def score(self, planned: Mapping[str, Any], only: Sequence[int] | None = None) -> None:
        for item in self.todo(planned):
            if only is None or item["chunk"]["number"] in only:
                self.steps.run({"step": "score", **item})

    def finish(self, planned: Mapping[str, Any]) -> dict[str, Any]:
        self.steps.run({"step": "finish", "run": planned["run"]})
        return self.manifest(planned)

    def manifest(self, planned: Mapping[str, Any]) -> dict[str, Any]:
        key = planned["manifest"].removeprefix("s3://answers/")
        found: dict[str, Any] = json.loads(bytes(obstore.get(self.answers, key).bytes()))
        return found

    def run(self, place: str = "", **request: Any) -> dict[str, Any]:
        """A whole run; returns its manifest."""
        planned = self.plan(place, **request)
        self.score(planned)
        return self.finish(planned)

    def answers_of(self, manifest: Mapping[str, Any]) -> pa.Table:
        prefix = manifest["output"].removeprefix("s3://answers/")
        parts = [bytes(obstore.get(self.answers, prefix + part["name"]).bytes()) for part in manifest["parts"]]
        return pa.concat_tables([pq.read_table(io.BytesIO(part)) for part in parts])

    def objects(self, store: Store | None = None) -> dict[str, bytes]:
        """All objects of the answers bucket, or of another."""
        chosen = store or self.answers
        names = [each["path"] for page in obstore.list(chosen) for each in page]
        return {name: bytes(obstore.get(chosen, name).bytes()) for name in names}
