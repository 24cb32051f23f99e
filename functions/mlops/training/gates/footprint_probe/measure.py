"""Start the probe, and read what it found."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from mlops.contract import Contract
from mlops.errors import CompilationFailed
from mlops.training.compile.parity import feed

PROBE = Path(__file__).with_name("probe.py")
MOST_SECONDS = 120
MEGABYTE = 2**20


@dataclass(frozen=True, kw_only=True)
class Footprint:
    """The size of a compiled model, the least time to open it and to answer one row, and the memory that both took."""

    size_mb: float
    load_seconds: float
    memory_mb: float
    latency_ms: float


def measure_footprint(model: bytes, contract: Contract, rows: pd.DataFrame) -> Footprint:
    """Measure a model on the first of the rows, in a fresh process, as a function that starts cold would see it.

    Raises CompilationFailed if the process dies of the model, or takes minutes.
    """
    inputs = {name: cells.tolist() for name, cells in feed(contract, rows.head(1)).items()}
    with TemporaryDirectory() as folder:
        file = Path(folder) / "model.onnx"
        file.write_bytes(model)
        question = json.dumps({"model": str(file), "inputs": inputs})
        try:
            done = subprocess.run(
                [sys.executable, str(PROBE)],
                input=question,
                capture_output=True,
                text=True,
                timeout=MOST_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise CompilationFailed("the compiled model", f"it doesn't answer within {MOST_SECONDS} s") from error
    if done.returncode != 0:
        reason = done.stderr.strip().rpartition("\n")[2] or f"status {done.returncode}"
        raise CompilationFailed("the compiled model", f"a fresh process can't open it: {reason}")
    return Footprint(size_mb=len(model) / MEGABYTE, **json.loads(done.stdout))
