"""What authorisation adds to a request: none, the application's check, an authorizer that's cached, and one that isn't.

`python -m tests.bench.authorization`, with functions, scripts, scripts/localaws/tests and the root on PYTHONPATH. All
serve the same model on this machine: two stacks of one local AWS, one of them open, and two servers of their own
(serve.py), one of them open. They take turns, so that a slow moment of the machine hits all. An authorizer isn't cached
for an `Authorization` that API Gateway hasn't seen: the name in front of a key, in Basic authentication, may be any.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import boto3
from rich.console import Console
from rich.table import Table

from localaws_testing.ports import free_port
from mlops.authorization.check import Checker
from mlops.authorization.grants import SCOPES, Grant
from mlops.authorization.jwks import IssuerKeys
from mlops.authorization.keys import digest, new_key
from mlops.authorization.needs import need_of
from mlops.authorization.tokens import TokenVerifier, Trust
from tests.bench.local_servers import running
from tests.loops import ROOT, Started, put_dataset, stack_outputs
from tests.unit.mlops.authorization.forgeries import AUDIENCE, ISSUER, Issuer

ROUNDS = 10
REQUESTS = 40
OPEN = "open"


@dataclass
class Way:
    """A way to the same answer: an address, what makes the header of each request, and the seconds they took."""

    name: str
    url: str
    authorization: Callable[[], str | None]
    latencies: list[float] = field(default_factory=list)

    def measure(self, body: str, requests: int) -> list[float]:
        """Requests one after the other, over one connection."""
        address = urlsplit(self.url)
        with closing(HTTPConnection(address.hostname or "", address.port, timeout=60)) as client:
            return [self._ask(client, body) for _ in range(requests)]

    def _ask(self, client: HTTPConnection, body: str) -> float:
        given = self.authorization()
        headers = {"content-type": "application/json"} | ({"authorization": given} if given else {})
        started = time.perf_counter()
        client.request("POST", "/predict", body, headers)
        answer = client.getresponse()
        content = answer.read()
        spent = time.perf_counter() - started
        assert answer.status == 200, content
        return spent


def client_of(started: Started) -> Callable[[str], Any]:
    """What makes clients of its AWS."""
    session: Any = boto3.Session("local", "local", region_name="us-east-1")
    return lambda service: session.client(service, endpoint_url=started.aws["AWS_ENDPOINT_URL"])


def deploy_open(started: Started) -> dict[str, str]:
    """Deploy the template once more, open to anybody, with a version of the example; the stack's outputs."""
    tool = [sys.executable, "-m", "localaws", "deploy", str(ROOT / "template.yaml"), "--stack-name", OPEN]
    options = ["--port", str(started.ports["port"]), "--parameter", "Authorization=open"]
    subprocess.run([*tool, *options], check=True, cwd=ROOT, capture_output=True)
    client = client_of(started)
    outputs = stack_outputs(client("cloudformation"), OPEN)
    dataset = (ROOT / ".localaws/examples/diagnosis.csv").read_bytes()
    report = put_dataset(client("s3"), outputs["DataBucketName"], "diagnosis.csv", dataset)
    assert report["outcome"] == "promoted", report
    return outputs


@contextmanager
def served(started: Started, outputs: dict[str, str], authorization: str) -> Iterator[str]:
    """`serve.py` on the models of a stack; its address."""
    port = free_port()
    variables = {
        "AUTHORIZATION": authorization,
        "KEYS_TABLE": outputs["KeysTableName"],
        "MODELS_BUCKET": outputs["ModelsBucketName"],
        "POWERTOOLS_LOG_LEVEL": "WARNING",
    }
    process = subprocess.Popen(
        [sys.executable, "serve.py", "--port", str(port)],
        cwd=ROOT / "functions",
        env={**os.environ, **started.aws, **variables},
        stdout=subprocess.DEVNULL,
    )
    try:
        while not answers(port):
            assert process.poll() is None, "serve.py ended"
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def answers(port: int) -> bool:
    """Whether somebody listens there."""
    try:
        with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as client:
            client.request("GET", "/health")
            return client.getresponse().status == 200
    except OSError:
        return False


def check_costs() -> dict[str, float]:
    """Microseconds of the decision alone: about a key and a token that are in memory, and about a new token."""
    now = time.time
    issuer = Issuer(now)
    keys = IssuerKeys("", print, fetch=lambda _: issuer.document)
    grants: dict[str, Grant] = {}
    key = new_key()
    grants[digest(key)] = Grant(digest(key), "bench", frozenset(SCOPES), 0, last_used=int(now()))
    verifier = TokenVerifier(Trust(ISSUER, frozenset((AUDIENCE,)), ""), keys)
    checker, token = Checker(grants.get, lambda *_: None, verifier.grant), issuer.token()
    need = need_of("POST", "/predict", "diagnosis", "recommender", query=b"")
    assert need
    cases = {
        "a key in memory": lambda: checker.check(key, need),
        "a token in memory": lambda: checker.check(token, need),
        "a new token": lambda: verifier.grant(token),
    }
    return {name: _microseconds(case) for name, case in cases.items()}


def _microseconds(call: Callable[[], object]) -> float:
    call()
    count = 0
    began = time.perf_counter()
    while time.perf_counter() - began < 1.0:
        for _ in range(100):
            call()
        count += 100
    return (time.perf_counter() - began) / count * 1e6


def main() -> None:
    """Measure, and print two tables."""
    console = Console(width=110)
    with running() as started, ExitStack() as stack:
        own = stack_outputs(client_of(started)("cloudformation"), "mlops")
        public = deploy_open(started)
        numbers = itertools.count(random.randrange(10**9))
        bearer = f"Bearer {started.key}"

        def unseen() -> str:
            return f"Basic {base64.b64encode(f'{next(numbers)}:{started.key}'.encode()).decode()}"

        local = [
            Way("API Gateway, open", public["ApiUrl"], lambda: None),
            Way("API Gateway, authorizer cached", own["ApiUrl"], lambda: bearer),
            Way("API Gateway, authorizer not cached", own["ApiUrl"], unseen),
        ]
        servers = [
            Way("serve.py, open", stack.enter_context(served(started, own, "open")), lambda: None),
            Way("serve.py, its check", stack.enter_context(served(started, own, "keys")), lambda: bearer),
        ]
        with started.connect(timeout=60) as api:
            document = api.get("/openapi.json").json()
        example = document["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]["example"]
        body = json.dumps({"rows": example["rows"][:1]})
        for way in (*local, *servers):
            way.measure(body, REQUESTS)
        for _ in range(ROUNDS):
            for way in (*local, *servers):
                way.latencies += way.measure(body, REQUESTS)
    table = Table("way", "median, ms", "of 100, the 95th, ms", "ratio to open")
    for group in (local, servers):
        least = statistics.median(group[0].latencies)
        for way in group:
            median, tail = statistics.median(way.latencies), statistics.quantiles(way.latencies, n=20)[-1]
            table.add_row(way.name, f"{median * 1e3:.2f}", f"{tail * 1e3:.2f}", f"{median / least:.2f}")
    console.print(table)
    table = Table("the decision alone, in process", "µs")
    for name, cost in check_costs().items():
        table.add_row(name, f"{cost:.1f}")
    console.print(table)
    console.print(
        f"{ROUNDS} rounds of {REQUESTS} requests; load {', '.join(f'{each:.1f}' for each in os.getloadavg())}"
    )


if __name__ == "__main__":
    main()
