"""The process that measures a model's footprint: it loads the model, answers a row, and prints time and memory.

It imports what serving imports and nothing else, so that the memory it measures is the model's.
Standard input is `{"model": path, "inputs": {name: {"type": …, "cells": …}}}`; standard output is the figures as JSON.
Least times are taken, since other load on the machine can only add to them.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

from mlops.artifact.session import open_session

OPENINGS = 3
ROUNDS = 20
ROWS_A_ROUND = 10


def resident(which: str) -> float:
    """Resident memory of this process in MB: `VmRSS` now, or its peak so far, `VmHWM`."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith(f"{which}:"))
    return int(line.split()[1]) / 1024


def main() -> None:
    """Measure, and print."""
    given = json.load(sys.stdin)
    content = Path(given["model"]).read_bytes()
    inputs = {name: np.array(each["cells"], dtype=each["type"]) for name, each in given["inputs"].items()}
    before = resident("VmRSS")
    loads, rounds = [], []
    for opening in range(OPENINGS):
        began = time.perf_counter()
        session = open_session(content)
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
