"""What a warm recommendation costs next to an empty FastAPI + Mangum handler, in one process, in turns.

Run: PYTHONPATH=functions:scripts:scripts/localaws/src:scripts/localaws/tests .venv/bin/python -m
tests.bench.recommender.latency [--rounds 5]

Ours does everything: checks, ranking, record, metrics. A known user's history of the training data is read from memory,
which is measured by itself too; what the table of recent events takes besides is DynamoDB's and the network's. Times
are medians: those of the clock, and those of the processor, which other processes don't lengthen.
"""

import argparse
import asyncio
import gc
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mangum import Mangum
from obstore.store import MemoryStore

from mlops.registry.versions import Versions
from mlops.serving.app import create_app
from mlops.serving.live.served_models import ServedModels
from mlops.serving.log import ServingLog
from mlops.serving.recommend.requests import RecommendationRequest
from mlops.serving.recommend.sources import HistorySources
from mlops.serving.recommender import Recommender
from mlops.serving.recording import Recording
from mlops.serving.settings import ApiSettings
from mlops.telemetry import make_logger
from tests.bench.handlers import EMPTY, make_empty
from tests.bench.recommender.shops import K, make_factor_shops, make_shops, put_shop
from tests.integration.serving.memory import EVENT, Context

CALLS = 200
HISTORIES = (1, 10, 50)

USER = "user-3"

type Clock = Callable[[], int]
type Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    out, sys.stdout = sys.stdout, Path(os.devnull).open("w")  # noqa: SIM115 - as long as the process lives
    store, shops = MemoryStore(), [*make_shops(), *make_factor_shops()]
    for shop in shops:
        put_shop(store, shop)
    asyncio.set_event_loop(asyncio.new_event_loop())
    settings = ApiSettings(
        models_bucket="models", default_model=shops[0].name, follow_seconds=3600, authorization="open"
    )
    log = ServingLog(make_logger(sys.stdout), "", Recording())
    models = ServedModels(store, settings, log)
    models.warm_up()
    ours = Mangum(create_app(settings, store, models, log), lifespan="off")
    cases: dict[str, tuple[Handler, dict[str, Any]]] = {EMPTY: (make_empty(), _event("/predict", {}))}
    for shop in shops:
        path, items = f"/models/{shop.name}/recommend", f"{shop.histories.shape[1]:,} items, {shop.kind}"
        cases[f"{items}, trending"] = ours, _event(path, {})
        known = f"{items}, a known user of {shop.histories[[3]].nnz} items"
        cases[known] = ours, _event(path, {"user": USER})
        cases[f"{known}: the read of the history"] = _make_read(store, shop.name), {}
        for size in HISTORIES:
            cases[f"{items}, a history of {size}"] = ours, _event(path, {"history": shop.events(size)})
    for case in cases.values():
        _measure(*case, time.perf_counter_ns)
    gc.collect()
    gc.freeze()  # as our entry point does, here for all alike
    clocks: tuple[Clock, ...] = (time.perf_counter_ns, time.process_time_ns)
    found = [
        {name: [_measure(*case, clock) for clock in clocks] for name, case in cases.items()} for _ in range(rounds)
    ]
    for name in cases:
        columns = []
        for place in range(len(clocks)):
            times = [each[name][place] for each in found]
            ratios = [each[name][place] / each[EMPTY][place] for each in found]
            columns.append(f"{statistics.median(times):6.0f} µs {statistics.median(ratios):5.2f} x")
        out.write(f"{name:80} clock {columns[0]}   processor {columns[1]}\n")


def _make_read(store: MemoryStore, model: str) -> Handler:
    """What reads the history of USER as an answer does."""
    versions = Versions(store, model)
    served = Recommender.load_files(versions, versions.recommender(1))
    sources = HistorySources(store, None, b"")
    request = RecommendationRequest(USER, (), K, ())

    def read(_: dict[str, Any], __: Any) -> dict[str, Any]:
        assert sources.gather(served, request).says_something
        return {"statusCode": 200}

    return read


def _event(path: str, body: dict[str, Any]) -> dict[str, Any]:
    event = json.loads(EVENT.read_text()) | {"rawPath": path, "body": json.dumps(body)}
    event["requestContext"]["http"]["path"] = path
    event["headers"]["content-length"] = str(len(event["body"]))
    found: dict[str, Any] = event
    return found


def _measure(handler: Handler, event: dict[str, Any], clock: Clock) -> float:
    spent = []
    for _ in range(CALLS):
        started = clock()
        answer = handler(event, Context())
        spent.append((clock() - started) / 1e3)
        assert answer["statusCode"] == 200, answer
    return statistics.median(spent)


if __name__ == "__main__":
    main()
