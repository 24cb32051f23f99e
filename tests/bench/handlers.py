"""What a warm handler costs: ours, an empty one, and scikit-learn with a DataFrame, on one row in one process.

Ours does everything: validation, prediction record, metrics. The handlers take turns, so that a slow moment of the
machine hits all of them. The process is `python -m tests.bench.handlers FOLDER ROUNDS`, which prints JSON.
"""

import gc
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
from fastapi import FastAPI
from mangum import Mangum

from tests.bench.fixture import BUCKET, NAMED_FOREST
from tests.integration.serving.memory import Context, make_events

CALLS = 300
EMPTY, USUAL = "empty FastAPI + Mangum", "scikit-learn + DataFrame"

type Measured = dict[str, float]


def measure_handlers(folder: Path, rounds: int) -> list[Measured]:
    """Median microseconds by handler, an entry a round, measured in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.handlers", str(folder), str(rounds)]
    environ = {**os.environ, "MODELS_BUCKET": BUCKET, "AUTHORIZATION": "open"}
    done = subprocess.run(command, env=environ, stdout=subprocess.PIPE, text=True, check=True)
    found: list[Measured] = json.loads(done.stdout)
    return found


def make_empty() -> Mangum:
    app = FastAPI()

    @app.post("/predict")
    async def predict() -> dict[str, str]:
        return {}

    return Mangum(app, lifespan="off")


def _make_usual(folder: Path) -> Mangum:
    forest = joblib.load(folder / NAMED_FOREST)
    app = FastAPI()

    @app.post("/predict")
    async def predict(body: dict[str, list[dict[str, float]]]) -> list[list[float]]:
        answer: list[list[float]] = forest.predict_proba(pd.DataFrame(body["rows"])).tolist()
        return answer

    return Mangum(app, lifespan="off")


def _measure(handler: Mangum, event: dict[str, Any], calls: int) -> float:
    spent = []
    for _ in range(calls):
        started = time.perf_counter_ns()
        answer = handler(event, Context())  # type: ignore[arg-type]
        spent.append((time.perf_counter_ns() - started) / 1e3)
        assert answer["statusCode"] == 200, answer
    return statistics.median(spent)


def main(folder: Path, rounds: int) -> None:
    """Measure, and print."""
    out, sys.stdout = sys.stdout, Path(os.devnull).open("w")  # noqa: SIM115 - as long as the process lives
    # The entry point itself; its settings are in the environment.
    from api import handler as ours

    by_path = {event["rawPath"]: event for event in make_events()}
    predict = by_path["/predict"]
    cases = {
        EMPTY: (make_empty(), predict, CALLS),
        "ours, POST /predict": (ours, predict, CALLS),
        "ours, POST /invocations": (ours, by_path["/invocations"], CALLS),
        "ours, POST /v2/…/infer": (ours, by_path["/v2/models/diagnosis/infer"], CALLS),
        USUAL: (_make_usual(folder), predict, CALLS // 10),
    }
    for case in cases.values():
        _measure(*case)
    gc.collect()
    gc.freeze()  # as our entry point does, here for all alike
    out.write(json.dumps([{name: _measure(*case) for name, case in cases.items()} for _ in range(rounds)]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
