"""moto's server in this process, with our CloudWatch and CloudWatch Logs in it, and a clock that moves."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from localaws import logs, metrics
from localaws.clock import Clock, Timetable
from localaws.iam.sender import Sender
from localaws.moto_patches import MotoPatches

REGION = "us-east-1"


@dataclass
class World:
    """The services, their clock and what was sent to functions and topics."""

    endpoint: str
    clock: Clock
    timetable: Timetable
    sent: list[tuple[str, Any]] = field(default_factory=list)
    published: list[Mapping[str, Any]] = field(default_factory=list)

    def client(self, service: str) -> Any:
        return boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="any",
            aws_secret_access_key="any",
        )


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], World]]:
    """A server that runs until the tests of this file end; each call gives it a fresh world.

    It's the only one then: where two change moto at once, the later one's clock stamps the log events of both.
    """
    patches = MotoPatches()
    current: list[World] = []

    def send(
        sender: Sender, arn: str, body: str, attributes: Mapping[str, str], *, subject: str | None = None
    ) -> str | None:
        assert sender.source
        current[-1].sent.append((arn, json.loads(body)))
        return None

    def publish(source: str, kind: str, detail: Mapping[str, Any], resources: list[str]) -> None:
        current[-1].published.append(detail)

    clock = Clock()
    timetable = Timetable(clock)
    cloudwatch = metrics.CloudWatch(metrics.MetricStore(), REGION, clock, publish, send)
    events = logs.EventStore(tmp_path_factory.mktemp("logs"))
    ingestion = logs.Ingestion(cloudwatch.store, events, clock, send, lambda *_: None)
    for entry in (ingestion.reporter, ingestion, cloudwatch.alarms):
        timetable.add(entry)
    metrics.install(patches, cloudwatch)
    logs.install(patches, clock, ingestion)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"

    def fresh() -> World:
        cloudwatch.reset()
        urllib.request.urlopen(urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST")).close()
        current.append(World(endpoint, clock, timetable))
        return current[-1]

    yield fresh
    server.stop()
    patches.restore()
    events.close()


@pytest.fixture
def world(services: Callable[[], World]) -> World:
    """The services with nothing in them."""
    return services()
