"""Run in a fresh process: open a model, answer a row, and say what that took.

Standard input is `{"model": path, "inputs": {name: cells}}`; standard output is the figures as JSON. Least times are
taken, since whatever else the machine does can only add to them.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
from onnxruntime import InferenceSession, SessionOptions

OPENINGS = 3
ROUNDS = 20
ROWS_A_ROUND = 10


def resident(which: str) -> float:
    """Resident memory of this process in MB: `VmRSS` now, or its peak so far, `VmHWM`."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith(f"{which}:"))
    return int(line.split()[1]) / 1024


def start(model: bytes) -> InferenceSession:
    """A session as predictions are served by."""
    options = SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return InferenceSession(model, options, providers=["CPUExecutionProvider"])


def main() -> None:
    """Measure, and print."""
    given = json.load(sys.stdin)
    content = Path(given["model"]).read_bytes()
    types = {"numbers": np.float64, "categories": object}
    inputs = {name: np.array(cells, dtype=types[name]) for name, cells in given["inputs"].items()}
    before = resident("VmRSS")
    loads, rounds = [], []
    for opening in range(OPENINGS):
        began = time.perf_counter()
        session = start(content)
        loads.append(time.perf_counter() - began)
        if opening == 0:
            session.run(None, inputs)
            memory = resident("VmHWM") - before
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in range(ROWS_A_ROUND):
            session.run(None, inputs)
        rounds.append((time.perf_counter() - began) / ROWS_A_ROUND)
    found = {"load_seconds": min(loads), "memory_mb": max(0.0, memory), "latency_ms": min(rounds) * 1000}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
