"""A small records bucket: predictions as the API logs them, made by hand."""

import gzip
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import obstore
from obstore.store import MemoryStore, ObjectStore

from mlops.contract import Column, Contract, Target
from mlops.records.layout import PREDICTION, day_prefix
from mlops.records.standing import FeedbackSource
from mlops.records.truths import Truth
from mlops.records.window import Window
from mlops.records.write import make_object

MODEL = "churn"
LABELS = ("no", "yes")
CONTRACT = Contract(
    columns=(
        Column(name="mean income", kind="number", unit="EUR"),
        Column(name="age", kind="integer"),
        Column(name="plan", kind="category", required=False),
        Column(name="newsletter", kind="boolean"),
        Column(name="since", kind="date"),
        Column(name="customer", kind="category", privacy="hash"),
        Column(name="e-mail", kind="category", privacy="drop"),
    ),
    target=Target(name="churned", task="binary", labels=LABELS),
)
REGRESSION = Contract(columns=CONTRACT.columns, target=Target(name="price", task="regression"))
NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
DAY = Window.of_day(NOON.date())


def make_id(moment: datetime, number: int = 0) -> str:
    """The id of a prediction made at a moment; `number` tells those of one millisecond apart."""
    stamp = f"{int(moment.timestamp() * 1000):012x}"
    return f"{stamp[:8]}-{stamp[8:]}-7000-8000-{number:012x}"


def make_record(moment: datetime, number: int = 0, **changes: Any) -> dict[str, Any]:
    """One prediction record; a member that is changed to None is left out."""
    record = {
        "level": "INFO",
        "message": "prediction",
        "timestamp": (moment + timedelta(milliseconds=1)).isoformat(timespec="milliseconds"),
        "service": "api",
        "record": "prediction",
        "model": MODEL,
        "model_version": 3,
        "role": "champion",
        "latency_ms": 1.5,
        "prediction_id": make_id(moment, number),
        "label": "yes",
        "probability": 0.75,
        "probabilities": {"no": 0.25, "yes": 0.75},
        "inputs": {
            "mean income": 1000.5,
            "age": 41.0,
            "plan": "family",
            "newsletter": True,
            "since": "2025-02-01",
            "customer": "c0ffee",
        },
    } | changes
    return {name: value for name, value in record.items() if value is not None}


def put_lines(store: ObjectStore, name: str, lines: Sequence[bytes], day: datetime = NOON) -> str:
    """An object of lines, as Firehose writes it; returns its key."""
    key = f"{day_prefix(PREDICTION, MODEL, day.date())}{name}.json.gz"
    obstore.put(store, key, gzip.compress(b"".join(line + b"\n" for line in lines)))
    return key


def put_records(store: ObjectStore, records: Sequence[Mapping[str, Any]], name: str = "records") -> list[str]:
    """Records in an object for each day of theirs; returns their ids."""
    for day in sorted({record["timestamp"][:10] for record in records}):
        lines = [json.dumps(record).encode() for record in records if record["timestamp"].startswith(day)]
        put_lines(store, name, lines, datetime.fromisoformat(day))
    return [str(record["prediction_id"]) for record in records]


def put_truths(store: ObjectStore, truths: Sequence[Truth], received: datetime) -> str:
    """Truths in one object, as the API writes it; returns its key."""
    made = make_object(MODEL, truths, received, "api")
    obstore.put(store, made.key, made.content)
    return made.key


def feedback(store: ObjectStore, contract: Contract = CONTRACT, **changes: Any) -> FeedbackSource:
    """All feedback of the year."""
    year = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    return FeedbackSource(store, MODEL, contract, **({"received": year} | changes))


def contents(store: ObjectStore) -> dict[str, bytes]:
    """Every object by its key."""
    keys = sorted(each["path"] for page in obstore.list(store) for each in page)
    return {key: bytes(obstore.get(store, key).bytes()) for key in keys}


def empty() -> MemoryStore:
    """A bucket with nothing in it."""
    return MemoryStore()
