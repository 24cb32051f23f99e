"""A small world to look at: trained versions, days of predictions as the API logs them, and truth that comes late.

A shop asks who will churn ("yes" more often the less they spend), and a landlord what a flat costs.
"""

import gzip
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import obstore
import pandas as pd
from obstore.store import MemoryStore

from mlops.artifact.inputs import days_since_epoch
from mlops.artifact.names import MODEL
from mlops.contract import Contract, Target
from mlops.evaluation.metrics.answers import ClassAnswers
from mlops.monitoring.windows.monitor import Look, Monitor, State
from mlops.records.layout import Kind, day_prefix
from mlops.records.truths import Truth
from mlops.records.window import Window
from mlops.records.write import make_object
from mlops.registry.versions import Versions
from mlops.spec import ModelSpec
from mlops.spec.candidates import candidates_for
from mlops.spec.table import boolean, category, labels, number, table_spec
from mlops.spec.table import date as dates
from mlops.training.evaluation.compiled_model import CompiledModel
from tests.unit.mlops.training.fakes import CODE, Bench

MONDAY = date(2026, 11, 2)
HASHED = "0c1d2e3f4a5b6c7d8e9f0a1b2c3d4e5f"
COLUMNS = (
    *number("spend", 0, 200, unit="EUR"),
    *category("plan", "basic", "family", required=False),
    *boolean("newsletter"),
    *dates("since"),
    *category("customer", privacy="hash"),
    *category("e-mail", privacy="drop"),
)


def make_spec(name: str, target: Target, **options: Any) -> ModelSpec:
    """A spec of these columns with one quick candidate."""
    linear = {"linear": candidates_for(Contract(columns=COLUMNS, target=target))["linear"]}
    columns = tuple((column,) for column in COLUMNS)
    return table_spec(name, target, *columns, candidates=linear, trials=1, slices=("plan", "spend"), **options)


CHURN = make_spec("churn", labels("churned", "no", "yes", positive="yes"), metric="accuracy", margin=0.02)
RENT = make_spec("rent", Target(name="price", task="regression", unit="EUR"), metric="mae", margin=0.05)


def draw_rows(rng: np.random.Generator, rows: int, *, spend: float = 100.0) -> pd.DataFrame:
    """Rows as a dataset has them."""
    return pd.DataFrame(
        {
            "spend": np.clip(rng.normal(spend, 25, rows), 0, 200).round(2),
            "plan": rng.choice(np.array(["basic", "family", None], object), rows, p=[0.6, 0.3, 0.1]),
            "newsletter": rng.random(rows) < 0.4,
            "since": [str(date(2020, 1, 1) + timedelta(days=int(day))) for day in rng.integers(0, 1500, rows)],
            "customer": [f"c{number}" for number in rng.integers(0, 5, rows)],
            "e-mail": [f"m{number}@example.org" for number in rng.integers(0, 5, rows)],
        }
    )


def draw_truth(spec: ModelSpec, rows: pd.DataFrame, rng: np.random.Generator) -> list[str | float]:
    """What turns out to be right."""
    score = (100 - rows["spend"].to_numpy()) / 12 + 1.5 * (rows["plan"] == "family").to_numpy()
    if spec.target.labels:
        chance = 1 / (1 + np.exp(-score))
        return [*np.where(rng.random(len(rows)) < chance, "yes", "no").tolist()]
    return [*(500 - 20 * score + rng.normal(0, 25, len(rows))).round(2).tolist()]


