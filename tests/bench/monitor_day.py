"""How long does a look at a day take, with many records and with truth about many, and how much memory?

Run: PYTHONPATH=functions .venv/bin/python -m tests.bench.monitor_day --records 10000000

The day is that of tests/bench/records.py, in objects as Firehose makes them, answered by a version that is trained
first. Two looks are taken, each in a process of its own: `day` at the day's records, and `truth` at the day on which
the truths of a share of them come, two days later: it reads the records again. Each prints its seconds, its processor's
seconds, and the process's peak memory before and after.
"""

import argparse
import json
import os
import resource
import shutil
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
import obstore
import pandas as pd
from obstore.store import LocalStore

from mlops.artifact.names import MANIFEST
from mlops.contract import Contract
from mlops.monitoring.windows.monitor import Look, Monitor
from mlops.records.window import Window
from mlops.spec import ModelSpec
from mlops.spec.candidates import candidates_for
from tests.bench.records import CONTRACT, DAY, MODEL, make_day
from tests.unit.mlops.training.fakes import Bench

VERSION = 7  # in the records
TRAINING_ROWS = 20_000
TRUTH_DAY = DAY + timedelta(days=2)


def make_spec() -> ModelSpec:
    """The spec of the model that answered."""
    contract: Contract = CONTRACT
    return ModelSpec(
        name=MODEL,
        target=contract.target,
        columns=contract.columns,
        candidates={"linear": candidates_for(contract)["linear"]},
        metric="accuracy",
        floors={},
        trials=1,
    )


def train_version(folder: str) -> None:
    """A version of the number that the records name, on rows like theirs."""
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({column.name: np.round(rng.lognormal(2, 1, TRAINING_ROWS), 4) for column in CONTRACT.columns})
    score = np.log(rows.iloc[:, :5]).sum(axis=1) - 10
    chance = rng.random(TRAINING_ROWS) < 1 / (1 + np.exp(-score))
    rows[CONTRACT.target.name] = np.where(chance, "malignant", "benign")
    bench = Bench()
    manifest = bench.train(rows.to_csv(index=False).encode(), make_spec()).manifest
    versions, store = bench.versions_of(MODEL), LocalStore(folder)
    place = f"{MODEL}/versions/{VERSION}"
    for name in manifest.files:
        obstore.put(store, f"{place}/{name}", versions.read(manifest, name))
    obstore.put(
        store, f"{place}/{MANIFEST}", manifest.model_copy(update={"version": VERSION}).model_dump_json().encode()
    )


@dataclass
class Measured:
    """What a look took, and what it found in short."""

    seconds: float
    processor: float
    before: float
    after: float
    state: str
    found: list[str] = field(default_factory=list)


def measure(registry: str, records: str, truth: bool, state: str | None) -> Measured:
    """Look at the day, or at the one on which truth came."""
    models: Any = LocalStore(registry)
    monitor = Monitor(models, LocalStore(records), lambda _: make_spec())
    window = Window.of_day(TRUTH_DAY if truth else DAY)
    before = resource.getrusage(resource.RUSAGE_SELF)
    started = time.perf_counter()
    look = monitor.look(MODEL, window, json.loads(state) if state else None)
    seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_SELF)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    written = json.dumps(dict(look.state))
    return Measured(seconds, used, before.ru_maxrss / 1e6, after.ru_maxrss / 1e6, written, [*_describe(look)])


def _describe(look: Look) -> list[str]:
    (version,) = look.facts.versions
    said = [
        f"{version.service.predictions:,} predictions",
        f"state of {len(json.dumps(dict(look.state))) / 1e3:.0f} kB",
    ]
    said += [
        f"{each.labelled:,} of {each.predictions:,} with truth" for each in (r.realised for r in look.facts.revisions)
    ]
    assert look.facts.unreadable == 0
    return said


def main() -> None:
    """Print time and memory of both looks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--truths", type=float, default=0.1, help="share of the predictions whose truth comes")
    parser.add_argument("--folder", type=Path, help="where days are made, and kept")
    options = parser.parse_args()
    folder = options.folder or Path(mkdtemp(prefix="monitor-day-"))
    try:
        registry = folder / "registry"
        if not registry.exists():
            registry.mkdir(parents=True)
            train_version(str(registry))
        for total in options.records:
            records = folder / f"records-{total}"
            if not records.exists():
                records.mkdir()
                make_day(str(records), total, options.truths)
            state: str | None = None
            for name in ("day", "truth"):
                with ProcessPoolExecutor(1, get_context("spawn")) as pool:
                    found = pool.submit(measure, str(registry), str(records), name == "truth", state).result()
                state = found.state
                load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
                print(
                    f"{total:>12,} {name:6} {found.seconds:7.1f} s  {found.processor:7.1f} s of processor  "
                    f"{found.before:.2f} → {found.after:.2f} GB  load {load}  {'; '.join(found.found)}",
                    flush=True,
                )
    finally:
        if options.folder is None:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
