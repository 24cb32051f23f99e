"""How is a model trained on a table of 5,000,000 rows, how long does it take, and how much memory?

Run: PYTHONPATH=functions:scripts:scripts/localaws/tests nice -n 10 .venv/bin/python -m tests.bench.large_training

The whole way: the project's template on a local AWS of its own, with subnets for containers, and nothing said about
this dataset. It's uploaded, and what happens then is what the event sets off. The table is seeded: 10 numbers, 2
categories, and a label that depends on 6 of them and on chance; the spec has the usual linear model and gradient
boosting.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv

from localaws_testing.processes import descendants
from tests.bench.machine import describe_machine
from tests.bench.places import HOME
from tests.bench.processes import memory_mb, processor_seconds
from tests.container_stack import Deployed, deployed_project

MODEL = "large"
NUMBERS = tuple(f"number_{place}" for place in range(10))
PLANS, REGIONS = ("basic", "plus", "pro"), tuple(f"region_{place}" for place in range(8))
SPEC = f"""
from mlops.contract import Contract
from mlops.spec.candidates import candidates_for
from mlops.spec.table import category, labels, number, table_spec

target = labels("left", "no", "yes", positive="yes")
columns = (number("number_{{0..9}}", -20, 20), category("plan", *{PLANS!r}), category("region", *{REGIONS!r}))
usual = candidates_for(Contract(columns=tuple(each for group in columns for each in group), target=target))
spec = table_spec(
    "{MODEL}",
    target,
    *columns,
    candidates={{name: usual[name] for name in ("linear", "gradient-boosting")}},
    floors={{"roc_auc": 0.7}},
    repeats="keep",
)
"""
PARAMETERS = ("TrainSubnets=subnet-1,subnet-2",)
MOST_GB = 6.0
CHUNK = 250_000
LOOK_SECONDS = 1.0
PATIENCE = 7200.0


def write_table(path: Path, rows: int, seed: int) -> None:
    """Write the seeded table as a CSV file, a part at a time."""
    random = np.random.default_rng(seed)
    options = pa.csv.WriteOptions(quoting_style="none")
    with path.open("wb") as file:
        writer = None
        for start in range(0, rows, CHUNK):
            part = _part(random, min(CHUNK, rows - start))
            writer = writer or pa.csv.CSVWriter(file, part.schema, write_options=options)
            writer.write(part)
        assert writer, "no rows"
        writer.close()


def _part(random: np.random.Generator, rows: int) -> pa.Table:
    numbers = random.normal(0, 1, (rows, len(NUMBERS))).round(4)
    plan, region = random.integers(0, len(PLANS), rows), random.integers(0, len(REGIONS), rows)
    score = numbers[:, :4] @ np.array([0.8, -0.6, 0.5, 0.4]) + 0.7 * numbers[:, 4] * numbers[:, 5] + 0.5 * (plan - 1)
    left = random.random(rows) < 1 / (1 + np.exp(0.5 - score))
    return pa.table(
        {
            **{name: numbers[:, place] for place, name in enumerate(NUMBERS)},
            "plan": np.array(PLANS)[plan],
            "region": np.array(REGIONS)[region],
            "left": np.where(left, "yes", "no"),
        }
    )


class Watch:
    """Looks at a training until its report is there: its steps, and the memory and processor time of its processes."""

    def __init__(self, stack: Deployed, key: str) -> None:
        self._stack, self._key = stack, key
        self.began = time.monotonic()
        self._seen: Counter[int] = Counter()
        self.most = {"local AWS and all that it runs": 0.0, "the container": 0.0}
        self.processor = 0.0

    def report(self) -> Any:
        """The report; prints each step as it's reported, with the container's memory and processor time until then."""
        print("    time  processor  memory")
        while not (report := self._stack.read(f"{self._key}.report.json")):
            self._look()
            if time.monotonic() > self.began + PATIENCE:
                raise TimeoutError(f"no report on {self._key} within {PATIENCE:.0f} s: {self._stack.executions()}")
            time.sleep(LOOK_SECONDS)
        self._look()
        return report

    def _look(self) -> None:
        container = _container(self._stack.process)
        memory = memory_mb(container) / 1024 if container else 0.0
        for name, found in zip(self.most, (memory_mb(self._stack.process) / 1024, memory), strict=True):
            self.most[name] = max(self.most[name], found)
        self.processor = max(self.processor, processor_seconds(container) if container else 0.0)
        progress = self._stack.read(f"{self._key}.progress.json")
        if not progress:
            return
        attempt, steps = progress["attempt"], progress["steps"]
        for step in steps[self._seen[attempt] :]:
            taken = time.monotonic() - self.began
            print(f"{taken:6.0f} s  {self.processor:7.0f} s  {memory:4.2f} GiB  {step['step']}", flush=True)
        self._seen[attempt] = len(steps)


def _container(process: int) -> int | None:
    """The process of the container that trains, below the one of local AWS; None if there's none."""
    for each in descendants(process):
        try:
            command = Path(f"/proc/{each}/cmdline").read_bytes()
        except OSError:  # it has just ended
            continue
        if b"train_task.py" in command:
            return each
    return None


def main() -> None:
    """Print the steps, the way and the figures; exit 1 if it went another way, or took too much memory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--most-gb", type=float, default=MOST_GB, help="exit with 1 above so much memory")
    options = parser.parse_args()
    HOME.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=HOME) as scratch:
        dataset, project = Path(scratch) / "large.csv", Path(scratch) / "project"
        project.mkdir()
        write_table(dataset, options.rows, options.seed)
        print(f"{options.rows:,} rows x 12 columns, {dataset.stat().st_size / 1e6:.0f} MB of CSV, seed {options.seed}")
        with deployed_project(project, MODEL, SPEC, parameters=PARAMETERS) as stack:
            began = time.monotonic()
            key = stack.put_file("large.csv", dataset)
            print(f"uploaded in {time.monotonic() - began:.0f} s", flush=True)
            watch = Watch(stack, key)
            report = watch.report()
            taken = time.monotonic() - watch.began
            stack.succeeded()
            states = stack.states()
            manifest = stack.read(f"{MODEL}/versions/1/manifest.json", "ModelsBucketName")
    print(f"\n{taken:.0f} s from the upload to the report: {report['outcome']} ({report['reason']})")
    print(f"{watch.processor:.0f} s of processor time in the container")
    print(f"states: {' → '.join(states)}")
    for name, most in watch.most.items():
        print(f"at most {most:.2f} GiB: {name}")
    print(f"candidate {manifest['candidate']}, searched on {manifest['search']['rows']:,} rows")
    print(f"metrics {manifest['metrics'].get('test')}")
    machine = describe_machine()
    print(f"{machine['processor']}, {machine['cores']} cores, {machine['memory']}, load {machine['load']}")
    sys.exit(
        "TrainOnSpot" not in states or report["outcome"] != "promoted" or max(watch.most.values()) > options.most_gb
    )


if __name__ == "__main__":
    main()
