"""moto's server in this process, with our CloudWatch Logs in it, on a free port."""

import time
import urllib.request
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from moto.server import ThreadedMotoServer

from localaws.clock import Clock
from localaws.logs import EventStore, Ingestion, install
from localaws.metrics.store import MetricStore
from localaws.moto_patches import MotoPatches
from localaws_testing.log_sample import GROUP, MESSAGES, REGION, STREAM

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of a server that runs until the tests of this file end, so that no other changes moto besides."""
    patches = MotoPatches()
    clock = Clock()
    events = EventStore(tmp_path_factory.mktemp("logs"))
    install(patches, clock, Ingestion(MetricStore(), events, clock, lambda *_: None, lambda *_: None))
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()
    patches.restore()
    events.close()


@pytest.fixture
def client(endpoint: str) -> Callable[..., Any]:
    """Makes clients of the server, all of whose state is forgotten first."""

    def make(service: str, **options: Any) -> Any:
        return boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=endpoint,
            region_name=REGION,
            aws_access_key_id="any",
            aws_secret_access_key="any",
            config=Config(**options),
        )

    urllib.request.urlopen(urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST")).close()
    return make


@pytest.fixture
def now() -> int:
    """The millisecond at which the messages begin."""
    return int(time.time()) * 1000 - 60_000


@pytest.fixture
def logs(client: Callable[..., Any], now: int) -> "CloudWatchLogsClient":
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
