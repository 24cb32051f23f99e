"""How many rows a second do batches score, beside scikit-learn over the same file and beside one request a row?

Run: PYTHONPATH=functions .venv/bin/python -m tests.bench.batch_rows

The model is the benchmarks' random forest of 100 trees on 30 numeric columns; the rows are the diagnosis data's with
noise, in Parquet with row groups of a million. Each step of the run is a process of its own, as it is a function's
invocation, one after the other; the buckets are folders, so that no emulator of S3 takes the processor's time.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from obstore.store import LocalStore

from tests.bench.fixture import FOREST, MODEL, Fixture, make_fixture, register_version
from tests.bench.machine import describe_machine
from tests.bench.places import HOME
from tests.integration.serving.server import serve

GROUP = 1_000_000
_REQUESTS = 2_000


def main() -> int:
    """Measure, and print what was found as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--peer-rows", type=int, default=2_000_000, help="of the same file that scikit-learn scores")
    parser.add_argument("--records", type=int, default=100_000, help="rows whose prediction is recorded")
    options = parser.parse_args()
    home = HOME / "batch"
    shutil.rmtree(home, ignore_errors=True)
    for name in ("models", "answers", "records", "data/batch"):
        (home / name).mkdir(parents=True)
    fixture = make_fixture(home / "fixture")
    register_version(fixture, _open(home, "models"))
    file = home / "data" / "batch" / "rows.parquet"
    write_rows(fixture, file, options.rows)
    found = {"machine": describe_machine(), "rows": options.rows, "file_mb": round(file.stat().st_size / 1e6)}
    found["batch"] = run_batch(home, options.records)
    found["scikit-learn"] = run_sklearn(home / "fixture", file, options.peer_rows)
    found["/invocations, a row a request"] = ask_row_by_row(home, fixture)
    found["machine"]["load after"] = f"{os.getloadavg()[0]:.1f}"
    print(json.dumps(found, indent=1))
    shutil.rmtree(home)
    return 0


def write_rows(fixture: Fixture, file: Path, rows: int) -> None:
    """Rows of the data with noise of a tenth of each column's deviation."""
    draw = np.random.default_rng(7)
    values = fixture.table.to_numpy()
    noise = values.std(axis=0) / 10
    schema = pa.schema([(name, pa.float64()) for name in fixture.names])
    with pq.ParquetWriter(file, schema, use_dictionary=False) as writer:
        for start in range(0, rows, GROUP):
            count = min(GROUP, rows - start)
            chosen = values[draw.integers(0, len(values), count)]
            cells = np.clip(chosen + noise * draw.standard_normal(chosen.shape), 0, values.max(axis=0))
            writer.write_table(pa.table([*cells.T], schema=schema), row_group_size=GROUP)


def run_batch(home: Path, records: int) -> dict[str, Any]:
    """A whole run; its functions' seconds, and what the largest of them took of memory."""
    request = {"model": MODEL, "input": "s3://data/batch/rows.parquet", "records": records}
    planned = _step(home, {"step": "plan", "request": request})
    plan = planned["result"]
    items = json.loads((home / "answers" / plan["todo"]).read_text())
    scored = [_step(home, {"step": "score", **item}) for item in items]
    finished = _step(home, {"step": "finish", "run": plan["run"]})
    steps = [planned, *scored, finished]
    manifest = json.loads((home / "answers" / plan["manifest"].removeprefix("s3://answers/")).read_text())
    assert manifest["answered"] == manifest["rows"], manifest["rejected"]
    seconds, busy = (sum(step[name] for step in steps) for name in ("seconds", "cpu_seconds"))
    return {
        "chunks": len(items),
        "chunk_rows": manifest["chunk_rows"],
        "seconds": round(seconds, 1),
        "cpu_seconds": round(busy, 1),
        "rows_per_second": round(manifest["rows"] / seconds),
        "rows_per_cpu_second": round(manifest["rows"] / busy),
        "memory_mb": max(step["memory_mb"] for step in steps),
        "answers_mb": round(sum(part["bytes"] for part in manifest["parts"]) / 1e6),
        "records": manifest["records"],
        "steps": {"plan": planned["cpu_seconds"], "finish": finished["cpu_seconds"]},
    }


def run_sklearn(folder: Path, file: Path, rows: int) -> dict[str, Any]:
    """What one would write instead, in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.peers.batch_sklearn", str(folder / FOREST), str(file), str(rows)]
    found: dict[str, Any] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    done = found.pop("result")
    return {
        "rows": done,
        **found,
        "rows_per_second": round(done / found["seconds"]),
        "rows_per_cpu_second": round(done / found["cpu_seconds"]),
    }


def ask_row_by_row(home: Path, fixture: Fixture) -> dict[str, Any]:
    """Requests of one row, one after the other, through the server's whole way."""
    # Metrics are printed, a line a request.
    with (
        redirect_stdout(sys.stderr),
        serve(_open(home, "models"), default_model=MODEL) as address,
        httpx.Client() as client,
    ):
        rows = fixture.rows(_REQUESTS)
        started = time.perf_counter()
        for row in rows:
            body = {"dataframe_split": {"columns": fixture.names, "data": [row]}}
            client.post(f"http://{address}/invocations", json=body).raise_for_status()
        return {"rows_per_second": round(_REQUESTS / (time.perf_counter() - started))}


def _step(home: Path, event: dict[str, Any]) -> dict[str, Any]:
    """What a step took in a process of its own, and what it answered."""
    command = [sys.executable, "-m", "tests.bench.batch_step", str(home), json.dumps(event)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _open(home: Path, name: str) -> Any:
    return LocalStore(home / name)


if __name__ == "__main__":
    sys.exit(main())
