"""One step of a batch in a process that imports what the function imports: its seconds and its memory, as JSON.

Run by batch_rows.py: `python -m tests.bench.batch_step FOLDER EVENT`; the folder holds the buckets.
"""

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from obstore.store import LocalStore

from mlops.batch.log import BatchLog
from mlops.batch.places import Places
from mlops.batch.steps import Steps
from mlops.serving.recording import Recording
from mlops.telemetry import make_logger


def measured_since(started: float, result: Any) -> dict[str, Any]:
    """A result, the seconds since a start, and what this process has used of the processor and of memory."""
    return {
        "result": result,
        "seconds": round(time.perf_counter() - started, 2),
        "cpu_seconds": round(time.process_time(), 2),
        "memory_mb": round(_peak_kilobytes() / 1024),
    }


def _peak_kilobytes() -> int:
    """The most memory that this process had; getrusage's figure begins with that of the process that started it."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def main(folder: str, event: str) -> None:
    """Carry out the step of an event, and print what it took."""
    started, out = time.perf_counter(), sys.stdout
    sys.stdout = sys.stderr  # metrics are printed

    def open_bucket(name: str) -> Any:
        return LocalStore(Path(folder) / name)

    places = Places(
        registry=open_bucket("models"),
        answers=open_bucket("answers"),
        answers_bucket="answers",
        records=open_bucket("records"),
        open_bucket=open_bucket,
        privacy_key=b"",
        recording=Recording(),
        concurrency=1,
        now=lambda: datetime.now(UTC),
    )
    result = Steps(places, BatchLog(make_logger(sys.stderr))).run(json.loads(event))
    json.dump(measured_since(started, result), out)


if __name__ == "__main__":
    main(*sys.argv[1:])
