"""Measures the console's pages with 50 models, 1,000 versions of 200 metrics and 90 days of windows.

`python -m tests.bench.console [--paint]` prints a table: the server's time for each page, the first and the median of
later ones; the processor time in it, which other work on the machine hardly lengthens; its size; and with --paint the
first paint in this machine's Chromium, each page in a browser that has style and scripts already.
The buckets are in memory: on AWS the first page of an instance also waits for what it reads.
"""

import argparse
import shutil
import statistics
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import obstore
import uvicorn
from playwright.sync_api import sync_playwright
from pydantic_core import to_json

from localaws_testing.ports import free_port
from mlops.artifact.names import REFERENCES, changes_key
from mlops.errors.violations import Violation
from mlops.monitoring.archive import Archive
from mlops.monitoring.drift import Reference
from mlops.monitoring.drift.cells import Cells
from mlops.monitoring.drift.files import dump_references
from mlops.monitoring.state import MonitoringState, States
from mlops.records.truths import Truth
from mlops.records.write import store_feedback
from tests.console_changes import make_changes
from tests.console_operations import TRAIN_DEAD, TRIALS, upload
from tests.console_traffic import add_model, add_traffic, make_contract, make_id
from tests.console_world import NOW, PASSED, REFUSED, Visitor, World, make_manifest
from tests.unit.mlops.monitoring.report import histories
from tests.unit.mlops.serving.recommend.shop import SHOP, put_shop

MODELS, VERSIONS, METRICS = 48, 1_000, 200
"""And two more, that answer."""
COLUMNS, LOGGED, RECORDS, TRUTHS = 30, 200, 600, 500
MOST_MS, MOST_BYTES, MOST_PAINT_MS = 150, 100_000, 300
REJECTED = 2_000
BROKEN = [
    Violation(rule="minimum", message=f"row {row}: column_3 is -1, below the minimum 0", row=row, column="column_3")
    for row in range(REJECTED)
]
TRAININGS, RUNNING, BATCHES, LETTERS = 60, 3, 40, 10
REASON = "version 7 passed its gates and is champion now; 31 rows broke the contract and were left out " * 2
ROUNDS, PAINTS = 9, 5
_DELIVERED = make_id(NOW - timedelta(minutes=50), 120)
PAGES = {
    "overview": "/console",
    "model": "/console/models/model-0",
    "model in an incident": "/console/models/model-1",
    "versions": "/console/models/model-0/versions",
    "versions, sorted": "/console/models/model-0/versions?sort=metric_7&q=csv",
    "version": "/console/models/model-0/versions/999",
    "comparison": "/console/models/model-0/compare?v=500&v=999",
    "changed rows": "/console/models/model-0/compare/rows?v=500&v=999",
    "data": "/console/models/model-0/data",
    "two datasets": "/console/models/model-0/data/difference?v=500&v=999",
    "rejected rows": "/console/models/model-0/data/rejected?file=999.csv",
    "newest predictions": "/console/models/tumours/predictions",
    "a prediction": f"/console/models/tumours/predictions/{_DELIVERED}",
    "explained": f"/console/models/tumours/predictions/{_DELIVERED}?explain=true",
    "try it": "/console/models/tumours/try",
    "logs": "/console/models/tumours/logs",
    "a query of the logs": "/console/models/tumours/logs?query=versions",
    "trainings": "/console/trainings",
    "a training": "/console/models/model-0/trainings/run-0.csv",
    "batches": "/console/batches",
    "a batch": "/console/batches/batch-1",
    "a failed batch": "/console/batches/batch-0",
    "queues": "/console/queues",
    "dead letters": "/console/queues/train",
    "recommender": f"/console/models/{SHOP}/recommend",
}