@dataclass
class World:
    """A registry, a records bucket, and the specs of the models."""

    spec: ModelSpec = CHURN
    bench: Bench = field(default_factory=Bench)
    records: MemoryStore = field(default_factory=MemoryStore)
    truths: dict[str, str | float] = field(default_factory=dict)
    served: dict[int, list[str]] = field(default_factory=dict)

    @property
    def monitor(self) -> Monitor:
        """What looks at it."""
        return Monitor(self.bench.store, self.records, lambda _: self.spec)

    @property
    def versions(self) -> Versions:
        """The model's versions."""
        return self.bench.versions_of(self.spec.name)

    def train(self, rows: int = 1200, seed: int = 0) -> int:
        """Another version; its number."""
        rng = np.random.default_rng(seed)
        table = draw_rows(rng, rows)
        table[self.spec.target.name] = draw_truth(self.spec, table, rng)
        return self.bench.train(table.to_csv(index=False).encode(), self.spec, CODE).manifest.version

    def serve(
        self,
        day: date,
        rows: int = 200,
        *,
        version: int = 1,
        seed: int | None = None,
        change: Callable[[pd.DataFrame], pd.DataFrame] = lambda table: table,
        truth: Callable[[list[str | float]], list[str | float]] = lambda given: given,
        first: time = time(),
        objects: int = 2,
        **members: Any,
    ) -> list[str]:
        """A day's predictions in some objects, whose truths are known to the world alone; their ids."""
        seed = days_since_epoch(day) if seed is None else seed
        rng = np.random.default_rng([seed, version])
        table = change(draw_rows(rng, rows))
        records = [*self._answer(table, version, day, first, seed)]
        for record, right in zip(records, truth(draw_truth(self.spec, table, rng)), strict=True):
            self.truths[record["prediction_id"]] = right
            record.update(members)
        given = [{name: value for name, value in record.items() if value is not None} for record in records]
        for part in range(objects):
            self.put(day, given[part::objects], f"v{version}-{first:%H%M}-{seed}-{part}")
        return [record["prediction_id"] for record in records]

    def put(self, day: date, records: Sequence[Mapping[str, Any]], name: str, kind: Kind = "prediction") -> str:
        """An object of records; its key."""
        key = f"{day_prefix(kind, self.spec.name, day)}{name}.json.gz"
        obstore.put(self.records, key, gzip.compress(b"".join(json.dumps(each).encode() + b"\n" for each in records)))
        return key

    def tell(self, ids: Sequence[str], received: date, truth: Mapping[str, str | float] | None = None) -> None:
        """The truths of predictions, received at noon of a day."""
        noon = datetime.combine(received, time(12), UTC)
        given = truth or self.truths
        truths = [Truth(name, given[name], noon - timedelta(hours=1)) for name in ids]
        made = make_object(self.spec.name, truths, noon, "api")
        obstore.put(self.records, made.key, made.content)

    def paths(self) -> list[str]:
        """The objects of the records bucket."""
        return sorted(each["path"] for page in obstore.list(self.records) for each in page)

    def read_records(self, day: date) -> list[dict[str, Any]]:
        """The prediction records of a day."""
        prefix = day_prefix("prediction", self.spec.name, day)
        contents = [bytes(obstore.get(self.records, key).bytes()) for key in self.paths() if key.startswith(prefix)]
        return [json.loads(line) for content in contents for line in gzip.decompress(content).splitlines()]

    def clear(self) -> None:
        """Delete all records."""
        for key in self.paths():
            obstore.delete(self.records, key)

    def look(self, day: date, state: State | None = None) -> Look:
        """Look at a day."""
        return self.monitor.look(self.spec.name, Window.of_day(day), state)

    def _answer(self, table: pd.DataFrame, version: int, day: date, first: time, seed: int) -> Any:
        manifest = self.versions.table(version)
        model = CompiledModel(self.versions.read(manifest, MODEL), manifest.contract, manifest.threshold)
        frame = table.assign(
            newsletter=table["newsletter"].astype(float),
            since=[float(days_since_epoch(date.fromisoformat(each))) for each in table["since"]],
        )
        predicted = model.predict(frame)
        draw = random.Random(f"{seed} {version}")
        start = datetime.combine(day, first, UTC)
        names = self.spec.target.labels
        for place, (row, answer) in enumerate(zip(table.to_dict("records"), predicted.tolist(), strict=True)):
            made = start + timedelta(seconds=place * 20)
            stamp = f"{int(made.timestamp() * 1000):012x}"
            tail = f"{draw.getrandbits(60):015x}"
            members: dict[str, Any] = {"value": answer}
            if names:
                chances = dict(zip(names, answer, strict=True))
                decided = ClassAnswers(
                    np.zeros(1, np.intp), np.array([answer]), names, names.index("yes"), manifest.threshold
                ).decided
                label = names[int(decided[0])]
                members = {"label": label, "probability": chances[label], "probabilities": chances}
            yield {
                "timestamp": (made + timedelta(milliseconds=3)).isoformat(timespec="milliseconds"),
                "record": "prediction",
                "model": self.spec.name,
                "model_version": version,
                "role": "champion",
                "latency_ms": round(draw.uniform(1, 9), 3),
                "prediction_id": f"{stamp[:8]}-{stamp[8:]}-7{tail[:3]}-8{tail[3:6]}-{tail[3:]}",
                **members,
                "inputs": {
                    "spend": row["spend"],
                    **({} if pd.isna(row["plan"]) else {"plan": row["plan"]}),
                    "newsletter": row["newsletter"],
                    "since": row["since"],
                    "customer": HASHED,
                },
            }


def later(days: int) -> date:
    """So many days after the first."""
    return MONDAY + timedelta(days=days)
