"""What a warm handler costs: ours, an empty one, and scikit-learn with a DataFrame, in one run on one row.

`python -m tests.bench.handlers`, with functions, scripts and the root on PYTHONPATH. Ours does everything: validation,
prediction record, metrics. The handlers take turns, so that a slow moment of the machine hits all of them.
"""

import gc
import json
import statistics
import sys
import time
from typing import Any

import pandas as pd
from fastapi import FastAPI
from mangum import Mangum
from rich.console import Console
from rich.table import Table
from sklearn.ensemble import RandomForestClassifier

from tests.integration.serving.memory import Context, Sink, make_events, make_handler
from tests.integration.serving.trained import train_diagnosis

ROUNDS = 7
CALLS = 300


def make_empty() -> Mangum:
    """FastAPI and Mangum, and nothing behind them."""
    app = FastAPI()

    @app.post("/predict")
    async def predict() -> dict[str, str]:
        return {}

    return Mangum(app, lifespan="off")


def make_usual() -> Mangum:
    """A forest in scikit-learn behind FastAPI, asked with a DataFrame."""
    trained = train_diagnosis()
    names = list(trained.manifest.contract.names)
    forest = RandomForestClassifier(n_estimators=100, random_state=0).fit(
        trained.table[names], trained.table["diagnosis"]
    )
    app = FastAPI()

    @app.post("/predict")
    async def predict(body: dict[str, list[dict[str, float]]]) -> list[list[float]]:
        answer: list[list[float]] = forest.predict_proba(pd.DataFrame(body["rows"])).tolist()
        return answer

    return Mangum(app, lifespan="off")


def measure(handler: Mangum, event: dict[str, Any], calls: int) -> float:
    """The median of the calls, in microseconds."""
    spent = []
    for _ in range(calls):
        started = time.perf_counter_ns()
        answer = handler(event, Context())  # type: ignore[arg-type]
        spent.append((time.perf_counter_ns() - started) / 1e3)
        assert answer["statusCode"] == 200, answer
    return statistics.median(spent)


def main() -> None:
    """Measure, and print a table."""
    out, sys.stdout = sys.stdout, Sink()
    ours = make_handler()
    by_path = {event["rawPath"]: event for event in make_events()}
    predict = by_path["/predict"]
    cases = {
        "empty FastAPI + Mangum": (make_empty(), predict, CALLS),
        "ours, POST /predict": (ours, predict, CALLS),
        "ours, POST /invocations": (ours, by_path["/invocations"], CALLS),
        "ours, POST /v2/…/infer": (ours, by_path["/v2/models/diagnosis/infer"], CALLS),
        "scikit-learn + DataFrame": (make_usual(), predict, CALLS // 10),
    }
    for case in cases.values():
        measure(*case)
    gc.collect()
    gc.freeze()  # as the entry point does, here for all alike
    rounds = [{name: measure(*case) for name, case in cases.items()} for _ in range(ROUNDS)]
    medians = {name: statistics.median(each[name] for each in rounds) for name in cases}
    table = Table("handler", "median, µs", "x empty", title=f"One row, medians of {ROUNDS} rounds")
    for name, median in medians.items():
        table.add_row(name, f"{median:,.0f}", f"{median / medians['empty FastAPI + Mangum']:.2f}")
    Console(file=out).print(table)
    served = json.dumps(train_diagnosis().manifest.candidate)
    out.write(f"Ours serves the champion, {served}; the scikit-learn handler a RandomForest(100).\n")


if __name__ == "__main__":
    main()
