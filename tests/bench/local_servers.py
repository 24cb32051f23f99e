"""Local AWS and `sam local start-api`: what a request costs and how many are answered, in one run on one machine.

`python -m tests.bench.local_servers`, with functions, scripts and the root on PYTHONPATH, as root or where Docker runs.
Both serve the same template, model and row. They take turns, so that a slow moment of the machine hits both.
"""

from __future__ import annotations

import json
import re
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import boto3
from rich.console import Console
from rich.table import Table

from tests.loops import READY, Started, stack_outputs, start

ROUNDS = 5
REQUESTS = 60
CLIENTS = 4
START_SECONDS = 900
DURATION = re.compile(r"^REPORT RequestId: .*?\bDuration: ([\d.]+) ms\s+Billed", re.DOTALL)


@dataclass
class Server:
    """One of the two, with what it took: seconds a request, requests a second, milliseconds in the handler."""

    name: str
    url: str
    headers: dict[str, str]
    logs: Any
    group: str
    latencies: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    handler: list[float] = field(default_factory=list)

    def measure(self, row: dict[str, Any]) -> None:
        """A round: requests one after the other, then from several clients at once."""
        began = int(time.time() * 1000)
        with self._connect() as client:
            self.latencies += [self._ask(client, row) for _ in range(REQUESTS)]
        self.handler += self._durations(began)
        with ThreadPoolExecutor(CLIENTS) as pool:
            started = time.perf_counter()
            for done in [pool.submit(self._ask_often, row) for _ in range(CLIENTS)]:
                done.result()
            self.rates.append(CLIENTS * REQUESTS / (time.perf_counter() - started))

    def warm(self, row: dict[str, Any]) -> None:
        """Have it load the model, in as many sandboxes as there are clients."""
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(lambda _: self._ask_often(row, 5), range(CLIENTS)))

    def _ask_often(self, row: dict[str, Any], times: int = REQUESTS) -> None:
        with self._connect() as client:
            for _ in range(times):
                self._ask(client, row)

    def _connect(self) -> AbstractContextManager[HTTPConnection]:
        """A connection that's kept where the server keeps it; the plainest client, since its own time counts too."""
        address = urlsplit(self.url)
        return closing(HTTPConnection(address.hostname or "", address.port, timeout=60))

    def _ask(self, client: HTTPConnection, row: dict[str, Any]) -> float:
        body = json.dumps({"rows": [row]})
        started = time.perf_counter()
        client.request("POST", "/predict", body, self.headers)
        answer = client.getresponse()
        content = answer.read()
        spent = time.perf_counter() - started
        assert answer.status == 200, content
        return spent

    def _durations(self, since: int) -> list[float]:
        """The durations in Lambda's reports on the requests since then."""
        deadline = time.monotonic() + 30
        while True:
            pages = self.logs.get_paginator("filter_log_events").paginate(
                logGroupName=self.group, startTime=since, filterPattern="REPORT"
            )
            messages = [event["message"] for page in pages for event in page["events"]]
            found = [float(match[1]) for match in map(DURATION.match, messages) if match]
            if len(found) >= REQUESTS or time.monotonic() > deadline:
                return found
            time.sleep(0.2)


@contextmanager
def running(*options: str) -> Iterator[Started]:
    """`scripts/start` without MLflow, with the example dataset."""
    started = start("--no-mlflow", *options)
    try:
        assert started.reaches(READY, START_SECONDS), started.output
        yield started
    finally:
        started.stop()


def server(name: str, started: Started, url: Callable[[dict[str, str]], str]) -> Server:
    """The API of a loop that runs."""

    def client(service: str) -> Any:
        settings = started.aws
        session = boto3.Session("local", "local", region_name=settings["AWS_DEFAULT_REGION"])
        return session.client(service, endpoint_url=settings["AWS_ENDPOINT_URL"])  # type: ignore[call-overload]

    outputs = stack_outputs(client("cloudformation"), "mlops")
    headers = {"content-type": "application/json", "authorization": f"Bearer {started.key}"}
    return Server(name, url(outputs), headers, client("logs"), outputs["ApiLogGroup"])


def main() -> None:
    """Measure, and print a table and the two comparisons."""
    console = Console(width=120)
    with running() as plain, running("--docker") as docker:
        ours = server("local AWS", plain, lambda outputs: outputs["ApiUrl"])
        sams = server("sam local start-api", docker, lambda _: f"http://localhost:{docker.ports['http-port']}")
        with plain.connect(timeout=60) as api:
            document = api.get("/openapi.json").json()
        body = document["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]["example"]
        row = body["rows"][0]
        for each in (ours, sams):
            each.warm(row)
        for _ in range(ROUNDS):
            for each in (ours, sams):
                each.measure(row)
    table = Table("server", "request, ms", "in the handler, ms", "around it, ms", f"requests/s, {CLIENTS} clients")
    medians = {}
    for each in (ours, sams):
        latency, handler = statistics.median(each.latencies) * 1000, statistics.median(each.handler)
        rate = statistics.median(each.rates)
        medians[each.name] = (latency - handler, rate)
        table.add_row(each.name, f"{latency:.2f}", f"{handler:.2f}", f"{latency - handler:.2f}", f"{rate:.0f}")
    console.print(table)
    around, rate = medians[ours.name]
    console.print(
        f"A warm request through local AWS costs {around:.2f} ms more than the handler's own time (at most 4)."
    )
    console.print(f"Local AWS serves {rate / medians[sams.name][1]:.1f} times the requests of sam local (at least 5).")


if __name__ == "__main__":
    main()
