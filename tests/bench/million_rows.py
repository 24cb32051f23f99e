"""How long does a training on a million rows take, and how much memory?

Run: PYTHONPATH=functions .venv/bin/python -m tests.bench.million_rows

The table is seeded: 22 numbers, 2 whole numbers, 4 categories of which one is often missing, a boolean and a date,
and a label that depends on 12 of them, on products of some, and on chance. The training is the one that Lambda runs,
from a CSV's bytes to a promoted version, into a registry in memory and without MLflow.
"""

import argparse
import io
import sys
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
from obstore.store import MemoryStore

from mlops.contract import Column, Contract, Target
from mlops.intake.training import Upload
from mlops.registry.manifest.manifest import Code, Manifest
from mlops.serving.scorer import Scorer
from mlops.spec import ModelSpec
from mlops.spec.candidates import candidates_for
from mlops.tracking.mirror import NoMirror
from mlops.training.artifacts.package import GOLDEN_ROWS
from mlops.training.flow import Trainer

NUMBERS = [f"number {place}" for place in range(22)]
WHOLE = ["visits", "age"]
CATEGORIES = {
    "plan": ("basic", "plus", "pro"),
    "region": tuple(f"region {place}" for place in range(12)),
    "channel": ("web", "shop", "phone", "partner"),
    "device": ("phone", "tablet", "desktop"),
}
MOST_GB = 10.0
"""The most memory that Lambda has; by default TrainFunction has 2.9."""

COLUMNS = (
    *(Column(name=name, required=place % 5 != 0) for place, name in enumerate(NUMBERS)),
    *(Column(name=name, kind="integer", minimum=0) for name in WHOLE),
    *(
        Column(name=name, kind="category", categories=known, required=name != "device")
        for name, known in CATEGORIES.items()
    ),
    Column(name="member", kind="boolean"),
    Column(name="since", kind="date"),
)


def make_table(rows: int, seed: int) -> pd.DataFrame:
    """The seeded table, [rows, 30 columns and the label]."""
    random = np.random.default_rng(seed)
    table = pd.DataFrame({name: random.normal(0, 1, rows).round(4) for name in NUMBERS})
    table["visits"] = random.poisson(6, rows)
    table["age"] = random.integers(18, 95, rows)
    for name, known in CATEGORIES.items():
        table[name] = np.array(known, dtype=object)[random.integers(0, len(known), rows)]
    table["member"] = np.where(random.random(rows) < 0.4, "true", "false")
    days = np.datetime64("2010-01-01") + random.integers(0, 5_000, rows).astype("timedelta64[D]")
    table["since"] = days.astype(str)
    numbers = table[NUMBERS].to_numpy()
    score = (
        numbers[:, :6] @ np.array([0.8, -0.6, 0.5, 0.4, -0.3, 0.2])
        + 0.9 * numbers[:, 6] * numbers[:, 7]
        + 0.6 * np.maximum(numbers[:, 8], 0)
        + 0.05 * (table["visits"] - 6)
        + table["plan"].map({"basic": 0.5, "plus": 0.0, "pro": -0.5}).to_numpy()
        - 0.4 * (table["member"] == "true")
        - 0.5
    )
    for name in NUMBERS[::5]:
        table.loc[random.random(rows) < 0.05, name] = np.nan
    table.loc[random.random(rows) < 0.3, "device"] = None
    table["left"] = np.where(random.random(rows) < 1 / (1 + np.exp(-score)), "yes", "no")
    return table


def make_content(table: pd.DataFrame) -> bytes:
    """The table as a CSV's bytes."""
    written = io.BytesIO()
    options = pa.csv.WriteOptions(quoting_style="needed")
    pa.csv.write_csv(pa.Table.from_pandas(table, preserve_index=False), written, options)
    return written.getvalue()


def make_spec(names: list[str]) -> ModelSpec:
    """The spec as `models new` writes one, with all of the usual candidates or some."""
    target = Target(name="left", task="binary", labels=("no", "yes"), positive="yes")
    usual = candidates_for(Contract(columns=COLUMNS, target=target))
    return ModelSpec(
        name="million",
        target=target,
        columns=COLUMNS,
        candidates={name: candidate for name, candidate in usual.items() if name in names},
        metric="log_loss",
        floors={"roc_auc": 0.7},
        trials=6,
        search_seconds=120,
    )


class Stages:
    """Prints each stage when it ends, with its duration and the peak memory of the process so far."""

    def __init__(self) -> None:
        self._stage = ""
        self._began = time.perf_counter()

    def begin(self, stage: str) -> None:
        """End the stage before, and begin this one, unless it is a trial, which is a part of the search."""
        if stage.startswith("trial "):
            print(f"{'':22}{stage}", flush=True)
            return
        now = time.perf_counter()
        if self._stage:
            print(f"{now - self._began:8.1f} s  {most_memory():5.2f} GB  {self._stage}", flush=True)
        self._stage, self._began = stage, now


def most_memory() -> float:
    """The most resident memory that this process has had, in GB (10⁹ bytes)."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / 1e9


def train(content: bytes, spec: ModelSpec, stages: Stages) -> Manifest:
    """The training, into a registry in memory."""
    trainer = Trainer(
        store=MemoryStore(),
        mirror=NoMirror(),
        load_for_serving=partial(Scorer.load, max_rows=GOLDEN_ROWS),
        now=lambda: datetime.now(UTC),
        progress=stages.begin,
    )
    upload = Upload(uri="s3://data/datasets/million/million.csv", s3_version=None, content=content)
    return trainer.train(upload, spec, Code(sha256="0" * 64, commit="bench")).manifest


def main() -> None:
    """Print the stages, and what became of the training; exit 1 if it took too much memory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=2026)
    names = ["linear", "random-forest", "gradient-boosting"]
    parser.add_argument("--candidates", nargs="+", choices=names, default=names)
    parser.add_argument("--most-gb", type=float, default=MOST_GB, help="exit with 1 above so much memory")
    options = parser.parse_args()
    content = make_content(make_table(options.rows, options.seed))
    print(f"{options.rows:,} rows x {len(COLUMNS)} columns, {len(content) / 1e6:.0f} MB of CSV, seed {options.seed}")
    stages, began = Stages(), time.perf_counter()
    manifest = train(content, make_spec(options.candidates), stages)
    stages.begin("")
    taken = time.perf_counter() - began
    search = manifest.search
    assert search
    print(f"\n{taken:.0f} s in all, at most {most_memory():.2f} GB")
    print(f"searched on {search.rows:,} rows: {search.reason}; calibration {search.calibration or 'not needed'}")
    print(f"model.onnx {manifest.files['model.onnx'].size / 2**20:.1f} MB")
    for gate in manifest.gates:
        print(f"{'passed' if gate.passed else 'FAILED'}  {gate.name}: {gate.detail}")
    sys.exit(most_memory() > options.most_gb)


if __name__ == "__main__":
    main()
