"""The compiled model is small and fast enough to serve, measured in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from mlops.artifact.names import MODEL
from mlops.errors.training import CompilationFailed
from mlops.evaluation.gates import footprint_process
from mlops.registry.manifest.manifest import Gate
from mlops.spec.expectations import Limits

TIMEOUT_SECONDS = 120
MEGABYTE = 2**20
_ROOT = Path(__file__).parents[3]  # the folder that holds mlops/
_DETAILS = {
    "size_mb": "the compiled model has {:.3g} MB",
    "load_seconds": "loading it takes {:.3g} s",
    "memory_mb": "loading it and answering a row takes {:.3g} MB of memory",
    "latency_ms": "one row takes {:.3g} ms",
}


@dataclass(frozen=True, kw_only=True)
class Footprint:
    """A compiled model's size, the least time to load it and to answer one row, and the memory that both took.

    What a row is to a table's model, a user's history is to a recommender.
    """

    size_mb: float
    load_seconds: float
    memory_mb: float
    latency_ms: float


def gate_footprint(found: Footprint, limits: Limits) -> Iterator[Gate]:
    """One gate a limit."""
    for name, limit in asdict(limits).items():
        observed = float(asdict(found)[name])
        detail = f"{_DETAILS[name].format(observed)}; at most {limit:g} is allowed"
        yield Gate(name=f"limit/{name}", passed=observed <= limit, observed=observed, required=limit, detail=detail)


def measure_footprint(model: bytes, inputs: Mapping[str, NDArray[np.generic]]) -> Footprint:
    """Measure a compiled model on one row's inputs, in a fresh process, like a function that starts cold.

    Raises CompilationFailed if the process fails at the model, or takes longer than TIMEOUT_SECONDS.
    """
    given = {name: {"type": cells.dtype.name, "cells": cells.tolist()} for name, cells in inputs.items()}
    with TemporaryDirectory() as folder:
        file = Path(folder) / MODEL
        file.write_bytes(model)
        try:
            done = subprocess.run(
                [sys.executable, "-m", footprint_process.__name__],
                input=json.dumps({"model": str(file), "inputs": given}),
                env={
                    **os.environ,
                    "PYTHONPATH": os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")])),
                },
                capture_output=True,
                text=True,
                timeout=TIMEOUT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            reason = f"it doesn't answer within {TIMEOUT_SECONDS} s"
            raise CompilationFailed("the compiled model", reason) from error
    if done.returncode != 0:
        reason = done.stderr.strip().rpartition("\n")[2] or f"status {done.returncode}"
        raise CompilationFailed("the compiled model", f"a fresh process can't load it: {reason}")
    return Footprint(size_mb=len(model) / MEGABYTE, **json.loads(done.stdout))