def main() -> int:
    """Measure, print, and return 1 if a page is beyond a limit."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.console", description=__doc__)
    parser.add_argument("--paint", action="store_true", help="measure the first paint too")
    options = parser.parse_args()
    world = make_world()
    app = world.open_app()
    visitor = Visitor(app)
    visitor.follow(world.make_link())
    times = {name: _measure(visitor, path) for name, path in PAGES.items()}
    paints = _paint(world, app) if options.paint else {}
    print(f"{'page':22} {'first ms':>9} {'warm ms':>8} {'CPU ms':>7} {'bytes':>8} {'paint ms':>9}")
    for name, (first, warm, busy, size) in times.items():
        print(f"{name:22} {first:9.0f} {warm:8.0f} {busy:7.0f} {size:8,} {paints.get(name, float('nan')):9.0f}")
    beyond = [name for name, (_, warm, _, size) in times.items() if warm > MOST_MS or size > MOST_BYTES]
    beyond += [name for name, paint in paints.items() if paint > MOST_PAINT_MS]
    print(f"limits: {MOST_MS} ms, {MOST_BYTES:,} bytes, {MOST_PAINT_MS} ms; beyond one: {', '.join(beyond) or 'none'}")
    return 1 if beyond else 0


def make_world() -> World:
    """The models: the first of 1,000 versions, the second in an incident, each watched for 90 days; one with
    predictions and truths; and a recommender."""
    world = World()
    calm, ill = histories.healthy(), histories.in_incident()
    archive, states = Archive(world.records), States(world.records)
    for place in range(MODELS):
        name, report = f"model-{place}", ill if place == 1 else calm
        count, metrics = (VERSIONS, METRICS) if place == 0 else (7, 4)
        background = report.versions[7]
        files = {REFERENCES: dump_references(background.references)}
        other = {REFERENCES: dump_references({each: _moved(found) for each, found in background.references.items()})}
        for number in range(1, count + 1):
            gates = (PASSED, REFUSED)[: 1 + number % 2]
            made = make_manifest(name, number, metrics=metrics, contract=background.contract, gates=gates)
            world.add_versions(name, made, files=other if number == count // 2 else files)
        for number in range(1, count + 1):
            world.add_upload(
                name, f"{number}.csv", "kept", "it isn't better", BROKEN if number > count - 9 else (), version=number
            )
        world.move(name, 6, days=60)
        world.move(name, 7, days=20)
        for window in (*report.history, report.facts):
            archive.write_facts(window.model_copy(update={"model": name}))
        incident = report.incidents[-1].model_copy(update={"model": name}) if report.incidents else None
        if incident:
            archive.write_incident(incident)
        state = MonitoringState(model=name, daily=report.facts.window, incident=incident)
        states.update(name, lambda _, state=state: state)  # type: ignore[misc]
    contract = add_model(world, contract=make_contract([f"column {place}" for place in range(COLUMNS)]))
    add_traffic(world, "tumours", contract, LOGGED, RECORDS)
    for place in range(TRUTHS):
        moment = world.now - timedelta(minutes=1, seconds=place)
        store_feedback(world.records, "tumours", [Truth(make_id(moment, place), "benign", moment)], moment)
    put_shop(world.models, privacy="keep", key="")
    changes = make_changes(500, 999, columns=METRICS, text="a long name of a city")
    obstore.put(world.records, changes_key("model-0", 500, 999), to_json(changes))
    add_operations(world)
    return world


def add_operations(world: World) -> None:
    """As many trainings, batches and dead letters as pages show, some of the trainings with many trials."""
    operations, now = world.operations, world.now
    trials = [f"trial {number} of at most 300: forest, a=1: roc_auc 0.9{number}" for number in range(5, 300)]
    for place in range(TRAININGS):
        operations.add_training(
            f"datasets/model-{place % 7}/run-{place}.csv",
            now - timedelta(minutes=place),
            steps=(*TRIALS, *trials) if place < RUNNING else TRIALS,
            report=None if place < RUNNING else {"outcome": "promoted", "reason": REASON, "version": 7},
        )
    for place in range(BATCHES):
        status, error = ("SUCCEEDED", None) if place % 2 else ("FAILED", "BatchIncomplete")
        operations.add_batch(f"batch-{place}", now, status=status, error=error, cause=REASON, failures=(REASON,))
    for place in range(MODELS):
        world.scheduler.add(f"nightly-{place}", "cron(0 3 * * ? *)", model=f"model-{place}")
    for _ in range(LETTERS):
        operations.sqs.add(TRAIN_DEAD, {**upload("datasets/model-0/run-0.csv"), "padding": "x" * 3_800}, now)


def _moved(reference: Reference) -> Reference:
    """Values that are all greater, or names whose order by frequency is the other way round."""
    if reference.form == "shares":
        return replace(reference, counts=reference.counts[::-1])
    cells = reference.cells["values"]
    step = 0.2 * float(cells.edges[-1] - cells.edges[0])
    moved = Cells(cells.edges + step, cells.ties, cells.gaps)
    return replace(
        reference,
        cells={**reference.cells, "values": moved},
        quantiles=tuple(each + step for each in reference.quantiles),
    )


def _measure(visitor: Visitor, path: str) -> tuple[float, float, float, int]:
    """The first time, the medians of later ones and of their processor time, in ms, and the page's size in bytes."""
    taken, busy = [], []
    for _ in range(ROUNDS + 1):
        begun, worked = time.perf_counter(), time.process_time()
        answer = visitor.get(path)
        taken.append((time.perf_counter() - begun) * 1000)
        busy.append((time.process_time() - worked) * 1000)
        assert answer.status_code == 200, path
    return taken[0], statistics.median(taken[1:]), statistics.median(busy[1:]), len(answer.content)


def _paint(world: World, app: Any) -> Mapping[str, float]:
    """The first contentful paint of each page in ms, the median."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    path = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_context(base_url=f"http://127.0.0.1:{port}").new_page()
        page.goto(world.make_link())
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/console")
        paints = {
            name: statistics.median(_paint_once(page, path) for _ in range(PAINTS)) for name, path in PAGES.items()
        }
        browser.close()
    server.should_exit = True
    thread.join(timedelta(seconds=20).total_seconds())
    return paints


def _paint_once(page: Any, path: str) -> float:
    page.goto(path)
    paint: float = page.evaluate("""() => new Promise((tell) => new PerformanceObserver((list) => {
        const found = list.getEntriesByName("first-contentful-paint")[0];
        if (found) tell(found.startTime);
    }).observe({type: "paint", buffered: true}))""")
    return paint


if __name__ == "__main__":
    raise SystemExit(main())
