"""What a local cloud costs: its start, its memory, calls, requests, and the way from an upload to a function."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.bench.processes import memory_mb
from tests.bench.rivals.cloud import Cloud, until
from tests.bench.rivals.probes.functions import ECHO
from tests.bench.rivals.probes.http_apis import Api
from tests.bench.rivals.servers import Rival

_COLD, _WARM, _UPLOADS, _CLIENTS, _REQUESTS = 5, 100, 30, 4, 60
_IDLE_SECONDS = 5.0

type Costs = dict[str, float]


def measure(rival: Rival) -> Costs:
    """Start it and measure everything that it can do: seconds, MB, ms and requests a second, by name."""
    with rival.started() as (_, process, began):
        found = {"ready, s": time.perf_counter() - began}
        time.sleep(_IDLE_SECONDS)
        found["idle, MB"] = memory_mb(process.pid)
    if not rival.runs_functions:
        return found
    with rival.started() as (cloud, process, began):
        url = _small_api(cloud)
        answered = until(lambda: cloud.ask(url).status == 200, 60)
        if not answered:
            raise RuntimeError(f"{rival.name} doesn't serve {url}")
        found["first answer, s"] = time.perf_counter() - began
        found |= _calls(cloud) | {"HTTP requests a second": _rate(cloud, url), "upload to function, ms": _upload(cloud)}
        found["after all that, MB"] = memory_mb(process.pid)
    return found


def _small_api(cloud: Cloud) -> str:
    api = Api(cloud)
    api.route("GET /a", api.integration(cloud.function(ECHO)))
    return f"{api.url}/a"


def _calls(cloud: Cloud) -> Costs:
    cold = []
    for _ in range(_COLD):
        name = cloud.function(ECHO)
        cold.append(_milliseconds(cloud, name))
    warm = [_milliseconds(cloud, name) for _ in range(_WARM)]
    return {"cold call, ms": statistics.median(cold), "warm call, ms": statistics.median(warm)}


def _milliseconds(cloud: Cloud, name: str) -> float:
    began = time.perf_counter()
    cloud.invoke(name, {})
    return (time.perf_counter() - began) * 1000


def _rate(cloud: Cloud, url: str) -> float:
    """Requests a second of several clients, each on its own connection."""
    parts = urlsplit(url)
    headers = {} if parts.hostname == "localhost" else {"Host": parts.netloc}

    def ask(count: int) -> None:
        connection = HTTPConnection("127.0.0.1", parts.port or cloud.port, timeout=60)
        for _ in range(count):
            connection.request("GET", parts.path, headers=headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{url} answered {answer.status}")
        connection.close()

    with ThreadPoolExecutor(_CLIENTS) as pool:
        list(pool.map(ask, [5] * _CLIENTS))
        began = time.perf_counter()
        list(pool.map(ask, [_REQUESTS] * _CLIENTS))
        return _CLIENTS * _REQUESTS / (time.perf_counter() - began)


def _upload(cloud: Cloud) -> float:
    """The median of the milliseconds from the beginning of an upload until its function runs."""
    with _listening() as (port, arrived):
        code = (
            "import urllib.request\ndef handler(event, context):\n"
            f"    urllib.request.urlopen('http://127.0.0.1:{port}/', timeout=10).read()\n"
        )
        name, bucket = cloud.function(code), cloud.bucket()
        cloud("lambda").add_permission(
            FunctionName=name, StatementId="s3", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com"
        )
        configuration = {"LambdaFunctionArn": cloud.arn(name), "Events": ["s3:ObjectCreated:*"]}
        cloud("s3").put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": [configuration]}
        )
        spent = []
        for number in range(_UPLOADS + 5):
            arrived.clear()
            began = time.perf_counter()
            cloud("s3").put_object(Bucket=bucket, Key=str(number), Body=b"1")
            if not arrived.wait(30):
                raise RuntimeError(f"the function wasn't called for upload {number}")
            spent.append((time.perf_counter() - began) * 1000)
        return statistics.median(spent[5:])


@contextmanager
def _listening() -> Iterator[tuple[int, threading.Event]]:
    """The port of a server that sets the event with each request."""
    arrived = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            arrived.set()
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (http.server's name)
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], arrived
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
