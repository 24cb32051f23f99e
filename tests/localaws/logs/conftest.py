"""moto's server in this process, with our CloudWatch Logs in it, on a free port."""

import json
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from localaws.logs import install
from localaws.seams import Seams

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

REGION = "eu-central-1"
GROUP = "/aws/lambda/api"
STREAM = "2026/11/23/[$LATEST]" + "0123456789abcdef" * 2
REQUEST = "8b8d2f84-66fb-4bfc-b75b-53dbd4758292"
MESSAGES = [
    f"START RequestId: {REQUEST} Version: $LATEST",
    json.dumps({"level": "INFO", "model_version": 1, "latency": 4.5, "cold": True}),
    json.dumps({"level": "INFO", "model_version": 2, "latency": 3.5, "cold": False}),
    json.dumps({"level": "ERROR", "model_version": 2, "latency": 9, "cold": False}),
    f"REPORT RequestId: {REQUEST}\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\t"
    "Max Memory Used: 81 MB\t",
]


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """The endpoint of a server that runs until the tests end."""
    seams = Seams()
    install(seams)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()
    seams.restore()


@pytest.fixture
def client(endpoint: str) -> Callable[[str], Any]:
    """Makes clients of the server, all of whose state is forgotten first."""

    def make(service: str) -> Any:
        return boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=endpoint,
            region_name=REGION,
            aws_access_key_id="any",
            aws_secret_access_key="any",
        )

    import urllib.request

    urllib.request.urlopen(urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST")).close()
    return make


@pytest.fixture
def now() -> int:
    """The millisecond at which the messages begin."""
    return int(time.time()) * 1000 - 60_000


@pytest.fixture
def logs(client: Callable[[str], Any], now: int) -> "CloudWatchLogsClient":
    """A client of Logs, with the messages in one stream, a second apart."""
    logs: CloudWatchLogsClient = client("logs")
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(logGroupName=GROUP, logStreamName=STREAM)
    logs.put_log_events(
        logGroupName=GROUP,
        logStreamName=STREAM,
        logEvents=[{"timestamp": now + 1000 * i, "message": message} for i, message in enumerate(MESSAGES)],
    )
    return logs
